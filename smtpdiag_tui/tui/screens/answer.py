"""The answer whole: outcome, causes, what senders would do, what else was found, and what to do."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.tui.drawing.answer_text import answer_text


class AnswerScreen(ModalScreen[None]):
    """The answer overlay."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,a,q,enter", "dismiss", "Close")]

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report

    def compose(self) -> ComposeResult:
        """Show the answer."""
        with VerticalScroll(id="answer") as box:
            box.border_title = "Answer"
            box.border_subtitle = "arrows scroll, Escape closes"
            yield Static(answer_text(self._report), markup=False)
