"""The answer whole: outcome, whose side, all reasons, and what to do."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from smtpdiag_tui.engine.report import Report
from smtpdiag_tui.engine.status import Outcome
from smtpdiag_tui.render.reasons import reasons
from smtpdiag_tui.tui.look import SIDES, outcome_look, severity_look


class AnswerScreen(ModalScreen[None]):
    """The answer overlay."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,a,q,enter", "dismiss", "Close")]

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report

    def compose(self) -> ComposeResult:
        """Show the answer."""
        with VerticalScroll(id="answer") as box:
            box.border_title = "Answer"
            yield Static(answer_text(self._report), markup=False)


def answer_text(report: Report) -> Text:
    """Return outcome, side, reasons and advice."""
    outcome = report.outcome or Outcome.UNKNOWN
    glyph, word, colour = outcome_look(outcome)
    text = Text.assemble((f" {glyph} {word} ", f"bold reverse {colour}"), "\n\n", report.summary, "\n")
    if report.side:
        text.append("\nWhose side: ", "dim").append(f"{SIDES[report.side]}\n")
    found = reasons(report)
    if found:
        text.append("\nFound on the way\n" if outcome is Outcome.ACCEPTED else "\nReasons\n", "bold")
    for reason in found:
        glyph, _, colour = severity_look(reason.finding.severity)
        text.append(f"{glyph} ", f"bold {colour}").append(f"{reason.finding.message}\n")
        text.append(f"  {reason.where}\n", "dim")
    if report.advice:
        text.append("\nWhat to do\n", "bold")
    for number, advice in enumerate(report.advice, 1):
        text.append(f"{number}. {advice}\n")
    text.rstrip()
    return text
