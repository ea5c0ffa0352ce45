"""The outcome line: always in view, the answer at once."""

import math
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from smtpdiag_tui.render.waits import wait_words
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.tui.drawing import header
from smtpdiag_tui.tui.drawing.conversation_lines import row_ends
from smtpdiag_tui.tui.drawing.glyphs import GLYPHS, bar, stroke
from smtpdiag_tui.tui.drawing.header import FADED
from smtpdiag_tui.tui.model.live_report import Around
from smtpdiag_tui.tui.model.navigation import waits_for_second_try

if TYPE_CHECKING:
    from datetime import datetime

_BAR = 10
_ROWS = 2  # always: what stands below must not jump
_READY = "Enter sender and recipient, then press Enter"
_ALONE = Around()


class OutcomeLine(Static):
    """Outcome with what changed and where the run was held, below it the headline; or what is awaited.

    `text` is all of it, whatever fits.
    """

    def __init__(self, whole_key: str = "a") -> None:
        super().__init__("", id="outcome", markup=False)
        self.text = Text()
        self.problem: str | None = None
        self._whole_key = whole_key
        self._fitted = Text()
        self._shown: tuple[Report, float, float, Around] | None = None
        self._origin: tuple[str, ...] = ()
        self._origin_of: tuple[Report | None, tuple[bool, datetime | None]] = (None, (False, None))

    def show(self, report: Report, now: float, elapsed: float, around: Around = _ALONE) -> None:
        """Show how the run stands; a problem comes first, until it is mended or put aside.

        `now` is in seconds from the report's start, `elapsed` from that of this run.
        """
        self._shown = (report, now, elapsed, around)
        self.text = Text("\n").join(self._rows(0))
        self._fit()

    def on_resize(self) -> None:
        """Choose what fits for another width."""
        self._fit()

    def _fit(self) -> None:
        if self._shown is None:
            return
        hint = f"{stroke('cut')} ({self._whole_key}: all)"
        fitted = _cut(self._rows(self.size.width), self.size.width, hint)
        if fitted != self._fitted:
            self._fitted = fitted
            self.update(fitted, layout=False)  # its rows are always as many

    def _rows(self, width: int) -> list[Text]:
        """Return the rows for a width, the last of which may have to be broken or cut; all there is for 0."""
        if self._shown is None:
            return []
        report, now, elapsed, around = self._shown
        if self.problem is not None:
            return [Text.assemble((f"{GLYPHS[Status.FAILED]} ", "bold red"), (self.problem, "red"))]
        if report.status is Status.RUNNING:
            return _running(report, now, elapsed, around, width)
        if report.outcome is None:
            return [Text(_READY, FADED)]
        badge = header.badge_of(report, around.about)
        parts = header.ended_parts(report, around, self._from(report, around))
        row = header.row_of(badge, parts, width)
        return [row, Text(header.headline(report), FADED if around.about else "")]

    def _from(self, report: Report, around: Around) -> tuple[str, ...]:
        """Return from where a run was held: gathered from all its steps, so once for each report."""
        about = (around.saved, around.at)
        if self._origin_of[0] is not report or self._origin_of[1] != about:
            self._origin = header.origin_of(report, saved=around.saved, at=around.at)
            self._origin_of = (report, about)
        return self._origin


def _cut(rows: list[Text], width: int, hint: str) -> Text:
    """Return what fits, with a mark and the way to the rest where something does not."""
    broken = [part for row in rows for part in (row.divide(row_ends(row.plain, width)) if width > 0 else [row])]
    if len(broken) > _ROWS:
        last = broken[_ROWS - 1]
        last.truncate(max(0, width - len(hint)))
        last.rstrip()
        last.append(hint, FADED)
    for row in broken:
        row.rstrip()
    return Text("\n").join(broken[:_ROWS])


def _running(report: Report, now: float, elapsed: float, around: Around, width: int) -> list[Text]:
    """Return how far a run is and what is awaited; below it the verdict that stands until there is a new one."""
    done = len([step for step in report.steps.values() if step.status.ended])
    text = Text.assemble(
        (f" {GLYPHS[Status.RUNNING]} RUNNING ", "bold reverse cyan"),
        f" {around.about}: " if around.about else " ",
        f"{done} of {len(report.steps)} steps, {elapsed:.0f} s ",
    )
    ready, to_come = bar(_BAR * done // max(1, len(report.steps)), _BAR)
    progress, awaited = (
        Text.assemble((ready, "cyan"), (to_come, FADED)),
        _awaited_words(report, now, second_try=around.second_try),
    )
    below = None if around.before is None else header.verdict_before(around.before, cancelled=around.cancelled)
    whole = text.cell_len + progress.cell_len + awaited.cell_len
    if not width or whole <= width or below is None:
        text.append_text(progress)
    if width and below is None and whole > width:
        below = Text(" ").append_text(awaited)  # a wait broken within would read as another
    else:
        text.append_text(awaited)
    rows = [text] if below is None else [text, below]
    for row in rows:
        if width:
            row.truncate(width, overflow="ellipsis")
    return rows


def _awaited_words(report: Report, now: float, *, second_try: bool) -> Text:
    awaited = _awaited(report)
    text = Text()
    if awaited is None:
        return text
    waited = now - awaited.started if awaited.started is not None else 0.0
    if waits_for_second_try(awaited):
        left = max(0, math.ceil((awaited.limit or 0.0) - waited))
        how = "keep the earlier result" if second_try else "cancel the run"
        text.append(f"  {awaited.title} greylisted: retry in {left} s").append(f" (Escape: {how})", FADED)
    else:
        text.append(f"  {_named(report, awaited)}:")
        text.append(f" {wait_words(waited, awaited.limit)}", FADED)
    return text


def _awaited(report: Report) -> Step | None:
    """Return the wait that has lasted longest, among the steps with a limit of their own.

    What waits for a second try comes last: by itself, the limit of another says nothing about it.
    """
    waits = [step for step in report.steps.values() if step.status is Status.RUNNING and step.limit is not None]
    return min(waits, key=lambda step: (waits_for_second_try(step), step.started or 0.0), default=None)


def _named(report: Report, step: Step) -> str:
    above = report.steps.get(step.parent or "")
    return f"{step.title}, {above.title}" if above is not None else step.title
