"""A mail domain as the DNS servers see it: MX, A and AAAA over both transports, and the route that follows."""

import asyncio
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.lookups.answers import (
    Answer,
    AnswerKind,
    Pair,
    Question,
)
from smtpdiag_tui.checks.lookups.arbiter import Ruling
from smtpdiag_tui.checks.lookups.arbitration import Arbitration
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.extended_errors import is_bogus, judge_bogus
from smtpdiag_tui.checks.lookups.routing import HostLookup, Route, RouteKind
from smtpdiag_tui.checks.lookups.stub import StubView
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.settings import DnsServer

RDTYPES = ("MX", "A", "AAAA")

LOCAL_EXPLANATION = """\
Queries every resolver in use for the MX, A and AAAA records of the sender domain, over UDP and TCP. Receivers
verify the sender domain, and replies and bounces go to its MX hosts.
Fails if:
- the sender domain does not exist, or accepts no mail: receivers reject mail from it, and bounces are lost
- a firewall blocks DNS over UDP or TCP: outbound mail suffers, inbound mail does not
Warns if:
- the sender domain resolves outside only (split DNS); some networks are set up like that"""

REMOTE_EXPLANATION = """\
Queries every resolver in use for the MX, A and AAAA records of the recipient domain, over UDP and TCP. Without
them no mail can be delivered.
Fails if:
- the recipient domain does not exist, or accepts no mail
- a firewall blocks DNS over UDP or TCP: mail servers query over UDP first and need TCP for long answers
- the resolver cannot resolve names outside: use one that can, or give a target DNS server
- the resolver filters or rewrites the answer, or returns an outdated one"""

WITHOUT_HOST = frozenset({RouteKind.NOT_FOUND, RouteKind.NO_HOST, RouteKind.NULL})
WITHOUT_MX = WITHOUT_HOST | {RouteKind.IMPLICIT}


@dataclass(frozen=True, slots=True)
class ServerLookup:
    """What one server says of the domain: one pair for each of MX, A and AAAA.

    `unchecked`: what it says with checking disabled (CD), asked where it fails one of these.
    """

    server: DnsServer
    pairs: tuple[Pair, ...]
    unchecked: Answer | None = None

    def best(self, rdtype: str) -> Answer | None:
        """The answer that counts for `rdtype`, None if it was not asked."""
        return next((pair.best for pair in self.pairs if pair.question.rdtype == rdtype), None)

    @property
    def kinds(self) -> set[AnswerKind]:
        """What became of the questions."""
        return {pair.best.kind for pair in self.pairs}

    @property
    def bogus(self) -> Answer | None:
        """The answer that the server fails because of DNSSEC, None if there is none."""
        failed = (pair.best for pair in self.pairs)
        return next((answer for answer in failed if is_bogus(answer, self._unchecked(answer))), None)

    def _unchecked(self, answer: Answer) -> Answer | None:
        """Return the answer to the same question with checking disabled, if it was asked for."""
        unchecked = self.unchecked
        same_question = unchecked is not None and unchecked.question == replace(answer.question, checking=False)
        return unchecked if same_question else None

    def judge_bogus(self, side: Side | None) -> tuple[Finding, ...]:
        """Return the finding that the domain's signatures are not accepted, if so; `side` is the domain's."""
        answer = self.bogus
        return (judge_bogus(answer, self._unchecked(answer), side),) if answer is not None else ()

    @property
    def absent(self) -> bool:
        """Whether the server says positively that there is nothing of the domain."""
        return self.kinds <= {AnswerKind.NODATA, AnswerKind.NXDOMAIN}


@dataclass(frozen=True, slots=True)
class DomainObservation:
    """A domain at every server. `sender`: it is the sender's. `hosts`: its mail hosts' addresses, if looked up.

    `arbitration` holds its answers against the authority's; None where that could not be done.
    `stub` is what a mail server on this host meets with the MX question at the servers that the route follows;
    `system` the same at the system's own servers, where targets are followed instead. `useless` are servers that
    say nothing of the domain because of themselves.
    """

    domain: str
    sender: bool
    lookups: tuple[ServerLookup, ...]
    route: Route
    targets: tuple[DnsServer, ...] = ()
    hosts: tuple[HostLookup, ...] = ()
    arbitration: Arbitration | None = None
    stub: tuple[StubView, ...] = ()
    system: tuple[StubView, ...] = ()
    useless: tuple[DnsServer, ...] = ()

    @property
    def ruling(self) -> Ruling | None:
        """What the answer that is followed is judged to be, None where nothing tells."""
        return self.ruling_at(self.route.server)

    def ruling_at(self, server: DnsServer | None) -> Ruling | None:
        """What a server's answer is judged to be, None where nothing tells."""
        return self.arbitration.ruling(server) if self.arbitration is not None else None

    def lookup_at(self, server: DnsServer | None) -> ServerLookup | None:
        """What a server says, None if it was not asked."""
        return next((lookup for lookup in self.lookups if lookup.server == server), None)

    @property
    def hidden(self) -> bool:
        """Whether a CNAME at the domain hides its MX."""
        alias = self.arbitration.alias if self.arbitration is not None else None
        return alias is not None and alias.hides

    @property
    def at_targets(self) -> list[ServerLookup]:
        """What the target servers say."""
        return [lookup for lookup in self.lookups if lookup.server in self.targets]

    @property
    def at_system_servers(self) -> list[ServerLookup]:
        """What the servers say that are not targets."""
        return [lookup for lookup in self.lookups if lookup.server not in self.targets]


async def observe_server(dns: DnsClient, server: DnsServer, domain: str) -> ServerLookup:
    """Ask one server for the domain's MX, A and AAAA over both transports.

    Where it fails one, that is asked for once more with checking disabled, unless it has said why.
    """
    questions = [Question(domain, rdtype) for rdtype in RDTYPES]
    pairs = await asyncio.gather(*(dns.pair(server, question) for question in questions))
    failed = [pair.best for pair in pairs if pair.best.kind is AnswerKind.SERVFAIL]
    if not failed or any(map(is_bogus, failed)):
        return ServerLookup(server, tuple(pairs))
    unchecked = await dns.first_usable([server], replace(failed[0].question, checking=False))
    return ServerLookup(server, tuple(pairs), unchecked)
