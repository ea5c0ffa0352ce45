"""How the interface shows a status, a severity, an outcome: glyph, word and colour, never colour alone."""

from smtpdiag_tui.engine.status import Outcome, Status
from smtpdiag_tui.findings import Severity, Side

GLYPHS = {
    Status.PENDING: "·",
    Status.RUNNING: "●",
    Status.PASSED: "✓",
    Status.WARNING: "!",
    Status.FAILED: "✗",
    Status.UNKNOWN: "?",
    Status.SKIPPED: "–",
    Status.CANCELLED: "×",
}
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
SIDES = {
    Side.HERE: "on this side",
    Side.PATH: "on the path between",
    Side.RECIPIENT: "on the recipient's side",
    Side.POLICY: "a policy of the recipient's side",
}
PROBLEMS = frozenset({Status.FAILED, Status.WARNING, Status.UNKNOWN})


def seconds(value: float) -> str:
    """Return a time for people: `85 ms`, `1.2 s`, `75 s`."""
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 60 else f"{value:.0f} s"
