"""What makes an SPF record risky, beside whatever it comes to now."""

from typing import Any

import pytest

from smtpdiag_tui.checks.authentication.spf.judgement import judge
from smtpdiag_tui.checks.authentication.spf.risks import MOST_OCTETS, MOST_RISKS
from smtpdiag_tui.report.findings import Severity
from tests.checks.authentication.spf.driving import Zone, record, spf, txt, zones


def risks(zone: Zone, **given: Any) -> list[tuple[str, list[str]]]:
    found = [item for item in judge(spf(zone, **given)) if item.code == "spf-record-risky"]
    assert all(item.severity is Severity.WARNING and item.evidence for item in found)
    return [(item.message, [str(action) for action in item.actions]) for item in found]


def test_a_plain_record_has_none() -> None:
    assert risks(record("mx", "ip4:192.0.2.0/24", "-all", MX="10 mx.test.")) == []


@pytest.mark.parametrize(
    ("term", "whom", "change"),
    [
        ("+all", "every host", "Replace +all with ip4:203.0.113.10 ~all in the SPF record of sender.example."),
        ("all", "every host", "Replace all with ip4:203.0.113.10 ~all in the SPF record of sender.example."),
        (
            "ip4:0.0.0.0/0",
            "every IPv4 host",
            "Replace ip4:0.0.0.0/0 with ip4:203.0.113.10 in the SPF record of sender.example.",
        ),
        ("ip6:::/0", "every IPv6 host", "Remove ip6:::/0 from the SPF record of sender.example."),
    ],
)
def test_a_record_that_is_open_to_all(term: str, whom: str, change: str) -> None:
    more = "Add every other host that sends for sender.example to its SPF record."
    headline = f"SPF record of sender.example authorises {whom} ({term})"
    assert risks(record("mx", term)) == [(headline, [change, more])]


@pytest.mark.parametrize("terms", [("-all", "+all"), ("-ip4:0.0.0.0/0", "-all"), ("~all", "ip4:0.0.0.0/0")])
def test_what_is_never_reached_or_forbids_opens_nothing(terms: tuple[str, ...]) -> None:
    assert not [message for message, _ in risks(record(*terms)) if "authorises" in message]


@pytest.mark.parametrize(
    ("include", "effective"), [("", True), ("+", True), ("-", False), ("~", False), ("?", False)]
)
def test_an_include_opens_what_its_pass_passes(include: str, effective: bool) -> None:
    found = risks(zones(record(f"{include}include:open.test", "-all"), txt("open.test", "v=spf1 +all")))
    told = (
        "SPF record of open.test authorises every host (+all)",
        ["DNS administrator of open.test: replace +all with ~all in the SPF record of open.test."],
    )
    assert found == ([told] if effective else [])


def test_a_redirect_opens_what_its_target_opens() -> None:
    found = risks(zones(record("redirect=open.test"), txt("open.test", "v=spf1 +all")))
    assert [message for message, _ in found] == ["SPF record of open.test authorises every host (+all)"]


def test_ptr() -> None:
    zone = record("ptr", "-all")
    assert risks(zone) == [
        (
            "SPF record of sender.example uses ptr",
            ["Replace ptr with ip4: and ip6: terms in the SPF record of sender.example."],
        )
    ]


def test_a_macro_that_needs_ptr() -> None:
    assert risks(record("exists:%{p}.x.test", "-all")) == [
        (
            "SPF record of sender.example uses exists:%{p}.x.test",
            ["Replace exists:%{p}.x.test with ip4: and ip6: terms in the SPF record of sender.example."],
        )
    ]


@pytest.mark.parametrize(("count", "told"), [(8, False), (9, True), (10, True)])
def test_nearly_too_many_lookups(count: int, told: bool) -> None:
    hosts = {f"h{number}.test": {"A": "192.0.2.1"} for number in range(10)}
    terms = [f"a:h{number}.test" for number in range(count)]
    found = risks(zones(record(*terms, "-all"), hosts))
    assert [message for message, _ in found] == (
        [f"SPF of sender.example needs {count} of 10 DNS lookups"] if told else []
    )


def test_nearly_too_many_lookups_name_the_dearest() -> None:
    zone = zones(
        record("include:dear.test", "-all"),
        txt("dear.test", "v=spf1 " + "a:h.test " * 8 + "-all"),
        {"h.test": {"A": "192.0.2.1"}},
    )
    assert risks(zone) == [
        (
            "SPF of sender.example needs 9 of 10 DNS lookups",
            [
                "Replace include:dear.test (9 lookups) in the SPF record of sender.example "
                "with ip4: and ip6: terms."
            ],
        )
    ]


@pytest.mark.parametrize(("size", "told"), [(MOST_OCTETS, False), (MOST_OCTETS + 1, True)])
def test_a_long_record(size: int, told: bool) -> None:
    text = "v=spf1 ip4:203.0.113.10 " + "ip4:192.0.2.1 " * 30
    text = f"{text}x={'y' * (size - len(text) - 2)}"
    assert len(text) == size
    found = risks(txt("sender.example", text))
    assert [message for message, _ in found] == (
        ["SPF record of sender.example is 451 bytes long"] if told else []
    )


def test_an_include_without_a_record_that_was_not_reached() -> None:
    zone = record("ip4:203.0.113.10", "include:gone.test", "-all")
    assert risks(zone) == [
        (
            "include:gone.test in the SPF record of sender.example finds no SPF record",
            [
                "Remove include:gone.test from the SPF record of sender.example, or publish an SPF record "
                "at gone.test."
            ],
        )
    ]


def test_an_include_whose_lookup_failed_is_not_dead() -> None:
    zone = zones(record("ip4:203.0.113.10", "include:slow.test", "-all"), {"slow.test": {"*": "TIMEOUT"}})
    assert risks(zone) == []


def test_void_lookups_that_some_receivers_count_one_by_one() -> None:
    mx = {"sender.example": {"MX": [f"{number} mx{number}.test." for number in range(3)]}}
    hosts = {f"mx{number}.test": {"A": "192.0.2.1"} for number in range(3)}
    zone = zones(record("mx", "ip6:2001:db8::10", "-all"), mx, hosts)
    assert risks(zone, address="2001:db8::10") == [
        (
            "SPF of sender.example makes 3 void lookups",
            ["Move ip6:2001:db8::10 to the front of the SPF record of sender.example."],
        )
    ]
    assert risks(zone, address="192.0.2.1") == []


def test_terms_that_are_never_reached() -> None:
    assert risks(record("-all", "ip4:192.0.2.1", "mx")) == [
        (
            "ip4:192.0.2.1 and 1 more in the SPF record of sender.example never apply",
            ["Move -all to the end of the SPF record of sender.example."],
        )
    ]
    assert risks(record("redirect=a.test", "-all")) == [
        (
            "redirect=a.test in the SPF record of sender.example never applies",
            ["Remove -all or redirect=a.test from the SPF record of sender.example."],
        )
    ]


def test_a_mechanism_that_is_written_as_a_modifier() -> None:
    assert risks(record("include=_spf.test", "-all")) == [
        (
            "include=_spf.test in the SPF record of sender.example is ignored",
            ["Write include:_spf.test in the SPF record of sender.example in place of include=_spf.test."],
        )
    ]


def test_a_risky_record_may_fail_all_the_same() -> None:
    found = judge(spf(record("ptr", "-all")))
    assert [item.code for item in found] == ["spf-fail", "spf-record-risky"]


def test_risks_of_a_record_that_is_an_error_are_told_too() -> None:
    found = judge(spf(record("ptr", "moo", "+all")))
    assert [item.code for item in found] == ["spf-permerror", "spf-record-risky", "spf-record-risky"]


def test_there_are_not_too_many() -> None:
    terms = [f"{name}=x.test" for name in ("a", "mx", "ptr", "ip4", "ip6", "exists", "include", "all")]
    assert len(risks(record(*terms, "-all"))) == MOST_RISKS
