"""What has changed between two attempts, each change in one line. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.comparison.pair import route_known
from smtpdiag_tui.report.difference import PlacedProblem, StepChange, difference, was_tested
from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.report.visible import visible

MOST = 8  # lines of one attempt


@dataclass(frozen=True, slots=True)
class Change:
    """One change, and when it was seen (UTC). `outcome`: it is the outcome's, which that is now; else None."""

    at: datetime
    words: str
    outcome: Outcome | None = None

    @property
    def line(self) -> str:
        """The change in one line with its time."""
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC  {self.words}"


def first_line(report: Report, at: datetime) -> Change:
    """Return what a watch begins with."""
    return Change(at, _outcome_words(report), report.outcome)


def changes_between(before: Report, after: Report, at: datetime) -> tuple[Change, ...]:
    """Return what became of it, the outcome first; nothing where all is as before, timing aside."""
    told = list(_changes(before, after))
    if len(told) > MOST:
        left = len(told) - MOST + 1
        told = [*told[: MOST - 1], f"{counted(left, 'more change')}"]
    found = [Change(at, words) for words in told]
    if (before.outcome, before.headline) != (after.outcome, after.headline):
        found.insert(0, Change(at, _outcome_words(after, before), after.outcome))
    return tuple(found)


def _outcome_words(report: Report, before: Report | None = None) -> str:
    outcome = report.outcome or Outcome.UNKNOWN
    was = before.outcome if before is not None and before.outcome is not outcome else None
    return visible(f"{outcome.upper()}: {report.headline or report.summary}{f' (was {was})' if was else ''}")


def _changes(before: Report, after: Report) -> Iterator[str]:
    found = difference(before, after)
    # An MX set that could not be looked up has lost no host, and one that can be again has won none.
    routes = route_known(before) and route_known(after)
    for change in found.steps:
        step = after.steps.get(change.id) or before.steps.get(change.id)
        if step is not None and (step.is_session or (routes and _is_mail_host(change, step))):
            yield visible(_session_words(change, step))
    told = {change.id for change in found.steps}
    yield from _problem_words("fixed", found.fixed, told)
    come = [(item, was_tested(before, item.step)) for item in found.new]
    yield from _problem_words("new", tuple(item for item, tested in come if tested), told)
    # Where the attempt before did not get to, it may have been so all the time.
    yield from _problem_words("found", tuple(item for item, tested in come if not tested), told)


def _is_mail_host(change: StepChange, step: Step) -> bool:
    """Whether an MX host has come or gone: what its addresses do is told of these."""
    host = step.kind is StepKind.HOST and StepId(step.id).branch == "delivery"
    return host and (change.before is None or change.after is None)


def _session_words(change: StepChange, step: Step) -> str:
    place = StepId(step.id)
    where = f"{place.host} [{place.address}]" if step.is_session else step.title
    if change.after is None:
        return f"{where}: no longer an MX host" if not step.is_session else f"{where}: no longer tested"
    if change.before is None:
        return f"{where}: new MX host" if not step.is_session else f"{where}: {step.detail or step.status}"
    was, now = change.ends
    if was == now:
        return f"{where}: {step.detail or now}"
    return f"{where}: {was} → {now}"


def _ended_session(item: PlacedProblem) -> bool:
    """Whether a problem is what ended a session: one beside it, as that of a certificate, is not in its reply."""
    beside = item.finding.severity is Severity.WARNING and item.finding.reason is None
    return StepId(item.step).branch == "delivery" and not beside


def _problem_words(what: str, problems: tuple[PlacedProblem, ...], told: set[str]) -> Iterator[str]:
    """Yield each problem once, wherever else it stands; what ended a session is told by its reply."""
    own = (item for item in problems if not _ended_session(item) or item.step not in told)
    messages = dict.fromkeys(item.finding.message for item in own)
    for message in messages:
        yield visible(f"{what}: {message}")
