"""What became of the problems of a run in another: each is told once, at the place where it was found. Pure."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from smtpdiag_tui.report.comparison.pair import Pair, own, told
from smtpdiag_tui.report.difference import RETOLD, PlacedProblem
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId


@dataclass(frozen=True, slots=True)
class ProblemChange:
    """One problem then and now, None on a side that has it no more, not yet, or did not get to its place."""

    old: PlacedProblem | None
    new: PlacedProblem | None

    @property
    def either(self) -> PlacedProblem:
        """The problem as it is now, as it was where it is gone; one of both is there."""
        found = self.new or self.old
        if found is None:
            raise ValueError("a problem of neither run")
        return found


@dataclass(frozen=True, slots=True)
class Problems:
    """All problems of both runs. `untested` are those of one run whose place the other did not get to."""

    fixed: tuple[ProblemChange, ...] = ()
    new: tuple[ProblemChange, ...] = ()
    changed: tuple[ProblemChange, ...] = ()
    unchanged: tuple[ProblemChange, ...] = ()
    untested: tuple[ProblemChange, ...] = ()


Key = Callable[[PlacedProblem, str], Hashable]


def problems_of(pair: Pair) -> Problems:
    """Return what became of each problem.

    It is the same where code and reason stand at the same step, or at that of a host's or an address's successor.
    It has changed where it is of another severity or reason, stands at a successor, or where another refusal
    stands in its place.
    """
    old = {id(item): (item, pair.places.later(item.step)) for item in _placed(pair.old)}
    new = {id(item): (item, item.step) for item in _placed(pair.new)}
    found: list[ProblemChange] = []
    for key in (_exactly, _but_for_reason, _as_refusal):
        waiting: dict[Hashable, list[PlacedProblem]] = {}
        for item, place in old.values():
            waiting.setdefault(key(item, place), []).append(item)
        for after, place in list(new.values()):
            same = waiting.get(key(after, place))
            if same and key(after, place) is not None:
                before = same.pop(0)
                del old[id(before)], new[id(after)]
                found.append(ProblemChange(before, after))
    gone = [(item, pair.was_tested(item.step, later=True)) for item, _ in old.values()]
    come = [(item, pair.was_tested(item.step, later=False)) for item, _ in new.values()]
    return Problems(
        fixed=tuple(ProblemChange(item, None) for item, tested in gone if tested),
        new=tuple(ProblemChange(None, item) for item, tested in come if tested),
        changed=tuple(change for change in found if _differs(change)),
        unchanged=tuple(change for change in found if not _differs(change)),
        untested=(
            *(ProblemChange(item, None) for item, tested in gone if not tested),
            *(ProblemChange(None, item) for item, tested in come if not tested),
        ),
    )


def _placed(report: Report) -> Iterable[PlacedProblem]:
    """Return the problems of steps that have ended, each once at each place."""
    found: dict[Hashable, PlacedProblem] = {}
    for step in report.steps.values():
        for item in step.problems if told(step) else ():
            if item.code not in RETOLD:
                problem = PlacedProblem(step.id, item)
                found.setdefault(problem.key, problem)
    return found.values()


def _exactly(problem: PlacedProblem, place: str) -> Hashable:
    return place, problem.finding.code, problem.finding.reason


def _but_for_reason(problem: PlacedProblem, place: str) -> Hashable:
    return place, problem.finding.code


def _as_refusal(problem: PlacedProblem, place: str) -> Hashable:
    """One reply ends a phase: a refusal in the place of another is what became of that."""
    return (place,) if problem.finding.reason is not None else None


def _differs(change: ProblemChange) -> bool:
    before, after = change.old, change.new
    if before is None or after is None:
        return True
    if before.step != after.step and not own(StepId(before.step)):
        return True  # at a successor
    first, second = before.finding, after.finding
    return (first.code, first.reason, first.severity) != (second.code, second.reason, second.severity)
