"""What is tried again of a run that was not accepted. Pure."""

from smtpdiag_tui.report.facts import SessionEnd
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.reruns import failed_steps, lowest
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId

ROUTE = "remote"
_ONCE = frozenset({"probes"})  # sessions that were asked for, and not to be held again each minute
_NEVER_MET = frozenset({SessionEnd.UNUSABLE, SessionEnd.NO_ROUTE})


def steps_to_retry(report: Report) -> list[str]:
    """Return the ids of the steps to run again: the sessions that were not accepted, and what else did not pass.

    The recipient's DNS is asked each time: MX hosts that are new are met, and those that are gone no more.
    """
    sessions = [step.id for step in report.steps.values() if step.is_session and _was_not_accepted(step)]
    failed = [key for key in failed_steps(report, warnings=False) if StepId(key).branch not in _ONCE]
    found = lowest(dict.fromkeys((*sessions, *failed)))
    looked_up = [ROUTE] if ROUTE in report.steps else []
    return [*looked_up, *(key for key in found if StepId(key).branch != ROUTE)]


def _was_not_accepted(step: Step) -> bool:
    if step.status is Status.SKIPPED:
        return False
    session = step.facts.session
    if session is None:
        return step.status is not Status.PASSED
    return session.end is not SessionEnd.ACCEPTED and session.end not in _NEVER_MET
