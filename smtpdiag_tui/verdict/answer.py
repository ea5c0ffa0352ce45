"""The answer of a run: its status, its sentences, whose side it is on, and what to do next. Pure."""

import re
from collections.abc import Mapping, Sequence

from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.findings import Finding, Severity, Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.rollup import at_most_warning, worst
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId, within_any
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.verdict.case import deciding_findings
from smtpdiag_tui.verdict.causes import LEADS, ROOT_CAUSES
from smtpdiag_tui.verdict.contacts import HOSTMASTERS, contact
from smtpdiag_tui.verdict.outcome import NOT_COVERED, Verdict

_NOT_ON_THE_WAY = ("senders", "probes")  # branches that the mail itself has nothing to do with

_GUESSED = re.compile(r"\(perhaps [a-z ]{1,40}\): ")  # in a message, before the server's words
_PROBLEMS = (Severity.FAILURE, Severity.WARNING)


def status_of(statuses: Mapping[str, Status], outcome: Outcome) -> Status:
    """Return the run's status from those of its branches: what is broken but not in the way is a warning."""
    delivery = statuses.get("delivery", Status.UNKNOWN)
    if outcome is Outcome.BOUNCED:
        return Status.FAILED
    if outcome is Outcome.UNKNOWN:
        return Status.UNKNOWN
    if outcome is Outcome.DEFERRED and delivery is Status.SKIPPED:
        return Status.FAILED
    others = [status for branch, status in statuses.items() if branch not in ("delivery", "senders")]
    return worst([delivery, worst(at_most_warning(status) for status in others)])


def summary_of(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> str:
    """Return the outcome's sentences: the cause that decides before them, what speaks against them behind."""
    if causes and causes[0].decides:
        return _after_its_cause(verdict.summary, causes[0])
    if verdict.outcome is not Outcome.ACCEPTED:
        return verdict.summary
    taken, covers, rest = verdict.summary.partition(NOT_COVERED)  # a narrow screen shows the first words alone
    return f"{taken}{_reservations(report)}{covers}{rest}"


def _after_its_cause(summary: str, cause: Cause) -> str:
    lead = cause.message if cause.code in ROOT_CAUSES else _lead(cause)
    if not lead or summary.startswith(lead) or _of_one_host(lead, summary):
        return summary
    return f"{lead} {summary}" if lead.endswith(".") else f"{lead}. {summary}"


def _of_one_host(lead: str, summary: str) -> bool:
    """Whether both begin with the same host and address: each tells what it replied, which is said once."""
    first, second = lead.split(" ")[:2], summary.split(" ")[:2]
    return first == second and first[-1].startswith("[")


def _lead(cause: Cause) -> str:
    """Return the first words where the cause is plain; what is guessed is told as a guess."""
    if cause.reason is Reason.GREYLISTING and _GUESSED.search(cause.message):
        return "This is perhaps greylisting."
    return LEADS.get(cause.code, "")


def _reservations(report: Report) -> str:
    """Return what speaks against mail that is accepted: what else was found, as sentences with a blank before."""
    text = ""
    if _takes_any_recipient(report):
        text = " A made-up recipient is taken too: that says little."
    steps = [step for step in report.steps.values() if step.branch not in _NOT_ON_THE_WAY]
    number = len({item.code for step in steps for item in step.findings if item.severity in _PROBLEMS})
    if number == 1:
        text += " On the way one thing is not as it should be."
    elif number:
        text += f" On the way {number} things are not as they should be."
    return text


def _takes_any_recipient(report: Report) -> bool:
    return any(
        item.code == "accepts-any-recipient" for step in report.children("probes") for item in step.findings
    )


def side_of(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> Side | None:
    """Return whose side the outcome comes from: the first cause's that decides, else the gravest finding's."""
    if verdict.outcome is Outcome.ACCEPTED:
        return None
    if causes and causes[0].decides:
        return causes[0].side
    if verdict.side is not None:
        return verdict.side
    return next((item.side for item in deciding_findings(report, verdict.step) if item.side), None)


def advice_of(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> tuple[str, ...]:
    """Return what to do next, each once: about the causes that decide, whom to write to, then about the rest."""
    deciding = [cause for cause in causes if cause.decides]
    explaining = [cause for cause in causes if not cause.decides]
    return _each_once(
        *(cause.advice for cause in deciding),
        *(contact(report, cause) for cause in deciding),
        *(cause.advice for cause in explaining),
        *(item.advice for item in _unexplained(report, verdict, causes)),
    )


def _each_once(*texts: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _unexplained(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> list[Finding]:
    """Return what was found where the outcome comes from, or anywhere on the way, and no cause stands for."""
    branch = None if verdict.outcome is Outcome.ACCEPTED else verdict.step
    told = {cause.code for cause in causes if cause.decides}  # in better words than where it was only met
    found = deciding_findings(report, branch, _explained_steps(report, causes))
    untold = [item for item in found if item.code not in told]
    return [item for item in untold if not _beside_the_point(item, report.settings, verdict.outcome)]


def _explained_steps(report: Report, causes: Sequence[Cause]) -> set[str]:
    """Return the steps that causes stand for, with all below them; no cause stands for a whole branch."""
    evidence = [step_id for cause in causes for step_id in cause.evidence if StepId(step_id).depth]
    return {step_id for step_id in report.steps if within_any(step_id, evidence)}


def _beside_the_point(item: Finding, settings: Settings, outcome: Outcome) -> bool:
    if item.code == "greylisted" and outcome is Outcome.ACCEPTED:
        return True  # nothing waits any more
    # The names of a server or relay that is given here are no affair of the domain's hostmaster.
    given = settings.server is not None or bool(settings.relay)
    return given and item.code in HOSTMASTERS
