"""One line on a terminal that is rewritten in place, at most 10 times a second."""

import contextlib
import time
from typing import TextIO

REDRAW_EVERY = 0.1
_WIDTH = 78


class RedrawnLine:
    """A line whose `words` say what it tells now."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._began = time.monotonic()
        self._drawn = 0.0

    def words(self) -> str:
        """Return what the line tells; only so much of it is drawn as fits."""
        raise NotImplementedError

    def tick(self) -> None:
        """Draw anew if that is due: a wait goes on while nothing is told."""
        if time.monotonic() - self._drawn >= REDRAW_EVERY:
            self.draw()

    async def ticking(self) -> None:
        """Draw anew each second, until cancelled."""
        import asyncio

        while True:
            await asyncio.sleep(1)
            self.tick()

    def draw(self) -> None:
        """Draw anew at once."""
        self._drawn = time.monotonic()
        self._put(f"\r{self.words()[:_WIDTH]}\x1b[K")

    def clear(self) -> None:
        """Wipe the line."""
        self._put("\r\x1b[K")

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal has gone: that is no matter of the run
            self._stream.write(text)
            self._stream.flush()
