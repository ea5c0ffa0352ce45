"""How a batch goes on, told on stderr: a line that is rewritten on a terminal, else one line a minute."""

import asyncio
import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING, TextIO

from smtpdiag_tui.batch.tally import duration

if TYPE_CHECKING:
    from smtpdiag_tui.batch.run import Batch

EVERY = 60.0  # seconds between two lines where no terminal is
SPAN = 60.0  # seconds that the rate is taken over
_WIDTH = 78


class BatchProgress:
    """Tells how many pairs are done, how fast, and how long the rest will take at that rate.

    `total` is the number of lines that ask for something, None while it is not known.
    """

    def __init__(self, batch: "Batch", stream: TextIO | None) -> None:
        self.total: int | None = None
        self._batch = batch
        self._stream = stream
        self._terminal = stream is not None and stream.isatty()
        self._began = time.monotonic()
        self._points: deque[tuple[float, int]] = deque([(self._began, 0)])
        self._drawn = False

    async def ticking(self) -> None:
        """Tell until cancelled."""
        while True:
            await asyncio.sleep(1 if self._terminal else EVERY)
            self._draw()

    def clear(self) -> None:
        """Wipe the line of a terminal."""
        if self._drawn:
            self._put("\r\x1b[K")
            self._drawn = False

    def finish(self) -> None:
        """Print the table."""
        self.clear()
        self._put(self._batch.tally.table(time.monotonic() - self._began))

    def line(self) -> str:
        """Return how it goes on."""
        tally, now = self._batch.tally, time.monotonic()
        self._points.append((now, tally.runs))
        while len(self._points) > 2 and now - self._points[0][0] > SPAN:
            self._points.popleft()
        began, runs = self._points[0]
        rate = (tally.runs - runs) / (now - began) if now > began else 0.0
        of = f" of {self.total:,}" if self.total is not None else ""
        parts = [f"{tally.dealt_with:,}{of} done", f"{rate:.1f} per second", f"{self._batch.running} running"]
        if self.total is not None and rate > 0:
            ours = tally.runs / (tally.runs + tally.elsewhere)  # so many of what is left will be run by this part
            parts.append(f"{duration(max(0, self.total - tally.dealt_with) * ours / rate)} left")
        return ", ".join(parts)

    def _draw(self) -> None:
        if self._terminal:
            self._drawn = True
            self._put(f"\r{self.line()[:_WIDTH]}\x1b[K")
        else:
            self._put(f"smtpdiag: {self.line()}\n")

    def _put(self, text: str) -> None:
        if self._stream is None or self._stream.closed:
            return
        with contextlib.suppress(OSError):  # the terminal has gone: that is no matter of the batch
            self._stream.write(text)
            self._stream.flush()
