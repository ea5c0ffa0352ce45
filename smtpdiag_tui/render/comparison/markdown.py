"""A comparison of two runs as Markdown, for a ticket: nothing is left out but the steps. Pure."""

from smtpdiag_tui.render.answer import NULL_SENDER
from smtpdiag_tui.render.comparison.text import NO_CHANGE
from smtpdiag_tui.render.comparison.words import (
    PARTIAL,
    fact_lines,
    headline,
    origin,
    outcome_word,
    problems_line,
    sections,
)
from smtpdiag_tui.render.markdown_text import code, escape
from smtpdiag_tui.render.words import GLYPHS
from smtpdiag_tui.report.comparison import Comparison
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import OUTCOME_STATUS, Outcome, Status


def to_markdown(found: Comparison, *, verbose: bool = False) -> str:
    """Return the comparison as Markdown; `verbose` adds the steps. A peer's words become no markup."""
    settings = found.new.settings
    pair = f"{code(settings.sender or NULL_SENDER)} to {code(settings.recipient)}"
    then = f"{_badge(found.old)} → " if _badge(found.old) != _badge(found.new) else ""
    lines = [f"# {then}{_badge(found.new)}: {pair}", "", f"**{escape(headline(found))}**", ""]
    lines += [f"- **Old:** {_told(found.old)}", f"- **New:** {_told(found.new)}"]
    for line in fact_lines(found.questions):
        lines.append(f"- **{line.label}:** {escape(line.told('→'))}")
    lines.append(f"- **Problems:** {problems_line(found) or 'none in either run'}")
    if found.partial:
        lines.append(f"- **Note:** {PARTIAL}")
    facts = fact_lines(found.facts)
    if facts:
        lines += ["", "## Changes", ""]
        lines += [f"- **{line.label}:** {escape(line.told('→'))}" for line in facts]
    for title, problems in sections(found):
        lines += ["", f"## {title}", ""]
        for problem in problems:
            was = f" (was: {escape(problem.was)})" if problem.was else ""
            lines.append(f"- {GLYPHS[problem.status]} {escape(problem.headline)}{was}")
    if verbose and found.steps:
        lines += ["", "## Steps", ""]
        for step in found.steps:
            before, after = (
                step.old.value if step.old else "absent",
                step.new.value if step.new else "absent",
            )
            lines.append(f"- {code(step.id)}: {before} {step.old_code} → {after} {step.new_code}".rstrip())
    if found.is_none:
        lines += ["", NO_CHANGE]
    return "\n".join(lines) + "\n"


def _badge(report: Report) -> str:
    status = Status.CANCELLED if report.status is Status.CANCELLED else None
    glyph = GLYPHS[status or OUTCOME_STATUS[report.outcome or Outcome.UNKNOWN]]
    return f"{escape(glyph)} {outcome_word(report).upper()}"


def _told(report: Report) -> str:
    return f"{escape((report.headline or report.summary).rstrip('.'))} ({escape(origin(report))})"
