"""What the real network says of the machine it runs on."""

import asyncio
import socket
import ssl
import threading
from pathlib import Path

import pytest

from smtpdiag_tui.network import machine
from smtpdiag_tui.network.system import SystemNetwork


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("2001:db8::1", False),
        ("0.0.0.0", False),
        ("::", False),
        ("::ffff:0.0.0.0", False),
        ("224.0.0.1", False),
        ("fe80::1%nowhere", False),
        ("mx.example", False),
    ],
)
def test_own_addresses_are_told_by_binding(address: str, own: bool) -> None:
    assert SystemNetwork().is_own(address) is own


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("10.0.0.1", False), ("192.0.2.1", False), ("2606:4700::1111", True), ("::1", False)],
)
def test_public_addresses_are_the_globally_reachable(address: str, public: bool) -> None:
    assert SystemNetwork().is_public(address) is public


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Mail.Example.NET.", "mail.example.net"),
        ("mail", None),
        ("", None),
        ("localhost.localdomain", None),
        ("localhost.example", None),
        ("localhost6.localdomain6", None),
        ("host.localdomain", None),
        ("1.0.0.127.in-addr.arpa", None),
        ("1.0.ip6.arpa", None),
        ("192.0.2.1", None),
        ("2001:db8::1", None),
        ("my_host.example", None),
        ("host name.example", None),
        ("-host.example", None),
        ("hóst.example", None),
        ("a." * 127 + "example", None),
        ("xn--hst-sna.example", "xn--hst-sna.example"),
    ],
)
async def test_only_a_qualified_name_is_a_host_name(
    monkeypatch: pytest.MonkeyPatch, told: str, name: str | None
) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda _: told)
    assert await SystemNetwork().host_name() == name


async def test_a_lookup_that_fails_gives_no_host_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> str:
        raise OSError

    monkeypatch.setattr(socket, "getfqdn", fail)
    assert await machine.host_name(5) is None


def test_a_lookup_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def hang(_: str) -> str:
        go.wait(30)
        return "late.example"

    monkeypatch.setattr(socket, "getfqdn", hang)
    assert asyncio.run(machine.host_name(0.1)) is None
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "host-name"]  # it hangs still
    assert thread.daemon
    go.set()
    thread.join(5)  # it finds its loop closed, and says nothing
    assert not thread.is_alive()


def paths(cafile: str | None, capath: str | None) -> ssl.DefaultVerifyPaths:
    return ssl.DefaultVerifyPaths(cafile, capath, "", "", "", "")  # type: ignore[arg-type]


def test_trust_is_where_openssl_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder, bundle = tmp_path / "certs", tmp_path / "bundle.pem"
    folder.mkdir()
    monkeypatch.setattr(machine, "_BUNDLES", (bundle,))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths(None, str(folder)))
    assert SystemNetwork().trust_store().empty  # an empty folder trusts nobody
    bundle.touch()
    (folder / "12345678.0").touch()
    store = SystemNetwork().trust_store()
    assert (store.cafile, store.capath) == (str(bundle), str(folder))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths("/x.pem", str(tmp_path / "gone")))
    assert machine.trust_paths() == ("/x.pem", None)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        (("127.0.0.1", 25), "127.0.0.1"),
        (("2001:DB8:0::1", 25, 0, 0), "2001:db8::1"),
        (("fe80::1", 25, 0, 1), "fe80::1%lo"),
        (("fe80::1%lo", 25, 0, 1), "fe80::1%lo"),
        (("fe80::1", 25, 0, 999999), "fe80::1"),
    ],
)
def test_a_local_address_keeps_its_zone(name: tuple[object, ...], address: str) -> None:
    assert machine.address_of(name) == address
