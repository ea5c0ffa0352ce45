"""The answer as the interface draws it, on a screen of its own; the senders stand beside their step too. Pure."""

from collections.abc import Iterable, Sequence

from rich.text import Text

from smtpdiag_tui.render.answer import (
    ADVICE_TITLE,
    SENDERS_TITLE,
    Answer,
    AnswerCause,
    AnswerSender,
    Aside,
    answer_of,
    first_of,
)
from smtpdiag_tui.render.words import with_reference
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, SIDES, run_look

_SHOWN_STEPS = 4  # of a cause


def answer_text(report: Report) -> Text:
    """Return outcome, side, causes, senders, what to do, and what else was found."""
    answer = answer_of(report)
    glyph, word, colour = run_look(report)
    text = Text.assemble((f" {glyph} {word} ", f"bold reverse {colour}"), "\n\n", answer.summary, "\n")
    if answer.side:
        text.append("\nWhose side: ", "dim").append(f"{SIDES[answer.side]}\n")
    for cause in answer.causes:
        _add_cause(text, cause)
    _add_all_senders(text, answer)
    _add_advice(text, list(map(str, answer.actions)))
    for aside in answer.asides:
        _add_aside(text, aside)
    _add_problems(text, answer)
    text.rstrip()
    return text


def add_senders(text: Text, senders: Iterable[AnswerSender]) -> None:
    """Add a line for each sender: how the mail ends with it, and why."""
    for sender in senders:
        _add_glyph(text, sender.status)
        text.append(f"{sender.title}: ")
        text.append(sender.outcome.value, COLOURS[sender.status]).append(f", {sender.summary}\n")


def _add_glyph(text: Text, status: Status) -> None:
    text.append(f"{GLYPHS[status]} ", f"bold {COLOURS[status]}")


def _add_cause(text: Text, cause: AnswerCause) -> None:
    text.append("\nCause: ", "bold")
    _add_glyph(text, cause.status)
    text.append(f"{cause.message}\n", "bold")
    if cause.meaning:
        text.append(f"{cause.meaning}\n")
    steps, more = first_of(cause.steps, _SHOWN_STEPS)
    code = with_reference(cause.code, None, cause.reason)
    text.append(f"{SIDES[cause.side]}, {code}; seen at {', '.join(steps)}", "dim")
    text.append(f" and {more} more\n" if more else "\n", "dim")


def _add_all_senders(text: Text, answer: Answer) -> None:
    if not answer.senders:
        return
    text.append(f"\n{SENDERS_TITLE}\n", "bold")
    if answer.alike:
        text.append(f"All alike: {answer.senders[0].outcome.value}.\n")
    else:
        add_senders(text, answer.senders)


def _add_advice(text: Text, advice: Sequence[str]) -> None:
    if advice:
        text.append(f"\n{ADVICE_TITLE}\n", "bold")
    for number, words in enumerate(advice, 1):
        text.append(f"{number}. {words}\n")


def _add_aside(text: Text, aside: Aside) -> None:
    text.append(f"\n{aside.title}\n", "bold")
    for status, words in aside.lines:
        _add_glyph(text, status)
        text.append(f"{words}\n")


def _add_problems(text: Text, answer: Answer) -> None:
    if answer.problems:
        text.append(f"\n{answer.problems_title}\n", "bold")
    for problem in answer.problems:
        _add_glyph(text, problem.status)
        text.append(f"{problem.finding.message}\n")
        text.append(f"  {problem.where}\n", "dim")
