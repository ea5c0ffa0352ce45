"""How a batch tells of one pair: a line of JSON, or of text, and what it counts as."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.batch.pairs import BadLine, Pair
from smtpdiag_tui.batch.tally import FAILED
from smtpdiag_tui.render.answer import answer_of
from smtpdiag_tui.render.as_line import decided_by, to_long_line, to_short_line
from smtpdiag_tui.render.summary import to_summary
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.visible import visible


class Form(StrEnum):
    """What a line holds."""

    SHORT = "short"  # the report without its steps
    LONG = "long"  # all of it
    SUMMARY = "summary"  # one line of text


@dataclass(frozen=True, slots=True)
class Told:
    """A line with its ending, and what it counts as."""

    line: bytes
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Teller:
    """Makes the lines. `mask` masks a report, and `masked_pair` the two addresses where no report is."""

    form: Form = Form.SHORT
    mask: Callable[[Report], Report] | None = None

    def report(self, pair: Pair, report: Report) -> Told:
        """Tell of a run that ended."""
        shown = report if self.mask is None else self.mask(report)
        outcome = (report.outcome or Outcome.UNKNOWN).value
        if self.form is Form.SUMMARY:
            reason, cause = decided_by(answer_of(shown))
            return Told(to_summary(shown).encode(), outcome, reason or cause or "")
        head = {"line": pair.number, "sender": shown.settings.sender, "recipient": shown.settings.recipient}
        if self.form is Form.LONG:
            line = to_long_line(shown, head)
            reason, cause = decided_by(answer_of(shown))
        else:
            line, reason, cause = to_short_line(shown, head)
        return Told(line.encode(), outcome, reason or cause or "")

    def failed(self, pair: Pair, error: str) -> Told:
        """Tell of a run that has no report."""
        sender, recipient = (self._address(text) for text in (pair.sender, pair.recipient))
        return Told(self._error({"line": pair.number, "sender": sender, "recipient": recipient}, error), FAILED)

    def crashed(self, pair: Pair, error: Exception) -> Told:
        """Tell of a run that met an error of ours; masked, its words are left out."""
        words = "" if self.mask is not None or not str(error) else f": {error}"
        return self.failed(pair, visible(f"smtpdiag failed: {type(error).__name__}{words}"))

    def bad(self, line: BadLine) -> bytes:
        """Tell of a line that asks for nothing that could be run."""
        text, error = (line.text, line.error) if self.mask is None else ("…", "not a pair of addresses")
        return self._error({"line": line.number, "text": text}, error)

    def _address(self, text: str) -> str:
        """Return an address, masked to its domain where lines are masked."""
        local, at, domain = text.rpartition("@")
        return text if self.mask is None or not local else f"user1{at}{domain}"

    def _error(self, head: dict[str, object], error: str) -> bytes:
        if self.form is Form.SUMMARY:
            named = head.get("text") or f"{head.get('sender') or '<>'} to {head.get('recipient')}"
            return visible(f"ERROR line {head['line']}, {named}: {error}").encode() + b"\n"
        return (json.dumps({**head, "error": error}) + "\n").encode()
