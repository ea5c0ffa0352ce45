"""One line on a terminal that tells how a headless run goes on."""

import contextlib
import time
from typing import TYPE_CHECKING, TextIO

from smtpdiag_tui.render.waits import WAIT_SHOWN, wait_words

if TYPE_CHECKING:
    from smtpdiag_tui.report.events import Event

REDRAW_EVERY = 0.1
_WIDTH = 78


class Progress:
    """Counts steps and names one that runs; the line is rewritten in place, at most 10 times a second."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._planned: set[str] = set()
        self._running: dict[str, tuple[float, float | None]] = {}  # when begun, and how long it may last
        self._ended: set[str] = set()
        self._began = time.monotonic()
        self._drawn = 0.0

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

    def tick(self) -> None:
        """Draw anew if that is due: a wait goes on while nothing is told."""
        if time.monotonic() - self._drawn >= REDRAW_EVERY:
            self._draw()

    async def ticking(self) -> None:
        """Draw anew each second, until cancelled."""
        import asyncio

        while True:
            await asyncio.sleep(1)
            self.tick()

    def clear(self) -> None:
        """Wipe the line."""
        self._put("\r\x1b[K")

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        waiting = next(reversed(self._running), "")
        elapsed = self._drawn - self._began
        begun, limit = self._running.get(waiting, (0.0, None))
        waited = self._drawn - begun
        wait = f", waiting {wait_words(waited, limit)}:" if limit and waited >= WAIT_SHOWN else ""
        line = f"{len(self._ended)} of {len(self._planned)} steps, {elapsed:.0f} s{wait}  {waiting}"
        self._put(f"\r{line[:_WIDTH]}\x1b[K")

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal has gone: that is no matter of the run
            self._stream.write(text)
            self._stream.flush()
