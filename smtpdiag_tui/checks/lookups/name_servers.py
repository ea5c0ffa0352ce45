"""The name servers of a zone and their addresses: which of them are asked, for both come from strangers."""

import asyncio
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TypeVar

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import name_text
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.routing import Resolution, resolve
from smtpdiag_tui.settings import DnsServer, family_of, parse_ip

# The root and .com, as large as name server sets get, have 13 names with an address of each family: 26. An answer
# has room for some 4,000 names or addresses, and each address costs two questions and three steps.
MAX_NAME_SERVERS = 13
MAX_OF_ONE = 8
MAX_ADDRESSES = 32

_Place = tuple[str, str]  # a name server and one of its addresses
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class NameServer:
    """One name of the apex NS set, with what went wrong if it has no address at all.

    `addresses` are to be asked; `unusable` are never asked (see `unusable_reason`). `omitted` counts those beyond
    what is kept of an answer. `glue` are those of them that the parent gives and the resolvers did not.
    """

    host: str
    addresses: tuple[str, ...]
    problem: str = ""
    unusable: tuple[str, ...] = ()
    omitted: int = 0
    glue: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameServers:
    """The name servers to ask, and how many names, and addresses of the names that are asked, are left out."""

    servers: tuple[NameServer, ...] = ()
    names_left: int = 0
    addresses_left: int = 0


async def find_name_servers(dns: DnsClient, servers: Sequence[DnsServer], apex: str) -> NameServers:
    """Find the name servers of a zone and their addresses, as many as are asked."""
    ns = await resolve(dns, servers, apex, "NS")
    names = sorted({name_text(record.data) for record in ns.records})
    found = await asyncio.gather(*(look_up(dns, servers, name) for name in names[:MAX_NAME_SERVERS]))
    kept, left = within_limits(found)
    return NameServers(kept, max(0, len(names) + ns.omitted - MAX_NAME_SERVERS), left)


async def look_up_more(
    dns: DnsClient,
    servers: Sequence[DnsServer],
    known: NameServers,
    names: Collection[str],
    glue: Mapping[str, Sequence[str]],
    *,
    glue_is_enough: bool = False,
) -> NameServers:
    """Add those of `names` that are not known yet, and the addresses that `glue` gives, as far as there is room.

    `glue_is_enough`: a name with glue is not looked up.
    """
    new = sorted(set(names) - {server.host for server in known.servers})
    room = max(0, MAX_NAME_SERVERS - len(known.servers))
    enough = glue if glue_is_enough else {}
    added = await _look_up_each(dns, servers, new[:room], enough)
    grown = [_with_glue(server, glue.get(server.host, ())) for server in (*known.servers, *added)]
    known_places = {place for server in known.servers for place in _all_places(server)}
    kept, left = within_limits(grown, known_places)
    left -= sum(server.omitted for server in known.servers)  # counted when they were found
    return NameServers(kept, max(known.names_left, len(new[room:])), known.addresses_left + left)


async def _look_up_each(
    dns: DnsClient, servers: Sequence[DnsServer], names: Sequence[str], enough: Mapping[str, Sequence[str]]
) -> list[NameServer]:
    """Find the name servers of these names, by name; one that `enough` gives addresses of is not looked up."""
    unknown = [name for name in names if not enough.get(name)]
    found = await asyncio.gather(*(look_up(dns, servers, name) for name in unknown))
    without_addresses = [NameServer(name, ()) for name in names if enough.get(name)]
    return sorted([*found, *without_addresses], key=lambda server: server.host)


def _with_glue(server: NameServer, glue: Sequence[str]) -> NameServer:
    """Add addresses to those that a name server is known by."""
    more = set(glue) - {*server.addresses, *server.unusable}
    if not more:
        return server
    usable = {address for address in more if unusable_reason(address) is None}
    return replace(
        server,
        addresses=tuple(sorted({*server.addresses, *usable}, key=_rank)),
        unusable=tuple(sorted({*server.unusable, *(more - usable)}, key=_rank)),
        glue=tuple(sorted({*server.glue, *more}, key=_rank)),
    )


def _rank(address: str) -> tuple[int, int]:
    parsed = parse_ip(address)
    return (family_of(address) or 0, int(parsed) if parsed is not None else 0)


async def look_up(dns: DnsClient, servers: Sequence[DnsServer], name: str) -> NameServer:
    """Find all addresses of one name server, IPv4 first, each family in ascending order."""
    a, aaaa = await asyncio.gather(resolve(dns, servers, name, "A"), resolve(dns, servers, name, "AAAA"))
    usable: list[str] = []
    unusable: list[str] = []
    for address in (*_addresses(a), *_addresses(aaaa)):
        if unusable_reason(address):
            unusable.append(address)
        else:
            usable.append(address)
    problem = "" if usable or unusable else f"{a.kind} for A, {aaaa.kind} for AAAA"
    return NameServer(name, tuple(usable), problem, tuple(unusable), a.omitted + aaaa.omitted)


def _addresses(found: Resolution) -> list[str]:
    """Return the addresses found in RFC 5952 form: how answers list them is chance, and steps must not be."""
    parsed = {address for record in found.records if (address := parse_ip(record.data)) is not None}
    return [str(address) for address in sorted(parsed, key=int)]


def within_limits(
    found: Sequence[NameServer], first: Collection[_Place] = frozenset()
) -> tuple[tuple[NameServer, ...], int]:
    """Keep at most 8 addresses of a name and 32 in all; return them and how many are left out.

    Each name gets one in turn, of one family and then of the other, what is never asked last. Those in `first` are
    kept before all others.
    """
    others = [place for place in _in_turn([_places(server) for server in found]) if place not in first]
    kept = {*first, *others[: max(0, MAX_ADDRESSES - len(first))]}
    known = sum(len(_all_places(server)) + server.omitted for server in found)
    return tuple(_keeping(server, kept) for server in found), known - len(kept)


def _all_places(server: NameServer) -> list[_Place]:
    return [(server.host, address) for address in server.addresses + server.unusable]


def _places(server: NameServer) -> list[_Place]:
    """Return the addresses of a name server that may be kept, the most telling first."""
    order = _families_in_turn(server.addresses) + _families_in_turn(server.unusable)
    return [(server.host, address) for address in order[:MAX_OF_ONE]]


def _families_in_turn(addresses: Sequence[str]) -> list[str]:
    ipv4 = [address for address in addresses if family_of(address) == 4]
    ipv6 = [address for address in addresses if family_of(address) == 6]
    return _in_turn([ipv4, ipv6])


def _keeping(server: NameServer, kept: Container[_Place]) -> NameServer:
    addresses = tuple(address for address in server.addresses if (server.host, address) in kept)
    unusable = tuple(address for address in server.unusable if (server.host, address) in kept)
    return replace(server, addresses=addresses, unusable=unusable)


def _in_turn(queues: Sequence[Sequence[_T]]) -> list[_T]:
    """Return the first of each queue, then the second of each, and so on."""
    rounds = zip_longest(*queues)
    return [waiting for round_ in rounds for waiting in round_ if waiting is not None]
