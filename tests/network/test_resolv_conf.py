"""resolv.conf as the GNU C library reads it, whatever stands in it."""

import os
from pathlib import Path

import pytest

from smtpdiag_tui.network.resolv_conf import MAX_SIZE, read_resolv_conf
from smtpdiag_tui.network.seam import SystemResolver
from smtpdiag_tui.network.system import SystemNetwork
from smtpdiag_tui.settings import DnsServer

DEFAULT = ["127.0.0.1"]


def read(tmp_path: Path, text: str) -> SystemResolver:
    path = tmp_path / "resolv.conf"
    path.write_bytes(text.encode("latin-1"))
    return read_resolv_conf(path)


def addresses(servers: tuple[DnsServer, ...]) -> list[str]:
    assert {server.port for server in servers} <= {53}
    return [server.address for server in servers]


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("nameserver 192.0.2.1\nnameserver 192.0.2.2\n", ["192.0.2.1", "192.0.2.2"]),
        ("nameserver 192.0.2.2\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n", ["192.0.2.2", "192.0.2.1"]),
        ("nameserver\t2001:DB8:0::1 # ours\n", ["2001:db8::1"]),
        ("nameserver  \t 192.0.2.1;ours\n", ["192.0.2.1"]),
        ("nameserver fe80::1%lo\n", ["fe80::1%lo"]),
        ("# nameserver 192.0.2.1\n;nameserver 192.0.2.3\nsearch a..b\noptions rotate\n", DEFAULT),
        (" nameserver 192.0.2.1\nnameservers 192.0.2.2\nNAMESERVER 192.0.2.3\n", DEFAULT),
        ("nameserver dns.example\nnameserver\nnameserver 192.0.2.9\n", ["192.0.2.9"]),
        ("nameserver 192.0.2.1\r\nnameserver 192.0.2.9\n", ["192.0.2.9"]),  # a carriage return is part of the word
        ("nameserver 10.1\n", ["10.0.0.1"]),  # as inet_aton(3) has it
        ("nameserver 192.0.2.1", ["192.0.2.1"]),
        ("\xff\x00\n", DEFAULT),
        ("", DEFAULT),
    ],
)
def test_the_servers_are_those_that_the_library_takes(tmp_path: Path, text: str, servers: list[str]) -> None:
    found = read(tmp_path, text)
    assert addresses(found.servers) == servers
    assert found.assumed is (servers is DEFAULT)
    network = SystemNetwork()
    network.resolv_conf = tmp_path / "resolv.conf"
    assert network.system_servers() == found.servers


def test_the_first_three_valid_lines_count_and_the_rest_is_told(tmp_path: Path) -> None:
    words = ["192.0.2.1", "none", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1", "2001:db8::4"]
    found = read(tmp_path, "".join(f"nameserver {word}\n" for word in words))
    assert addresses(found.servers) == ["192.0.2.1", "192.0.2.2"]  # a line that repeats another counts too
    assert addresses(found.ignored) == ["192.0.2.3", "2001:db8::4"]
    assert found.invalid == ("none",)


@pytest.mark.parametrize(
    ("line", "use_vc", "rotate", "timeout", "attempts"),
    [
        ("", False, False, 5, 2),
        ("options use-vc rotate", True, True, 5, 2),
        ("options timeout:1 attempts:4", False, False, 1, 4),
        ("options timeout:99 attempts:99", False, False, 30, 5),
        ("options\ttimeout:3\noptions rotate", False, True, 3, 2),
        ("options timeout:x attempts:", False, False, 0, 0),
        ("options no-use-vc ndots:2 edns0 trust-ad", False, False, 5, 2),
        ("optionsuse-vc\n options rotate\n#options use-vc", False, False, 5, 2),
    ],
)
def test_options(tmp_path: Path, line: str, use_vc: bool, rotate: bool, timeout: int, attempts: int) -> None:
    found = read(tmp_path, f"nameserver 192.0.2.1\n{line}\n")
    assert (found.use_vc, found.rotate, found.timeout, found.attempts) == (use_vc, rotate, timeout, attempts)


@pytest.mark.parametrize(
    ("line", "trusted"),
    [
        ("", False),
        ("options trust-ad", True),
        ("options edns0 trust-ad rotate", True),
        ("options no-trust-ad", False),
        ("#options trust-ad", False),
    ],
)
def test_whether_the_way_to_the_servers_is_trusted(tmp_path: Path, line: str, trusted: bool) -> None:
    assert read(tmp_path, f"nameserver 192.0.2.1\n{line}\n").trust_ad is trusted


def test_without_resolv_conf_this_host_itself_is_asked(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        assert addresses(read_resolv_conf(path).servers) == DEFAULT
        assert read_resolv_conf(path).assumed


@pytest.mark.parametrize("what", ["pipe", "pipe behind a link", "/dev/zero", "/dev/full", "/dev/stdin"])
def test_a_resolv_conf_that_is_no_file_names_no_servers_and_is_not_waited_for(what: str, tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    if what.startswith("pipe"):
        os.mkfifo(path)
    if what == "pipe behind a link":
        path.rename(tmp_path / "pipe")
        path.symlink_to("pipe")
    assert read_resolv_conf(Path(what) if what.startswith("/") else path).assumed


def test_a_resolv_conf_without_end_is_read_to_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    with path.open("wb") as file:
        file.write(b"nameserver 192.0.2.53\n")
        file.truncate(1 << 40)
    assert addresses(read_resolv_conf(path).servers) == ["192.0.2.53"]
    line = b"nameserver 192.0.2.123\n"
    lead = b"#" * (MAX_SIZE - len(line) + 2) + b"\n"
    path.write_bytes(lead + line)  # its bound stands before the 3
    assert read_resolv_conf(path).assumed
