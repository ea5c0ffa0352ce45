"""Where the cursor may jump to, and which steps did not pass. Pure: reads reports."""

from smtpdiag_tui.engine.report import Report, within
from smtpdiag_tui.engine.status import Outcome, Status
from smtpdiag_tui.tui.look import PROBLEMS

_SESSION_DEPTH = 2  # slashes in delivery/<mx host>/<address>
_AGAIN = PROBLEMS | {Status.CANCELLED}


def sessions(report: Report) -> list[str]:
    """Return the ids of the sessions with mail hosts, in tree order."""
    return [key for key in report.steps if key.startswith("delivery/") and key.count("/") == _SESSION_DEPTH]


def problems(report: Report) -> list[str]:
    """Return the ids of the steps where problems lie: those that have a problem with findings of its own."""
    return [step.id for step in report.steps.values() if step.status in PROBLEMS and step.findings]


def failed_steps(report: Report) -> list[str]:
    """Return the ids of what did not pass, at most one on each way from the top to a leaf: the lowest that runs.

    A phase cannot run without its session, so the session stands for it.
    """
    found: list[str] = []
    for step in report.steps.values():
        if step.status not in _AGAIN:
            continue
        if step.id.startswith("delivery/") and step.id.count("/") > _SESSION_DEPTH:
            continue
        if any(other.status in _AGAIN and _runnable(other.id) for other in report.descendants(step.id)):
            continue
        found.append(step.id)
    return [key for key in found if not any(key != other and within(key, other) for other in found)]


def _runnable(step_id: str) -> bool:
    return not step_id.startswith("delivery/") or step_id.count("/") <= _SESSION_DEPTH


def landing(report: Report) -> str | None:
    """Return the step to look at first: where delivery failed, else a session that went well."""
    if report.outcome is Outcome.ACCEPTED:
        passed = [key for key in sessions(report) if report.steps[key].status is Status.PASSED]
        return next(iter(passed or sessions(report)), None)
    places = problems(report)
    in_delivery = [key for key in places if key.startswith("delivery")]
    grave = [key for key in in_delivery or places if report.steps[key].status is Status.FAILED]
    return next(iter(grave or in_delivery or places), None)


def step_along(order: list[str], places: list[str], here: str | None, direction: int) -> str | None:
    """Return the place next to `here` in the given direction, around the end; None if there is none."""
    if not places:
        return None
    rank = {key: number for number, key in enumerate(order)}
    start = rank.get(here or "", -1)
    if direction > 0:
        return next((key for key in places if rank[key] > start), places[0])
    return next((key for key in reversed(places) if rank[key] < start), places[-1])
