"""Problems are told once, and a cause hides those alone that it explains."""

from dataclasses import replace

from smtpdiag_tui.render.problems import problems
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.findings import Finding, Side, finding
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


def with_steps(*steps: Step) -> Report:
    return Report(Settings("alice@sender.example", "bob@partner.example"), steps={step.id: step for step in steps})


def headlines(report: Report) -> list[str]:
    return [problem.finding.message for problem in problems(report)]


def step(key: str, *findings: Finding) -> Step:
    return Step(key, key, Status.FAILED, findings=findings)


def test_each_key_and_address_is_a_problem_of_its_own_with_its_change() -> None:
    missing = [
        step(f"authentication/dkim/{name}@sender.example", finding("dkim-key-missing", f"No key {name}"))
        for name in ("s1", "s2")
    ]
    same = [
        step(f"authentication/spf/{address}/mail-from", finding("spf-permerror", "Two records"))
        for address in ("192.0.2.10", "2001:db8::10")
    ]
    parents = [step("authentication"), step("authentication/dkim"), step("authentication/spf")]
    parents += [step("authentication/spf/192.0.2.10"), step("authentication/spf/2001:db8::10")]
    found = problems(with_steps(*parents, *missing, *same))
    assert {problem.finding.message: len(problem.steps) for problem in found} == {
        "No key s1": 1,
        "No key s2": 1,
        "Two records": 2,
    }


def test_a_signature_that_is_invalid_for_its_key_alone_is_told_by_the_key() -> None:
    branch = [step("authentication"), step("authentication/dkim")]
    key = step("authentication/dkim/s1@sender.example", finding("dkim-key-revoked", "Revoked"))
    of_key = finding("dkim-signature-invalid", "Signature s1 is invalid", advice=())
    of_body = finding("dkim-signature-invalid", "Signature s2 is invalid")
    message = step("authentication/message", of_key, of_body)
    assert headlines(with_steps(*branch, key, message)) == ["Revoked", "Signature s2 is invalid"]
    # What an earlier run found of the key is no problem of this one: the signature is told then.
    stale = replace(key, stale=True)
    assert headlines(with_steps(*branch, stale, message)) == ["Signature s1 is invalid", "Signature s2 is invalid"]
