"""One conversation as text: what goes to the clipboard and into a ticket."""

from collections.abc import Mapping, Sequence

from smtpdiag_tui.render.words import ARROWS, moment
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry


def entry_line(entry: Entry, arrows: Mapping[Direction, str] = ARROWS) -> str:
    """Return one line of a transcript: seconds since the run's start, `T` under TLS, direction, text."""
    return entry_margin(entry, arrows) + entry.text


def entry_margin(entry: Entry, arrows: Mapping[Direction, str] = ARROWS) -> str:
    """Return what stands before the text of a line: when, whether under TLS, which way."""
    return f"{entry.at:7.2f} {'T' if entry.tls else ' '}{arrows[entry.direction]} "


def transcript_lines(entries: Sequence[Entry], arrows: Mapping[Direction, str] = ARROWS) -> list[str]:
    """Return a transcript's lines."""
    return [entry_line(entry, arrows) for entry in entries]


def transcript_text(report: Report, steps: Sequence[Step]) -> str:
    """Return the conversations of some steps as text, each under a heading that says when and with whom."""
    parts: list[str] = []
    for step in steps:
        heading = f"{step.id}, run of {moment(report.started)}"
        parts.append("\n".join([heading, *transcript_lines(step.transcript)]))
    return "\n\n".join(parts)
