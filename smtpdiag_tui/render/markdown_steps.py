"""All steps of a report as Markdown, in the order in which they ran, then all transcripts: on request alone."""

from collections.abc import Sequence

from smtpdiag_tui.render.answer import Trouble
from smtpdiag_tui.render.by_hand.command import Command, script
from smtpdiag_tui.render.by_hand.commands import ByHand
from smtpdiag_tui.render.markdown_text import code, escape, fenced, links, paragraph, reference
from smtpdiag_tui.render.transcript import transcript_lines
from smtpdiag_tui.render.words import GLYPHS, SIDES, paragraphs
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import SEVERITY_STATUS
from smtpdiag_tui.report.step import Step

_INFORMATION = "i"


def markdown_steps(report: Report) -> list[str]:
    """Return the steps as nested lists with explanations and findings, and below them the transcripts.

    An explanation stands at the first step that has it. The commands that do the same by hand stand at the step
    that did it; those for the phases of a session are a part of the session's.
    """
    tree = report.tree()
    hand = ByHand(report)
    lines: list[str] = []
    explained = set[str]()

    def descend(parent: str | None, depth: int) -> None:
        for step in tree.get(parent, ()):
            lines.extend(_step(step, "  " * depth, explain=step.explanation not in explained))
            explained.add(step.explanation)
            lines.extend(_commands(hand.own(step), "  " * depth + "  "))
            descend(step.id, depth + 1)

    descend(None, 0)
    return ["", "## Steps", "", *lines, *_transcripts(report)]


def trouble_details(trouble: Trouble, indent: str) -> list[str]:
    """Return code, reason, reference, and the steps where it was seen."""
    where = ", ".join(map(code, trouble.steps))
    return [f"{indent}{_code(trouble.code, trouble.reference, trouble.reason)}; seen at {where}"]


def _step(step: Step, indent: str, *, explain: bool) -> list[str]:
    detail = f": {escape(step.detail)}" if step.detail else ""
    lines = [f"{indent}- {GLYPHS[step.status]} {step.status} **{escape(step.title)}**{detail}"]
    if step.explanation and explain:
        lines += ["", *(f"{indent}  {_explained(line)}" for line in paragraphs(step.explanation).split("\n")), ""]
    return [*lines, *(line for item in step.findings for line in _finding(item, f"{indent}  "))]


def _explained(line: str) -> str:
    """Return a line of an explanation: an item of its list, which is not that of the steps, or text."""
    return f"* {paragraph(line[2:])}" if line.startswith("- ") else paragraph(line)


def _commands(commands: Sequence[Command], indent: str) -> list[str]:
    """Return commands as a block for a shell."""
    return ["", *fenced(script(commands), indent, "sh"), ""] if commands else []


def _finding(item: Finding, indent: str) -> list[str]:
    glyph = GLYPHS[SEVERITY_STATUS[item.severity]] if item.is_problem else _INFORMATION
    lines = [f"{indent}- {glyph} {escape(item.message)}"]
    if item.meaning:
        lines.append(f"{indent}  {escape(item.meaning)}")
    if item.side and item.is_problem:
        lines.append(f"{indent}  Responsible: {escape(SIDES[item.side])}.")
    lines += [f"{indent}  Action: {links(str(action))}" for action in item.actions]
    lines.append(f"{indent}  {_code(item.code, item.reference, item.reason)}")
    if item.evidence:
        lines += ["", *fenced(list(item.evidence), f"{indent}  "), ""]
    return lines


def _code(name: str, source: str | None, reason: str | None) -> str:
    parts = [code(name)]
    if reason:
        parts.append(f"reason {code(reason)}")
    if source:
        parts.append(reference(source))
    return ", ".join(parts)


def _transcripts(report: Report) -> list[str]:
    lines: list[str] = []
    for step in report.steps.values():
        if step.transcript:
            lines += ["", f"### {code(step.id)}", "", *fenced(transcript_lines(step.transcript), "")]
    return ["", "## Transcripts", *lines] if lines else []
