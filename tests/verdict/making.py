"""Reports made by hand, for what the verdict is drawn from."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from smtpdiag_tui.checks.session.session import Attempt, AttemptResult
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import Party, StepFacts
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.verdict.case import Case
from smtpdiag_tui.verdict.causes import find_causes
from smtpdiag_tui.verdict.outcome import Verdict, of_hosts
from smtpdiag_tui.verdict.walk import HostAddress, HostAddresses

RECIPIENT = "bob@partner.example"
SOURCE = "203.0.113.10"
MX1 = "delivery/mx1.partner.example/192.0.2.21"
MX2 = "delivery/mx2.partner.example/192.0.2.22"
MX3 = "delivery/mx3.other.example/2001:db8::23"


def refusal(
    reason: Reason | None,
    *lines: str,
    code: str = "recipient-rejected",
    side: Side | None = Side.HERE,
    party: Party = Party.MACHINE,
    **more: Any,
) -> Finding:
    """Return a finding as one that a reply is judged to be."""
    words = lines or ("550 5.7.1 no",)
    return finding(
        code, f"It was refused: {words[-1]}", evidence=words, side=side, party=party, reason=reason, **more
    )


def step(step_id: str, *found: Finding, **more: Any) -> Step:
    """Return a step that ended with these findings."""
    status = Status.FAILED if found else Status.PASSED
    return Step(step_id, step_id, status, findings=found, **more)


def session(address: str, *found: Finding, phase: str = "rcpt-to", source: str = SOURCE) -> list[Step]:
    """Return the steps of a session that ended in a phase with these findings."""
    before = [step(f"{address}/greeting")] if phase not in ("connect", "greeting") else []
    known = step(address, facts=StepFacts(sources=(source,) if source else ()))
    return [known, *before, step(f"{address}/{phase}", *found)]


def report(*steps: Step | list[Step], settings: Settings | None = None) -> Report:
    """Return a report of these steps."""
    flat = [item for part in steps for item in (part if isinstance(part, list) else [part])]
    return Report(settings or Settings("alice@sender.example", RECIPIENT), steps={item.id: item for item in flat})


def attempt_of(result: AttemptResult, reply: str = "550 5.7.1 no") -> Attempt:
    """Return how an address ended, in a session where there was one."""
    return Attempt(result, reply, in_session=result is not AttemptResult.CONNECTION_FAILED)


def walked(*tries: tuple[str, AttemptResult], inside: Iterable[str] = ()) -> Verdict:
    """Return the verdict of a walk through addresses, each of a host less preferred than the last."""
    hosts = [
        HostAddresses(
            StepId(address).host,
            10 * place,
            None,
            (HostAddress(StepId(address).address, address, attempt_of(result), inside=address in inside),),
        )
        for place, (address, result) in enumerate(tries, 1)
    ]
    return of_hosts(hosts)


def case(made: Report, verdict: Verdict | None = None) -> Case:
    """Return a case; without a verdict, the session with the first host was refused for good."""
    return Case(made, verdict or Verdict(Outcome.BOUNCED, "mx1 rejects the mail.", MX1))


def causes(made: Report, verdict: Verdict | None = None) -> list[Cause]:
    """Return the causes of a report."""
    known = case(made, verdict)
    return list(find_causes(known.report, known.verdict))


def judged_as(made: Report, reason: Reason, side: Side = Side.HERE) -> Report:
    """Return a report in which all replies that refuse are about something else."""
    changed = {
        key: replace(item, findings=tuple(_judged_as(found, reason, side) for found in item.findings))
        for key, item in made.steps.items()
        if StepId(key).branch == "delivery"
    }
    return replace(made, steps={**made.steps, **changed})


def _judged_as(found: Finding, reason: Reason, side: Side) -> Finding:
    if found.party is None:
        return found
    return replace(found, code="recipient-deferred", reason=reason, side=side, party=Party.MACHINE)
