"""How the interface shows a status, a severity, an outcome: glyph, word and colour, never colour alone."""

from collections.abc import Mapping
from dataclasses import replace

from smtpdiag_tui.render import words
from smtpdiag_tui.render.words import SIDES, seconds
from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import OUTCOME_STATUS, SEVERITY_STATUS, Outcome, Status
from smtpdiag_tui.report.step import Step

__all__ = [
    "ARROWS",
    "COLOURS",
    "GLYPHS",
    "PROBLEMS",
    "SIDES",
    "bar",
    "in_view",
    "run_look",
    "seconds",
    "severity_look",
    "spinner",
    "stroke",
    "use_ascii",
]

GLYPHS = dict(words.GLYPHS)
ARROWS = dict(words.ARROWS)
COLOURS = {
    Status.PENDING: "dim",
    Status.RUNNING: "cyan",
    Status.PASSED: "green",
    Status.WARNING: "yellow",
    Status.FAILED: "red",
    Status.UNKNOWN: "magenta",
    Status.SKIPPED: "dim",
    Status.CANCELLED: "dim",
}
PROBLEMS = frozenset({Status.FAILED, Status.WARNING, Status.UNKNOWN})
_WORDS = {
    Severity.INFO: "information",
    Severity.WARNING: "warning",
    Severity.FAILURE: "failure",
    Severity.UNKNOWN: "unknown",
}
_TURN = 0.25  # seconds a frame of the spinner stands
_UNICODE = {
    "spinner": words.SPINNER,
    "done": "━",
    "open": "─",
    "dot": "·",
    "pipe": "│",
    "rule": "──",
    "more": "…",
    "cut": "…",
    "own": "▌",
    "times": "×",
    "rising": "▲",
    "falling": "▼",
}
_ASCII = {
    "spinner": words.ASCII_SPINNER,
    "done": "#",
    "open": "-",
    "dot": "-",
    "pipe": "|",
    "rule": "--",
    "more": "~",
    "cut": "...",
    "own": "|",
    "times": "x",
    "rising": "^",
    "falling": "v",
}
_strokes = dict(_UNICODE)


def severity_look(severity: Severity) -> tuple[str, str, str]:
    """Return glyph, word and colour of a finding."""
    status = SEVERITY_STATUS[severity]
    if severity is Severity.INFO:
        return "i", _WORDS[severity], "blue"
    return GLYPHS[status], _WORDS[severity], COLOURS[status]


def in_view(step: Step, earlier: Mapping[str, Step]) -> Step:
    """Return a step as it is shown: until it ends anew, with what was found out `earlier`, as stale."""
    before = earlier.get(step.id)
    if before is None or step.status.ended:
        return step
    status = before.status if step.status is Status.PENDING else step.status
    return replace(step, status=status, detail=before.detail, findings=before.findings, stale=True)


def run_look(report: Report) -> tuple[str, str, str]:
    """Return glyph, word and colour of what a run comes to: its outcome, or that it was cancelled."""
    if report.status is Status.CANCELLED:
        return GLYPHS[Status.CANCELLED], "CANCELLED", COLOURS[Status.WARNING]
    outcome = report.outcome or Outcome.UNKNOWN
    status = OUTCOME_STATUS[outcome]
    return GLYPHS[status], outcome.value.upper(), COLOURS[status]


def spinner(now: float, *, moving: bool) -> str:
    """Return the glyph of a step that runs, which turns with the time unless it should not move."""
    frames = _strokes["spinner"]
    return frames[int(now / _TURN) % len(frames)] if moving else GLYPHS[Status.RUNNING]


def bar(done: int, whole: int) -> tuple[str, str]:
    """Return a progress bar: the part that is done, and the part to come."""
    return _strokes["done"] * done, _strokes["open"] * (whole - done)


def stroke(name: str) -> str:
    """Return a sign that divides: "dot" in titles, "pipe" before quoted lines, "rule" around headings.

    "more" and "cut" end what does not fit; "rising" and "falling" tell the order of a column,
    "times" stands before a number, "own" before the lines of the selected step.
    """
    return _strokes[name]


def use_ascii(*, on: bool) -> None:
    """Draw with ASCII alone, or with all glyphs; holds for the whole process, from before the first frame."""
    if on:
        glyphs, arrows, strokes = words.ASCII_GLYPHS, words.ASCII_ARROWS, _ASCII
    else:
        glyphs, arrows, strokes = words.GLYPHS, words.ARROWS, _UNICODE
    GLYPHS.update(glyphs)
    ARROWS.update(arrows)
    _strokes.update(strokes)
