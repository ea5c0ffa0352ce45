"""What two reports differ in, by outcome, step, reply code and problem."""

from dataclasses import replace

import pytest

from smtpdiag_tui.report.conclusions import SenderResult
from smtpdiag_tui.report.difference import difference, reply_code, step_change, was_tested
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings

SETTINGS = Settings("a@sender.example", "bob@partner.example")
MX = "delivery/mx.partner.example"
V4, V6 = f"{MX}/192.0.2.25", f"{MX}/2001:db8::25"
GREY = finding("greylisted", "Greylisted", reason=Reason.GREYLISTING)
REFUSED = finding("connection-refused", "Refused")
INFO = finding("recipient-accepted", "Accepted")


def report(*steps: Step, outcome: Outcome | None = None) -> Report:
    return Report(SETTINGS, outcome=outcome, steps={step.id: step for step in steps})


def step(key: str, status: Status = Status.PASSED, detail: str = "", *findings: object, **more: object) -> Step:
    return Step(key, key, status, detail, findings=findings, **more)  # type: ignore[arg-type]


def places(problems: object) -> list[tuple[str, str]]:
    return [(item.step, item.finding.code) for item in problems]  # type: ignore[attr-defined]


def test_a_deferral_that_is_gone_is_fixed_and_tells_both_reply_codes() -> None:
    rcpt = f"{V4}/rcpt-to"
    before = report(
        step(V4, Status.WARNING, "450 4.2.0 later"),
        step(rcpt, Status.WARNING, "450 4.2.0 later", GREY),
        outcome=Outcome.DEFERRED,
    )
    after = report(step(V4, detail="250 2.1.5 Ok"), step(rcpt, Status.PASSED, "250 2.1.5 Ok", INFO))
    found = difference(before, replace(after, outcome=Outcome.ACCEPTED))
    assert (found.outcome.before, found.outcome.after) == (Outcome.DEFERRED, Outcome.ACCEPTED)
    assert [(change.id, change.ends) for change in found.steps] == [(V4, ("450", "250")), (rcpt, ("450", "250"))]
    assert places(found.fixed) == [(rcpt, "greylisted")]
    assert found.new == found.unchanged == found.untested == ()


def test_the_same_report_differs_in_nothing() -> None:
    one = report(step(V4, Status.FAILED, "550 5.1.1 no", REFUSED), outcome=Outcome.BOUNCED)
    found = difference(one, one)
    assert found.is_none
    assert places(found.unchanged) == [(V4, "connection-refused")]


def test_a_problem_at_another_place_is_new_there_and_fixed_here() -> None:
    before = report(step(V4, Status.FAILED, "", REFUSED), step(V6))
    after = report(step(V4), step(V6, Status.FAILED, "", REFUSED))
    found = difference(before, after)
    assert places(found.fixed) == [(V4, "connection-refused")]
    assert places(found.new) == [(V6, "connection-refused")]
    assert not found.is_none


def test_a_refusal_for_another_reason_is_another_problem() -> None:
    full = finding("recipient-rejected", "Full", reason=Reason.MAILBOX_FULL)
    gone = finding("recipient-rejected", "Unknown", reason=Reason.NO_SUCH_MAILBOX)
    found = difference(
        report(step(V4, Status.FAILED, "552 5.2.2 full", full)),
        report(step(V4, Status.FAILED, "550 5.1.1 unknown", gone)),
    )
    assert [item.finding.reason for item in found.fixed] == [Reason.MAILBOX_FULL]
    assert [item.finding.reason for item in found.new] == [Reason.NO_SUCH_MAILBOX]
    assert [change.ends for change in found.steps] == [("552", "550")]


@pytest.mark.parametrize("status", [Status.SKIPPED, Status.CANCELLED, Status.UNKNOWN, Status.PENDING])
def test_what_was_not_tested_again_is_not_fixed(status: Status) -> None:
    rcpt = f"{V4}/rcpt-to"
    found = difference(report(step(rcpt, Status.WARNING, "", GREY)), report(step(rcpt, status)))
    assert found.fixed == ()
    assert places(found.untested) == [(rcpt, "greylisted")]


def test_what_is_still_of_the_earlier_run_is_not_fixed_and_not_counted_twice() -> None:
    old = step(V4, Status.WARNING, "", GREY)
    stale = replace(old, status=Status.PENDING, stale=True)
    found = difference(report(old), report(stale))
    assert places(found.untested) == [(V4, "greylisted")]
    assert (found.steps, found.unchanged, found.fixed) == ((), (), ())


def test_a_host_that_left_the_dns_takes_its_problems_with_it_unless_nothing_was_asked() -> None:
    before = report(step("delivery"), step(MX), step(V4, Status.FAILED, "", REFUSED))
    assert places(difference(before, report(step("delivery"))).fixed) == [(V4, "connection-refused")]
    unknown = difference(before, report(step("delivery", Status.UNKNOWN)))
    assert unknown.fixed == ()
    assert places(unknown.untested) == [(V4, "connection-refused")]
    assert places(difference(before, report()).untested) == [(V4, "connection-refused")]
    assert [change.ends for change in difference(before, report()).steps][-1] == ("failed", "")


def test_a_rerun_of_one_part_speaks_of_that_part_alone() -> None:
    before = report(step(V4, Status.FAILED, "", REFUSED), step(V6, Status.FAILED, "", REFUSED))
    after = report(step(V4), step(V6, Status.FAILED, "", REFUSED))
    found = difference(before, after, {V4})
    assert places(found.fixed) == [(V4, "connection-refused")]
    assert found.unchanged == ()
    assert [change.id for change in found.steps] == [V4]


def test_a_problem_told_twice_at_one_place_counts_once_and_information_never() -> None:
    found = difference(report(), report(step(V4, Status.FAILED, "", REFUSED, REFUSED, INFO)))
    assert places(found.new) == [(V4, "connection-refused")]


def test_profiles_that_end_otherwise_are_told() -> None:
    def sent(name: str, outcome: Outcome) -> SenderResult:
        return SenderResult(name, name, outcome, "")

    before = replace(report(), senders=(sent("standard", Outcome.ACCEPTED), sent("verified", Outcome.DEFERRED)))
    after = replace(report(), senders=(sent("standard", Outcome.ACCEPTED), sent("verified", Outcome.ACCEPTED)))
    assert [(item.name, item.before, item.after) for item in difference(before, after).senders] == [
        ("verified", Outcome.DEFERRED, Outcome.ACCEPTED)
    ]


def test_reply_codes_are_read_of_sessions_and_phases_alone() -> None:
    assert reply_code(step(V4, detail="421 4.7.0 busy")) == "421"
    assert reply_code(step(f"{V4}/greeting", detail="220 mx ESMTP")) == "220"
    assert reply_code(step(V4, detail="5.6.7 SMTPUTF8 is not offered")) == ""
    assert reply_code(step(V4, detail="no reply within 5 s")) == ""
    assert reply_code(step("soa", detail="200 serials")) == ""
    assert reply_code(None) == ""


def test_a_code_on_one_side_alone_is_told_by_the_statuses() -> None:
    change = step_change(step(V4, Status.FAILED, "connection refused"), step(V4, detail="250 Ok"))
    assert change.changed
    assert change.ends == ("failed", "passed")
    with pytest.raises(ValueError, match="neither"):
        step_change(None, None)


def test_a_place_counts_as_tested_by_the_nearest_step_there_is() -> None:
    tested = report(step("delivery"), step(MX, Status.FAILED))
    assert was_tested(tested, f"{V4}/rcpt-to")
    assert not was_tested(tested, "soa/192.0.2.53")
