"""The overlay with what a watch has seen so far: each change in a line, and when the next attempt is."""

import time
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.status import OUTCOME_STATUS
from smtpdiag_tui.tui.drawing.conversation_lines import hanging
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, stroke
from smtpdiag_tui.tui.model.watch import WatchState

_REFRESH = 1.0  # seconds
_FRAME = 5  # columns that border, padding and scrollbar take
_KEYS = ("Enter: try now", "c: copy", "x: end the watch", "Esc: close")


class WatchScreen(ModalScreen[str | None]):
    """Shows a watch while it goes on; returns "now" for an attempt at once, "end" for its end, or None."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,W,q", "dismiss(None)", "Close"),
        Binding("c", "copy", "Copy"),
        Binding("x", "dismiss('end')", "End"),
        Binding("question_mark,f1", "app.help", "Help", show=False),
    ]

    def __init__(self, look: Callable[[], WatchState | None], copy: Callable[[], None]) -> None:
        super().__init__()
        self._look = look
        self._copy_all = copy
        self._shown = (-1, 0)

    def compose(self) -> ComposeResult:
        """Lay out the changes below how it stands."""
        with Vertical(id="watch", classes="whole") as box:
            box.border_title = "Watch"
            box.border_subtitle = f" {stroke('dot')} ".join(_KEYS)
            yield Label("", classes="words", markup=False)
            yield OptionList(id="changes")

    def on_mount(self) -> None:
        """Show what there is, and what comes."""
        self.query_one(OptionList).focus()
        self._show()
        self.set_interval(_REFRESH, self._show)

    def on_resize(self) -> None:
        """Break the lines for another width."""
        self._shown = (-1, 0)
        self._show()

    def _show(self) -> None:
        watched = self._look()
        if watched is None:
            return
        self.query_one(".words", Label).update(_state(watched))
        width = max(20, self.app.size.width - _FRAME)
        shown = (watched.seen, width)
        if shown == self._shown:
            return
        self._shown = shown
        listed = self.query_one(OptionList)
        at_the_end = listed.highlighted in (None, listed.option_count - 1)
        here = listed.highlighted
        listed.clear_options()
        for change in watched.changes:
            when = Text(f"{change.at:%m-%d %H:%M:%S} UTC ", "dim")
            style = "" if change.outcome is None else COLOURS[OUTCOME_STATUS[change.outcome]]
            listed.add_option(Option(hanging(Text(change.words, style), when, Text(" " * when.cell_len), width)))
        if listed.option_count:
            listed.highlighted = listed.option_count - 1 if at_the_end else here

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Try at once."""
        event.stop()
        self.dismiss("now")

    def action_copy(self) -> None:
        """Copy all changes."""
        self._copy_all()


def _state(watched: WatchState) -> str:
    attempts = counted(watched.attempts, "attempt")
    if watched.ended:
        return f"Ended after {attempts}"
    left = watched.left(time.monotonic())
    return f"{attempts}; {'an attempt is under way' if left is None else watched.words(time.monotonic())[1]}"
