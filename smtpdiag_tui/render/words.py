"""How a status, a severity, an outcome and a side are written: glyph and word, so that colour is never alone."""

import re
from datetime import datetime

from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.transcript import Direction

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
ASCII_GLYPHS = {
    Status.PENDING: ".",
    Status.RUNNING: "*",
    Status.PASSED: "+",
    Status.WARNING: "!",
    Status.FAILED: "x",
    Status.UNKNOWN: "?",
    Status.SKIPPED: "-",
    Status.CANCELLED: "/",
}
OUTCOMES = {
    Outcome.ACCEPTED: "accepted up to RCPT TO",
    Outcome.DEFERRED: "deferred: the sending server would queue the message and retry",
    Outcome.BOUNCED: "bounced: the sending server would return the message",
    Outcome.UNKNOWN: "unknown: could not be determined from this host",
}
SIDES = {
    Side.HERE: "sending side (you)",
    Side.PATH: "network",
    Side.RECIPIENT: "recipient's side",
    Side.POLICY: "recipient's policy",
}
ARROWS = {Direction.SENT: "→", Direction.RECEIVED: "←", Direction.NOTE: "·"}
ASCII_ARROWS = {Direction.SENT: ">", Direction.RECEIVED: "<", Direction.NOTE: "-"}


SPINNER = "◐◓◑◒"
ASCII_SPINNER = "|/-\\"


def paragraphs(text: str) -> str:
    """Return a text with each paragraph in one line, to be wrapped anew.

    An item of a list (`- `, `1) `) begins one of its own, and so does the line that announces one (`Fails if:`).
    """
    return re.sub(r"\n(?!\n|\d+\) |- |[^\n.]{1,40} if:$) *", " ", text, flags=re.MULTILINE)


def seconds(value: float) -> str:
    """Return a time for people: `85 ms`, `1.2 s`, `75 s`."""
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 60 else f"{value:.0f} s"


def moment(when: datetime) -> str:
    """Return a time in UTC, `2026-11-24 04:20:00 UTC`."""
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def with_reference(code: str, reference: str | None, reason: Reason | None = None) -> str:
    """Return a finding's or cause's code, with reason and reference where there are any."""
    parts = [code]
    if reason is not None:
        parts.append(f"reason {reason}")
    if reference:
        parts.append(reference)
    return ", ".join(parts)
