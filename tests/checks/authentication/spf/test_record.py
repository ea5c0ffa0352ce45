"""Which TXT record is one of SPF, and how its terms are read."""

import ipaddress

import pytest

from smtpdiag_tui.checks.authentication.spf.model import Mechanism, SpfTerm
from smtpdiag_tui.checks.authentication.spf.record import is_record, parse_record, records_in
from smtpdiag_tui.report.authentication import SpfResult


def term(text: str) -> SpfTerm:
    (found,) = parse_record("sender.example", f"v=spf1 {text}").terms
    assert found.text == text
    return found


@pytest.mark.parametrize("text", [b"v=spf1", b"v=spf1 ", b"V=SPF1 -all", b"v=spf1  a"])
def test_a_record_begins_with_its_version(text: bytes) -> None:
    assert is_record(text)


@pytest.mark.parametrize("text", [b"", b"v=spf", b"v=spf10", b"v=spf1\ta", b" v=spf1", b"spf1 a", b"v=spf2.0 a"])
def test_what_is_no_record(text: bytes) -> None:
    assert not is_record(text)


def test_other_records_are_passed_over() -> None:
    assert records_in([b"\xff\xfe", b"v=spf1 a", b"google-site-verification=x"]) == ("v=spf1 a",)


@pytest.mark.parametrize(
    ("text", "mechanism", "result"),
    [
        ("all", Mechanism.ALL, SpfResult.PASS),
        ("-ALL", Mechanism.ALL, SpfResult.FAIL),
        ("~include:_spf.a.example", Mechanism.INCLUDE, SpfResult.SOFTFAIL),
        ("?a", Mechanism.A, SpfResult.NEUTRAL),
        ("+mx:a.example/24//64", Mechanism.MX, SpfResult.PASS),
        ("ptr:a.example.", Mechanism.PTR, SpfResult.PASS),
        ("exists:%{ir}.%{l1r+-}._spf.%{d}", Mechanism.EXISTS, SpfResult.PASS),
    ],
)
def test_mechanisms(text: str, mechanism: Mechanism, result: SpfResult) -> None:
    found = term(text)
    assert (found.mechanism, found.result, found.error) == (mechanism, result, "")


@pytest.mark.parametrize(
    ("text", "spec", "lengths"),
    [
        ("a", "", (32, 128)),
        ("a/24", "", (24, 128)),
        ("a//64", "", (32, 64)),
        ("mx:a.example/0//0", "a.example", (0, 0)),
        ("a:foo:bar/baz.a.example/8", "foo:bar/baz.a.example", (8, 128)),
    ],
)
def test_two_prefix_lengths(text: str, spec: str, lengths: tuple[int, int]) -> None:
    found = term(text)
    assert (found.spec, (found.cidr4, found.cidr6), found.error) == (spec, lengths, "")


def test_networks_may_have_host_bits() -> None:
    assert term("ip4:192.0.2.77/24").network == ipaddress.ip_network("192.0.2.0/24")
    assert term("ip6:2001:DB8::1/32").network == ipaddress.ip_network("2001:db8::/32")
    assert term("ip6:::ffff:192.0.2.1").error == ""


ERRORS = {
    "a:museum": "a name without a dot is not a domain",
    "a:sender.example:25": "a domain has no port",
    "include": "include needs a domain",
    "include:": "its domain is empty",
    "include:a.example/24": "a prefix length is not allowed in this place",
    "all:a.example": "nothing may follow all",
    "ip4": "ip4 needs an address",
    "ip4:192.0.2": "'192.0.2' is not an IPv4 address",
    "ip4:192.0.2.1/33": "prefix length /33 is over /32",
    "ip4:192.0.2.1/024": "'/024' is not a prefix length",
    "ip6:fe80::1%eth0": "'fe80::1%eth0' is not an IPv6 address",
    "a/24/64": "prefix length /64 is over /32",
    "ptr/24": "'/24' may not follow ptr",
    "moo": "unknown mechanism",
    "=x": "a term begins with a letter",
    "exp=": "its domain is empty",
    "redirect=%{c}.a.example": "macro %{c} is for explanations only",
    "a:%{x}.a.example": "macro %{x} is unknown",
    "a:%{d0}.a.example": "macro %{d0} keeps 0 parts",
    "a:%(d).a.example": "a % starts no macro in it",
    "other=%x": "a % starts no macro in it",
    "a:\xe9.a.example": "it has a character that is not printable ASCII",
    "a:a.-example": "'-example' is not a top-level domain",
    "a:a..": "its domain ends with two dots",
}


@pytest.mark.parametrize(("text", "error"), ERRORS.items())
def test_what_is_wrong_is_said(text: str, error: str) -> None:
    assert term(text).error == error
    assert term(text).meant == ""


MEANT = {
    "a:192.0.2.1": "ip4:192.0.2.1",
    "-192.0.2.1": "-ip4:192.0.2.1",
    "192.0.2.0/24": "ip4:192.0.2.0/24",
    "2001:db8::1": "ip6:2001:db8::1",
    "ip4:2001:db8::/32": "ip6:2001:db8::/32",
    "ip6:192.0.2.1": "ip4:192.0.2.1",
    "~ipv4:192.0.2.1": "~ip4:192.0.2.1",
    "redirect:a.example": "redirect=a.example",
    "inlcude:a.example": "include:a.example",
}


@pytest.mark.parametrize(("text", "meant"), MEANT.items())
def test_what_was_meant_is_said_where_the_text_tells(text: str, meant: str) -> None:
    assert (bool(term(text).error), term(text).meant) == (True, meant)


def test_a_modifier_may_stand_once_only_if_the_rfc_knows_it() -> None:
    record = parse_record("sender.example", "v=spf1 x=1 exp=a.example x=2 EXP=b.example redirect=c.example")
    assert [(item.text, item.error) for item in record.errors] == [("EXP=b.example", "a second exp=")]
    modifier = record.modifier("redirect")
    assert modifier is not None
    assert modifier.spec == "c.example"


def test_terms_are_parted_by_blanks_alone() -> None:
    assert [item.text for item in parse_record("sender.example", "v=spf1  a   mx ").terms] == ["a", "mx"]
    assert parse_record("sender.example", "v=spf1 a\tmx").errors != ()
