"""How the interface shows a status, a severity, an outcome: glyph, word and colour, never colour alone."""

from smtpdiag_tui.engine.status import Outcome, Status
from smtpdiag_tui.findings import Severity
from smtpdiag_tui.render.words import GLYPHS, SIDES, seconds

__all__ = ["COLOURS", "GLYPHS", "OUTCOMES", "PROBLEMS", "SEVERITIES", "SIDES", "seconds"]

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
SEVERITIES = {
    Severity.INFO: ("i", "information", "blue"),
    Severity.WARNING: ("!", "warning", "yellow"),
    Severity.FAILURE: ("✗", "failure", "red"),
    Severity.UNKNOWN: ("?", "unknown", "magenta"),
}
OUTCOMES = {
    Outcome.ACCEPTED: ("✓", "ACCEPTED", "green"),
    Outcome.DEFERRED: ("!", "DEFERRED", "yellow"),
    Outcome.BOUNCED: ("✗", "BOUNCED", "red"),
    Outcome.UNKNOWN: ("?", "UNKNOWN", "magenta"),
}
PROBLEMS = frozenset({Status.FAILED, Status.WARNING, Status.UNKNOWN})
