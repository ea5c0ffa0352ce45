"""Values from the command line and the input fields."""

import pytest

from smtpdiag_tui import settings
from smtpdiag_tui.settings import DnsServer, Settings, SettingsError, address_literal, family_of, strip_address


@pytest.mark.parametrize(
    ("text", "server", "label"),
    [
        ("192.0.2.53", DnsServer("192.0.2.53"), "192.0.2.53"),
        ("192.0.2.53:53", DnsServer("192.0.2.53"), "192.0.2.53"),
        ("192.0.2.53:5353", DnsServer("192.0.2.53", 5353), "192.0.2.53:5353"),
        ("2001:DB8:0::53", DnsServer("2001:db8::53"), "2001:db8::53"),
        ("[2001:db8::53]", DnsServer("2001:db8::53"), "2001:db8::53"),
        ("[2001:db8::53]:5353", DnsServer("2001:db8::53", 5353), "[2001:db8::53]:5353"),
        (" 192.0.2.53 ", DnsServer("192.0.2.53"), "192.0.2.53"),
    ],
)
def test_a_dns_server_is_an_address_with_or_without_port(text: str, server: DnsServer, label: str) -> None:
    assert settings.parse_dns_server(text) == server
    assert server.label == label


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ns.example",
        "192.0.2.256",
        "192.0.2.53:0",
        "192.0.2.53:65536",
        "192.0.2.53:x",
        "[192.0.2.53]:53",
        "[::1",
        "::1]:53",
    ],
)
def test_what_is_no_dns_server_is_refused(text: str) -> None:
    with pytest.raises(
        SettingsError,
        match=r"^invalid DNS server( port)? '.*': must be (IP, IP:PORT or \[IPv6\]:PORT|1 to 65535)$",
    ):
        settings.parse_dns_server(text)


@pytest.mark.parametrize("text", ["0", "-1", "65536", "1e3", "٣", "", "25 ", "0x19"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^invalid port '.*': must be 1 to 65535$"):
        settings.parse_port(text)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "", "ten", "1e400"])
def test_a_timeout_is_a_positive_number(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^invalid timeout '.*': must be 0\.001 to 86400 seconds$"):
        settings.parse_timeout(text)


@pytest.mark.parametrize("text", ["60", "3601", "-61", "nan", "1e3", "", "an hour", "٣٣٣"])
def test_a_wait_for_greylisting_is_61_seconds_to_an_hour(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^invalid greylisting wait '.*': must be 61 to 3600 seconds$"):
        settings.parse_retry(text)
    assert (settings.parse_retry("61"), settings.parse_retry("3600")) == (61, 3600)


@pytest.mark.parametrize("text", ["", "a b", "a\r\nQUIT", "a\tb", "\x00", "é.example", "x" * 256])
def test_an_ehlo_name_has_neither_blanks_nor_controls(text: str) -> None:
    with pytest.raises(
        SettingsError, match=r"^invalid EHLO name '.*': must be a host name or address literal, without spaces, "
    ):
        settings.parse_ehlo(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("MX.Example.", "mx.example"),
        ("[192.0.2.1]", "192.0.2.1"),
        ("[IPv6:2001:DB8::1]", "2001:db8::1"),
        ("::1", "::1"),
    ],
)
def test_a_server_is_a_name_or_an_address(text: str, value: str) -> None:
    assert settings.parse_server(text) == value


@pytest.mark.parametrize("text", ["", "a b", "a..b", ".", "mx.example..", "x" * 64 + ".example", "\x80.example"])
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^invalid server '.*': must be a host name or an IP address$"):
        settings.parse_server(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" a@b.example\t", "a@b.example"),
        ("<a@b.example>", "a@b.example"),
        ("< a@b.example >", "a@b.example"),
        ("<>", ""),
        ('""', ""),
        ("<<a@b.example>>", "<a@b.example>"),
        ("a@b.example\n", "a@b.example\n"),
    ],
)
def test_blanks_and_one_pair_of_brackets_are_stripped(text: str, address: str) -> None:
    assert strip_address(text) == address


def test_a_timeout_sets_every_limit_but_quits_takes_the_lesser() -> None:
    given = Settings("", "b@c.example", timeout=10)
    assert (given.connect_limit, given.greeting_limit, given.reply_limit, given.quit_limit) == (10, 10, 10, 5)
    assert (given.udp_limit, given.tcp_limit) == (2, 5)
    short = Settings("", "b@c.example", timeout=1)
    assert (short.quit_limit, short.udp_limit, short.tcp_limit) == (1, 1, 1)
    default = Settings("", "b@c.example")
    assert (default.connect_limit, default.greeting_limit, default.reply_limit, default.quit_limit) == (
        30,
        60,
        60,
        5,
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [("MÜNCHEN.example", "xn--mnchen-3ya.example"), ("xn--mnchen-3ya.example.", "xn--mnchen-3ya.example")],
)
def test_a_server_is_named_by_its_a_labels(text: str, name: str) -> None:
    assert settings.parse_server(text) == name


@pytest.mark.parametrize("zone", ["eth0", "1", "br-lan.100", "wg_0", "eth0:1"])
def test_an_address_may_have_a_zone(zone: str) -> None:
    assert str(settings.parse_ip(f"fe80::1%{zone}")) == f"fe80::1%{zone}"


@pytest.mark.parametrize("zone", ["", "a b", "a/b", "a\0b", "é", "\udc80", "a%b", "x" * 33])
def test_what_no_interface_is_called_is_no_zone(zone: str) -> None:
    assert settings.parse_ip(f"fe80::1%{zone}") is None


@pytest.mark.parametrize(
    ("address", "family", "literal"),
    [
        ("192.0.2.1", 4, "[192.0.2.1]"),
        ("2001:db8::1", 6, "[IPv6:2001:db8::1]"),
        ("::ffff:192.0.2.1", 6, "[IPv6:::ffff:192.0.2.1]"),
    ],
)
def test_an_address_has_a_family_and_a_form_in_mail(address: str, family: int, literal: str) -> None:
    assert (family_of(address), address_literal(address)) == (family, literal)
