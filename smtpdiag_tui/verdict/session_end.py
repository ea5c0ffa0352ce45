"""How each session ended: the exchange that ended it, and the finding that was made from it. Pure.

A sending server goes by the reply (or the silence) that ends a session, whatever else is wrong beside it: a bad
certificate or a private address, however grave, is no reason why the mail waits (RFC 5321 §4.2.1, §5.1).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from smtpdiag_tui.checks.session.session import Phase, SessionObservation
from smtpdiag_tui.checks.session.starttls import is_second_ehlo
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind

# Findings that an exchange without a reply, or one that was never held, ends a session with.
_WITHOUT_REPLY = frozenset(
    {"connection-refused", "connection-reset", "connection-timeout", "network-unreachable", "machine-limit"}
    | {"mx-address-unusable", "greeting-timeout", "reply-timeout", "closed-early", "reply-malformed"}
    | {"reply-too-long", "smtputf8-not-offered"}
)
NO_TLS = frozenset({"starttls-not-offered", "starttls-refused", "tls-handshake-failed"})  # where TLS is required
_PERSISTS = "greylisting-persists"
# Codes that say for themselves what the reply was about: reports from older files have no reasons.
_REASONS = {
    "greylisted": Reason.GREYLISTING,
    "greylisting-persists": Reason.GREYLISTING,
    "rate-limited": Reason.RATE_LIMIT,
    "blocklisted": Reason.IP_BLOCKLIST,
}


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """How the session at one address ended: `step` is where its finding stands, mostly the phase's."""

    address: str
    step: str
    finding: Finding

    @property
    def reason(self) -> Reason | None:
        """What the reply says, None where there is none."""
        return reason_of(self.finding)

    @property
    def kind(self) -> tuple[str, Reason | None, Side | None]:
        """What other sessions must have in common with this one to have ended alike."""
        return self.finding.code, self.reason, self.finding.side

    @property
    def verb(self) -> str:
        """What the server did: `refused` this host in its greeting, else `deferred` or `rejected` a command."""
        if StepId(self.step).phase in (Phase.CONNECT, Phase.GREETING):
            return "refused"
        codes = [line[:1] for line in self.finding.evidence if line[:1] in "45"]
        return "deferred" if codes[-1:] == ["4"] else "rejected"

    @property
    def host(self) -> str:
        """The mail host, as its step has it."""
        return StepId(self.address).host


def session_ends(report: Report) -> dict[str, SessionEnd]:
    """Return the ends of all sessions of this run that ended badly, address step to end, in tree order."""
    ends = ((address, session_end(report, address)) for address in _addresses(report))
    return {address: end for address, end in ends if end is not None}


def session_end(report: Report, address: str) -> SessionEnd | None:
    """Return how the session at an address step ended; None if it was accepted, or nothing is known of it."""
    for phase in _ending_phases(report, address):
        step = report.steps.get(f"{address}/{phase}")
        if step is None or step.stale:
            continue
        found = [item for item in step.findings if item.is_problem]
        if found:
            decisive = min(found, key=lambda item: _rank(item, phase))
            return _after_second_try(report, SessionEnd(address, step.id, decisive))
    return None


def reason_of(item: Finding) -> Reason | None:
    """Return what the reply is about that a finding was made from; None where it was made from none."""
    if item.reason is not None:
        return item.reason
    if item.code == "blocklisted" and item.party is Party.SENDER:
        return Reason.DOMAIN_BLOCKLIST
    return _REASONS.get(item.code)


def _addresses(report: Report) -> Iterator[str]:
    """Yield the ids of the address steps of the mail hosts, each once, in tree order."""
    known: set[str] = set()
    for key in report.steps:
        if not key.startswith("delivery/"):
            continue
        step_id = StepId(key)
        kind = step_id.kind
        if kind not in (StepKind.ADDRESS, StepKind.PHASE):
            continue
        address = key if kind is StepKind.ADDRESS else str(step_id.parent)
        if address not in known:
            known.add(address)
            yield address


def _ending_phases(report: Report, address: str) -> tuple[Phase, ...]:
    """Return the phase that ended the session; more than one where its finding may stand in either."""
    step = report.steps.get(address)
    if step is not None and step.stale:
        return ()
    seen = step.observation if step is not None else None
    if isinstance(seen, SessionObservation):
        return _observed_phases(seen)
    return _last_phase(report, address)


def _observed_phases(seen: SessionObservation) -> tuple[Phase, ...]:
    if seen.connect_error is not None:
        return (Phase.CONNECT,)
    if seen.smtputf8_missing:
        return (Phase.MAIL,)
    if seen.tls_missing:
        return (Phase.STARTTLS,)
    if not seen.before_quit:  # with implicit TLS the handshake comes first
        return (Phase.STARTTLS, Phase.GREETING)
    last = seen.before_quit[-1]
    if is_second_ehlo(last):
        return (Phase.STARTTLS, Phase.EHLO)
    return (last.phase,)


def _last_phase(report: Report, address: str) -> tuple[Phase, ...]:
    """Return the last phase that was come to, by the steps alone: a report from a file has no more."""
    for phase in reversed(Phase):
        step = report.steps.get(f"{address}/{phase}")
        if phase is not Phase.QUIT and step is not None and _was_reached(step):
            return (phase,)
    return ()


def _was_reached(step: Step) -> bool:
    return not step.stale and step.status.ended and step.status not in (Status.SKIPPED, Status.CANCELLED)


def _rank(item: Finding, phase: Phase) -> tuple[int, int]:
    """Return where a finding stands among those of its phase: what was made from the reply itself comes first."""
    made_from_reply = (item.reason is not None) + (item.party is not None)
    if made_from_reply:
        return 2 - made_from_reply, item.gravity
    ends_it = item.code in _WITHOUT_REPLY or (phase is Phase.STARTTLS and item.code in NO_TLS)
    return (2 if ends_it else 3), item.gravity


def _after_second_try(report: Report, end: SessionEnd) -> SessionEnd:
    """Return the end of a session that was held once more after greylisting, and greylisted again."""
    step = report.steps.get(end.address)
    seen = step.observation if step is not None else None
    if step is None or not isinstance(seen, SessionObservation) or seen.greylisted_for is None:
        return end
    persists = next((item for item in step.findings if item.code == _PERSISTS), None)
    if persists is None or end.reason is not Reason.GREYLISTING:
        return end
    return SessionEnd(end.address, step.id, persists)
