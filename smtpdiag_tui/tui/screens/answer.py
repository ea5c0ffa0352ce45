"""The answer whole: each thing it says can be selected, copied, and followed to the step that it rests on."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.tui.drawing.answer_text import answer_lines
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.screens.lines import LinesScreen, spaced

if TYPE_CHECKING:
    from smtpdiag_tui.bounces.then_and_now import Beside

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


class AnswerScreen(LinesScreen[str | None]):
    """The answer overlay; returns the id of the step to go to, or None. `copy` is given a line's number."""

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

    def texts(self, width: int) -> Sequence[Text]:
        """Return the lines; they are what is selected and copied from now on."""
        self._lines = answer_lines(self._report, width, saved=self._saved, beside=self._beside)
        return [spaced(line.text, first=line.first) for line in self._lines]

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
