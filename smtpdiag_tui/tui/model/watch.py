"""A watch as the interface holds it: what has changed since it began, and when the next attempt is due."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smtpdiag_tui.report.report import Report
    from smtpdiag_tui.settings import Settings
    from smtpdiag_tui.watching.changes import Change

MOST = 1000  # changes that are kept: a server that flaps for days makes many


@dataclass(slots=True)
class WatchState:
    """One delivery that is watched.

    `due` is when the next attempt begins, by the clock of `began`; None while one runs. `before` is the last
    report that was whole, without transcripts, None before the first. `seen` counts all changes, gone ones too.
    """

    settings: "Settings"
    every: float
    began: float
    before: "Report | None" = None
    due: float | None = None
    attempts: int = 0
    ended: bool = False
    seen: int = 0
    changes: "deque[Change]" = field(default_factory=lambda: deque(maxlen=MOST))

    def add(self, changes: "Iterable[Change]") -> None:
        """Take notice of changes; the oldest go where there are too many."""
        for change in changes:
            self.changes.append(change)
            self.seen += 1

    def left(self, now: float) -> float | None:
        """Return the seconds to the next attempt, None where none is due."""
        return None if self.due is None else max(0.0, self.due - now)

    def words(self, now: float) -> tuple[str, ...]:
        """Return what the first row says of it, the longest form first; nothing once it has ended."""
        left = self.left(now)
        if self.ended or left is None:
            return ()
        # Each change of the row costs bytes on a slow link: minutes are enough while there are some.
        waited = f"{left / 60:.0f} min" if left >= 120 else f"{math.ceil(left)} s"
        return (
            f"watching, next attempt in {waited} (Esc: end)",
            f"next attempt in {waited}",
            f"retry in {waited}",
        )
