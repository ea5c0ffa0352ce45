"""The checks of a run, one line each: what was looked at beside the sessions, and what came of it. Pure."""

from dataclasses import dataclass

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepKind

_NO_CHECKS = frozenset({"senders", "probes"})  # what profiles meet is told apart, and so are extra probes


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `detail` is what came of it in a few words."""

    status: Status
    title: str
    detail: str


def checks(report: Report) -> tuple[Check, ...]:
    """Return the top-level steps as checks, in their order, behind them the blocklists that were queried."""
    found = [_check(step) for step in report.children() if step.id not in _NO_CHECKS]
    lists = [step for step in report.children("identity") if step.kind is StepKind.LISTS]
    return (*found, *map(_check, lists))


def probe_lines(report: Report) -> tuple[Check, ...]:
    """Return what became of the extra probes that were asked for."""
    return tuple(
        Check(step.status, step.title, step.findings[0].message if step.findings else step.detail)
        for step in report.children("probes")
    )


def _check(step: Step) -> Check:
    return Check(step.status, step.title, step.detail or step.status.value)
