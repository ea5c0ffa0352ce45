"""The report as the interface shows it while runs come and go."""

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import Settings

if TYPE_CHECKING:  # there are none before a run begins: not before the first frame
    from smtpdiag_tui.bounces.then_and_now import Beside
    from smtpdiag_tui.report.difference import Difference
    from smtpdiag_tui.report.events import Event, RunStarted
    from smtpdiag_tui.report.step import Step


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a report beside itself.

    `took` is how long the last run took, where only a part ran again, `at` when it began. `about` says what the
    run is for where the fields say something else by now. `before` is the report before this run, where the same
    was asked, and `difference` what became of it. `saved`: it was read from a file. `second_try`: the run waits
    for greylisting to end, and leaves all as it was when it is cancelled. `cancelled`: a run after `before` was.
    `beside` is the bounce whose hop was run, beside it.
    `watched` says when the next attempt of a watch is, the longest form first.
    """

    took: float | None = None
    about: str = ""
    before: Report | None = None
    difference: "Difference | None" = None
    saved: bool = False
    second_try: bool = False
    at: datetime | None = None
    cancelled: bool = False
    beside: "Beside | None" = None
    watched: tuple[str, ...] = ()


class LiveReport:
    """Folds the events of one run after another.

    A full run of the same settings keeps the old steps in view, as stale, until the new results arrive; what
    the new run did not plan goes when it ends. `changed` is true when there is something new to draw. `earlier`
    holds what became of the steps that run again, each until it ends anew, and of those that ended otherwise until
    the next run begins. `took` is how long the last run took where the report's own time is not it: on top of an
    earlier run. `second_try`: this run tries again what was greylisted, and leaves all as it was when it is
    cancelled. `before` is the last report that was whole, without transcripts, as long as the same is asked;
    `difference` what the run that ended since differs in from it, in so far as it ran. `saved`: the report was
    saved, and nothing has run since.
    """

    def __init__(self, settings: Settings) -> None:
        self.report = Report(settings)
        self.changed = True
        self.ended = False
        self.earlier: dict[str, Step] = {}
        self.took: float | None = None
        self.second_try = False
        self.before: Report | None = None
        self.difference: Difference | None = None
        self.saved = False
        self._planned_ids: set[str] = set()
        self._marks: tuple[dict[str, Step], Difference | None, Report | None] = ({}, None, None)
        self._part_at: float | None = None  # when the last part began to run again, in seconds from the start
        self._took_before: tuple[float | None, float | None] = (None, None)
        self._after_cancelled = False
        self._called_off = False
        self._fresh: set[str] | None = None
        self._partial = False
        self._before = self.report
        self._zero: float | None = None
        self._began = 0.0

    def replay(self, report: Report) -> None:
        """Show a report that was saved."""
        self.report = report
        self.ended = self.changed = self.saved = True

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self.report.status is Status.RUNNING

    @property
    def now(self) -> float:
        """Seconds since the report's start, by the clock of the events."""
        return 0.0 if self._zero is None else time.monotonic() - self._zero

    @property
    def elapsed(self) -> float:
        """Seconds since this run began."""
        return time.monotonic() - self._began

    def expect(self, *, partial: bool, second_try: bool = False) -> Report | None:
        """Take notice whether the next run is partial or full; return the report that it comes after, if any."""
        self._partial, self.second_try = partial, second_try
        self._took_before, self._called_off = (self.took, self._part_at), False
        return self.report if self.report.run else None

    def around(self, about: str, beside: "Beside | None" = None) -> Around:
        """Return what is known beside the report; `about`: what it is for, if the fields say otherwise by now."""
        at = None
        if self.took is not None and self._part_at is not None:
            at = self.report.started + timedelta(seconds=self._part_at)
        return Around(
            self.took,
            about,
            self.before,
            self.difference,
            self.saved,
            self.second_try,
            at,
            self._after_cancelled,
            beside,
        )

    def call_off(self) -> None:
        """Take notice that the second try under way is called off: what is shown then is the run before."""
        self._called_off = True

    def apply(self, event: "Event") -> None:
        """Fold one event; those of runs that are gone change nothing."""
        from smtpdiag_tui.report.events import RunFinished, RunStarted, StepFinished

        if isinstance(event, RunStarted):
            self._begin(event)
        elif event.run == self.report.run and self.running:
            self._note(event)
        else:
            return
        self.report = self.report.apply(event)
        self._forget_equal(event.id if isinstance(event, StepFinished) else "")
        if isinstance(event, RunFinished):
            self._finish(event.status)
        self.changed = True

    def _note(self, event: "Event") -> None:
        """Take notice of what the report itself does not hold: the clock, and what became of steps before."""
        from smtpdiag_tui.report.events import StepPlanned, StepStarted

        if isinstance(event, StepPlanned):
            self._planned(event.id)
        elif isinstance(event, StepStarted):
            self._zero = time.monotonic() - event.at
            if self._part_at is None:
                self._part_at = event.at
            if event.id not in self._planned_ids:  # a second try goes on where the first one ended
                self._planned(event.id)

    def _forget_equal(self, step_id: str) -> None:
        """Forget what a step was that has ended, unless that is something else."""
        from smtpdiag_tui.report.difference import step_change

        before = self.earlier.get(step_id)
        if before is not None and not step_change(before, self.report.steps.get(step_id)).changed:
            del self.earlier[step_id]

    def abandon(self) -> None:
        """End a run that broke off without telling its end."""
        if self.running:
            self.report = replace(self.report, status=Status.UNKNOWN)
            self._end()
            self.earlier = {}
        self.changed = True

    def _planned(self, step_id: str) -> None:
        self._planned_ids.add(step_id)
        if self._fresh is not None:
            self._fresh.add(step_id)
        before = self.report.steps.get(step_id)
        if before is not None and _came_to_something(before):
            self.earlier[step_id] = replace(before, transcript=())

    def _begin(self, event: "RunStarted") -> None:
        self._began = time.monotonic()
        self.ended = self.saved = False
        self._fresh = None
        self._planned_ids = set()
        self._part_at = None
        same = event.settings == self.report.settings
        self._after_cancelled = same and self.report.status is Status.CANCELLED
        self._partial = self._partial and same
        self._marks = (self.earlier, self.difference, self.before)
        self.earlier, self.difference = {}, None
        self.before = self._comparable() if same else None
        if self._partial:
            self._before = self.report
            return
        self._zero = self._began
        self._fresh = set()
        if same:
            self.earlier = {
                key: replace(step, transcript=())
                for key, step in self.report.steps.items()
                if _came_to_something(step)
            }
            old = {
                key: replace(step, status=Status.PENDING, stale=True) for key, step in self.report.steps.items()
            }
            self.report = replace(self.report, steps=old)
        else:
            self.report = Report(event.settings)

    def _comparable(self) -> Report | None:
        """Return what the next run is compared with: the report in view if it is whole, else the one before.

        A part of a cancelled run tells nothing of the one before that, of which it is no part.
        """
        if self.report.outcome is None or self.report.status is Status.CANCELLED:
            return None if self._partial else self.before
        steps = {key: replace(step, transcript=()) for key, step in self.report.steps.items()}
        return replace(self.report, steps=steps)

    def _finish(self, status: Status) -> None:
        self.took = self.elapsed if self._partial else None
        if self._partial and status is Status.CANCELLED:
            # A part that runs again and is cancelled takes nothing away.
            self.report = self._before
            self._called_off = True
        self._end()
        if self._called_off:
            self.took, self._part_at = self._took_before
            self.earlier, self.difference, self.before = self._marks
        elif self.before is not None and status is not Status.CANCELLED:
            self._compare(self.before)

    def _compare(self, before: Report) -> None:
        """Find out what this run changed, of a part that ran again in this part alone."""
        from smtpdiag_tui.report.difference import difference

        gone = before.steps.keys() - self.report.steps.keys()
        within = self._planned_ids | gone if self._partial else None
        self.difference = difference(before, self.report, within)

    def _end(self) -> None:
        self.ended = True
        self.earlier = {key: step for key, step in self.earlier.items() if self._ended_anew(key)}
        if self._fresh is not None:
            kept = {key: step for key, step in self.report.steps.items() if key in self._fresh}
            self.report = replace(self.report, steps=kept)
            self._fresh = None

    def _ended_anew(self, step_id: str) -> bool:
        """Whether a step is there and has come to something: one that was cancelled has not."""
        step = self.report.steps.get(step_id)
        return step is not None and _came_to_something(step)


def _came_to_something(step: "Step") -> bool:
    return step.status.ended and step.status is not Status.CANCELLED
