"""The overlay with the kept runs: filtered, opened, and compared with the one that is shown."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from smtpdiag_tui.render.history import pair_of, time_of
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.kept_run import KeptRun
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.tui.drawing.comparison_text import outcome_look
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.model.history import History, HistoryError, filtered
from smtpdiag_tui.tui.screens.comparison import ComparisonScreen

if TYPE_CHECKING:
    from smtpdiag_tui.report.comparison import Comparison

_APART = 0.001  # seconds: files have milliseconds
_FRAME = 5  # columns that border, padding and scrollbar take
_KEYS = ("Enter: show", "d: compare", "/: filter", "Esc: close")


@dataclass(frozen=True, slots=True)
class Opened:
    """A run that was picked, and the key that it is listed with."""

    report: Report
    key: str


class HistoryScreen(ModalScreen["Opened | str | None"]):
    """Lists kept runs, the newest first; returns the run picked, the step that a comparison led to, or None.

    `shown` is the report below, None where there is none to compare with; `copy` is given a comparison.
    """

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "step_out", "Close"),
        Binding("h,q", "dismiss(None)", "Close", show=False),
        Binding("d", "compare", "Compare"),
        Binding("slash", "filter", "Filter"),
        Binding("question_mark,f1", "app.help", "Help", show=False),
    ]

    def __init__(
        self, history: History, shown: Report | None, copy: "Callable[[Comparison], None]", key: str = ""
    ) -> None:
        """`key`: with which the report that is shown was listed, "" for one that was not opened from a list."""
        super().__init__()
        self._key = key
        self._shown_run: KeptRun | None = None
        self._digits = 1
        self._history = history
        self._below = shown
        self._copy = copy
        self._kept: Sequence[KeptRun] | None = None
        self._runs: list[KeptRun] = []
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay out the list below one sentence."""
        with Vertical(id="history", classes="whole") as box:
            box.border_title = "History"
            box.border_subtitle = f" {stroke('dot')} ".join(_KEYS)
            yield Label(f"Reading the saved runs{stroke('cut')}", classes="words", markup=False)
            yield Input(placeholder="filter", id="history-filter", classes="filter", compact=True)
            yield OptionList(id="kept")

    def on_mount(self) -> None:
        """Read the list, beside the drawing."""
        self.query_one(OptionList).focus()
        self.run_worker(self._load(), exit_on_error=False)

    async def _load(self) -> None:
        try:
            kept = await asyncio.to_thread(self._history.listed)
        except HistoryError as error:
            self._say(str(error))
            return
        self._kept, self._shown_run = kept, self._find_shown(kept)
        self._digits = max((len(str(run.number)) for run in kept), default=1)
        self._fill()

    def _fill(self) -> None:
        """List what the filter leaves; what was selected stays so."""
        if self._kept is None:
            return
        listed = self.query_one(OptionList)
        before = self._selected()
        words = self.query_one("#history-filter", Input).value
        self._runs = filtered(self._kept, words)
        width = self.app.size.width - _FRAME
        listed.clear_options()
        listed.add_options([Option(self._row(run, width)) for run in self._runs])
        if self._runs:
            listed.highlighted = self._runs.index(before) if before in self._runs else 0
        if not self._kept:
            self._say("No saved run yet; each run is kept when it ends")
        elif words.strip():
            self._say(f"{len(self._runs)} of {len(self._kept)} match")
        else:
            self._say(f"{counted(len(self._kept), 'saved run')}, newest first; times are UTC")

    def _row(self, run: KeptRun, width: int) -> Text:
        """Return one run in two rows: when, what came of it and why; who writes to whom, and from where."""
        glyph, word, colour = outcome_look(run.outcome, cancelled=run.cancelled, error=bool(run.error))
        first = Text.assemble(
            (f"{glyph} ", colour), (f"{run.number or '-':>{self._digits}}  ", "dim"), time_of(run)
        )
        first.append("  " if run.started else "").append(word, colour)
        first.append(f" ({run.reason})" if run.reason else "")
        first.append("  shown" if run is self._shown_run else "", "bold").append(f"  {run.where}", "dim")
        indent = " " * (4 + self._digits)
        second = Text.assemble(indent, (run.error, "red") if run.error else (pair_of(run), "bold"))
        for row in (first, second):
            row.truncate(max(20, width), overflow="ellipsis")
        return first.append("\n").append_text(second)

    def _find_shown(self, kept: Sequence[KeptRun]) -> KeptRun | None:
        """Return the run that is shown: it was opened from here, or is the newest that began with that report."""
        below = self._below
        if below is None:
            return None
        opened = (run for run in kept if run.key == self._key)
        pair = (below.settings.sender, below.settings.recipient)
        began = (
            run
            for run in kept
            if run.started is not None
            and run.pair == pair
            and abs((below.started - run.started).total_seconds()) < _APART
        )
        return next(opened, None) or next(began, None)

    def on_resize(self) -> None:
        """Fit the rows to another width."""
        self._fill()

    def _selected(self) -> KeptRun | None:
        place = self.query_one(OptionList).highlighted
        return self._runs[place] if place is not None and place < len(self._runs) else None

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        """Show a run."""
        event.stop()
        if event.option_index < len(self._runs):
            run = self._runs[event.option_index]
            self._work(run, lambda report: self.dismiss(Opened(report, run.key)))

    def action_compare(self) -> None:
        """Compare the selected run with the one that is shown."""
        run = self._selected()
        if run is None:
            return
        if self._below is None:
            self._say("Nothing is shown to compare with; Enter: show this run")
        elif run is self._shown_run:
            self._say("This run is the one that is shown; select another one")
        else:
            self._work(run, self._compare)

    def _work(self, run: KeptRun, done: Callable[[Report], object]) -> None:
        """Read a run beside the drawing; one at a time."""
        if self._busy:
            return
        self._busy = True
        self._say(f"Reading{stroke('cut')}")
        self.run_worker(self._read(run, done), exit_on_error=False)

    async def _read(self, run: KeptRun, done: Callable[[Report], object]) -> None:
        try:
            report = await asyncio.to_thread(self._history.read, run.key)
        except HistoryError as error:
            self._say(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the overlay stays and tells it
            self._say(f"Not shown, smtpdiag failed: {error!r:.100}")
        else:
            self._fill()
            done(report)
        finally:
            self._busy = False

    def _compare(self, report: Report) -> None:
        self.run_worker(self._beside(report), exit_on_error=False)

    async def _beside(self, report: Report) -> None:
        from smtpdiag_tui.tui.actions.history import compared

        below = self._below
        if below is None:
            return
        found = await compared(below, report)

        def go(step: str | None) -> None:
            if step:
                self.dismiss(step)

        self.app.push_screen(ComparisonScreen(found, below, self._copy), go)

    @on(Input.Changed)
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._fill()

    @on(Input.Submitted)
    def _filter_kept(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(OptionList).focus()

    def action_filter(self) -> None:
        """Type what the rows must hold."""
        field = self.query_one("#history-filter", Input)
        field.add_class("open")
        field.focus()

    def action_step_out(self) -> None:
        """Drop the filter; without one, close."""
        field = self.query_one("#history-filter", Input)
        if not (field.value or field.has_class("open")):
            self.dismiss(None)
            return
        field.value = ""
        field.remove_class("open")
        self.query_one(OptionList).focus()

    def _say(self, text: str) -> None:
        self.query_one(".words", Label).update(text)
