"""The answer whole: outcome, causes, what senders would do, what else was found, and what to do."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from smtpdiag_tui.render.conclusion import asides, cause_status, found_title, nobody_asked, sender_status
from smtpdiag_tui.render.problems import reasons
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, SIDES, outcome_look, severity_look

_SHOWN_STEPS = 4  # of a cause


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


def answer_text(report: Report) -> Text:
    """Return outcome, side, reasons and advice."""
    outcome = report.outcome or Outcome.UNKNOWN
    glyph, word, colour = outcome_look(outcome)
    if report.status is Status.CANCELLED:
        glyph, word, colour = GLYPHS[Status.CANCELLED], "CANCELLED", COLOURS[Status.WARNING]
    text = Text.assemble((f" {glyph} {word} ", f"bold reverse {colour}"), "\n\n", report.summary, "\n")
    if report.side:
        text.append("\nWhose side: ", "dim").append(f"{SIDES[report.side]}\n")
    for cause in report.causes:
        _cause(text, cause, report)
    _senders(text, report)
    if report.advice:
        text.append("\nWhat to do\n", "bold")
    for number, advice in enumerate(report.advice, 1):
        text.append(f"{number}. {advice}\n")
    for title, lines in asides(report):
        text.append(f"\n{title}\n", "bold")
        for status, words in lines:
            text.append(f"{GLYPHS[status]} ", f"bold {COLOURS[status]}").append(f"{words}\n")
    found = reasons(report)
    if found:
        text.append(f"\n{found_title(report)}\n", "bold")
    for reason in found:
        glyph, _, colour = severity_look(reason.finding.severity)
        text.append(f"{glyph} ", f"bold {colour}").append(f"{reason.finding.message}\n")
        text.append(f"  {reason.where}\n", "dim")
    text.rstrip()
    return text


def _senders(text: Text, report: Report) -> None:
    if not report.senders:
        return
    text.append("\nWhat senders would do\n", "bold")
    if nobody_asked(report.senders):
        text.append(f"All alike: {report.senders[0].outcome.value}.\n")
        return
    for sender in report.senders:
        status = sender_status(sender)
        text.append(f"{GLYPHS[status]} ", f"bold {COLOURS[status]}").append(f"{sender.title}: ")
        text.append(f"{sender.outcome.value}", COLOURS[status]).append(f", {sender.summary}\n")


def _cause(text: Text, cause: Cause, report: Report) -> None:
    status = cause_status(cause, report.outcome)
    text.append("\nCause: ", "bold").append(f"{GLYPHS[status]} ", f"bold {COLOURS[status]}")
    text.append(f"{cause.message}\n", "bold")
    if cause.meaning:
        text.append(f"{cause.meaning}\n")
    shown = cause.evidence[:_SHOWN_STEPS]
    more = len(cause.evidence) - len(shown)
    text.append(f"{SIDES[cause.side]}, {cause.code}; seen at {', '.join(shown)}", "dim")
    text.append(f" and {more} more\n" if more > 0 else "\n", "dim")
