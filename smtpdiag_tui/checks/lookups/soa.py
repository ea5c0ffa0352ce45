"""The SOA of the recipient's domain: who is authoritative, who answers, which serial (RFC 1035, RFC 2308)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from smtpdiag_tui.checks.lookups.answers import Answer, Pair, Question, name_text
from smtpdiag_tui.checks.lookups.authority import AuthorityView, serial_of
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.delegation import (
    Delegation,
    ParentSays,
    ParentView,
    apex_of,
    find_delegation,
    is_within,
)
from smtpdiag_tui.checks.lookups.name_servers import NameServers, find_name_servers, look_up_more
from smtpdiag_tui.checks.lookups.routing import resolve
from smtpdiag_tui.settings import DnsServer

RETRY_AFTER = 3.0

EXPLANATION = """\
Queries every resolver in use for the SOA of the recipient's zone over UDP and TCP, then every address of every
name server that the parent zone or the zone itself names: for the SOA, the NS set and the MX records. Two servers
of the parent zone are queried for the delegation. If the resolvers fail for the domain, its name servers are found
through the parent zone.
Fails if:
- the domain does not exist, or no name server serves its zone
- the name servers return different MX records, so that sending servers use different MX hosts
Warns if:
- a name server does not answer, or does not serve the zone (lame)
- serials, name servers or glue addresses differ between the parent zone and the zone, or between name servers
- a resolver uses a former delegation, or a device on the network path answers port 53 for all name servers"""


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
class ZoneObservation:
    """The zone: its apex, the answer of a resolver that led there, and who serves it.

    `apex` is None if no SOA was found; `walked`: the resolvers did not tell it, the parent's servers did. `ns` is
    the resolvers' answer about the NS set, None where they did not know the apex. `name_servers` are those of `ns`
    and those that the parent or the zone itself names. `canonical` is what the CNAMEs of the domain lead to.
    `own_addresses` are those that the zone gives for name servers that the parent gives others for.
    """

    domain: str
    apex: str | None
    answer: Answer | None
    name_servers: NameServers = field(default_factory=NameServers)
    delegation: Delegation | None = None
    ns: Answer | None = None
    canonical: str = ""
    walked: bool = False
    own_addresses: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def told_by_resolvers(self) -> bool:
        """Whether the resolvers told the apex."""
        return self.apex is not None and not self.walked

    @property
    def parent_views(self) -> tuple[ParentView, ...]:
        """What the servers asked for the way down say; none where it was not looked for."""
        return self.delegation.views if self.delegation is not None else ()

    @property
    def mail_name(self) -> str:
        """The name whose MX the zone's servers are asked for."""
        return self.canonical or self.domain

    @property
    def resolver_names(self) -> frozenset[str]:
        """The name servers that the resolvers know the zone by."""
        return ns_names(self.ns)

    @property
    def parent_names(self) -> frozenset[str]:
        """The name servers that the parent names; empty if it told no delegation of this zone."""
        delegation = self.delegation
        return delegation.names if delegation is not None and delegation.cut == self.apex else frozenset()


@dataclass(frozen=True, slots=True)
class SoaObservation:
    """All views of the zone. `asked_again`: they differed, and were asked again after a few seconds."""

    zone: ZoneObservation
    resolvers: tuple[ResolverView, ...]
    authorities: tuple[AuthorityView, ...]
    asked_again: bool = False


def ns_names(answer: Answer | None) -> frozenset[str]:
    """Return the names in an answer about an NS set; empty for none."""
    return frozenset(name_text(record.data) for record in answer.records) if answer is not None else frozenset()


async def find_zone(dns: DnsClient, servers: Sequence[DnsServer], domain: str) -> ZoneObservation:
    """Find the apex of the zone that holds `domain`, and the names and addresses of its name servers."""
    found = await resolve(dns, servers, domain, "SOA")
    apex = None if found.looping else apex_of(found)
    if apex is None:
        return ZoneObservation(domain, None, found.last)
    name_servers = await find_name_servers(dns, servers, apex)
    ns = await resolve(dns, servers, apex, "NS")  # has just been asked: the run's one answer
    canonical = found.names[-1] if len(found.names) > 1 else ""
    return ZoneObservation(domain, apex, found.last, name_servers, ns=ns.last, canonical=canonical)


async def walk_to_zone(dns: DnsClient, servers: Sequence[DnsServer], zone: ZoneObservation) -> ZoneObservation:
    """Find, from the zones above, the zone of a domain that the resolvers fail for, or deny."""
    delegation = await find_delegation(dns, servers, zone.domain)
    if delegation is None or delegation.cut is None:
        return await _within_zone_above(dns, servers, replace(zone, delegation=delegation))
    name_servers = await look_up_more(
        dns, servers, NameServers(), delegation.names, delegation.glue, glue_is_enough=True
    )
    return replace(zone, apex=delegation.cut, name_servers=name_servers, delegation=delegation, walked=True)


async def _within_zone_above(
    dns: DnsClient, servers: Sequence[DnsServer], zone: ZoneObservation
) -> ZoneObservation:
    """Find the zone where the servers asked for the way down hold the domain themselves.

    No zone begins there then, or they serve that one too, and answer with its NS set in place of a referral.
    """
    own = _own_answer(zone)
    if own is None:
        return zone
    if own.records:
        beside = _addresses_beside(own)
        name_servers = await look_up_more(dns, servers, NameServers(), ns_names(own), beside)
        return replace(zone, apex=own.canonical, name_servers=name_servers, walked=True)
    soa = own.soa()
    if soa is None or not is_within(zone.domain, soa.owner):
        return zone
    name_servers = await find_name_servers(dns, servers, soa.owner)
    return replace(zone, apex=soa.owner, name_servers=name_servers, walked=True)


def _own_answer(zone: ZoneObservation) -> Answer | None:
    """Return the answer of the first server asked for the way down that holds the domain itself, None if none."""
    for view in zone.parent_views:
        if view.says is ParentSays.OWN and view.answer.usable:
            return view.answer
    return None


def _addresses_beside(ns: Answer) -> dict[str, list[str]]:
    """Return the addresses that came with an NS set, by name server."""
    found: dict[str, list[str]] = {}
    for record in ns.additional:
        if record.rdtype in ("A", "AAAA"):
            found.setdefault(record.owner, []).append(record.data)
    return found


async def find_more_servers(
    dns: DnsClient, servers: Sequence[DnsServer], zone: ZoneObservation, views: Sequence[AuthorityView]
) -> ZoneObservation:
    """Add the name servers, and their addresses, that the parent names and those that the zone itself does.

    What the zone itself names is told by the servers that the parent names, if any of them serves it.
    """
    names = set(zone.parent_names)
    telling = [view for view in views if view.ns is not None]
    for view in [view for view in telling if view.host in names] or telling:
        names |= ns_names(view.ns)
    glue = zone.delegation.glue if zone.delegation is not None and zone.parent_names else {}
    more = await look_up_more(dns, servers, zone.name_servers, names, glue)
    return replace(zone, name_servers=more)


async def observe_resolver(dns: DnsClient, server: DnsServer, name: str) -> ResolverView:
    """Ask one DNS server for the SOA of `name` over both transports."""
    return ResolverView(server, await dns.pair(server, Question(name, "SOA")))
