"""What is said where a bounce is set beside a run: as text, Markdown, JSON, or the end of one line. Pure."""

import json
from typing import TYPE_CHECKING

from smtpdiag_tui.render.markdown_text import escape
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.render.words import moment
from smtpdiag_tui.report.visible import visible

if TYPE_CHECKING:
    from datetime import datetime

    from smtpdiag_tui.bounces.then_and_now import Beside

LABELS = ("Then", "Now", "Compared")


def compared(beside: "Beside") -> str:
    """Return the verdict with what it rests on."""
    if not beside.because:
        return visible(beside.verdict.words)
    link = ", because " if beside.verdict.is_sure else "; "
    return visible(f"{beside.verdict.words}{link}{beside.because}")


def beside_fields(beside: "Beside", at: "datetime | None" = None) -> tuple[tuple[str, str], ...]:
    """Return labels and sentences; `at` is when it happened then."""
    then = f"{beside.then}, {moment(at)}" if at is not None else beside.then
    return tuple(zip(LABELS, (visible(then), visible(beside.now), compared(beside)), strict=True))


def beside_text(
    beside: "Beside", at: "datetime | None" = None, *, colour: bool = False, ascii_only: bool = False
) -> str:
    """Return the lines of text that stand above the report of a run."""
    page = Page(colour=colour, ascii_only=ascii_only)
    for label, words in beside_fields(beside, at):
        page.labelled(label, words)
    return page.text()


def beside_markdown(beside: "Beside", at: "datetime | None" = None) -> str:
    """Return the same as Markdown."""
    lines = [f"- **{label}:** {escape(words)}" for label, words in beside_fields(beside, at)]
    return "\n".join(lines) + "\n"


def with_run(replies: str, report: str, beside: "Beside", reply: int) -> str:
    """Return one JSON object of three: the explanation, the report of the run, and the comparison.

    `reply` is the place in `replies` of the delivery that was run, from 0.
    """
    value = {
        "reply": reply,
        "then": beside.then,
        "now": beside.now,
        "because": beside.because or None,
        "verdict": beside.verdict.value,
        "sentence": beside.line,
        "step": beside.step or None,
    }
    head = replies.rstrip().removesuffix("}").rstrip()
    told = json.dumps(value, indent=2).replace("\n", "\n  ")
    run = report.rstrip().replace("\n", "\n  ")
    return f'{head},\n  "run": {run},\n  "beside": {told}\n}}\n'


def beside_summary(summary: str, beside: "Beside") -> str:
    """Return the line of a report with the comparison behind it."""
    return f"{summary.rstrip()}; then {visible(beside.then)}, {compared(beside)}\n"
