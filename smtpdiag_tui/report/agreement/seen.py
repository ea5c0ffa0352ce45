"""What one vantage point saw, in the terms in which several are compared. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import DestinationKind, ReportFacts, SessionEnd, SessionFacts
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import family_of, parse_ip

Place = tuple[str, str]  # an MX host and one of its addresses

REPLIED = frozenset(
    {SessionEnd.ACCEPTED, SessionEnd.DEFERRED, SessionEnd.REJECTED, SessionEnd.GREETING_REFUSED},
)
TALKED = frozenset({SessionEnd.ACCEPTED, SessionEnd.DEFERRED, SessionEnd.REJECTED})  # far enough for STARTTLS
REFUSED = REPLIED - {SessionEnd.ACCEPTED}
# Nothing came back, or a reset in the place of a connection: a firewall does both.
SILENT = frozenset({SessionEnd.TIMEOUT, SessionEnd.CONNECTION_REFUSED, SessionEnd.UNREACHABLE, SessionEnd.RESET})
# Says something of this host, and nothing of the address.
NOT_TRIED = frozenset({SessionEnd.NO_ROUTE, SessionEnd.NO_SOCKET, SessionEnd.UNUSABLE})
GREYLISTED = "greylisted"
_SERIAL = re.compile(r"\bserial (\d{1,10})\b")
# The same private address in two networks is two hosts.
_PRIVATE_NETWORKS = (
    "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 fc00::/7 fe80::/10 ::1/128"
)
_PRIVATE = tuple(map(ip_network, _PRIVATE_NETWORKS.split()))


@dataclass(frozen=True, slots=True)
class Seen:
    """What one vantage point saw. `sessions` holds those that were tried, and what is known of each.

    `hosts` are preference and name of the MX hosts, None where no MX set was to be found or to be asked for;
    `addresses` those of each host. `serial` is the newest of the zone that its name servers tell, None for none.
    `public` are the addresses that receivers see it by, as far as that is known. `no_starttls` are the places
    that talked and offered none.
    """

    point: str
    report: Report
    outcome: Outcome
    reason: Reason | None
    cause: Cause | None
    sessions: dict[Place, SessionFacts]
    hosts: tuple[tuple[int | None, str], ...] | None
    addresses: dict[str, frozenset[str]]
    serial: int | None
    public: frozenset[str]
    ehlo: str
    without_ipv6: bool
    no_starttls: frozenset[Place] = field(default_factory=frozenset)

    @property
    def word(self) -> str:
        """How it ended, in a word."""
        if self.outcome is Outcome.DEFERRED and self.reason is Reason.GREYLISTING:
            return GREYLISTED
        return self.outcome.value

    @property
    def silent(self) -> bool:
        """Whether no MX host answered at all on the port, though some was tried."""
        tried = [facts.end for facts in self.sessions.values() if facts.end not in NOT_TRIED]
        return bool(tried) and all(end in SILENT for end in tried)

    @property
    def accepting(self) -> frozenset[Place]:
        """Where the recipient was accepted."""
        return frozenset(place for place, facts in self.sessions.items() if facts.end is SessionEnd.ACCEPTED)

    @property
    def tried(self) -> frozenset[Place]:
        """Where a connection was tried."""
        return frozenset(place for place, facts in self.sessions.items() if facts.end not in NOT_TRIED)


def counts(vantage: Vantage) -> bool:
    """Whether a vantage point has a say: its run ended by itself, and came to an outcome."""
    report = vantage.report
    return (
        report is not None
        and not vantage.error
        and report.outcome is not None
        and report.status not in (Status.RUNNING, Status.PENDING, Status.CANCELLED)
    )


def seen_from(vantage: Vantage) -> Seen | None:
    """Return what a vantage point saw, None where it has no say."""
    report = vantage.report
    if report is None or report.outcome is None or not counts(vantage):
        return None
    cause = next((cause for cause in report.causes if cause.decides), None)
    held = [step for step in report.steps.values() if step.is_session and not step.stale]
    facts = report.facts
    return Seen(
        point=vantage.via.label,
        report=report,
        outcome=report.outcome,
        reason=cause.reason if cause is not None else None,
        cause=cause,
        sessions={_place(step): step.facts.session for step in held if step.facts.session is not None},
        hosts=_hosts(report, facts),
        addresses=_addresses(report),
        serial=_serial(report),
        public=_public(report, facts),
        ehlo=facts.ehlo,
        without_ipv6=_without_ipv6(held),
        no_starttls=frozenset(_place(step) for step in held if _lacks_starttls(report, step)),
    )


def _place(step: Step) -> Place:
    place = StepId(step.id)
    return place.host, place.address


def _hosts(report: Report, facts: ReportFacts) -> tuple[tuple[int | None, str], ...] | None:
    if facts.destination_kind is not DestinationKind.DOMAIN:
        return None
    hosts = [step for step in report.children("delivery") if step.kind is StepKind.HOST]
    pairs = [(step.facts.preference, StepId(step.id).host) for step in hosts]
    return tuple(sorted(pairs, key=lambda pair: (pair[0] is None, pair[0] or 0, pair[1]))) or None


def _addresses(report: Report) -> dict[str, frozenset[str]]:
    """Return the addresses of each MX host; one of which some were left out tells nothing."""
    found: dict[str, frozenset[str]] = {}
    for host in report.children("delivery"):
        below = list(report.children(host.id))
        if below and not any(step.kind is StepKind.REST for step in below):
            found[StepId(host.id).host] = frozenset(StepId(step.id).address for step in below if step.is_session)
    return found


def _serial(report: Report) -> int | None:
    """Return the serial that most name server addresses tell, the highest of those that equally many do."""
    told = [
        int(found[1])
        for step in report.steps.values()
        if step.branch == "soa" and step.kind is StepKind.ADDRESS and (found := _SERIAL.match(step.detail))
    ]
    return max(told, key=lambda serial: (told.count(serial), serial), default=None)


def _public(report: Report, facts: ReportFacts) -> frozenset[str]:
    """Return the addresses that receivers see: what they say of it, else those that connections left from."""
    given = set(report.settings.as_addresses)  # another host is judged, and seen by nobody
    seen = [address for address in facts.seen_as if address not in given]
    return frozenset(seen or (address for address in facts.sources if not _is_private(address)))


def _is_private(address: str) -> bool:
    literal = parse_ip(address)
    return literal is None or any(literal in network for network in _PRIVATE)


def _without_ipv6(held: Sequence[Step]) -> bool:
    """Whether the host has no way to IPv6, though an MX host has such an address."""
    ends = [step.facts.session.end for step in held if step.facts.session and family_of(_place(step)[1]) == 6]
    return bool(ends) and all(end is SessionEnd.NO_ROUTE for end in ends)


def _lacks_starttls(report: Report, step: Step) -> bool:
    session = step.facts.session
    if session is None or session.end not in TALKED or session.tls:
        return False
    phase = report.steps.get(f"{step.id}/starttls")
    return phase is not None and any(item.code == "starttls-not-offered" for item in phase.findings)
