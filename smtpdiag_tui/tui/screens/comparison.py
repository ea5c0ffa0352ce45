"""The overlay with a comparison of two runs: each line can be followed to the step that it is about."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import parent_id
from smtpdiag_tui.tui.drawing.comparison_text import comparison_lines
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.screens.lines import LinesScreen, spaced

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.text import Text

    from smtpdiag_tui.report.comparison import Comparison

_KEYS = ("Enter: go to the step", "c: copy", "Esc: back")


class ComparisonScreen(LinesScreen[str | None]):
    """Shows a comparison; returns the id of a step of the report that is `shown` below, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,d,q", "dismiss(None)", "Back"),
        Binding("c", "copy", "Copy"),
        Binding("question_mark,f1", "app.help", "Help", show=False),
    ]

    def __init__(self, found: "Comparison", shown: Report, copy: "Callable[[Comparison], None]") -> None:
        super().__init__()
        self._found = found
        self._below = shown
        self._copy = copy
        self._lines = comparison_lines(found, 0)

    def compose(self) -> ComposeResult:
        """Lay out the lines over the whole screen."""
        with Vertical(id="comparison", classes="whole") as box:
            box.border_title = "Comparison"
            box.border_subtitle = f" {stroke('dot')} ".join(_KEYS)
            yield OptionList(id="compared")

    def texts(self, width: int) -> "Sequence[Text]":
        """Return the lines; they are what is selected and copied from now on."""
        self._lines = comparison_lines(self._found, width)
        return [spaced(line.text, first=line.first) for line in self._lines]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the step that a line is about, in the run that is shown; where it has none, stay."""
        event.stop()
        steps = self._lines[event.option_index].steps
        own, other = reversed(steps) if self._found.new is self._below else steps
        step = self._nearest(own or other)
        if step:
            self.dismiss(step)
        else:
            self.notify("No single step tells this", markup=False)

    def _nearest(self, step_id: str) -> str:
        """Return a step of the run that is shown: that one, or where it has none such the nearest above it."""
        place: str | None = step_id
        while place and place not in self._below.steps:
            place = parent_id(place)
        return place or ""

    def action_copy(self) -> None:
        """Copy the comparison as Markdown."""
        self._copy(self._found)
