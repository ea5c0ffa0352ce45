"""Where the cursor may jump to, and what is there to see. Pure: reads reports."""

from collections import Counter

from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.reruns import runnable
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, within
from smtpdiag_tui.tui.drawing.glyphs import PROBLEMS

SENDERS = "senders"
AUTHENTICATION = "authentication"


def sessions(report: Report) -> list[str]:
    """Return the ids of the sessions with mail hosts, in tree order."""
    return [key for key, step in report.steps.items() if step.is_session]


def talking(report: Report) -> str | None:
    """Return the first session of this run that has something to read, None before there is one."""
    for key in sessions(report):
        session = report.steps[key]
        if session.transcript and not session.stale:
            return key
    return None


def problems(report: Report) -> list[str]:
    """Return the ids of the steps where problems lie: those whose own findings are more than information.

    For a connection that failed stands its address, which has nothing else to show.
    """
    return list(_problem_places(report))


def distinct_problems(report: Report) -> dict[str, int]:
    """Return each place where a problem stands for the first time, and at how many places it stands.

    Problems are the same where code and reason are. Where several begin, the number is that of the most frequent.
    """
    places = _problem_places(report)
    number = Counter(kind for kinds in places.values() for kind in kinds)
    met: set[tuple[str, Reason | None]] = set()
    first: dict[str, int] = {}
    for place, kinds in places.items():
        new = kinds - met
        if new:
            first[place] = max(number[kind] for kind in new)
            met |= new
    return first


def with_problems(report: Report) -> set[str]:
    """Return the ids of the steps where problems lie or that show one by their status, and of all above them.

    Of an address that could not be connected to, itself: what is below has nothing else to show.
    """
    shown = (step.id for step in report.steps.values() if step.status in PROBLEMS and not step.usually_unknown)
    places = [*problems(report), *(key for key in shown if not unconnected(report, runnable(key)))]
    return {*places, *(above for place in places for above in StepId(place).above)}


def worst_problems(report: Report) -> list[str]:
    """Return, of the places where problems stand first, those of the gravest status."""
    places = list(distinct_problems(report))
    for status in (Status.FAILED, Status.UNKNOWN, Status.WARNING):
        worst = [key for key in places if report.steps[key].status is status]
        if worst:
            return worst
    return places


def _problem_places(report: Report) -> dict[str, set[tuple[str, Reason | None]]]:
    """Return the places of problems in tree order, each with the code and reason of what was found there."""
    places: dict[str, set[tuple[str, Reason | None]]] = {}
    for step in report.steps.values():
        kinds = {(finding.code, finding.reason) for finding in step.problems}
        if step.status in PROBLEMS and kinds:
            session = runnable(step.id)
            place = session if unconnected(report, session) else step.id
            places.setdefault(place, set()).update(kinds)
    return places


def unconnected(report: Report, step_id: str) -> bool:
    """Whether a step is the address of a mail host that could not be connected to."""
    place = StepId(step_id)
    connect = report.steps.get(place / "connect")
    return place.is_session and connect is not None and connect.status in (Status.FAILED, Status.UNKNOWN)


def has_problem(step: Step) -> bool:
    """Whether a finding of the step itself is more than information."""
    return any(finding.severity is not Severity.INFO for finding in step.findings)


def _finds(step: Step, code: str) -> bool:
    return any(finding.code == code for finding in step.findings)


def greylisted(report: Report, here: str | None) -> list[str]:
    """Return the ids of the sessions that were greylisted: those at, above or below `here`, else all."""
    everywhere = [key for key in sessions(report) if _was_greylisted(report, key)]
    if here is None:
        return everywhere
    near = [key for key in everywhere if within(here, key) or within(key, here)]
    return near or everywhere


def _was_greylisted(report: Report, session: str) -> bool:
    return any(_finds(phase, "greylisted") for phase in report.children(session) if not phase.stale)


def waits_for_second_try(step: Step) -> bool:
    """Whether a step is a session that waits until greylisting is over: none else has a limit of its own."""
    return step.is_session and step.status is Status.RUNNING and step.limit is not None


def landing(report: Report) -> str | None:
    """Return the step to look at first: the session that decided, else what tells the cause or failed.

    Of a message that is accepted, what receivers may refuse it for after DATA: nothing else asks for action.
    """
    if report.outcome is Outcome.ACCEPTED:
        return _failing_later(report) or _accepting(report)
    decided = _deciding(report)
    if decided is not None:
        return decided
    cause_step = _cause_step(report)
    if cause_step is not None:
        return cause_step
    places = problems(report)
    in_delivery = [key for key in places if within(key, "delivery")]
    return _first_of(report, Status.FAILED, in_delivery or places)


def _failing_later(report: Report) -> str | None:
    """Return the step that tells what fails after DATA, the lowest of it; None where nothing does."""
    from smtpdiag_tui.render.after_data import first_failure

    first = first_failure(report.beyond)
    if first is None:
        return None
    branch = f"{AUTHENTICATION}/{first.name}"
    places = [key for key in problems(report) if within(key, branch)]
    below = _first_of(report, Status.FAILED, places)
    return below or (branch if branch in report.steps else None)


def _accepting(report: Report) -> str | None:
    """Return the session in which the recipient was accepted, the best one where the report does not say which."""
    from smtpdiag_tui.render.deciding import deciding_session  # not before the first frame

    step = deciding_session(report)
    if step is not None:
        return step.id
    return _first_of(report, Status.PASSED, sessions(report)) or _first_of(report, Status.FAILED, problems(report))


def _deciding(report: Report) -> str | None:
    """Return the phase that the outcome comes from; None where that is told of several sessions together."""
    from smtpdiag_tui.render.deciding import deciding_session

    step = deciding_session(report)
    if step is None:
        return None
    first = next(cause for cause in report.causes if cause.decides).evidence[0]
    return first if within(first, step.id) and first in report.steps else None


def _first_of(report: Report, status: Status, places: list[str]) -> str | None:
    """Return the first place of a status, else the first at all; None if there is none."""
    preferred = (key for key in places if report.steps[key].status is status)
    return next(preferred, places[0] if places else None)


def _cause_step(report: Report) -> str | None:
    """Return the step that tells the cause of the outcome: of several, the first that is no sender profile's.

    Where a step of its evidence only shows what was found above it, the step above tells it.
    """
    cause = next((cause for cause in report.causes if cause.decides), None)
    if cause is None:
        return None
    evidence = [key for key in cause.evidence if key in report.steps and not within(key, SENDERS)]
    for key in evidence:
        for place in (key, *reversed(StepId(key).above)):
            if _tells(report, place, cause.code):
                return place
    if evidence:
        return evidence[0]
    summaries = (key for key in (SENDERS, *cause.evidence) if within(key, SENDERS))
    return next((key for key in summaries if _tells(report, key, cause.code)), None)


def _tells(report: Report, step_id: str, code: str) -> bool:
    step = report.steps.get(step_id)
    return step is not None and _finds(step, code)


def step_along(order: list[str], places: list[str], here: str | None, direction: int) -> str | None:
    """Return the place next to `here` in the given direction, around the end; None if there is none."""
    if not places:
        return None
    rank = {key: number for number, key in enumerate(order)}
    start = rank.get(here or "", -1)
    if direction > 0:
        return next((key for key in places if rank[key] > start), places[0])
    return next((key for key in reversed(places) if rank[key] < start), places[-1])
