"""The addresses of mail hosts as several servers give them: the resolvers in use, and each host's authority."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.lookups.answers import Answer, Question, name_text
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.name_servers import look_up
from smtpdiag_tui.checks.lookups.routing import resolve
from smtpdiag_tui.settings import DnsServer

FAMILIES = ("A", "AAAA")
MAX_FOREIGN_ZONES = 4  # beside the recipient's own
MAX_HOSTS = 16  # whose addresses are compared
_NAME_SERVERS = 2  # of a foreign zone, asked for an address until one has any
_OTHERS = 4  # name servers of a zone that are asked too, where a resolver differs from the first


@dataclass(frozen=True, slots=True)
class HostZone:
    """The zone that holds a mail host's name, one of its name servers, its SOA; `own`: it is the recipient's.

    `others` are more of its name servers, `names` those whose addresses are not looked up.
    """

    apex: str
    server: DnsServer | None = None
    soa: Answer | None = None
    own: bool = False
    others: tuple[DnsServer, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostView:
    """One mail host's A and AAAA: at the resolvers in use, the one that is followed first, and at its authority.

    `truth` is empty where no authority was asked, or it answered without authority. `rewrites`: the resolver gives
    an address for a name beside the host that the authority says does not exist.
    """

    host: str
    resolvers: tuple[tuple[Answer, ...], ...]
    truth: tuple[Answer, ...] = ()
    zone: HostZone | None = None
    rewrites: bool = False

    @property
    def followed(self) -> tuple[Answer, ...]:
        """The answers of the resolver that is followed; empty if it gave none."""
        return self.resolvers[0] if self.resolvers else ()


async def at_resolvers(dns: DnsClient, servers: Sequence[DnsServer], host: str) -> tuple[tuple[Answer, ...], ...]:
    """Return a host's A and AAAA at each of the servers."""
    return tuple(await asyncio.gather(*(_both_families(dns, server, host, recurse=True) for server in servers)))


async def at_authority(dns: DnsClient, zone: HostZone, host: str) -> tuple[Answer, ...]:
    """Return a host's A and AAAA at a name server of its zone; nothing unless both come with authority."""
    return await _with_authority(dns, zone.server, host) if zone.server is not None else ()


async def at_other_authorities(
    dns: DnsClient, servers: Sequence[DnsServer], zone: HostZone, host: str
) -> tuple[tuple[Answer, ...], ...]:
    """Return a host's A and AAAA at more name servers of its zone, four at most, as far as they answer so."""
    looked_up = await asyncio.gather(*(look_up(dns, servers, name) for name in zone.names[:_OTHERS]))
    known = [*zone.others, *(DnsServer(server.addresses[0]) for server in looked_up if server.addresses)]
    asking = (_with_authority(dns, server, host) for server in known[:_OTHERS])
    return tuple(answers for answers in await asyncio.gather(*asking) if answers)


async def _with_authority(dns: DnsClient, server: DnsServer, host: str) -> tuple[Answer, ...]:
    answers = await _both_families(dns, server, host, recurse=False)
    return answers if all(answer.usable and answer.authoritative for answer in answers) else ()


async def _both_families(dns: DnsClient, server: DnsServer, host: str, *, recurse: bool) -> tuple[Answer, ...]:
    questions = (Question(host, rdtype, recurse=recurse) for rdtype in FAMILIES)
    answers = await asyncio.gather(*(dns.first_usable([server], question) for question in questions))
    return tuple(answer for answer in answers if answer is not None)


async def find_host_zone(dns: DnsClient, servers: Sequence[DnsServer], host: str) -> HostZone | None:
    """Find the zone of a mail host outside the recipient's, and one of its name servers; None if there is none."""
    answer, apex = await _soa_of(dns, servers, host)
    if apex is None:
        return None
    ns = await resolve(dns, servers, apex, "NS")
    names = sorted({name_text(record.data) for record in ns.records})  # their order in an answer is chance
    for position, name in enumerate(names[:_NAME_SERVERS], start=1):
        addresses = (await look_up(dns, servers, name)).addresses
        if addresses:
            return HostZone(apex, DnsServer(addresses[0]), answer, names=tuple(names[position:]))
    return HostZone(apex, None, answer)


async def _soa_of(dns: DnsClient, servers: Sequence[DnsServer], host: str) -> tuple[Answer | None, str | None]:
    """Return the answer that tells the zone of a host, and its apex; what a filter says of the host tells none."""
    for name in (host, host.partition(".")[2]):
        found = await resolve(dns, servers, name, "SOA") if "." in name else None
        answer = found.last if found is not None and len(found.names) == 1 else None
        soa = answer.soa() if answer is not None and answer.usable else None
        if soa is not None and lies_in(host, soa.owner):
            return answer, soa.owner
    return None, None


def lies_in(name: str, zone: str) -> bool:
    """Whether a name is the zone's apex or lies below it."""
    return zone == "." or name == zone or name.endswith(f".{zone}")
