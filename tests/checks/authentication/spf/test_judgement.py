"""What SPF comes to, said to an administrator: the finding, and the change that it needs."""

from typing import Any

import pytest

from smtpdiag_tui.checks.authentication.spf.judgement import judge, to_report
from smtpdiag_tui.checks.authentication.spf.model import SpfScope
from smtpdiag_tui.report.authentication import SpfIdentity, SpfResult
from smtpdiag_tui.report.findings import Finding, Severity, Side
from tests.checks.authentication.spf.driving import Zone, record, spf, txt, zones

TIMES_OUT = {"*": "TIMEOUT"}
IPV6 = "2001:db8::10"


def first(zone: Zone, **given: Any) -> Finding:
    return judge(spf(zone, **given))[0]


def codes(zone: Zone, **given: Any) -> list[str]:
    return [item.code for item in judge(spf(zone, **given))]


def actions(found: Finding) -> list[str]:
    return [str(action) for action in found.actions]


def test_a_pass() -> None:
    (found,) = judge(spf(record("ip4:203.0.113.10", "-all")))
    assert (found.code, found.severity, found.side) == ("spf-pass", Severity.INFO, Side.HERE)
    assert found.message == "SPF of sender.example passes for 203.0.113.10"
    assert found.actions == ()
    assert found.evidence == (
        'sender.example TXT "v=spf1 ip4:203.0.113.10 -all"',
        "ip4:203.0.113.10  pass",
        "pass: 0 of 10 lookups, 0 void lookups",
    )


@pytest.mark.parametrize(
    ("term", "code", "severity", "message"),
    [
        ("-all", "spf-fail", Severity.FAILURE, "SPF of sender.example fails for 203.0.113.10"),
        ("~all", "spf-softfail", Severity.WARNING, "SPF of sender.example is softfail for 203.0.113.10"),
        ("?all", "spf-neutral", Severity.WARNING, "SPF of sender.example is neutral for 203.0.113.10"),
    ],
)
def test_an_address_that_is_missing(term: str, code: str, severity: Severity, message: str) -> None:
    found = first(record("ip4:192.0.2.1", term))
    assert (found.code, found.severity, found.message) == (code, severity, message)
    assert actions(found) == [f"Add ip4:203.0.113.10 to the SPF record of sender.example, before {term}."]


def test_a_record_without_an_end() -> None:
    found = first(record("ip4:192.0.2.1"))
    assert found.code == "spf-neutral"
    assert found.meaning == (
        "No term of the SPF record matches this IP address, and the record does not end with all."
    )
    assert actions(found) == ["Add ip4:203.0.113.10 to the SPF record of sender.example."]


def test_an_ipv6_address_and_a_record_of_ipv4_alone() -> None:
    found = first(record("ip4:203.0.113.10", "-all"), address=IPV6)
    assert found.message == "SPF of sender.example fails for 2001:db8::10"
    assert found.meaning.startswith("The SPF record lists IPv4 addresses only")
    assert actions(found) == ["Add ip6:2001:db8::10 to the SPF record of sender.example, before -all."]


def test_a_mapped_address_is_named_as_ipv4() -> None:
    assert "ip4:203.0.113.10" in actions(first(record("-all"), address="::ffff:203.0.113.10"))[0]


def test_a_term_that_forbids_the_address() -> None:
    found = first(record("-ip4:203.0.113.0/24", "mx", "~all"))
    assert found.meaning == (
        "The term -ip4:203.0.113.0/24 in the SPF record of sender.example matches this IP address."
    )
    assert actions(found) == [
        "Add ip4:203.0.113.10 to the SPF record of sender.example, before -ip4:203.0.113.0/24."
    ]


def test_a_term_that_comes_too_late() -> None:
    found = first(record("-all", "ip4:203.0.113.0/24"))
    assert actions(found) == ["Move ip4:203.0.113.0/24 before -all in the SPF record of sender.example."]


def test_a_redirect_within_the_organization_names_its_target() -> None:
    found = first(zones(record("redirect=_spf.sender.example"), txt("_spf.sender.example", "v=spf1 mx -all")))
    assert actions(found) == [
        "Add ip4:203.0.113.10 to the SPF record of _spf.sender.example, before -all; "
        "sender.example redirects to it."
    ]


def test_a_redirect_to_somebody_else_is_not_theirs_to_change() -> None:
    found = first(
        zones(record("redirect=spf.provider.test"), txt("spf.provider.test", "v=spf1 ip4:192.0.2.1 -all"))
    )
    assert actions(found) == [
        "Add ip4:203.0.113.10 to the SPF record of sender.example, before redirect=spf.provider.test."
    ]


def test_no_record() -> None:
    found = first({"sender.example": {"TXT": "unrelated"}})
    assert (found.code, found.message) == ("spf-none", "sender.example has no SPF record")
    assert actions(found) == [
        'Publish the TXT record "v=spf1 ip4:203.0.113.10 ~all" at sender.example.',
        "Add every other host that sends for sender.example to its SPF record.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1;a -all",
        "spf1 a -all",
        "v=spf a -all",
        '"v=spf1 a -all',
        " v=spf1 a -all",
        "v=spf1a",
        "v spf1 a",
        "V=SPF1-all",
    ],
)
def test_a_record_that_is_nearly_one(text: str) -> None:
    found = first(txt("sender.example", "unrelated", text))
    assert (found.code, found.message) == ("spf-none", "sender.example has no SPF record")
    assert actions(found)[0].startswith(f'Begin the TXT record "{text}" of sender.example with "v=spf1"')
    assert found.evidence[0] == f'sender.example TXT "{text}"'


@pytest.mark.parametrize("text", ["spf2.0/pra a", "v=DMARC1; p=none", "spfx=1", "about spf1 records", "v=spf10"])
def test_a_record_of_something_else_is_not(text: str) -> None:
    assert "Publish" in actions(first(txt("sender.example", text)))[0]


def test_a_domain_that_can_have_none() -> None:
    found = first({}, sender="alice@[203.0.113.10]")
    assert found.message == "SPF does not apply to sender domain [203.0.113.10]"


@pytest.mark.parametrize("ehlo", ["mail.sender.example", "[203.0.113.10]", "single"])
def test_an_ehlo_name_without_a_record_is_usual(ehlo: str) -> None:
    assert codes({}, scope=SpfScope.EHLO, ehlo=ehlo) == []
    assert codes({}, sender="", ehlo=ehlo) == []


def test_an_ehlo_name_with_a_record_that_is_nearly_one() -> None:
    zone = txt("mail.sender.example", "v=spf1;a -all")
    assert codes(zone, scope=SpfScope.EHLO) == ["spf-none"]


def test_an_ehlo_name_with_a_record_is_judged_as_any() -> None:
    found = first(record("-all", domain="mail.sender.example"), scope=SpfScope.EHLO)
    assert found.message == "SPF of mail.sender.example fails for 203.0.113.10"


def test_two_records() -> None:
    found = first(txt("sender.example", "v=spf1 a -all", "V=SPF1 include:x.example ~all"))
    assert (found.code, found.severity) == ("spf-permerror", Severity.FAILURE)
    assert found.message == "sender.example has 2 SPF records; only one is allowed"
    assert actions(found) == [
        'Move the terms of "V=SPF1 include:x.example ~all" to the other SPF record of sender.example, '
        "then delete it."
    ]
    assert found.evidence[:2] == (
        'sender.example TXT "v=spf1 a -all"',
        'sender.example TXT "V=SPF1 include:x.example ~all"',
    )


def test_two_equal_records() -> None:
    found = first(txt("sender.example", "v=spf1 -all", "V=spf1 -all"))
    assert actions(found) == ["Delete all but one of the 2 equal SPF records of sender.example."]


def test_syntax_errors_are_corrected_one_by_one() -> None:
    found = first(record("a:192.0.2.1", "ip4:2001:db8::1", "a:museum", "redirect=a.test", "redirect=b.test"))
    assert found.message == "SPF record of sender.example has a syntax error in a:192.0.2.1"
    assert found.meaning == "An IPv4 address needs the mechanism ip4. Receivers discard the whole SPF record."
    assert actions(found) == [
        "Replace a:192.0.2.1 with ip4:192.0.2.1 in the SPF record of sender.example.",
        "Replace ip4:2001:db8::1 with ip6:2001:db8::1 in the SPF record of sender.example.",
        "Correct or remove a:museum in the SPF record of sender.example; a name without a dot is not a domain.",
    ]


def test_a_second_redirect() -> None:
    found = first(record("redirect=a.test", "redirect=b.test"))
    assert actions(found) == ["Remove redirect=b.test, a second redirect=, from the SPF record of sender.example."]


def test_a_broken_record_of_somebody_else() -> None:
    found = first(zones(record("include:spf.provider.test", "-all"), txt("spf.provider.test", "v=spf1 moo -all")))
    assert found.message == "SPF record of spf.provider.test has a syntax error in moo"
    assert actions(found) == [
        "DNS administrator of spf.provider.test: correct or remove moo in the SPF record of spf.provider.test; "
        "unknown mechanism.",
        "Remove include:spf.provider.test from the SPF record of sender.example if it is not needed.",
    ]


def test_an_include_without_a_record() -> None:
    found, *others = judge(spf(record("include:spf.gone.test", "-all")))
    assert found.message == "include:spf.gone.test in the SPF record of sender.example finds no SPF record"
    assert actions(found) == [
        "Remove include:spf.gone.test from the SPF record of sender.example, or publish an SPF record "
        "at spf.gone.test."
    ]
    assert others == []


def test_too_many_lookups_name_the_dearest_terms() -> None:
    targets = [txt(f"i{n}.test", "v=spf1 " + "a:h.test " * (n + 1) + "-all") for n in range(5)]
    zone = zones(
        record(*[f"include:i{n}.test" for n in range(5)], "~all"), *targets, {"h.test": {"A": "192.0.2.1"}}
    )
    found = first(zone)
    assert found.message == "SPF of sender.example needs more than 10 DNS lookups"
    assert actions(found) == [
        "Replace include:i4.test (6 lookups), include:i3.test (5 lookups) and include:i2.test (4 lookups) "
        "in the SPF record of sender.example with ip4: and ip6: terms."
    ]
    assert found.evidence[:5] == (
        "include:i4.test: 6 lookups",
        "include:i3.test: 5 lookups",
        "include:i2.test: 4 lookups",
        "include:i1.test: 3 lookups",
        "include:i0.test: 2 lookups",
    )


@pytest.mark.parametrize(
    ("before", "includes", "advised"),
    [
        (
            ["mx", "a:h.test"],
            10,
            [
                "Replace mx and a:h.test in the SPF record of sender.example with ip4: and ip6: terms.",
                "Remove the includes of services that no longer send mail from the SPF record of sender.example.",
            ],
        ),
        (
            [],
            11,
            ["Remove the includes of services that no longer send mail from the SPF record of sender.example."],
        ),
        (
            ["?a:h.test"] * 11,
            0,
            [
                "Replace ?a:h.test in the SPF record of sender.example with ip4: and ip6: terms.",
            ],
        ),
    ],
)
def test_where_no_term_is_dear_those_that_name_hosts_are_replaced_and_old_services_removed(
    before: list[str], includes: int, advised: list[str]
) -> None:
    targets = [txt(f"i{n}.test", f"v=spf1 ip4:198.51.100.{n} -all") for n in range(includes)]
    hosts = {"h.test": {"A": "192.0.2.1"}}
    terms = [*before, *(f"include:i{n}.test" for n in range(includes)), "-all"]
    assert actions(first(zones(record(*terms), *targets, hosts))) == advised


def test_an_include_loop_is_ended_where_it_closes() -> None:
    zone = zones(
        record("include:_spf.sender.example", "-all"),
        txt("_spf.sender.example", "v=spf1 include:sender.example -all"),
    )
    assert actions(first(zone)) == [
        "Remove include:sender.example from the SPF record of _spf.sender.example; its includes form a loop."
    ]


def test_void_lookups_are_named() -> None:
    found = first(record("a:x.test", "a:y.test", "mx:z.test", "-all"))
    assert found.message == "SPF of sender.example makes more than 2 void lookups"
    assert actions(found) == [
        "Remove the terms that find nothing from the SPF record of sender.example, or publish addresses at "
        "x.test, y.test and z.test."
    ]
    assert found.evidence[:3] == ("A x.test: nothing found", "A y.test: nothing found", "MX z.test: nothing found")


def test_too_many_mx_targets() -> None:
    found = first(record("mx", "-all", MX=[f"{n} m{n}.test." for n in range(11)]))
    assert found.message == "mx in the SPF record of sender.example finds 11 MX records, over 10"


def test_a_failed_lookup_is_nobodys_fault_yet() -> None:
    found = first(zones(record("include:spf.provider.test", "-all"), {"spf.provider.test": TIMES_OUT}))
    assert (found.code, found.severity) == ("spf-temperror", Severity.UNKNOWN)
    assert found.message == "SPF of sender.example could not be evaluated: TXT spf.provider.test failed"
    assert actions(found) == [
        "Rerun in a few minutes.",
        "DNS administrator of spf.provider.test: if it persists, make the name servers of spf.provider.test "
        "answer TXT spf.provider.test.",
    ]
    assert found.evidence[0] == "TXT spf.provider.test: timed out"


def test_a_failed_lookup_behind_the_term_that_matches_is_none() -> None:
    zone = zones(record("ip4:203.0.113.10", "include:broken.test", "-all"), {"broken.test": TIMES_OUT})
    assert codes(zone) == ["spf-pass"]


def test_long_names_are_shortened_in_headlines() -> None:
    domain = f"{'a' * 60}.{'b' * 60}.example"
    found = first(record("-all", domain=domain), sender=f"alice@{domain}", address=IPV6)
    assert len(found.message) <= 80
    assert found.message.endswith("fails for 2001:db8::10")
    assert domain in actions(found)[0]


def test_what_the_report_holds() -> None:
    zone = zones(record("a", "-all", "exp=why.test"), txt("why.test", "%{i} may not send"))
    assert to_report(spf(zone)) == SpfIdentity(
        "sender.example", SpfResult.FAIL, "203.0.113.10 may not send", lookups=1, void_lookups=1
    )
