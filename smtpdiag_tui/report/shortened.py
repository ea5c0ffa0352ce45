"""A report cut to what a file of bounded size holds; what is cut is said where it stood. Pure."""

from dataclasses import replace

from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry


def shortened(report: Report, lines: int) -> Report:
    """Return the report with at most `lines` lines of each transcript and finding; what is cut is said."""
    return replace(report, steps={key: _step(step, lines) for key, step in report.steps.items()})


def _step(step: Step, lines: int) -> Step:
    found = tuple(_finding(item, lines) for item in step.findings)
    return replace(step, transcript=_transcript(step.transcript, lines), findings=found)


def _transcript(entries: tuple[Entry, ...], lines: int) -> tuple[Entry, ...]:
    if len(entries) <= lines:
        return entries
    # The end tells how the session ended.
    head, tail = entries[: (lines + 1) // 2], entries[len(entries) - lines // 2 :]
    cut = entries[len(head) : len(entries) - len(tail)]
    remark = Entry(cut[0].at, Direction.NOTE, f"{len(cut):,} lines cut to keep the report")
    return (*head, remark, *tail)


def _finding(item: Finding, lines: int) -> Finding:
    if len(item.evidence) <= lines:
        return item
    left = len(item.evidence) - lines
    return replace(item, evidence=(*item.evidence[:lines], f"… ({left:,} lines cut to keep the report)"))
