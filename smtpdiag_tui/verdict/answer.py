"""The answer of a run: its status, whose side it is on, and what to do next. Pure."""

from collections.abc import Mapping, Sequence

from smtpdiag_tui.report.actions import Action, each_once
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.findings import Finding, Severity, Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.rollup import at_most_warning, worst
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.verdict.case import deciding_findings
from smtpdiag_tui.verdict.contacts import HOSTMASTERS, contact
from smtpdiag_tui.verdict.outcome import Verdict

# What receivers check after RCPT, and what strict senders check: it is not in the way of a standard sender's mail,
# and much of it cannot be known without the message, or without a resolver that validates.
_BEYOND = frozenset({"authentication", "tls-policy"})


def status_of(statuses: Mapping[str, Status], outcome: Outcome) -> Status:
    """Return the run's status from those of its branches: what is broken but not in the way is a warning."""
    # A run that ended was not cancelled, even if it reran a part of one that was.
    missing = Status.WARNING if outcome is Outcome.ACCEPTED else Status.UNKNOWN
    statuses = {key: missing if one is Status.CANCELLED else one for key, one in statuses.items()}
    delivery = statuses.get("delivery", Status.UNKNOWN)
    if outcome is Outcome.BOUNCED:
        return Status.FAILED
    if outcome is Outcome.UNKNOWN:
        return Status.UNKNOWN
    if outcome is Outcome.DEFERRED and delivery is Status.SKIPPED:
        return Status.FAILED
    unknown = {branch for branch in _BEYOND if statuses.get(branch) is Status.UNKNOWN}
    others = [status for branch, status in statuses.items() if branch not in ("delivery", "senders", *unknown)]
    return worst([delivery, worst(at_most_warning(status) for status in others)])


def sentences(headline: str, delivery: str) -> str:
    """Return headline and delivery as two sentences, for whoever reads the summary alone."""
    return f"{headline}. {delivery[:1].upper()}{delivery[1:]}."


def side_of(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> Side | None:
    """Return whose side the outcome comes from: the first cause's that decides, else the gravest finding's."""
    if verdict.outcome is Outcome.ACCEPTED:
        return None
    if causes and causes[0].decides:
        return causes[0].side
    if verdict.side is not None:
        return verdict.side
    return next((item.side for item in deciding_findings(report, verdict.step) if item.side), None)


def actions_of(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> tuple[Action, ...]:
    """Return what to do next, each once: about the causes that decide, whom to contact, then about the rest."""
    deciding = [cause for cause in causes if cause.decides]
    explaining = [cause for cause in causes if not cause.decides]
    return each_once(
        [
            *(action for cause in deciding for action in cause.actions),
            *(action for cause in deciding for action in contact(report, cause)),
            *(action for cause in explaining for action in cause.actions),
            *(action for item in _unexplained(report, verdict, causes) for action in item.actions),
        ]
    )


def _unexplained(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> list[Finding]:
    """Return what was found where the outcome comes from, or anywhere on the way, and no cause stands for."""
    branch = None if verdict.outcome is Outcome.ACCEPTED else verdict.step
    told = {cause.code for cause in causes if cause.decides}  # in better words than where it was only met
    found = deciding_findings(report, branch, _explained_steps(report, causes) | _unknown_beyond(report))
    untold = [item for item in found if item.code not in told]
    return [item for item in untold if not _beside_the_point(item, report.settings, verdict.outcome)]


def _explained_steps(report: Report, causes: Sequence[Cause]) -> set[str]:
    """Return the steps that causes stand for, with all below them; no cause stands for a whole branch."""
    evidence = [step_id for cause in causes for step_id in cause.evidence if StepId(step_id).depth]
    below = tuple(f"{step_id}/" for step_id in evidence)
    return {step_id for step_id in report.steps if f"{step_id}/".startswith(below)}


def _unknown_beyond(report: Report) -> set[str]:
    """Return the steps about what RCPT does not cover that came to nothing: no reason to do anything."""
    steps = [step for step in report.steps.values() if step.branch in _BEYOND]
    return {step.id for step in steps if all(map(_is_unknown, step.findings))}


def _is_unknown(item: Finding) -> bool:
    return item.severity in (Severity.UNKNOWN, Severity.INFO) and item.code != "internal-error"


def _beside_the_point(item: Finding, settings: Settings, outcome: Outcome) -> bool:
    if item.code == "greylisted" and outcome is Outcome.ACCEPTED:
        return True  # nothing waits any more
    # The names of a server or relay that is given here are no affair of the domain's hostmaster.
    given = settings.server is not None or bool(settings.relay)
    return given and item.code in HOSTMASTERS
