"""The checks of a run, one line each: what was looked at beside the sessions, and what came of it. Pure."""

from collections import Counter
from dataclasses import dataclass

from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.facts import SessionEnd
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind

_NO_CHECKS = frozenset({"senders", "probes"})  # what profiles meet is told apart, and so are extra probes


_SESSIONS = "delivery"
_NOT_RUN = "Not run"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `detail` is what came of it in a few words."""

    status: Status
    title: str
    detail: str


def checks(report: Report) -> tuple[Check, ...]:
    """Return the top-level steps as checks, in their order, behind them the blocklists that were queried."""
    found = [
        _of_sessions(report, step) if step.id == _SESSIONS else _check(step)
        for step in report.children()
        if step.id not in _NO_CHECKS
    ]
    lists = [step for step in report.children("identity") if step.kind is StepKind.LISTS]
    return _without_repeats((*found, *map(_check, lists)))


def probe_lines(report: Report) -> tuple[Check, ...]:
    """Return what became of the extra probes that were asked for."""
    return tuple(
        Check(step.status, step.title, step.findings[0].message if step.findings else step.detail)
        for step in report.children("probes")
    )


def _of_sessions(report: Report, step: Step) -> Check:
    """Return how many of the addresses accepted that a session was tried with; of an older file, what it says."""
    sessions = [item for item in report.steps.values() if item.is_session and item.facts.session is not None]
    told = {StepId(item.id).address: item.facts.session for item in sessions}  # one may stand at several hosts
    if not told or not step.status.ended:
        return _check(step)
    accepted = sum(session is not None and session.end is SessionEnd.ACCEPTED for session in told.values())
    return Check(step.status, step.title, f"{accepted} of {counted(len(told), 'MX address')} accepted")


def _without_repeats(found: tuple[Check, ...]) -> tuple[Check, ...]:
    """Return the checks; where several are left out for one reason, it is said once."""
    reasons = Counter(check.detail for check in found if check.status is Status.SKIPPED)
    kept = [check for check in found if not (check.status is Status.SKIPPED and reasons[check.detail] > 1)]
    for reason, number in reasons.items():
        if number > 1:
            titles = [check.title for check in found if check.status is Status.SKIPPED and check.detail == reason]
            kept.append(Check(Status.SKIPPED, _NOT_RUN, f"{', '.join(titles)} ({reason})"))
    return tuple(kept)


def _check(step: Step) -> Check:
    return Check(step.status, step.title, step.detail or step.status.value)
