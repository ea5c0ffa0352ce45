"""The session that decided the outcome, and the reply that ended it, as its transcript has them. Pure.

They are read from the steps alone, so that a saved report tells the same as a live one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.transcript import Direction, Entry

_DELIVERY = StepId("delivery")
_REPLY = re.compile(r"[2-5]\d\d(?:[ -]|$)")
_STANDARD = "standard"
GREETING = "connect"  # what a greeting answers: the connection itself


@dataclass(frozen=True, slots=True)
class DecidingReply:
    """A reply, verbatim: `text` has all its lines, `command` what it answers ("connect" for a greeting).

    `source` is the address of this host that the session was held from, "" if not known; `at` is UTC, in whole
    milliseconds. `step` is the session's.
    """

    command: str
    host: str
    address: str
    source: str
    at: datetime
    text: str
    step: str

    @property
    def verb(self) -> str:
        """The command without its arguments: `RCPT TO`, `EHLO`."""
        head, colon, _ = self.command.partition(":")
        return head if colon else self.command.split(" ")[0]


def deciding_session(report: Report) -> Step | None:
    """Return the address step whose session the outcome comes from; None where no session did."""
    if report.outcome is Outcome.ACCEPTED:
        return _accepting(report)
    causes = report.causes
    if not causes or not causes[0].decides:
        return None
    for key in causes[0].evidence:
        step = report.steps.get(_session_of(key))
        if step is not None and step.is_session and not step.stale:
            return step
    return None


def deciding_reply(report: Report) -> DecidingReply | None:
    """Return the reply that decided the outcome; None where none came, or no session was held."""
    step = deciding_session(report)
    if step is None:
        return None
    command, lines = _last_exchange(step.transcript)
    wanted = "2" if report.outcome is Outcome.ACCEPTED else "45"
    if not lines or not _REPLY.match(lines[-1].text) or lines[-1].text[0] not in wanted:
        return None
    where = StepId(step.id)
    at = report.started.astimezone(UTC) + timedelta(milliseconds=round(lines[-1].at * 1000))
    return DecidingReply(
        command=command,
        host=where.host,
        address=where.address,
        source=step.facts.sources[0] if step.facts.sources else "",
        at=at,
        text="\n".join(line.text for line in lines),
        step=step.id,
    )


def _accepting(report: Report) -> Step | None:
    """Return the session in which the standard sender's recipient was accepted."""
    standard = next((sender for sender in report.senders if sender.name == _STANDARD), None)
    if standard is None or not standard.attempts:
        return None
    last = standard.attempts[-1]
    return report.steps.get(_DELIVERY / (last.host or f"[{last.address}]") / last.address)


def _session_of(step_id: str) -> str:
    """Return the id of the session that a step is, or stands below; the id itself if there is none."""
    parts = StepId(step_id).parts
    return "/".join(parts[:3])


def _last_exchange(entries: Sequence[Entry]) -> tuple[str, list[Entry]]:
    """Return the last command but QUIT, and the lines that came back; "connect" before the first command."""
    command, lines = GREETING, list[Entry]()
    for entry in entries:
        if entry.direction is Direction.SENT:
            if entry.text.upper().startswith("QUIT"):
                break
            command, lines = entry.text, []
        elif entry.direction is Direction.RECEIVED:
            lines.append(entry)
    return command, lines
