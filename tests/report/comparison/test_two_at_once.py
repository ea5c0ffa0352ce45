"""Runs of which the later could not test what the earlier found: that is untested, neither fixed nor new."""

import pytest

from smtpdiag_tui.report.comparison.problems import Problems
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from tests.report.comparison.made import (
    DEFERRED,
    EXPIRED,
    MX,
    REFUSED,
    V4,
    assert_symmetric,
    certified,
    codes,
    facts_of,
    report,
    routed,
    session,
    step,
)

OTHER = "delivery/mx2.partner.example"
V6 = f"{MX}/2001:db8::25"
BAD = certified(-3, "AA" * 32, CertificateVerdict.EXPIRED)
GOOD = certified(90, "BB" * 32)


def shown(certificate: dict[str, object], host: str, *found: object) -> Report:
    key = f"{host}/192.0.2.25"
    ended = session(key, SessionEnd.ACCEPTED, "250 2.1.5", **certificate)  # type: ignore[arg-type]
    ended[1] = step(ended[1].id, Status.WARNING if found else Status.PASSED, "", *found)  # type: ignore[arg-type]
    return routed(ended, host=host)


def untested(found: Problems) -> bool:
    return not (found.fixed or found.new or found.changed)


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.SKIPPED, Status.CANCELLED])
def test_dns_that_failed_leaves_greylisting_untested(status: Status) -> None:
    lost = report(step("remote", Status.UNKNOWN), step("delivery", status), outcome=Outcome.UNKNOWN)
    found = assert_symmetric(DEFERRED, lost)
    assert untested(found.problems)
    assert codes(found.problems.untested) == ["greylisted"]
    assert facts_of(found) == []


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.WARNING, Status.FAILED])
@pytest.mark.parametrize("code", ["mx-lookup-failed", "dnssec-bogus"])
def test_addresses_of_one_host_that_could_not_be_looked_up_are_not_removed(status: Status, code: str) -> None:
    rest = [step(OTHER, facts=StepFacts(preference=20)), *session(f"{OTHER}/192.0.2.26")]
    bad = [step(V4), step(f"{V4}/starttls", Status.WARNING, "", EXPIRED)]
    old = report(step("delivery"), step(MX), *bad, *rest)
    new = report(step("delivery"), step(MX, status, "", finding(code, "A query failed")), *rest)
    found = assert_symmetric(old, new)
    assert codes(found.problems.fixed) == []
    assert codes(found.problems.untested) == ["certificate-expired"]
    assert [fact for fact in facts_of(found) if fact[0] == "mx-address"] == []


def test_a_host_whose_ipv6_could_not_be_looked_up_has_not_lost_it_while_ipv4_was_fixed() -> None:
    old = report(
        step("delivery"),
        step(MX),
        *session(V4, SessionEnd.ACCEPTED, "250", status=Status.PASSED),
        step(V6),
        step(f"{V6}/starttls", Status.WARNING, "", EXPIRED),
    )
    partial = step(MX, Status.WARNING, "", finding("mx-lookup-partial", "AAAA query failed"))
    new = report(step("delivery"), partial, *session(V4))
    found = assert_symmetric(old, new)
    assert codes(found.problems.fixed) == []
    assert codes(found.problems.untested) == ["certificate-expired"]
    assert [fact for fact in facts_of(found) if fact[0] == "mx-address"] == []


def test_a_host_that_is_renamed_with_a_renewed_certificate_is_both() -> None:
    found = assert_symmetric(shown(BAD, MX, EXPIRED), shown(GOOD, OTHER))
    assert [fact[0] for fact in facts_of(found)] == ["mx-host", "certificate"]
    assert codes(found.problems.fixed) == ["certificate-expired"]


def test_a_host_that_is_renamed_with_another_expired_certificate_has_fixed_nothing() -> None:
    other = certified(-1, "CC" * 32, CertificateVerdict.EXPIRED)
    found = assert_symmetric(shown(BAD, MX, EXPIRED), shown(other, OTHER, EXPIRED))
    assert [fact[0] for fact in facts_of(found)] == ["mx-host", "certificate"]
    assert (found.problems.fixed, found.problems.new) == ((), ())
    assert codes(found.problems.changed) == ["certificate-expired"]


def test_a_session_that_timed_out_leaves_the_certificate_untested_and_is_a_new_problem() -> None:
    silent = [
        step(V4, Status.FAILED, facts=StepFacts(session=SessionFacts(SessionEnd.TIMEOUT))),
        step(f"{V4}/connect", Status.FAILED, "", REFUSED),
        step(f"{V4}/starttls", Status.SKIPPED),
    ]
    found = assert_symmetric(shown(BAD, MX, EXPIRED), routed(silent, outcome=Outcome.DEFERRED))
    assert codes(found.problems.untested) == ["certificate-expired"]
    assert codes(found.problems.new) == ["connection-refused"]
    assert found.problems.fixed == ()
