"""Where the cursor may jump to, and which steps did not pass. Pure: reads reports."""

from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.report.report import Report, Step
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId, StepKind, within
from smtpdiag_tui.tui.drawing.glyphs import PROBLEMS

SENDERS = "senders"
_AGAIN = PROBLEMS | {Status.CANCELLED}


def sessions(report: Report) -> list[str]:
    """Return the ids of the sessions with mail hosts, in tree order."""
    return [key for key, step in report.steps.items() if step.is_session]


def talking(report: Report) -> str | None:
    """Return the first session of this run that has something to read, None before there is one."""
    found = (key for key in sessions(report) if report.steps[key].transcript and not report.steps[key].stale)
    return next(found, None)


def problems(report: Report) -> list[str]:
    """Return the ids of the steps where problems lie: those whose own findings are more than information.

    For a connection that failed stands its address, which has nothing else to show.
    """
    places = [step.id for step in report.steps.values() if step.status in PROBLEMS and has_problem(step)]
    return list(dict.fromkeys(runnable(key) if unconnected(report, runnable(key)) else key for key in places))


def unconnected(report: Report, step_id: str) -> bool:
    """Whether a step is the address of a mail host that could not be connected to."""
    place = StepId(step_id)
    connect = report.steps.get(place / "connect")
    return place.is_session and connect is not None and connect.status in (Status.FAILED, Status.UNKNOWN)


def has_problem(step: Step) -> bool:
    """Whether a finding of the step itself is more than information."""
    return any(item.severity is not Severity.INFO for item in step.findings)


def failed_steps(report: Report) -> list[str]:
    """Return the ids of what did not pass, the lowest on each way from the top that can run by itself.

    The phases of a session and the transports of a server run together: the session or the server stands for them.
    """
    found = [key for key, step in report.steps.items() if step.status in _AGAIN and _runs_alone(step.kind)]
    above = {place for key in found for place in StepId(key).above}
    return [key for key in found if key not in above]


def greylisted(report: Report, here: str | None) -> list[str]:
    """Return the ids of the sessions that were greylisted: those at, above or below `here`, else all."""
    found = [
        key
        for key in sessions(report)
        for step in report.children(key)
        if not step.stale and any(item.code == "greylisted" for item in step.findings)
    ]
    near = [key for key in found if here is not None and (within(here, key) or within(key, here))]
    return near or found


def waits_for_second_try(step: Step) -> bool:
    """Whether a step is a session that waits until greylisting is over: none else has a limit of its own."""
    return step.is_session and step.status is Status.RUNNING and step.limit is not None


def runnable(step_id: str) -> str:
    """Return the step that runs again when `step_id` is to: itself, or the session or server it is part of."""
    place = StepId(step_id)
    return step_id if _runs_alone(place.kind) else place.parent or step_id


def _runs_alone(kind: StepKind) -> bool:
    return kind not in (StepKind.PHASE, StepKind.TRANSPORT)


def landing(report: Report) -> str | None:
    """Return the step to look at first: where the cause is told, else where delivery failed or went well."""
    told = _told(report)
    if told is not None:
        return told
    places = problems(report)
    if report.outcome is Outcome.ACCEPTED and places:
        grave = [key for key in places if report.steps[key].status is Status.FAILED]
        return (grave or places)[0]
    if report.outcome is Outcome.ACCEPTED:
        passed = [key for key in sessions(report) if report.steps[key].status is Status.PASSED]
        return next(iter(passed or sessions(report)), None)
    places = problems(report)
    in_delivery = [key for key in places if within(key, "delivery")]
    grave = [key for key in in_delivery or places if report.steps[key].status is Status.FAILED]
    return next(iter(grave or in_delivery or places), None)


def _told(report: Report) -> str | None:
    """Return the step that tells the cause of the outcome, where several steps come to one."""
    cause = next((item for item in report.causes if item.decides), None)
    if cause is None:
        return None
    if len(cause.evidence) == 1:  # it tells all by itself, with its own conversation
        return cause.evidence[0] if cause.evidence[0] in report.steps else None
    own = (key for key in (SENDERS, *cause.evidence) if key in report.steps and within(key, SENDERS))
    return next((key for key in own if any(item.code == cause.code for item in report.steps[key].findings)), None)


def step_along(order: list[str], places: list[str], here: str | None, direction: int) -> str | None:
    """Return the place next to `here` in the given direction, around the end; None if there is none."""
    if not places:
        return None
    rank = {key: number for number, key in enumerate(order)}
    start = rank.get(here or "", -1)
    if direction > 0:
        return next((key for key in places if rank[key] > start), places[0])
    return next((key for key in reversed(places) if rank[key] < start), places[-1])
