"""One line on a terminal that tells how a headless run goes on."""

import time
from typing import TYPE_CHECKING, TextIO

from smtpdiag_tui.cli.redrawn_line import RedrawnLine
from smtpdiag_tui.render.waits import WAIT_SHOWN, wait_words

if TYPE_CHECKING:
    from smtpdiag_tui.report.events import Event


class Progress(RedrawnLine):
    """Counts steps and names one that runs; the line tells what is awaited."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._planned: set[str] = set()
        self._running: dict[str, tuple[float, float | None]] = {}  # when begun, and how long it may last
        self._ended: set[str] = set()

    def tell(self, event: "Event") -> None:
        """Take in one event of the run."""
        from smtpdiag_tui.report.events import StepFinished, StepPlanned, StepStarted

        if isinstance(event, StepPlanned):
            self._planned.add(event.id)
            self._ended.discard(event.id)
        elif isinstance(event, StepStarted):
            self._running.pop(event.id, None)
            self._running[event.id] = (time.monotonic(), event.limit)
        elif isinstance(event, StepFinished):
            self._running.pop(event.id, None)
            self._ended.add(event.id)
        self.tick()

    def words(self) -> str:
        """Return how many steps have ended, and what is awaited."""
        waiting = next(reversed(self._running), "")
        elapsed = self._drawn - self._began
        begun, limit = self._running.get(waiting, (0.0, None))
        waited = self._drawn - begun
        wait = f", waiting {wait_words(waited, limit)}:" if limit and waited >= WAIT_SHOWN else ""
        return f"{len(self._ended)} of {len(self._planned)} steps, {elapsed:.0f} s{wait}  {waiting}"
