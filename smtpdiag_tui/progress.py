"""One line on a terminal that tells how a headless run goes on."""

import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from smtpdiag_tui.engine.events import Event

REDRAW_EVERY = 0.1
_WIDTH = 78


class Progress:
    """Counts steps and names one that runs; the line is rewritten in place, at most 10 times a second."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._planned: set[str] = set()
        self._running: dict[str, None] = {}
        self._ended: set[str] = set()
        self._began = time.monotonic()
        self._drawn = 0.0

    def tell(self, event: "Event") -> None:
        """Take in one event of the run."""
        from smtpdiag_tui.engine.events import StepFinished, StepPlanned, StepStarted

        if isinstance(event, StepPlanned):
            self._planned.add(event.id)
            self._ended.discard(event.id)
        elif isinstance(event, StepStarted):
            self._running[event.id] = None
        elif isinstance(event, StepFinished):
            self._running.pop(event.id, None)
            self._ended.add(event.id)
        if time.monotonic() - self._drawn >= REDRAW_EVERY:
            self._draw()

    def clear(self) -> None:
        """Wipe the line."""
        self._stream.write("\r\x1b[K")
        self._stream.flush()

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        waiting = next(reversed(self._running), "")
        elapsed = self._drawn - self._began
        line = f"{len(self._ended)} of {len(self._planned)} steps, {elapsed:.0f} s  {waiting}"
        self._stream.write(f"\r{line[:_WIDTH]}\x1b[K")
        self._stream.flush()
