"""The headline: the outcome in one fact, in at most 80 characters. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import DestinationKind
from smtpdiag_tui.report.fitting import fitted, names_in, places_in
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.verdict.outcome import Verdict
from smtpdiag_tui.verdict.walk import Try

_SILENT = frozenset({"connection-timeout"})
_UNREACHED = frozenset({"connection-timeout", "connection-refused", "connection-reset", "network-unreachable"})

# The verdict knows the whole list, what is true of a domain that a resolver made up answers for, or names the host
# that a step of one address does not.
_TOLD_BY_THE_VERDICT = frozenset({"senders-give-up", "nxdomain-rewritten"})
_NOT_CONNECTED = frozenset({"mx-is-this-machine", "mx-address-unusable"})


def headline_of(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> str:
    """Return what tells the outcome: the cause that decides, if one does; printable, in one line."""
    return fitted(_fact(report, verdict, causes), places_in(report), names_in(report))


def _fact(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> str:
    if verdict.outcome is Outcome.ACCEPTED or not causes or not causes[0].decides:
        return verdict.headline
    cause = causes[0]
    if cause.code in _TOLD_BY_THE_VERDICT or (
        cause.code in _NOT_CONNECTED and StepId(verdict.step or "").is_session
    ):
        return verdict.headline
    nobody = _nobody_reached(report, verdict, causes) if cause.code in _UNREACHED else ""
    return nobody or cause.message


def _nobody_reached(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> str:
    """Return what all hosts have in common that were tried, where more than one was and none was reached."""
    tries = [item for item in _tries(verdict) if item.attempt.result is not AttemptResult.NO_ROUTE]
    if len(tries) < 2 or any(item.attempt.result is not AttemptResult.CONNECTION_FAILED for item in tries):
        return ""
    hosts = "relay host" if report.destination_kind is DestinationKind.RELAY else "MX host"
    of = f" of {report.destination}" if report.destination_kind is DestinationKind.DOMAIN else ""
    verb = (
        "answered" if {cause.code for cause in causes if cause.code in _UNREACHED} <= _SILENT else "is reachable"
    )
    return f"No {hosts}{of} {verb} on port {report.settings.port}"


def _tries(verdict: Verdict) -> tuple[Try, ...]:
    return verdict.walk.tries if verdict.walk is not None else ()
