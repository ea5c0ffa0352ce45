"""A comparison as the interface draws it: lines that can be gone through, each with the step it is about. Pure."""

from dataclasses import dataclass

from rich.text import Text

from smtpdiag_tui.render.comparison.text import NO_CHANGE
from smtpdiag_tui.render.comparison.words import (
    PARTIAL,
    fact_lines,
    headline,
    origin,
    parties,
    problems_line,
    sections,
)
from smtpdiag_tui.report.comparison import Comparison
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import OUTCOME_STATUS, Outcome, Status
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.tui.drawing.conversation_lines import hanging
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, run_look, spelt, stroke

_LABEL = 13  # columns


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """One thing that a comparison says: how it is drawn, and the ids of its steps in the older and the newer run.

    An id is "" where that run has no such step. `first`: it begins a section.
    """

    text: Text
    steps: tuple[str, str] = ("", "")
    first: bool = False


def comparison_lines(found: Comparison, width: int) -> tuple[ComparisonLine, ...]:
    """Return the lines of a comparison, broken to `width` columns."""
    page = _Page(width)
    old, new = run_look(found.old), run_look(found.new)
    outcome = Text()
    for number, (glyph, word, colour) in enumerate((old, new) if old != new else (new,)):
        outcome.append(f" {stroke('becomes')} " if number else "").append(f"{glyph} {word}", f"bold {colour}")
    page.add(outcome.append(f"  {visible(parties(found))}"))
    page.add(Text(spelt(headline(found)), "bold"))
    for label, report in (("Old", found.old), ("New", found.new)):
        page.line(label, f"{_told(report)}, {origin(report)}", first=label == "Old")
    for line in fact_lines(found.questions):
        page.line(line.label, line.told(stroke("becomes")))
    page.line("Problems", problems_line(found) or "none in either run")
    if found.partial:
        page.line("Note", PARTIAL)
    for number, line in enumerate(fact_lines(found.facts)):
        page.line(line.label, line.told(stroke("becomes")), line.steps, title="" if number else "Changes")
    for title, problems in sections(found):
        for number, problem in enumerate(problems):
            was = f" (was: {problem.was})" if problem.was else ""
            page.judged(problem.status, f"{problem.headline}{was}", problem.steps, title="" if number else title)
    if found.is_none:
        page.line("", NO_CHANGE.rstrip("."), first=True)
    return tuple(page.lines)


def _told(report: Report) -> str:
    return (report.headline or report.summary).rstrip(".")


def outcome_look(outcome: Outcome | None, *, cancelled: bool, error: bool) -> tuple[str, str, str]:
    """Return glyph, word and colour of a kept run."""
    if error:
        return GLYPHS[Status.UNKNOWN], "unreadable", COLOURS[Status.UNKNOWN]
    if cancelled:
        return GLYPHS[Status.CANCELLED], "cancelled", COLOURS[Status.CANCELLED]
    status = OUTCOME_STATUS[outcome or Outcome.UNKNOWN]
    return GLYPHS[status], (outcome or Outcome.UNKNOWN).value, COLOURS[status]


class _Page:
    """Collects lines."""

    def __init__(self, width: int) -> None:
        self.lines: list[ComparisonLine] = []
        self._width = width

    def add(self, text: Text, steps: tuple[str, str] = ("", ""), *, first: bool = False) -> None:
        """Add a line, broken where it is too long."""
        body = hanging(text, Text(), Text("  "), self._width)
        body.rstrip()
        self.lines.append(ComparisonLine(body, steps, first))

    def line(
        self,
        label: str,
        words: str,
        steps: tuple[str, str] = ("", ""),
        *,
        first: bool = False,
        title: str = "",
    ) -> None:
        """Add words behind a label, hanging below each other; `title` begins a section."""
        head = Text(f"{label + ':':<{_LABEL}}" if label else "", "dim")
        body = hanging(Text(spelt(words)), head, Text(" " * len(head)), self._width)
        body.rstrip()
        self.lines.append(ComparisonLine(_titled(title, body), steps, first or bool(title)))

    def judged(self, status: Status, words: str, steps: tuple[str, str], *, title: str = "") -> None:
        """Add a problem with the glyph and in the colour of its status."""
        head = Text(f"{GLYPHS[status]} ", COLOURS[status])
        body = hanging(Text(spelt(words)), head, Text("  "), self._width)
        body.rstrip()
        self.lines.append(ComparisonLine(_titled(title, body), steps, bool(title)))


def _titled(title: str, body: Text) -> Text:
    return Text.assemble((title, "bold"), "\n", body) if title else body
