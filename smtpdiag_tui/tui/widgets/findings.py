"""The findings of the selected step in plain words."""

from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from smtpdiag_tui.engine.report import Report, Step
from smtpdiag_tui.engine.status import Status
from smtpdiag_tui.findings import Finding, Severity
from smtpdiag_tui.render.words import paragraphs
from smtpdiag_tui.tui.look import COLOURS, GLYPHS, PROBLEMS, SIDES, severity_look, stroke
from smtpdiag_tui.tui.navigation import SENDERS, has_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpdiag_tui.engine.judgement import SenderResult

_EMPTY = """\
Type the sender's and the recipient's address, and press Enter.
The tests run from here, as a sending server would make them; no mail is sent.
The DNS field may stay empty: then the system's servers are asked. Press ? for the keys."""

_ORDER = (Severity.FAILURE, Severity.UNKNOWN, Severity.WARNING, Severity.INFO)


class Findings(VerticalScroll, can_focus=True):
    """What was seen, what it means, whose side it is on, what to do, and the server's own words."""

    def __init__(self) -> None:
        super().__init__(id="findings")
        self.border_title = "Findings"
        self._shown: object = None
        self.text = Text(_EMPTY, "dim")
        self._body = Static(self.text, markup=False)

    def compose(self) -> ComposeResult:
        """Hold one text."""
        yield self._body

    def show(self, report: Report, step_id: str | None, *, explain: bool) -> None:
        """Show a step's findings, with `explain` also why the test is made."""
        step = report.steps.get(step_id) if step_id else None
        below = _problems_below(report, step) if step is not None and not has_problem(step) else []
        senders = report.senders if step_id == SENDERS else ()
        key = (step, explain, tuple(below), senders)
        if step is None or key == self._shown:
            return
        moved = not isinstance(self._shown, tuple) or self._shown[0].id != step.id
        self._shown = key
        self.text = _text(step, below, senders, explain=explain)
        self.border_title = Content(f"Findings {stroke('dot')} {step.title}")
        self._body.update(self.text)
        if moved:
            self.scroll_home(animate=False)


def _problems_below(report: Report, step: Step) -> list[Step]:
    return [item for item in report.descendants(step.id) if item.status in PROBLEMS and has_problem(item)]


def _text(step: Step, below: list[Step], senders: "Sequence[SenderResult]", *, explain: bool) -> Text:
    text = Text()
    if not has_problem(step):  # else the finding says it, and whole
        text.append(f"{GLYPHS[step.status]} {step.status}", f"bold {COLOURS[step.status]}")
        text.append(f"  {step.detail}\n" if step.detail else "\n")
    if step.stale:
        text.append("(of the earlier run)\n", "dim")
    for item in sorted(step.findings, key=lambda item: _ORDER.index(item.severity)):
        text.append("\n" if text else "")
        _finding(text, item)
    if senders:
        _senders(text, senders)
    if not step.findings and not below and not senders and step.status is Status.PASSED:
        text.append("Nothing to remark.\n", "dim")
    if below:
        text.append("Below this step:\n", "dim")
    for lower in below:
        text.append(f"{GLYPHS[lower.status]} {lower.title}: ", COLOURS[lower.status])
        text.append(f"{lower.findings[0].message}\n")
    if explain:
        text.append("\nWhy this test\n", "bold")
        text.append(paragraphs(step.explanation) or "This step is a part of the test above it.")
    text.rstrip()
    return text


def _senders(text: Text, senders: "Sequence[SenderResult]") -> None:
    from smtpdiag_tui.render.conclusion import sender_status  # not before the first frame

    text.append("\n" if text else "")
    for sender in senders:
        status = sender_status(sender)
        text.append(f"{GLYPHS[status]} ", f"bold {COLOURS[status]}").append(f"{sender.title}: ")
        text.append(sender.outcome.value, COLOURS[status]).append(f", {sender.summary}\n")


def _finding(text: Text, item: Finding) -> None:
    glyph, word, colour = severity_look(item.severity)
    text.append(f"{glyph} {word} ", f"bold {colour}")
    text.append(f"{item.message}\n", "bold")
    if item.meaning:
        text.append(f"{item.meaning}\n")
    if item.side:
        text.append("Whose side: ", "dim").append(f"{SIDES[item.side]}\n")
    if item.advice:
        text.append("What to do: ", "dim").append(f"{item.advice}\n")
    for line in item.evidence:
        text.append(f"{stroke('pipe')} ", "dim").append(f"{line}\n", "cyan")
    reference = f"{item.code}, {item.reference}" if item.reference else item.code
    text.append(f"{reference}\n", "dim")
