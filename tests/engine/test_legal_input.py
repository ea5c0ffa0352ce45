"""Whatever the arguments accept is used: no legal input ends in an error of the program's own."""

import socket
import string
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtpdiag_tui.checks.syntax import check_address
from smtpdiag_tui.cli.arguments import read_arguments
from smtpdiag_tui.cli.parser import UsageError
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.network.system import SystemNetwork
from smtpdiag_tui.network.system import _socket as open_socket
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Relay, Settings, SettingsError, parse_ip, parse_server
from tests.checks.fake_network import run
from tests.engine.instant_network import InstantNetwork
from tests.engine.running import codes, ignore

PRINTABLE = [chr(number) for number in range(0x20, 0x7F)]
ATEXT = string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~"

quoted = st.lists(
    st.sampled_from([char for char in PRINTABLE if char not in '"\\'])
    | st.sampled_from(PRINTABLE).map("\\".__add__),
    max_size=20,
).map(lambda parts: f'"{"".join(parts)}"')
dotted = st.lists(st.text(ATEXT, min_size=1, max_size=10), min_size=1, max_size=3).map(".".join)
beyond_ascii = st.text(st.characters(min_codepoint=0xA1), min_size=1, max_size=8)
local_parts = quoted | dotted | beyond_ascii | beyond_ascii.map(lambda text: f'"{text}"')
labels = st.from_regex(r"[a-z0-9_]([a-z0-9-]{0,20}[a-z0-9_])?", fullmatch=True) | st.sampled_from(
    ["münchen", "bücher", "xn--mnchen-3ya", "δοκιμή", "x" * 63]
)
names = st.lists(labels, min_size=1, max_size=4).map(".".join)
literals = st.ip_addresses().map(lambda ip: f"[IPv6:{ip}]" if ip.version == 6 else f"[{ip}]")
addresses = st.tuples(local_parts, names | literals).map("@".join)
zoned = st.sampled_from(["fe80::1%eth0", "fe80::1%1", "fe80::2%nowhere", "fe80::3%a\0b", "fe80::4%é"])
ips = st.ip_addresses().map(str) | zoned | st.sampled_from(["127.0.0.1", "::1", "::ffff:1.2.3.4", "0.0.0.0"])
anything = st.text(max_size=40)
options = st.lists(
    st.one_of(
        st.tuples(st.just("--ehlo"), names | literals | anything | st.text(PRINTABLE, max_size=20)),
        st.tuples(st.just("--server"), names | ips | literals | anything),
        st.tuples(st.just("--source"), ips | anything),
        st.tuples(st.just("--dns"), ips | anything | ips.map(lambda ip: f"[{ip}]:5353")),
        st.tuples(st.just("--tls"), st.sampled_from(["auto", "off", "require", "implicit"])),
        st.tuples(st.just("--port"), st.integers(0, 70000).map(str)),
        st.tuples(st.just("--timeout"), st.floats().map(str)),
        st.tuples(st.just("--dnsbl"), names | anything),
        st.tuples(st.just("--probe"), st.sampled_from(["postmaster", "null-sender", "random-recipient"])),
        st.tuples(st.sampled_from(["-4", "-6", "--all-addresses", "-v", "--retry-greylisted"])),
    ),
    max_size=4,
).map(lambda pairs: [f"{pair[0]}={pair[1]}" if len(pair) == 2 else pair[0] for pair in pairs])


def accepted(argv: Sequence[str]) -> Settings | None:
    """Return the settings of a command line, None where it is refused as usage."""
    try:
        arguments = read_arguments(argv)
        arguments.require_addresses()
    except UsageError:
        return None
    return arguments.settings


def diagnosed(asked: Settings) -> tuple[Report, InstantNetwork]:
    """Run on the virtual clock."""
    world = InstantNetwork()

    async def whole() -> Report:
        return await diagnose(asked, world.as_network(), ignore)

    report = run(whole())
    wrong = [item for step in report.steps.values() for item in step.findings if item.code == "internal-error"]
    assert wrong == [], "\n".join(wrong[0].evidence) + f"\n{asked}"
    assert all(step.status.ended for step in report.steps.values())
    return report, world


@settings(max_examples=150, deadline=None)
@given(st.one_of(addresses, st.just(""), anything), addresses | anything, options)
@example("alice@sender.example", '"a>b"@good.example', [])
@example('"<"@sender.example', '"\\>\\"<"@good.example', ["--server=[fe80::1%eth0]"])
@example("", "bob@partner.example", ["--ehlo=a<b"])
@example("a@b.example", "bob@partner.example", ["--server=münchen.example"])
def test_what_is_accepted_is_no_error_of_the_programs_own(sender: str, recipient: str, given: list[str]) -> None:
    asked = accepted([*given, "--", sender, recipient])
    if asked is not None:
        diagnosed(asked)


@settings(max_examples=60, deadline=None)
@given(addresses, addresses)
def test_every_legal_address_comes_to_the_wire_as_it_is(sender: str, recipient: str) -> None:
    asked = accepted(["--server=mx.partner.example", "--tls=off", "--", sender, recipient])
    if asked is None:
        return
    paths = check_address(sender, sender=True).path, check_address(recipient, sender=False).path
    utf8 = b"" if (paths[0] + paths[1]).isascii() else b" SMTPUTF8"
    report, world = diagnosed(asked)
    assert f"MAIL FROM:<{paths[0]}>".encode() + utf8 in world.lines
    assert f"RCPT TO:<{paths[1]}>".encode() in world.lines
    assert report.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("char", PRINTABLE)
def test_every_printable_character_may_stand_in_a_quoted_local_part(char: str) -> None:
    plain = f'"a{char}b"@good.example'
    for text in (f'"a\\{char}b"@good.example', *([plain] if char not in '"\\' else [])):
        assert check_address(text, sender=False).problem is None
        _, world = diagnosed(Settings("alice@sender.example", text))
        assert f"RCPT TO:<{text}>".encode() in world.lines


@pytest.mark.parametrize(
    "text", ['"a"b"@x.example', '"a\\"@x.example', '"a>b@x.example', 'a"<"@x.example', "<a@x"]
)
def test_what_is_not_quoted_rightly_is_refused(text: str) -> None:
    assert accepted(["--", "alice@sender.example", text]) is None


@pytest.mark.parametrize("name", ["a<b", "a>b", "<", "a b", "", "a\tb", "é", "a\r\nMAIL"])
def test_a_name_that_cannot_greet_is_usage(name: str) -> None:
    assert accepted([f"--ehlo={name}", "a@b.example", "c@d.example"]) is None


@settings(max_examples=60, deadline=None)
@given(names | ips | anything, st.integers(1, 65535), st.booleans())
def test_every_relay_host_that_is_read_can_be_used(host: str, port: int, mx: bool) -> None:
    try:
        relay = Relay(parse_server(host), port, mx)
    except SettingsError:
        return
    diagnosed(Settings("a@sender.example", "bob@partner.example", relay=(relay,)))


@settings(max_examples=200, deadline=None)
@given(ips | anything | st.tuples(ips, anything).map("%".join))
@example("fe80::1%..")
def test_every_address_that_is_read_can_be_given_to_the_system(text: str) -> None:
    if parse_ip(text) is None:
        return
    try:
        sock, _ = open_socket(*SystemNetwork().endpoint(text, 53, "udp"), socket.SOCK_DGRAM)
    except OSError:
        return  # as for a zone that there is not
    sock.close()


def test_codes_of_a_run_with_everything_in_order_hold_no_surprise() -> None:
    report, _ = diagnosed(Settings("alice@sender.example", "bob@partner.example"))
    assert report.outcome is Outcome.ACCEPTED
    assert "recipient-accepted" in codes(report)
