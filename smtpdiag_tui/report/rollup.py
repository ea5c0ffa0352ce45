"""How the status of a step follows from its findings and from the steps below it."""

from collections.abc import Iterable

from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.status import OUTCOME_STATUS, SEVERITY_STATUS, Outcome, Status

_ORDER = (Status.CANCELLED, Status.FAILED, Status.UNKNOWN, Status.WARNING, Status.PASSED)


def of_findings(findings: Iterable[Finding]) -> Status:
    """Return the status that a step's own findings give it; passed without any."""
    return worst((SEVERITY_STATUS[item.severity] for item in findings), default=Status.PASSED)


def of_outcome(outcome: Outcome) -> Status:
    """Return the status of a step that tells what becomes of the mail."""
    return OUTCOME_STATUS[outcome]


def worst(statuses: Iterable[Status], default: Status = Status.SKIPPED) -> Status:
    """Return the worst of `statuses`; steps that were skipped do not count."""
    present = {status for status in statuses if status in _ORDER}
    return next((status for status in _ORDER if status in present), default)


def status_if_one_is_enough(statuses: Iterable[Status]) -> Status:
    """Return the status of steps of which one is enough, as the addresses of a mail host.

    Passed if all passed, a warning if one passes, else the worst of failed and unknown.
    """
    seen = [status for status in statuses if status in _ORDER]
    if Status.CANCELLED in seen:
        return Status.CANCELLED
    if Status.PASSED in seen or Status.WARNING in seen:
        return Status.PASSED if set(seen) == {Status.PASSED} else Status.WARNING
    return worst(seen)


def worst_known(statuses: Iterable[Status]) -> Status:
    """Return the worst of what is known, as of checks that often cannot be made; unknown if nothing is known."""
    seen = list(statuses)
    return worst((status for status in seen if status is not Status.UNKNOWN), default=worst(seen))


def at_most_warning(status: Status) -> Status:
    """Return the status of something broken that did not stand in the way: a warning at most."""
    return Status.WARNING if status in (Status.FAILED, Status.UNKNOWN) else status
