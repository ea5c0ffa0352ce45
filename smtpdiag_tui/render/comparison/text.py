"""A comparison of two runs as text: the answer first, then what changed, within a page. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.render.comparison.words import (
    PARTIAL,
    FactLine,
    fact_lines,
    headline,
    origin,
    outcome_word,
    parties,
    problems_line,
    sections,
)
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.comparison import Comparison
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import OUTCOME_STATUS, Outcome, Status
from smtpdiag_tui.report.visible import visible

MOST_FACTS = 16
MOST_PROBLEMS = 5  # of a section
_LABEL = 13
NO_CHANGE = "Nothing changed; times aside."


def to_text(found: Comparison, *, colour: bool = False, verbose: bool = False, ascii_only: bool = False) -> str:
    """Return the comparison as lines of text; `verbose` leaves nothing out, and adds the steps."""
    page = Page(colour=colour, ascii_only=ascii_only)
    arrow = "->" if ascii_only else "→"
    page.change(_badge(found.old), _badge(found.new), arrow, visible(parties(found)))
    page.headline(headline(found))
    page.blank()
    for label, report in (("Old", found.old), ("New", found.new)):
        page.labelled(label, _told(report))
        page.labelled("", origin(report))
    for line in fact_lines(found.questions):
        page.labelled(line.label, line.told(arrow))
    page.labelled("Problems", problems_line(found) or "none in either run")
    if found.partial:
        page.labelled("Note", PARTIAL)
    _facts(page, fact_lines(found.facts), arrow, None if verbose else MOST_FACTS)
    for title, lines in sections(found):
        page.section(title)
        most = len(lines) if verbose else MOST_PROBLEMS
        for problem in lines[:most]:
            page.judged(problem.status, problem.headline, 2)
            if problem.was:
                page.wrapped(f"was: {problem.was}", 4)
        if len(lines) > most:
            page.grey(f"    … {counted(len(lines) - most, 'more problem')} (-v)")
    if verbose:
        _steps(page, found, arrow)
    if found.is_none:
        page.blank()
        page.grey(NO_CHANGE)
    return page.text()


def _badge(report: Report) -> tuple[Status, str]:
    if report.status is Status.CANCELLED:
        return Status.CANCELLED, "CANCELLED"
    return OUTCOME_STATUS[report.outcome or Outcome.UNKNOWN], outcome_word(report).upper()


def _told(report: Report) -> str:
    return visible(report.headline or report.summary).rstrip(".")


def _facts(page: Page, lines: Sequence[FactLine], arrow: str, most: int | None) -> None:
    if not lines:
        return
    page.section("Changes")
    shown = lines if most is None else lines[:most]
    for line in shown:
        page.wrapped(f"{line.label:<{_LABEL}}{line.told(arrow)}", 2, hang=_LABEL)
    if len(lines) > len(shown):
        page.grey(f"    … {counted(len(lines) - len(shown), 'more change')} (-v)")


def _steps(page: Page, found: Comparison, arrow: str) -> None:
    if not found.steps:
        return
    page.section("Steps")
    for step in found.steps:
        before = " ".join(filter(None, (step.old.value if step.old else "absent", step.old_code)))
        after = " ".join(filter(None, (step.new.value if step.new else "absent", step.new_code)))
        page.wrapped(f"{step.id}: {before} {arrow} {after}", 2, hang=2)
