"""One line on a terminal that tells how the runs from several vantage points go on."""

import contextlib
import time
from typing import TYPE_CHECKING, TextIO

from smtpdiag_tui.cli.progress import REDRAW_EVERY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpdiag_tui.report.events import Event
    from smtpdiag_tui.report.vantage import Vantage
    from smtpdiag_tui.settings import Via

_WIDTH = 78
_NAME = 20  # columns of a vantage point's name, at most
_WAITING = "connecting"


class PointsProgress:
    """Counts the steps of each vantage point; the line is rewritten in place, at most 10 times a second."""

    def __init__(self, stream: TextIO, points: "Sequence[Via]", *, named: bool = True) -> None:
        """`named`: points are called by their names, else by their places: masked, they have none."""
        self._stream = stream
        names = [point.label[:_NAME] if named else f"point {number}" for number, point in enumerate(points, 1)]
        self._names = dict(zip((point.label for point in points), names, strict=True))
        self._planned: dict[str, set[str]] = {label: set() for label in self._names}
        self._ended: dict[str, set[str]] = {label: set() for label in self._names}
        self._done: dict[str, str] = {}
        self._began = time.monotonic()
        self._drawn = 0.0

    def tell(self, via: "Via", event: "Event") -> None:
        """Take in one event of the run from a vantage point."""
        from smtpdiag_tui.report.events import StepFinished, StepPlanned

        if isinstance(event, StepPlanned):
            self._planned[via.label].add(event.id)
            self._ended[via.label].discard(event.id)
        elif isinstance(event, StepFinished):
            self._ended[via.label].add(event.id)
        self.tick()

    def end(self, vantage: "Vantage") -> None:
        """Take in what came of a vantage point."""
        outcome = vantage.report.outcome if vantage.report is not None else None
        self._done[vantage.via.label] = "failed" if vantage.error or outcome is None else outcome.value
        self._draw()

    def tick(self) -> None:
        """Draw anew if that is due."""
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
        told = ", ".join(f"{name} {self._state(label)}" for label, name in self._names.items())
        line = f"{len(self._done)} of {len(self._names)} done, {self._drawn - self._began:.0f} s  {told}"
        self._put(f"\r{line[:_WIDTH]}\x1b[K")

    def _state(self, label: str) -> str:
        if label in self._done:
            return self._done[label]
        planned = len(self._planned[label])
        return f"{len(self._ended[label])}/{planned}" if planned else _WAITING

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal has gone: that is no matter of the runs
            self._stream.write(text)
            self._stream.flush()
