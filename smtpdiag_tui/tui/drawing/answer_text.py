"""The answer as the interface draws it, on a screen of its own; the senders stand beside their step too. Pure."""

from collections.abc import Iterable

from rich.text import Text

from smtpdiag_tui.render.answer import Answer, AnswerSender, Trouble, answer_of
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, run_look


def answer_text(report: Report) -> Text:
    """Return outcome, headline and fields in the order of the reports, then problems, profiles and checks."""
    answer = answer_of(report)
    glyph, word, colour = run_look(report)
    text = Text.assemble(
        (f" {glyph} {word} ", f"bold reverse {colour}"), "\n\n", (answer.headline, "bold"), "\n\n"
    )
    for label, words in _fields(answer):
        if words:
            text.append(f"{label}: ", "dim").append(f"{words}\n")
    for trouble in answer.troubles:
        _add_trouble(text, trouble)
    for group in answer.profiles:
        _add_glyph(text, group.status)
        text.append(f"{group.line}\n")
    text.rstrip()
    return text


def _fields(answer: Answer) -> list[tuple[str, str]]:
    actions = [("Action", str(action)) for action in answer.actions]
    fields = [("Delivery", answer.delivery), ("Cause", answer.why), ("Responsible", answer.responsible), *actions]
    reply = answer.reply.text if answer.reply is not None else ""
    return [*fields, ("Problems", answer.problems_line), ("Reply", reply)]


def _add_trouble(text: Text, trouble: Trouble) -> None:
    _add_glyph(text, trouble.status)
    text.append(f"{trouble.headline}\n")
    for action in trouble.actions:
        text.append(f"  {action}\n")


def add_senders(text: Text, senders: Iterable[AnswerSender]) -> None:
    """Add a line for each sender: how the mail ends with it, and why."""
    for sender in senders:
        _add_glyph(text, sender.status)
        text.append(f"{sender.title}: ")
        text.append(sender.outcome.value, COLOURS[sender.status]).append(f", {sender.summary}\n")


def _add_glyph(text: Text, status: Status) -> None:
    text.append(f"{GLYPHS[status]} ", f"bold {COLOURS[status]}")
