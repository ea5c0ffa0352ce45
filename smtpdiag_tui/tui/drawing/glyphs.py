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
    "change_of",
    "company_look",
    "in_view",
    "run_look",
    "seconds",
    "severity_look",
    "spelt",
    "spinner",
    "stroke",
    "use_ascii",
    "use_colours",
]

GLYPHS = dict(words.GLYPHS)
ARROWS = dict(words.ARROWS)
_NAMES = {
    Status.PENDING: "dim",
    Status.RUNNING: "cyan",
    Status.PASSED: "green",
    Status.WARNING: "yellow",
    Status.FAILED: "red",
    Status.UNKNOWN: "magenta",
    Status.SKIPPED: "dim cyan",
    Status.CANCELLED: "dim yellow",
}
# Without colour, weight says how grave it is: a failure stands out most.
_WEIGHTS = {
    Status.WARNING: "bold",
    Status.FAILED: "bold reverse",
    Status.UNKNOWN: "bold underline",
}
COLOURS = dict(_NAMES)
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
    "becomes": "→",
    "times": "×",
    "rule": "──",
    "more": "…",
    "cut": "…",
    "own": "▌",
    "rising": "▲",
    "falling": "▼",
}
_ASCII = {
    "spinner": words.ASCII_SPINNER,
    "done": "#",
    "open": "-",
    "dot": "-",
    "pipe": "|",
    "becomes": "->",
    "times": "x",
    "rule": "--",
    "more": "~",
    "cut": "...",
    "own": "|",
    "rising": "^",
    "falling": "v",
}
_ASCII_SPELLING = str.maketrans({"§": "section ", "…": "...", "×": "x", "–": "-"})
_strokes = dict(_UNICODE)
_spelling: dict[int, str] = {}
_fixed: dict[str, str] = {}


def severity_look(severity: Severity) -> tuple[str, str, str]:
    """Return glyph, word and colour of a finding."""
    status = SEVERITY_STATUS[severity]
    if severity is Severity.INFO:
        return "i", _WORDS[severity], _hue("blue")
    return GLYPHS[status], _WORDS[severity], COLOURS[status]


def in_view(step: Step, earlier: Mapping[str, Step]) -> Step:
    """Return a step as it is shown: until it ends anew, with what was found out `earlier`, as stale.

    From then on its detail begins with what changed, as `450 → 250`.
    """
    before = earlier.get(step.id)
    if before is None:
        return step
    if step.status.ended:
        return replace(step, detail="  ".join(filter(None, (change_of(before, step), step.detail))))
    status = before.status if step.status is Status.PENDING else step.status
    return replace(step, status=status, detail=before.detail, findings=before.findings, stale=True)


def change_of(before: Step, after: Step) -> str:
    """Return what a step was and what it is, "" where that is the same."""
    from smtpdiag_tui.report.difference import step_change  # of two runs: not before the first frame

    change = step_change(before, after)
    return f" {stroke('becomes')} ".join(change.ends) if change.changed else ""


def run_look(report: Report) -> tuple[str, str, str]:
    """Return glyph, word and colour of what a run comes to: its outcome, or that it was cancelled."""
    if report.status is Status.CANCELLED:
        return GLYPHS[Status.CANCELLED], "CANCELLED", COLOURS[Status.WARNING]
    outcome = report.outcome or Outcome.UNKNOWN
    status = OUTCOME_STATUS[outcome]
    return GLYPHS[status], outcome.value.upper(), COLOURS[status]


def company_look(report: Report) -> tuple[str, str]:
    """Return what stands beside the outcome where something fails that RCPT does not cover, and its style.

    The text is "" where nothing does.
    """
    from smtpdiag_tui.render.after_data import company  # of a run that ended: not before the first frame

    failed = company(report)
    return (f"{GLYPHS[Status.FAILED]} {failed}" if failed else "", f"bold {COLOURS[Status.FAILED]}")


def spinner(now: float, *, moving: bool) -> str:
    """Return the glyph of a step that runs, which turns with the time unless it should not move."""
    frames = _strokes["spinner"]
    return frames[int(now / _TURN) % len(frames)] if moving else GLYPHS[Status.RUNNING]


def bar(done: int, whole: int) -> tuple[str, str]:
    """Return a progress bar: the part that is done, and the part to come."""
    return _strokes["done"] * done, _strokes["open"] * (whole - done)


def stroke(name: str) -> str:
    """Return a sign that divides: "dot" in titles, "pipe" before quoted lines, "rule" around headings.

    "becomes" stands between what was and what is, "times" before how often. "more" and "cut" end what does not
    fit; "rising" and "falling" tell the order of a column, "own" stands before the lines of the selected step.
    """
    return _strokes[name]


def spelt(text: str) -> str:
    """Return words of our own as they are shown: `§` as "section " where there is ASCII alone."""
    return text.translate(_spelling)


def _hue(name: str) -> str:
    """Return a colour by its name, as the theme in use can show it."""
    return _fixed.get(name, name)


def use_colours(fixed: Mapping[str, str], *, plain: bool = False) -> None:
    """Draw with some colours `fixed` by name; where `plain` tells that none are wanted, by weight too.

    It holds for the whole process.
    """
    _fixed.clear()
    _fixed.update(fixed)
    for status, name in _NAMES.items():
        *weights, hue = name.split()
        look = [*weights, hue if hue == "dim" else _hue(hue)]
        COLOURS[status] = " ".join(([_WEIGHTS[status]] if plain and status in _WEIGHTS else []) + look)


def use_ascii(*, on: bool) -> None:
    """Draw with ASCII alone, or with all glyphs; holds for the whole process, from before the first frame."""
    if on:
        glyphs, arrows, strokes = words.ASCII_GLYPHS, words.ASCII_ARROWS, _ASCII
    else:
        glyphs, arrows, strokes = words.GLYPHS, words.ARROWS, _UNICODE
    GLYPHS.update(glyphs)
    ARROWS.update(arrows)
    _strokes.update(strokes)
    _spelling.clear()
    if on:
        _spelling.update(_ASCII_SPELLING)
