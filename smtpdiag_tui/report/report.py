"""The report: a pure fold of a run's events, read by the command, the interface and the clipboard alike."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.transcript import Entry
from smtpdiag_tui.settings import Settings

if TYPE_CHECKING:
    from smtpdiag_tui.report.conclusions import Cause, SenderResult
    from smtpdiag_tui.report.events import Event


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the tree.

    `started` is in seconds from the report's start, `seconds` how long it took; None while not known. `stale`
    says that transcript and findings are of an earlier run, kept in view until the new ones arrive.
    """

    id: str
    title: str
    status: Status = Status.PENDING
    detail: str = ""
    started: float | None = None
    seconds: float | None = None
    limit: float | None = None
    findings: tuple[Finding, ...] = ()
    transcript: tuple[Entry, ...] = ()
    explanation: str = ""
    stale: bool = False
    observation: object | None = field(default=None, compare=False, repr=False)

    @property
    def parent(self) -> str | None:
        """The id of the step above, None for a top-level step."""
        return parent_id(self.id)


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of a run so far. `steps` maps id to step, parents before children, in tree order."""

    settings: Settings
    run: int = 0
    started: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    epoch: float = 0.0
    seconds: float | None = None
    status: Status = Status.PENDING
    outcome: Outcome | None = None
    summary: str = ""
    side: Side | None = None
    advice: tuple[str, ...] = ()
    causes: "tuple[Cause, ...]" = ()
    senders: "tuple[SenderResult, ...]" = ()
    steps: Mapping[str, Step] = field(default_factory=dict)

    def apply(self, event: "Event") -> "Report":
        """Return the report with `event` folded in; an event of another run changes nothing."""
        # Whoever shows a report at once, as the interface does, needs no events before something happens.
        from smtpdiag_tui.report.fold import fold

        return fold(self, event)

    def children(self, parent: str | None = None) -> Iterator[Step]:
        """Yield the steps directly below `parent`, or the top-level steps for None."""
        return (step for step in self.steps.values() if step.parent == parent)

    def only(self, step_ids: Collection[str]) -> "Report":
        """Return the report with the steps named, what is above them and what is below them alone."""
        kept = {
            key: step
            for key, step in self.steps.items()
            if any(within(key, step_id) or within(step_id, key) for step_id in step_ids)
        }
        return replace(self, steps=kept)

    def descendants(self, parent: str) -> Iterator[Step]:
        """Yield all steps below `parent`, in tree order."""
        return (step for key, step in self.steps.items() if key.startswith(parent + "/"))

    def tree(self) -> dict[str | None, list[Step]]:
        """Return parent id (None for the top) to the steps directly below it, in tree order."""
        below: dict[str | None, list[Step]] = {}
        for step in self.steps.values():
            below.setdefault(step.parent, []).append(step)
        return below


def parent_id(step_id: str) -> str | None:
    """Return the id of the step above `step_id`, None for a top-level step."""
    head, slash, _ = step_id.rpartition("/")
    return head if slash else None


def within(step_id: str, branch: str) -> bool:
    """Whether `step_id` is `branch` or lies below it."""
    return step_id == branch or step_id.startswith(branch + "/")


def within_any(step_id: str, branches: Iterable[str]) -> bool:
    """Whether `step_id` is one of `branches` or lies below one."""
    return any(within(step_id, branch) for branch in branches)
