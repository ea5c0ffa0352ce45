"""Problems are told once, and a cause hides those alone that it explains."""

from dataclasses import replace

from smtpdiag_tui.render.problems import problems
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.findings import Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings

FULL, TROUBLE = Reason.MAILBOX_FULL, Reason.SERVER_TROUBLE


def made(*reasons: Reason | None) -> Report:
    """Return a report of one host for each reason, that deferred the recipient for it."""
    steps = {}
    for number, reason in enumerate(reasons):
        key = f"delivery/mx{number}.partner.example/192.0.2.{number}/rcpt-to"
        found = finding("recipient-deferred", f"Deferred by {number}.", reason=reason)
        steps[key] = Step(key, key, Status.WARNING, findings=(found,))
        above, _, _ = key.rpartition("/")
        steps[above] = Step(above, above, findings=(finding("mx-address-not-public", "It is private."),))
        host, _, _ = above.rpartition("/")
        steps[host] = Step(host, host)
    steps["delivery"] = Step("delivery", "Delivery")
    return Report(Settings("alice@sender.example", "bob@partner.example"), steps=dict(reversed(steps.items())))


def told(report: Report) -> list[tuple[str, Reason | None, int]]:
    return [(item.finding.code, item.finding.reason, len(item.steps)) for item in problems(report)]


def test_one_code_for_two_reasons_is_two_problems() -> None:
    report = made(FULL, TROUBLE, FULL)
    assert {item[1:] for item in told(report)} == {(None, 3), (FULL, 2), (TROUBLE, 1)}


def test_a_cause_hides_its_own_reason_and_no_other() -> None:
    report = made(FULL, TROUBLE, FULL)
    key = "delivery/mx0.partner.example/192.0.2.0/rcpt-to"
    cause = Cause("recipient-deferred", Side.RECIPIENT, "Full.", evidence=(key,), decides=True, reason=FULL)
    shown = told(replace(report, causes=(cause,)))
    assert ("recipient-deferred", TROUBLE, 1) in shown
    assert ("mx-address-not-public", None, 3) in shown
    assert FULL not in [reason for _, reason, _ in shown]
