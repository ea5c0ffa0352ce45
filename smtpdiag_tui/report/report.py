"""The report: a pure fold of a run's events, read by the command, the interface and the clipboard alike."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.facts import DestinationKind, ReportFacts, destination_of, gathered
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import within
from smtpdiag_tui.settings import Settings

if TYPE_CHECKING:
    from smtpdiag_tui.report.authentication import Authentication, Beyond
    from smtpdiag_tui.report.conclusions import Cause, Retry, SenderResult
    from smtpdiag_tui.report.events import Event


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of a run so far. `steps` maps id to step, parents before children, in tree order.

    `headline` tells the outcome in one fact, `delivery` whether the message arrives, `retry` of a deferred one
    whether a retry can succeed. `summary` is both in sentences. `authentication` holds what receivers find for
    each address of this host, `beyond` what the outcome does not cover. `version` is the program's that saved
    the report, "" for a run of this one.
    """

    settings: Settings
    run: int = 0
    started: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    epoch: float = 0.0
    seconds: float | None = None
    status: Status = Status.PENDING
    outcome: Outcome | None = None
    summary: str = ""
    side: Side | None = None
    headline: str = ""
    delivery: str = ""
    retry: "Retry | None" = None
    actions: tuple[Action, ...] = ()
    causes: "tuple[Cause, ...]" = ()
    senders: "tuple[SenderResult, ...]" = ()
    authentication: "tuple[Authentication, ...]" = ()
    beyond: "tuple[Beyond, ...]" = ()
    steps: Mapping[str, Step] = field(default_factory=dict)
    version: str = field(default="", compare=False)

    def apply(self, event: "Event") -> "Report":
        """Return the report with `event` folded in; an event of another run changes nothing."""
        # Whoever shows a report at once, as the interface does, needs no events before something happens.
        from smtpdiag_tui.report.fold import fold

        return fold(self, event)

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do, in sentences."""
        return tuple(map(str, self.actions))

    @property
    def facts(self) -> ReportFacts:
        """What the run tells of this machine and of whom it turned to."""
        return gathered(self.settings, (step.facts for step in self.steps.values()))

    @property
    def destination(self) -> str:
        """Whom the run turned to, as its facts have it: the settings alone tell it."""
        return destination_of(self.settings)[1]

    @property
    def destination_kind(self) -> DestinationKind:
        """What the run turned to, as its facts have it: the settings alone tell it."""
        return destination_of(self.settings)[0]

    def children(self, parent: str | None = None) -> Iterator[Step]:
        """Yield the steps directly below `parent`, or the top-level steps for None."""
        if parent is None:
            return (step for step in self.steps.values() if step.parent is None)
        # Asked for each host and each session: a look at the beginning passes most steps of a large tree at once.
        above = parent + "/"
        return (step for step in self.steps.values() if step.id.startswith(above) and step.parent == parent)

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
        return (step for key, step in self.steps.items() if key != parent and within(key, parent))

    def tree(self) -> dict[str | None, list[Step]]:
        """Return parent id (None for the top) to the steps directly below it, in tree order."""
        below: dict[str | None, list[Step]] = {}
        for step in self.steps.values():
            below.setdefault(step.parent, []).append(step)
        return below
