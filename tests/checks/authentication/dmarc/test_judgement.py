"""The findings about DMARC: which, for whom, in which words, with what to publish."""

import pytest

from smtpdiag_tui.checks.authentication.dmarc.beyond import dmarc_beyond
from smtpdiag_tui.checks.authentication.dmarc.evaluation import evaluate
from smtpdiag_tui.checks.authentication.dmarc.judgement import AddressCase, DmarcCase, detail, judge, notes
from smtpdiag_tui.checks.authentication.dmarc.reports import (
    MAX_HOSTS,
    Consent,
    ReportHost,
    consent_name,
    foreign_hosts,
    has_consent,
    same_organization,
)
from smtpdiag_tui.checks.authentication.seen import Signature
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import BeyondName, BeyondVerdict, SpfIdentity, SpfResult
from smtpdiag_tui.report.findings import Finding, Severity
from tests.checks.authentication.dmarc.zone import FAILED, Zone, author, signature, spf, walked

V4, V6 = "192.0.2.10", "2001:db8::10"
REJECT: Zone = {"sender.example": "v=DMARC1; p=reject"}
FAIL = spf("sender.example", SpfResult.FAIL)
PASS = spf("sender.example")


def case(
    zone: Zone,
    domain: str = "sender.example",
    *addresses: tuple[str | None, SpfIdentity | None],
    signatures: list[Signature] | None = None,
    reports: tuple[ReportHost, ...] = (),
    assumed: bool = False,
) -> DmarcCase:
    names = {item.domain for _, item in addresses if item is not None}
    made = author(zone, domain, names | {item.domain for item in signatures or []})
    cases = tuple(
        AddressCase(who, item, evaluate(made, item, signatures), _allowing(who, item)) for who, item in addresses
    )
    return DmarcCase(made, cases, reports, assumed=assumed, signed=signatures is not None)


def _allowing(who: str | None, item: SpfIdentity | None) -> tuple[Action, ...]:
    """Return what SPF advises for an address that it fails for."""
    if who is None or item is None or item.result is SpfResult.PASS:
        return ()
    return (Action("", f"Add ip{4 if '.' in who else 6}:{who} to the SPF record of {item.domain}, before -all."),)


def only(found: tuple[Finding, ...]) -> tuple[str, Severity, str]:
    [item] = found
    return item.code, item.severity, item.message


def test_a_pass_is_information() -> None:
    seen = case(REJECT, "sender.example", (V4, PASS), (V6, PASS))
    message = "DMARC passes for 192.0.2.10 and 2001:db8::10"
    assert only(judge(seen)) == ("dmarc-would-pass", Severity.INFO, message)
    assert detail(seen) == "pass (p=reject)"


def test_a_fail_under_an_enforced_policy_is_a_failure() -> None:
    for policy in ("reject", "quarantine"):
        seen = case({"sender.example": f"v=DMARC1; p={policy}"}, "sender.example", (V4, FAIL), signatures=[])
        message = f"DMARC fails for 192.0.2.10; sender.example publishes p={policy}"
        assert only(judge(seen)) == ("dmarc-would-fail", Severity.FAILURE, message)
        assert judge(seen)[0].evidence == (
            "SPF of sender.example fails, and the message has no DKIM signature",
            f"v=DMARC1; p={policy}",
        )
        assert [str(action) for action in judge(seen)[0].actions] == [
            "Sign messages from sender.example with DKIM (d=sender.example).",
            "Add ip4:192.0.2.10 to the SPF record of sender.example, before -all.",
        ]
        assert detail(seen) == f"fail (p={policy})"


def test_a_fail_without_enforcement_is_told_with_the_policy() -> None:
    seen = case({"sender.example": "v=DMARC1; p=none"}, "sender.example", (V4, FAIL), signatures=[])
    message = "DMARC fails for 192.0.2.10; sender.example publishes p=none"
    assert only(judge(seen)) == ("dmarc-policy", Severity.INFO, message)
    lowered = case({"sender.example": "v=DMARC1; p=quarantine; t=y"}, "sender.example", (V4, FAIL), signatures=[])
    message = "DMARC fails for 192.0.2.10; sender.example publishes p=quarantine, t=y"
    assert only(judge(lowered)) == ("dmarc-policy", Severity.INFO, message)


def test_addresses_that_differ_are_told_apart() -> None:
    seen = case(REJECT, "sender.example", (V4, PASS), (V6, FAIL), signatures=[])
    assert [item.code for item in judge(seen)] == ["dmarc-would-pass", "dmarc-would-fail"]
    assert judge(seen)[1].message == "DMARC fails for 2001:db8::10; sender.example publishes p=reject"
    assert detail(seen) == "pass for 192.0.2.10, fail for 2001:db8::10 (p=reject)"


def test_without_a_message_it_depends_on_dkim() -> None:
    seen = case(REJECT, "sender.example", (V6, FAIL))
    message = "DMARC for 2001:db8::10 depends on DKIM; sender.example publishes p=reject"
    assert only(judge(seen)) == ("dmarc-depends-on-dkim", Severity.UNKNOWN, message)
    assert len(message) <= 80
    assert [str(action) for action in judge(seen)[0].actions] == [
        "Rerun with --message FILE, a message as this host would send it.",
        "Add ip6:2001:db8::10 to the SPF record of sender.example, before -all.",
    ]
    assert detail(seen) == "depends on DKIM (p=reject)"
    nobody = case(REJECT, "sender.example", (None, None))
    message = "DMARC for sender.example depends on SPF and DKIM; public IP address unknown"
    assert only(judge(nobody)) == ("dmarc-depends-on-dkim", Severity.UNKNOWN, message)


def test_with_a_message_that_is_not_signed_the_address_decides() -> None:
    seen = case(REJECT, "sender.example", (None, None), signatures=[])
    (found,) = judge(seen)
    assert (found.code, found.message) == (
        "dmarc-depends-on-dkim",
        "DMARC depends on SPF; the public IP address is unknown",
    )
    assert found.meaning == "No signature of the message verifies and is aligned with sender.example."
    assert found.advice == "Rerun with --as-address and the public IP address that receivers see."
    told = dmarc_beyond(seen)
    assert told is not None
    assert told.message == (
        "SPF is unknown and sender.example publishes p=reject: unless SPF passes, receivers that enforce DMARC"
        " reject"
        " it after DATA"
    )


def test_where_no_address_is_known_the_domain_is_named() -> None:
    seen = case(REJECT, "sender.example", (None, None), signatures=[signature("sender.example")])
    assert only(judge(seen)) == ("dmarc-would-pass", Severity.INFO, "DMARC passes for sender.example")


def test_a_foreign_mail_from_cannot_align() -> None:
    seen = case(REJECT, "sender.example", (V4, spf("bulk.net")), signatures=[signature("bulk.net")])
    assert [str(action) for action in judge(seen)[0].actions] == [
        "Sign messages from sender.example with DKIM (d=sender.example).",
        "Use a MAIL FROM address of sender.example whose SPF record authorises this host.",
    ]


def test_no_record() -> None:
    seen = case({}, "news.sender.example", (V4, PASS))
    assert only(judge(seen)) == ("dmarc-none", Severity.WARNING, "news.sender.example has no DMARC record")
    assert judge(seen)[0].advice == (
        'Publish the TXT record "v=DMARC1; p=none; rua=mailto:postmaster@sender.example" at _dmarc.sender.example.'
    )
    assert detail(seen) == "no DMARC record"
    assert judge(case({}, assumed=True))[0].severity is Severity.INFO


@pytest.mark.parametrize(
    ("zone", "message", "advice"),
    [
        (
            {"sender.example": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]},
            "sender.example has 2 DMARC records; receivers use none of them",
            "Remove all TXT records at _dmarc.sender.example that begin with v=DMARC1, except one.",
        ),
        (
            {"sender.example": "v=DMARC1; p=rejct"},
            "DMARC record of sender.example has no usable policy (p=rejct is not a policy)",
            "Set p to none, quarantine or reject in the TXT record at _dmarc.sender.example.",
        ),
        (
            {"sender.example": "v=DMARC1; p=reject; sp=nil"},
            "DMARC record of sender.example has no usable policy (sp=nil is not a policy)",
            "Set sp to none, quarantine or reject in the TXT record at _dmarc.sender.example.",
        ),
        (
            {"sender.example": "v=DMARC1"},
            "DMARC record of sender.example has no usable policy (no p tag)",
            "Set p to none, quarantine or reject in the TXT record at _dmarc.sender.example.",
        ),
        (
            {"sender.example": "v=DMARC1 p=reject"},
            "TXT record at _dmarc.sender.example is not a DMARC record",
            'Publish the TXT record "v=DMARC1; p=none; rua=mailto:postmaster@sender.example" at'
            " _dmarc.sender.example.",
        ),
    ],
)
def test_records_that_cannot_be_used(zone: Zone, message: str, advice: str) -> None:
    seen = case(zone, "sender.example", (V4, PASS))
    assert only(judge(seen)) == ("dmarc-invalid", Severity.WARNING, message)
    assert judge(seen)[0].advice == advice


def test_two_records_below_one_that_applies_are_told_with_the_policy() -> None:
    zone: Zone = {"sender.example": "v=DMARC1; p=reject", "a.sender.example": ["v=DMARC1", "v=DMARC1; p=none"]}
    seen = case(zone, "a.sender.example", (V4, spf("a.sender.example")))
    assert [(item.code, item.message) for item in judge(seen)] == [
        ("dmarc-invalid", "a.sender.example has 2 DMARC records; receivers use none of them"),
        ("dmarc-would-pass", "DMARC passes for 192.0.2.10"),
        ("dmarc-policy", "DMARC policy for a.sender.example is reject (p=reject of sender.example)"),
    ]


@pytest.mark.parametrize(
    ("record", "domain", "message"),
    [
        ("p=none; sp=reject", "a.sender.example", "is reject (sp=reject of sender.example)"),
        ("p=reject; t=y", "sender.example", "is quarantine (p=reject, t=y of sender.example)"),
        ("rua=mailto:a@sender.example", "sender.example", "counts as none (no valid p tag)"),
        ("p=x; rua=mailto:a@sender.example", "sender.example", "counts as none (no valid p tag)"),
    ],
)
def test_a_policy_that_the_p_tag_does_not_say(record: str, domain: str, message: str) -> None:
    found = judge(case({"sender.example": f"v=DMARC1; {record}"}, domain, (V4, spf(domain))))
    assert [item.message for item in found if item.code == "dmarc-policy"] == [
        f"DMARC policy for {domain} {message}"
    ]


def test_a_query_that_failed() -> None:
    seen = case({"sender.example": FAILED}, "sender.example", (V4, PASS))
    message = "TXT query for _dmarc.sender.example failed"
    assert only(judge(seen)) == ("dmarc-lookup-failed", Severity.UNKNOWN, message)
    assert detail(seen) == "record unknown"


def test_report_hosts() -> None:
    zone: Zone = {"sender.example": "v=DMARC1; p=reject; rua=mailto:a@reports.net,mailto:b@sender.example"}
    reports = (ReportHost("reports.net", Consent.MISSING),)
    found = judge(case(zone, "sender.example", (V4, PASS), reports=reports))[-1]
    assert (found.code, found.message, found.side) == (
        "dmarc-report-unauthorised",
        "reports.net publishes no consent to DMARC reports for sender.example",
        None,
    )
    assert str(found.actions[0]) == (
        'DNS administrator of reports.net: publish the TXT record "v=DMARC1" at'
        " sender.example._report._dmarc.reports.net."
    )
    for fine in (Consent.GIVEN, Consent.NEEDLESS, Consent.UNKNOWN):
        seen = case(zone, "sender.example", (V4, PASS), reports=(ReportHost("reports.net", fine),))
        assert [item.code for item in judge(seen)] == ["dmarc-would-pass"]


def test_consent_by_the_rfcs_examples() -> None:
    zone: Zone = {
        "example.com": "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; "
        "ruf=mailto:auth-reports@thirdparty.example.net",
        "blue.example.com": "v=DMARC1; p=none; rua=mailto:reports@red.example.net",
    }
    applied = walked(zone, "example.com").applied
    assert applied is not None
    assert foreign_hosts(applied) == ("thirdparty.example.net",)
    assert consent_name(applied, "thirdparty.example.net") == "example.com._report._dmarc.thirdparty.example.net"
    blue = walked(zone, "blue.example.com").applied
    assert blue is not None
    assert [consent_name(blue, host) for host in foreign_hosts(blue)] == [
        "blue.example.com._report._dmarc.red.example.net"
    ]
    assert has_consent((b"v=DMARC1;",))
    assert has_consent((b"v=DMARC1; rua=mailto:aggregate-reports@thirdparty.example.net", b"v=spf1"))
    assert not has_consent((b"v=spf1 -all", b"dmarc"))
    assert not has_consent(())


def test_inside_one_organization_no_consent_is_needed() -> None:
    zone: Zone = {"example.com": "v=DMARC1; p=none"}
    mine = walked(zone, "mail.example.com")
    assert same_organization(mine, walked(zone, "reports.example.com")) is True
    assert same_organization(mine, walked(zone, "reports.example.net")) is False
    assert same_organization(mine, walked({"com": FAILED}, "reports.example.com")) is None


def test_hosts_are_bounded() -> None:
    uris = ",".join(f"mailto:r@h{number}.net" for number in range(2_000))
    applied = walked({"sender.example": f"v=DMARC1; p=none; rua={uris}"}, "sender.example").applied
    assert applied is not None
    assert len(foreign_hosts(applied)) == MAX_HOSTS


def test_notes_tell_how_it_came_about() -> None:
    zone: Zone = {"sender.example": "v=DMARC1; p=reject; pct=50"}
    lines = notes(case(zone, "a.sender.example", (V4, spf("a.sender.example")), (None, None)))
    assert lines == (
        "From domain: a.sender.example",
        "organizational domain: sender.example",
        "record of sender.example: v=DMARC1; p=reject; pct=50",
        "ignored by receivers: pct has no effect since RFC 9989",
        "policy for a.sender.example: reject",
        "192.0.2.10: pass (SPF of a.sender.example passes, aligned with a.sender.example)",
        "this host: unknown (SPF is unknown)",
    )


@pytest.mark.parametrize(
    ("record", "addresses", "signatures", "verdict", "message"),
    [
        (
            "p=reject",
            [(V4, FAIL)],
            None,
            BeyondVerdict.UNKNOWN,
            "SPF of sender.example fails for 192.0.2.10 and sender.example publishes p=reject: unless the"
            " message is signed for"
            " sender.example, receivers that enforce DMARC reject it after DATA",
        ),
        (
            "p=quarantine",
            [(V4, PASS), (V6, spf("sender.example", SpfResult.NONE))],
            None,
            BeyondVerdict.UNKNOWN,
            "SPF of sender.example is none and sender.example publishes p=quarantine: unless the message is signed"
            " for sender.example, receivers that enforce DMARC treat it as spam",
        ),
        (
            "p=none",
            [(V4, FAIL)],
            None,
            BeyondVerdict.UNKNOWN,
            "SPF of sender.example fails for 192.0.2.10 and sender.example publishes p=none: unless the message"
            " is signed for"
            " sender.example, DMARC fails, and receivers decide by their own rules",
        ),
        (
            "p=reject",
            [(None, None)],
            None,
            BeyondVerdict.UNKNOWN,
            "SPF is unknown and sender.example publishes p=reject: unless SPF passes or the message is signed for"
            " sender.example, receivers that enforce DMARC reject it after DATA",
        ),
        (
            "p=reject",
            [(V4, PASS), (V6, FAIL)],
            [],
            BeyondVerdict.FAIL,
            "DMARC fails for 2001:db8::10 and sender.example publishes p=reject: receivers that enforce DMARC"
            " reject"
            " the message after DATA",
        ),
        (
            "p=none",
            [(V4, FAIL)],
            [],
            BeyondVerdict.UNKNOWN,
            "DMARC fails for 192.0.2.10 and sender.example publishes p=none: receivers decide by their own rules",
        ),
        (
            "p=reject",
            [(V4, spf("sender.example", SpfResult.TEMPERROR))],
            None,
            BeyondVerdict.UNKNOWN,
            "DMARC could not be determined (SPF of sender.example could not be evaluated)",
        ),
        (
            "p=reject",
            [(V4, PASS), (V6, PASS)],
            None,
            BeyondVerdict.PASS,
            "DMARC passes for 192.0.2.10 and 2001:db8::10",
        ),
    ],
)
def test_what_rcpt_does_not_cover(
    record: str,
    addresses: list[tuple[str | None, SpfIdentity | None]],
    signatures: list[Signature] | None,
    verdict: BeyondVerdict,
    message: str,
) -> None:
    zone: Zone = {"sender.example": f"v=DMARC1; {record}"}
    found = dmarc_beyond(case(zone, "sender.example", *addresses, signatures=signatures))
    assert found is not None
    assert (found.name, found.verdict, found.message) == (BeyondName.DMARC, verdict, message)


def test_without_a_record_nobody_is_asked_for_anything() -> None:
    assert dmarc_beyond(case({}, "sender.example", (V4, FAIL))) is None
    assert dmarc_beyond(case(REJECT)) is None
