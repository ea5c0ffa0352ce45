"""The SOA of the recipient's domain: who is authoritative, who answers, which serial (RFC 1035, RFC 2308)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from smtpdiag_tui.checks.lookups.answers import Answer, Pair, Question, name_text
from smtpdiag_tui.checks.lookups.authority import AuthorityView, serial_of
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.delegation import Delegation, apex_of, find_delegation
from smtpdiag_tui.checks.lookups.name_servers import NameServers, find_name_servers, look_up_more
from smtpdiag_tui.checks.lookups.routing import resolve
from smtpdiag_tui.settings import DnsServer

RETRY_AFTER = 3.0

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
class ZoneObservation:
    """The zone: its apex, the answer of a resolver that led there, and who serves it.

    `apex` is None if no SOA was found; `walked`: the resolvers did not tell it, the parent's servers did. `ns` is
    the resolvers' answer about the NS set, None where they did not know the apex. `name_servers` are those of `ns`
    and those that the parent or the zone itself names. `canonical` is what the CNAMEs of the domain lead to.
    """

    domain: str
    apex: str | None
    answer: Answer | None
    name_servers: NameServers = field(default_factory=NameServers)
    delegation: Delegation | None = None
    ns: Answer | None = None
    canonical: str = ""
    walked: bool = False

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
    """Find, from the zones above, the zone of a domain that the resolvers fail for."""
    delegation = await find_delegation(dns, servers, zone.domain)
    if delegation is None or delegation.cut is None:
        return replace(zone, delegation=delegation)
    name_servers = await look_up_more(
        dns, servers, NameServers(), delegation.names, delegation.glue, glue_is_enough=True
    )
    return replace(zone, apex=delegation.cut, name_servers=name_servers, delegation=delegation, walked=True)


async def find_more_servers(
    dns: DnsClient, servers: Sequence[DnsServer], zone: ZoneObservation, views: Sequence[AuthorityView]
) -> ZoneObservation:
    """Add the name servers, and their addresses, that the parent names and those that the zone itself does."""
    names = set(zone.parent_names)
    for view in views:
        names |= ns_names(view.ns)
    glue = zone.delegation.glue if zone.delegation is not None and zone.parent_names else {}
    more = await look_up_more(dns, servers, zone.name_servers, names, glue)
    return replace(zone, name_servers=more)


async def observe_resolver(dns: DnsClient, server: DnsServer, name: str) -> ResolverView:
    """Ask one DNS server for the SOA of `name` over both transports."""
    return ResolverView(server, await dns.pair(server, Question(name, "SOA")))
