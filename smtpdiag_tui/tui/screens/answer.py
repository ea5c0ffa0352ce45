"""The answer whole: each thing it says can be selected, copied, and followed to the step that it rests on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.tui.drawing.answer_text import answer_lines
from smtpdiag_tui.tui.drawing.glyphs import stroke

if TYPE_CHECKING:
    from smtpdiag_tui.bounces.then_and_now import Beside

_FRAME = 5  # columns that border, padding and scrollbar take
_KEYS = ("Enter: go to the step", "c: copy the line", "Esc: close")


class _Lines(OptionList):
    """A list that goes on by a page where it is asked to: what comes next stands at the top then."""

    def action_page_down(self) -> None:
        """Go on by a page."""
        super().action_page_down()  # type: ignore[no-untyped-call]
        self._turn()

    def action_page_up(self) -> None:
        """Go back by a page."""
        super().action_page_up()  # type: ignore[no-untyped-call]
        self._turn()

    def _turn(self) -> None:
        if self.highlighted is not None:
            self.scroll_to(y=self._index_to_line[self.highlighted], animate=False, immediate=True, force=True)


class AnswerScreen(ModalScreen[str | None]):
    """The answer overlay; returns the id of the step to go to, or None. `copy` is given a line's number."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,a,q", "dismiss(None)", "Close"),
        Binding("c", "copy", "Copy"),
        Binding("question_mark,f1", "app.help", "Help", show=False),
    ]

    def __init__(
        self, report: Report, copy: Callable[[int], None], *, saved: bool = False, beside: "Beside | None" = None
    ) -> None:
        super().__init__()
        self._report = report
        self._copy = copy
        self._saved = saved
        self._beside = beside
        self._lines = answer_lines(report, 0, saved=saved, beside=beside)

    def compose(self) -> ComposeResult:
        """Lay out the lines over the whole screen."""
        with Vertical(id="answer", classes="whole") as box:
            box.border_title = "Answer"
            box.border_subtitle = f" {stroke('dot')} ".join(_KEYS)
            yield _Lines(id="lines")

    def on_mount(self) -> None:
        """Begin at the top."""
        self._fill(self.app.size.width)
        self.query_one(OptionList).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines for another width; what was selected stays so."""
        self._fill(event.size.width)

    def _fill(self, width: int) -> None:
        listed = self.query_one(OptionList)
        here = listed.highlighted or 0
        self._lines = answer_lines(self._report, max(20, width - _FRAME), saved=self._saved, beside=self._beside)
        listed.clear_options()
        listed.add_options([Option(_spaced(line.text, first=line.first)) for line in self._lines])
        listed.highlighted = min(here, len(self._lines) - 1)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the step that a line rests on; where there is none, stay."""
        event.stop()
        step = self._lines[event.option_index].step
        if step:
            self.dismiss(step)
        else:
            self.notify("No single step tells this", markup=False)

    def action_copy(self) -> None:
        """Copy the line that is selected."""
        chosen = self.query_one(OptionList).highlighted
        if chosen is not None:
            self._copy(chosen)


def _spaced(text: Text, *, first: bool) -> Text:
    """Return a line as it is listed: a section begins behind an empty row."""
    return Text("\n").append_text(text) if first else text
