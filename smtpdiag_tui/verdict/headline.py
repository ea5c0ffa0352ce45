"""The headline: the outcome in one fact, in at most 80 characters. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import DestinationKind
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.verdict.fitting import fitted
from smtpdiag_tui.verdict.outcome import Verdict
from smtpdiag_tui.verdict.walk import Try

_SILENT = frozenset({"connection-timeout"})
_UNREACHED = frozenset({"connection-timeout", "connection-refused", "connection-reset", "network-unreachable"})


def headline_of(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> str:
    """Return what tells the outcome: the cause that decides, if one does; printable, in one line."""
    return fitted(_fact(report, verdict, causes), _places(report), _names(report))


def _fact(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> str:
    if verdict.outcome is Outcome.ACCEPTED or not causes or not causes[0].decides:
        return verdict.headline
    cause = causes[0]
    nobody = _nobody_reached(report, verdict, causes) if cause.code in _UNREACHED else ""
    return nobody or cause.message


def _nobody_reached(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> str:
    """Return what all hosts have in common that were tried, where more than one was and none was reached."""
    tries = [item for item in _tries(verdict) if item.attempt.result is not AttemptResult.NO_ROUTE]
    if len(tries) < 2 or any(item.attempt.result is not AttemptResult.CONNECTION_FAILED for item in tries):
        return ""
    facts = report.facts
    hosts = "relay host" if facts.destination_kind is DestinationKind.RELAY else "MX host"
    of = f" of {facts.destination}" if facts.destination_kind is DestinationKind.DOMAIN else ""
    verb = (
        "answered" if {cause.code for cause in causes if cause.code in _UNREACHED} <= _SILENT else "is reachable"
    )
    return f"No {hosts}{of} {verb} on port {report.settings.port}"


def _tries(verdict: Verdict) -> tuple[Try, ...]:
    return verdict.walk.tries if verdict.walk is not None else ()


def _places(report: Report) -> list[str]:
    """Return the addresses of the MX hosts as headlines name them behind a host."""
    steps = (step for step in report.steps.values() if step.is_session)
    return [f" [{step.id.rpartition('/')[2]}]" for step in steps]


def _names(report: Report) -> list[str]:
    """Return the names that a headline may be too long for: of MX hosts, of the two addresses, of domains."""
    settings = report.settings
    hosts = [step.id.split("/")[1] for step in report.steps.values() if step.is_session]
    paths = [path for path in (settings.recipient, settings.sender) if path]
    return list(dict.fromkeys([*hosts, *paths, *(path.rpartition("@")[2] for path in paths)]))
