"""The session that decided the outcome, and the reply that ended it, as its transcript has them. Pure.

They are read from the steps alone, so that a saved report tells the same as a live one.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from smtpdiag_tui.render.exchanges import GREETING, Exchange, exchanges
from smtpdiag_tui.render.session_lines import shortened
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.facts import SessionEnd, SessionFacts
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId

_DELIVERY = StepId("delivery")
_REPLY = re.compile(r"[2-5]\d\d(?:[ -]|$)")
_PATH = re.compile(r"(MAIL FROM|RCPT TO):", re.IGNORECASE)
_STANDARD = "standard"
_MOST_LINES = 6  # of a reply
_MOST_ACCEPTED = 3


@dataclass(frozen=True, slots=True)
class DecidingReply:
    """A reply, verbatim: `text` has all its lines, `command` what it answers ("connect" for a greeting).

    `source` is the address of this host that the session was held from, "" if not known; `at` is UTC, in whole
    milliseconds, `dated` where that is another day than the run's. `step` is the session's.
    """

    command: str
    host: str
    address: str
    source: str
    at: datetime
    text: str
    step: str
    dated: bool = False

    @property
    def verb(self) -> str:
        """What the reply answers: the command without its arguments, as `RCPT TO` or `EHLO`, or the connection."""
        if self.command == GREETING:
            return "the connection"
        path = _PATH.match(self.command)
        return path[1] if path else self.command.split(" ")[0]

    @property
    def when(self) -> str:
        """The time of the reply as its server's log has it, with the date where that is not the run's."""
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC" if self.dated else f"{self.at:%H:%M:%S} UTC"


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
    answered = _deciding_exchange(step, "2" if report.outcome is Outcome.ACCEPTED else "45")
    if answered is None:
        return None
    where = StepId(step.id)
    started = report.started.astimezone(UTC)
    whole = started.replace(microsecond=started.microsecond // 1000 * 1000)
    # As a saved report has both times.
    at = whole + timedelta(milliseconds=round(round(answered.lines[-1].at, 4) * 1000))
    return DecidingReply(
        command=answered.command,
        host=where.host,
        address=where.address,
        source=step.facts.sources[-1] if step.facts.sources else "",
        at=at,
        text="\n".join(answered.texts),
        step=step.id,
        dated=at.date() != started.date(),
    )


def reply_lines(reply: DecidingReply, *, accepted: bool) -> list[str]:
    """Return the lines of a reply, of a long one the first: an answer has to be read at a glance."""
    lines = list(map(shortened, reply.text.split("\n")))
    most = _MOST_ACCEPTED if accepted else _MOST_LINES
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"… {counted(len(lines) - most + 1, 'more line')} (-v)"]


def _accepting(report: Report) -> Step | None:
    """Return the session in which the standard sender's recipient was accepted."""
    standard = next((sender for sender in report.senders if sender.name == _STANDARD), None)
    if standard is None or not standard.attempts:
        return None
    last = standard.attempts[-1]
    step = report.steps.get(_DELIVERY / (last.host or f"[{last.address}]") / last.address)
    return None if step is None or step.stale else step


def _session_of(step_id: str) -> str:
    """Return the id of the session that a step is, or stands below; the id itself if there is none."""
    parts = StepId(step_id).parts
    return "/".join(parts[:3])


def _decides(item: Exchange, session: SessionFacts) -> bool:
    """Whether a session ended as it did because of this exchange."""
    if session.end is SessionEnd.TLS_MISSING:
        return item.command.upper() == "STARTTLS"
    return bool(session.reply and item.lines) and item.lines[-1].text[:3] == session.reply[:3]


def _deciding_exchange(step: Step, classes: str) -> Exchange | None:
    """Return the exchange whose reply ended the session, of one of these classes (first digits); else None.

    A session that ended without a reply (a timeout) has none, whatever was said before.
    """
    found = [item for item in exchanges(step.transcript) if not item.is_quit]
    session = step.facts.session
    if session is not None:
        found = [item for item in found if _decides(item, session)]
    if not found or not found[-1].lines:
        return None
    last = found[-1].lines[-1].text
    return found[-1] if _REPLY.match(last) and last[0] in classes else None
