"""What two reports of the same question differ in: outcome, steps with their reply codes, and problems. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepKind, parent_id

# What ended so was not tested: what was wrong there before may still be wrong.
_UNTESTED = frozenset(
    {Status.PENDING, Status.RUNNING, Status.SKIPPED, Status.UNKNOWN, Status.CANCELLED},
)
_LOOKUP_FAILED = frozenset({"mx-lookup-failed", "mx-lookup-partial", "dnssec-bogus"})
RETOLD = frozenset({"greylisting-persists"})  # the deferral itself stands at its phase, before and after
_REPLY = re.compile(r"([2-5][0-9]{2})(?![0-9.])")  # a reply code (RFC 5321 §4.2) at the beginning of a detail


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step before and after. A status is None where the step was not part of that report.

    `code_before` and `code_after` are the codes of the replies that the step ended with, "" where there was none.
    """

    id: str
    before: Status | None
    after: Status | None
    code_before: str = ""
    code_after: str = ""

    @property
    def changed(self) -> bool:
        """Whether the status or the reply code is another one."""
        return self.before is not self.after or self.code_before != self.code_after

    @property
    def ends(self) -> tuple[str, str]:
        """What it was and what it is: the reply codes where both are known and differ, else the statuses.

        A step that is new or gone has "" on that side.
        """
        if self.code_before and self.code_after and self.code_before != self.code_after:
            return self.code_before, self.code_after
        return self.before or "", self.after or ""


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """One problem at one place: the finding, and the id of the step where it was found."""

    step: str
    finding: Finding

    @property
    def key(self) -> tuple[str, str, Reason | None]:
        """What makes it the same problem in another report."""
        return self.step, self.finding.code, self.finding.reason


@dataclass(frozen=True, slots=True)
class OutcomeChange:
    """An outcome before and after, None where a run told none; `name` is the sender profile's, "" for the run."""

    name: str
    before: Outcome | None
    after: Outcome | None

    @property
    def changed(self) -> bool:
        """Whether it is another one."""
        return self.before is not self.after


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of a report. `steps` and `senders` hold only what changed, in the order of the later report.

    `fixed` problems were found before and are gone where the same was tested again; `untested` ones were found
    before, and the later run did not get to that place. `new` and `unchanged` are those of the later report.
    """

    outcome: OutcomeChange
    senders: tuple[OutcomeChange, ...] = ()
    steps: tuple[StepChange, ...] = ()
    fixed: tuple[PlacedProblem, ...] = ()
    new: tuple[PlacedProblem, ...] = ()
    unchanged: tuple[PlacedProblem, ...] = ()
    untested: tuple[PlacedProblem, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether nothing changed: neither an outcome nor a step nor a problem."""
        return not (self.outcome.changed or self.senders or self.steps or self.fixed or self.new)


def difference(before: Report, after: Report, within: Collection[str] | None = None) -> Difference:
    """Return what `after` differs in from `before`; with `within`, only the steps with these ids are looked at.

    A problem is the same where its code and reason stand at the same step.
    """
    old, new = _problems(before.steps, within), _problems(after.steps, within)
    gone = [problem for key, problem in old.items() if key not in new]
    return Difference(
        outcome=OutcomeChange("", before.outcome, after.outcome),
        senders=_senders(before, after),
        steps=_steps(before, after, within),
        fixed=tuple(problem for problem in gone if was_tested(after, problem.step)),
        new=tuple(problem for key, problem in new.items() if key not in old),
        unchanged=tuple(problem for key, problem in new.items() if key in old),
        untested=tuple(problem for problem in gone if not was_tested(after, problem.step)),
    )


def step_change(before: Step | None, after: Step | None) -> StepChange:
    """Return what became of one step, which is missing on one side at most; raises ValueError if on both."""
    step = after or before
    if step is None:
        raise ValueError("a step that neither report has")
    return StepChange(
        step.id,
        before.status if before is not None else None,
        after.status if after is not None else None,
        reply_code(before),
        reply_code(after),
    )


def reply_code(step: Step | None) -> str:
    """Return the code of the reply that a session or one of its phases ended with, "" where none came.

    The detail of both is that reply; a session of a report of this version tells its reply as data.
    """
    if step is None or not (step.is_session or step.kind is StepKind.PHASE):
        return ""
    if step.facts.session is not None:
        return step.facts.session.reply[:3]
    found = _REPLY.match(step.detail)
    return found[1] if found is not None else ""


def was_tested(report: Report, step_id: str) -> bool:
    """Whether a run got to a place; one that is not there was tested where the nearest step above it was.

    An MX host that is taken out of the DNS is gone, and its problems with it.
    """
    place: str | None = step_id
    while place is not None:
        step = report.steps.get(place)
        if step is not None:
            below = place != step_id and not addresses_known(step)
            return not step.stale and step.status not in _UNTESTED and not below
        place = parent_id(place)
    return False


def addresses_known(host: Step) -> bool:
    """Whether a step of an MX host has all of its addresses: no lookup of them failed."""
    if host.kind is not StepKind.HOST:
        return True
    return host.status is not Status.UNKNOWN and not any(item.code in _LOOKUP_FAILED for item in host.findings)


def _problems(
    steps: Mapping[str, Step], within: Collection[str] | None
) -> dict[tuple[str, str, Reason | None], PlacedProblem]:
    """Return the problems of steps that have ended, each once at each place."""
    wanted = (step for key, step in steps.items() if within is None or key in within)
    placed = (PlacedProblem(step.id, item) for step in wanted if _counts(step) for item in step.problems)
    found: dict[tuple[str, str, Reason | None], PlacedProblem] = {}
    for problem in placed:
        if problem.finding.code not in RETOLD:
            found.setdefault(problem.key, problem)
    return found


def _counts(step: Step) -> bool:
    return step.status.ended and not step.stale


def _steps(before: Report, after: Report, within: Collection[str] | None) -> tuple[StepChange, ...]:
    ids = _in_order(after.steps, before.steps)
    pairs = ((before.steps.get(key), after.steps.get(key)) for key in ids if within is None or key in within)
    changes = (step_change(old, new) for old, new in pairs if new is None or _counts(new))
    return tuple(change for change in changes if change.changed)


def _senders(before: Report, after: Report) -> tuple[OutcomeChange, ...]:
    old = {sender.name: sender.outcome for sender in before.senders}
    new = {sender.name: sender.outcome for sender in after.senders}
    changes = (OutcomeChange(name, old.get(name), new.get(name)) for name in _in_order(new, old))
    return tuple(change for change in changes if change.changed)


def _in_order(first: Iterable[str], second: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*first, *second)))
