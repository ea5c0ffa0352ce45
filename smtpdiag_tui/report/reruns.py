"""Which steps of a report can run again, and which of them did not pass. Pure."""

from collections.abc import Iterable

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step_id import StepId, StepKind

_FAILED = frozenset({Status.FAILED, Status.UNKNOWN, Status.CANCELLED})


def failed_steps(report: Report, *, warnings: bool) -> list[str]:
    """Return the ids of what failed or is not known, the lowest on each way from the top that can run by itself.

    What is unknown as a rule stays so. With `warnings`, also of what passed with a warning.
    The phases of a session and the transports of a server run together: the session or the server stands for them.
    """
    wanted = _FAILED | {Status.WARNING} if warnings else _FAILED
    missed = [step for step in report.steps.values() if step.status in wanted and not step.usually_unknown]
    return lowest(step.id for step in missed if _runs_alone(step.kind))


def lowest(step_ids: Iterable[str]) -> list[str]:
    """Return the steps below which none of the others stands, in their order."""
    ids = list(step_ids)
    above = {place for key in ids for place in StepId(key).above}
    return [key for key in ids if key not in above]


def runnable(step_id: str) -> str:
    """Return the step that runs again when `step_id` is to: itself, or what it is only part of."""
    place = StepId(step_id)
    return step_id if _runs_alone(place.kind) else place.parent or step_id


def _runs_alone(kind: StepKind) -> bool:
    return kind not in (StepKind.PHASE, StepKind.TRANSPORT, StepKind.IDENTITY)
