"""The SOA of the recipient's domain: who is authoritative, who answers, which serial (RFC 1035, RFC 2308)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair, Question, name_text
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.name_servers import NameServers, find_name_servers, look_up
from smtpdiag_tui.checks.lookups.routing import Resolution, resolve
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer

RETRY_AFTER = 3.0
# Of the parent zone, asked one after the other until one tells the delegation.
_PARENT_SERVERS = 3
_PARENT_ADDRESSES = 2

EXPLANATION = """\
The SOA record names the zone that the recipient's domain belongs to and counts its versions. Each DNS server in
use is asked for it over UDP and TCP, then the addresses of the authoritative name servers are asked directly.
This test can fail for 4 reasons.
1) The domain does not exist, or its zone is broken. Then no mail can be sent to it.
2) The name servers hold different versions of the zone: some senders see old mail hosts.
3) A name server that the parent zone points to does not know the zone (a lame server).
4) A firewall here blocks DNS to the outside. If your DNS servers forward, that does no harm to mail."""


@dataclass(frozen=True, slots=True)
class ResolverView:
    """The SOA of the apex as one configured or target DNS server sees it."""

    server: DnsServer
    pair: Pair

    @property
    def serial(self) -> int | None:
        """The serial in the answer that counts."""
        return serial_of(self.pair.best)


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """The SOA of the apex at one address of an authoritative name server, and its NS and MX RRsets there.

    `inside`: only its own site reaches the address, so that its silence says nothing about the way outside.
    """

    host: str
    address: str
    pair: Pair
    ns: Answer | None = None
    mx: Answer | None = None
    inside: bool = False

    @property
    def serial(self) -> int | None:
        """The serial that this address answers with authority; None if it gives none."""
        if self.lame or self.pair.best.kind is not AnswerKind.DATA:
            return None
        return serial_of(self.pair.best)

    @property
    def answers(self) -> bool:
        """Whether it answers at all."""
        return self.pair.answered

    @property
    def lame(self) -> bool:
        """Whether it answers, but not with authority and exactly one SOA of the apex."""
        best = self.pair.best
        if not best.whole:
            return False
        own = [record for record in best.records if record.owner == best.question.name]
        return best.kind is not AnswerKind.DATA or "AA" not in best.flags or len(own) != 1


@dataclass(frozen=True, slots=True)
class Delegation:
    """The NS set that the parent zone gives out, and the parent's server that said so."""

    parent: str
    server: DnsServer
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class ZoneObservation:
    """The zone: apex (None if no SOA was found), the answer that led there, name servers and delegation."""

    domain: str
    apex: str | None
    answer: Answer | None
    name_servers: NameServers = field(default_factory=NameServers)
    delegation: Delegation | None = None


@dataclass(frozen=True, slots=True)
class SoaObservation:
    """All views of the zone. `asked_again`: serials differed, and still did after a few seconds."""

    zone: ZoneObservation
    resolvers: tuple[ResolverView, ...]
    authorities: tuple[AuthorityView, ...]
    asked_again: bool = False


def serial_of(answer: Answer) -> int | None:
    """Return the serial of the answer's own SOA, None if it has none."""
    for record in answer.records:
        fields = record.fields
        if record.rdtype == "SOA" and len(fields) == 7 and fields[2].isdecimal():
            return int(fields[2])
    return None


async def find_zone(dns: DnsClient, servers: Sequence[DnsServer], domain: str) -> ZoneObservation:
    """Find the apex of the zone that holds `domain`, and the names and addresses of its name servers."""
    found = await resolve(dns, servers, domain, "SOA")
    apex = None if found.looping else _apex(found)
    if apex is None:
        return ZoneObservation(domain, None, found.last)
    return ZoneObservation(domain, apex, found.last, await find_name_servers(dns, servers, apex))


def _apex(found: Resolution) -> str | None:
    """Return the owner of the SOA that an existing name's zone has; None if no answer tells it."""
    answer = found.last
    if answer is None or not answer.usable or answer.kind is AnswerKind.NXDOMAIN:
        return None
    soa = answer.soa()
    return soa.owner if soa is not None else None


async def observe_resolver(dns: DnsClient, server: DnsServer, name: str) -> ResolverView:
    """Ask one DNS server for the SOA of `name` over both transports."""
    return ResolverView(server, await dns.pair(server, Question(name, "SOA")))


async def observe_authority(
    dns: DnsClient, host: str, address: str, apex: str, *, inside: bool = False, again: bool = False
) -> AuthorityView:
    """Ask one address of a name server for the apex's SOA over both transports, and for its NS set."""
    server = DnsServer(address)
    question = Question(apex, "SOA", recurse=False)
    if again:
        udp, tcp = await asyncio.gather(*(dns.ask_again(server, question, transport) for transport in Transport))
        pair = Pair(udp, tcp)
    else:
        pair = await dns.pair(server, question)
    view = AuthorityView(host, address, pair, inside=inside)
    if not view.answers or view.lame:
        return view
    return replace(view, ns=await dns.first_usable([server], Question(apex, "NS", recurse=False)))


async def ask_mx(dns: DnsClient, view: AuthorityView, domain: str) -> AuthorityView:
    """Add the MX RRset that this name server holds: asked where serials differ."""
    if view.serial is None:
        return view
    question = Question(domain, "MX", recurse=False)
    return replace(view, mx=await dns.first_usable([DnsServer(view.address)], question))


async def find_delegation(dns: DnsClient, servers: Sequence[DnsServer], apex: str) -> Delegation | None:
    """Ask a server of the parent zone for its NS set of `apex`; None if none could be asked."""
    if apex == ".":
        return None
    above = apex.partition(".")[2] or "."
    parent = _apex(await resolve(dns, servers, above, "SOA"))
    if parent is None:
        return None
    ns = await resolve(dns, servers, parent, "NS")
    for record in ns.records[:_PARENT_SERVERS]:
        host = await look_up(dns, servers, name_text(record.data))
        for address in host.addresses[:_PARENT_ADDRESSES]:
            server = DnsServer(address)
            names = await _referral(dns, server, apex)
            if names:
                return Delegation(parent, server, names)
    return None


async def _referral(dns: DnsClient, server: DnsServer, apex: str) -> frozenset[str]:
    answer = await dns.first_usable([server], Question(apex, "NS", recurse=False))
    if answer is None or not answer.usable:
        return frozenset()
    if "AA" in answer.flags:  # a server of both zones gives the child's own set, which is no delegation
        return frozenset()
    ns = [record for record in answer.answer + answer.authority if record.rdtype == "NS" and record.owner == apex]
    return frozenset(name_text(record.data) for record in ns)
