"""What a run met at the hosts that it turned to: how the session with each address ended. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from smtpdiag_tui.report.facts import SessionEnd
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind

PHASES = ("connect", "greeting", "ehlo", "starttls", "mail-from", "rcpt-to")
COMMANDS = {
    "connect": "to the connection",
    "greeting": "to the connection",
    "ehlo": "at EHLO",
    "starttls": "at STARTTLS",
    "auth": "at AUTH",
    "mail-from": "at MAIL FROM",
    "rcpt-to": "at RCPT TO",
    "data": "at DATA",
    "end-of-data": "after DATA",
    "quit": "at QUIT",
}
_REFUSALS = frozenset({SessionEnd.DEFERRED, SessionEnd.REJECTED, SessionEnd.GREETING_REFUSED})
_WORDS = {
    SessionEnd.CONNECTION_REFUSED: "connection refused",
    SessionEnd.TIMEOUT: "timed out",
    SessionEnd.RESET: "connection reset",
    SessionEnd.UNREACHABLE: "network unreachable",
    SessionEnd.NO_ROUTE: "no route from this host",
    SessionEnd.NO_SOCKET: "not tested, this host has no socket left",
    SessionEnd.UNUSABLE: "not tested, the address is not usable",
    SessionEnd.CLOSED: "session closed without a reply",
    SessionEnd.NO_SMTP: "no valid SMTP reply",
    SessionEnd.TLS_FAILED: "TLS handshake failed",
    SessionEnd.TLS_MISSING: "TLS required, not available",
    SessionEnd.SMTPUTF8_MISSING: "SMTPUTF8 required, not offered",
}
_UNTESTED = frozenset({SessionEnd.NO_ROUTE, SessionEnd.NO_SOCKET, SessionEnd.UNUSABLE})


@dataclass(frozen=True, slots=True)
class Met:
    """How a run's session with one address ended; `end` is None where none was held, and `why` says why then.

    `phase` is that of the reply, or the silence, that ended it; `reply` its codes, as `550 5.1.1`. `reason` is
    what a refusal is about. `tls` is the protocol as people write it. `sources`: this host's addresses there.
    `preference` is that of the MX host, None where it has none.
    """

    host: str
    address: str
    step: str
    end: SessionEnd | None = None
    why: str = ""
    phase: str = ""
    reply: str = ""
    reason: Reason | None = None
    tls: str = ""
    sources: tuple[str, ...] = ()
    preference: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether the recipient was accepted."""
        return self.end is SessionEnd.ACCEPTED

    @property
    def refused(self) -> bool:
        """Whether a reply deferred or refused the message."""
        return self.end in _REFUSALS

    @property
    def permanent(self) -> bool:
        """Whether it is refused for good."""
        return self.refused and self.reply.startswith("5")

    @property
    def tested(self) -> bool:
        """Whether this run turned to the address."""
        return self.end is not None and self.end not in _UNTESTED

    @property
    def unreached(self) -> bool:
        """Whether this run turned to the address, and no session came about or it ended in silence."""
        return self.tested and not (self.accepted or self.refused)

    @property
    def where(self) -> str:
        """The host with its address, as sentences name them."""
        literal = f"[{self.address}]"
        return literal if self.host in ("", literal) else f"{self.host} {literal}"

    @property
    def words(self) -> str:
        """What was met, in a clause: `450 4.2.0 at RCPT TO`, `accepted at RCPT TO`, `connection refused`."""
        if self.accepted:
            return "accepted at RCPT TO"
        if self.refused:
            return f"{self.reply} {COMMANDS.get(self.phase, '')}".rstrip()
        if self.end is None:
            return f"not tested, {self.why}" if self.why else "not tested"
        return _WORDS.get(self.end, self.end.value)


def met(report: Report) -> tuple[Met, ...]:
    """Return how the session with each address of each host ended, in tree order."""
    sessions = (step for step in report.steps.values() if step.is_session)
    return tuple(_met(report, step) for step in sessions if step.kind is StepKind.ADDRESS)


def at_host(found: Iterable[Met], host: str) -> tuple[Met, ...]:
    """Return those of one host."""
    return tuple(item for item in found if item.host == host)


def at_address(found: Iterable[Met], address: str) -> tuple[Met, ...]:
    """Return those of one address: a host that shares it is the same server."""
    return tuple(item for item in found if item.address == address)


def _met(report: Report, step: Step) -> Met:
    place = StepId(step.id)
    facts = step.facts.session
    if facts is None or step.stale:
        why = "" if step.stale or step.status is Status.CANCELLED else step.detail
        return Met(place.host, place.address, step.id, why=why)
    last = _last(report, step.id)
    above = report.steps.get(step.parent or "")
    return Met(
        host=place.host,
        address=place.address,
        step=step.id,
        end=facts.end,
        phase=StepId(last.id).phase if last is not None else "",
        reply=facts.reply,
        reason=_reason(last) if last is not None and facts.end in _REFUSALS else None,
        tls=facts.tls.replace("TLSv", "TLS "),
        sources=step.facts.sources,
        preference=above.facts.preference if above is not None else None,
    )


def _last(report: Report, session: str) -> Step | None:
    """Return the last phase that a session came to, but for QUIT."""
    for phase in reversed(PHASES):
        step = report.steps.get(f"{session}/{phase}")
        if step is not None and step.status.ended and step.status not in (Status.SKIPPED, Status.CANCELLED):
            return step
    return None


def _reason(step: Step) -> Reason | None:
    return next((item.reason for item in step.findings if item.reason is not None), None)
