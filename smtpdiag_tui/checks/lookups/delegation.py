"""The delegation of a zone as its parent gives it out, and the way down to it (RFC 1034 §4.3.2, RFC 2181 §6)."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question, name_text
from smtpdiag_tui.checks.lookups.authority import ask_once
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.name_servers import look_up
from smtpdiag_tui.checks.lookups.routing import Resolution, resolve
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer, family_of, parse_ip

# Of a zone, so many of its servers have to answer, and so many are asked at most, one address each.
_SERVERS = 2
_SERVERS_AT_MOST = 4
_LIMIT = 3.0  # seconds for one of them
_MAX_CUTS = 5  # zones between the first that is found and the domain's own
_GLUE = ("A", "AAAA")
_NO_WAY = (AnswerKind.NO_ROUTE, AnswerKind.UNREACHABLE)


class ParentSays(StrEnum):
    """What an answer of a parent's server is, to the question for a zone's NS set."""

    REFERRAL = "referral"
    OWN = "authoritative answer"  # it serves the zone itself, or no zone begins there
    DENIAL = "NXDOMAIN"
    NOTHING = "no usable answer"
    SILENCE = "no answer"


@dataclass(frozen=True, slots=True)
class ParentView:
    """What one server of the parent zone `parent` answers about the name servers of a name below it."""

    host: str
    parent: str
    answer: Answer

    @property
    def label(self) -> str:
        """The parent's server and its address."""
        return f"{self.host} [{self.answer.server.address}]"

    @property
    def says(self) -> ParentSays:
        """What the answer is."""
        answer = self.answer
        if not answer.well_formed:
            return ParentSays.SILENCE
        if answer.authoritative:
            return ParentSays.DENIAL if answer.kind is AnswerKind.NXDOMAIN else ParentSays.OWN
        return ParentSays.REFERRAL if self.cut else ParentSays.NOTHING

    @property
    def cut(self) -> str | None:
        """The zone that it refers to, None for no referral: below its own, and the name asked for or above it."""
        if not self.answer.whole or self.answer.rcode != "NOERROR" or self.answer.authoritative:
            return None
        # Some put the NS set into the answer section; a resolver does so too, and that is no delegation.
        told = self.answer.authority if "RA" in self.answer.flags else self.answer.answer + self.answer.authority
        owners = (record.owner for record in told if record.rdtype == "NS")
        return next((owner for owner in owners if self._is_cut(owner)), None)

    def _is_cut(self, owner: str) -> bool:
        below = owner != self.parent and is_within(owner, self.parent)
        return below and is_within(self.answer.question.name, owner)

    @property
    def names(self) -> frozenset[str]:
        """The name servers that the referral names."""
        cut = self.cut
        sections = self.answer.answer + self.answer.authority
        told = (record for record in sections if record.rdtype == "NS" and record.owner == cut)
        return frozenset(name_text(record.data) for record in told)

    @property
    def glue(self) -> tuple[tuple[str, str], ...]:
        """The addresses that the referral gives for these names: name and address in RFC 5952 form."""
        names = self.names
        told = (record for record in self.answer.additional if record.rdtype in _GLUE and record.owner in names)
        return tuple((record.owner, str(parse_ip(record.data) or record.data)) for record in told)


@dataclass(frozen=True, slots=True)
class Delegation:
    """What servers of a parent zone say of the zone that a name belongs to."""

    parent: str
    views: tuple[ParentView, ...]

    @property
    def cut(self) -> str | None:
        """The zone that they refer to, None if none of them gives a referral."""
        return next((view.cut for view in self.views if view.cut), None)

    @property
    def referrals(self) -> tuple[ParentView, ...]:
        """Those that give a referral to that zone."""
        cut = self.cut
        return tuple(view for view in self.views if cut is not None and view.cut == cut)

    @property
    def names(self) -> frozenset[str]:
        """All name servers that any of them names."""
        return frozenset(name for view in self.referrals for name in view.names)

    @property
    def glue(self) -> dict[str, tuple[str, ...]]:
        """Name servers to the addresses that any of them gives, in ascending order as text."""
        found: dict[str, set[str]] = {}
        for view in self.referrals:
            for name, address in view.glue:
                found.setdefault(name, set()).add(address)
        return {name: tuple(sorted(addresses)) for name, addresses in sorted(found.items())}

    @property
    def answered(self) -> bool:
        """Whether any server of the parent answers at all."""
        return any(view.says is not ParentSays.SILENCE for view in self.views)

    @property
    def denied(self) -> bool:
        """Whether the parent says with authority that the name does not exist."""
        return any(view.says is ParentSays.DENIAL for view in self.views) and self.cut is None


def is_within(name: str, zone: str) -> bool:
    """Whether a name is `zone` or lies below it."""
    return zone == "." or name == zone or name.endswith(f".{zone}")


def apex_of(found: Resolution) -> str | None:
    """Return the owner of the SOA that an existing name's zone has; None if no answer tells it."""
    answer = found.last
    if answer is None or not answer.usable or answer.kind is AnswerKind.NXDOMAIN:
        return None
    soa = answer.soa()
    return soa.owner if soa is not None else None


async def find_delegation(dns: DnsClient, servers: Sequence[DnsServer], name: str) -> Delegation | None:
    """Walk from the closest zone above `name` that the resolvers know down to the one that `name` belongs to.

    Return the last delegation on that way, or what was said instead of one; None if no zone above is known or it
    has no name server that can be asked. At most four servers of each zone are asked, for at most 3 s each.
    """
    found: Delegation | None = None
    async for zone, hosts in _zones_above(dns, servers, name):
        found = await _descend(dns, servers, await _ask_zone(dns, servers, zone, hosts, name), name)
        if found.answered:
            break
    return found


async def _zones_above(
    dns: DnsClient, servers: Sequence[DnsServer], name: str
) -> AsyncIterator[tuple[str, list[str]]]:
    """Yield the zones above a name, the closest first, with the names of their servers.

    Above a top-level domain that the resolvers do not know the root is no help: they may hold a copy of it
    (RFC 8806), and reach nobody.
    """
    top = name.rpartition(".")[2]
    last = "." if name == top else top
    while name not in (last, "."):
        name = name.partition(".")[2] or "."
        zone = apex_of(await resolve(dns, servers, name, "SOA"))
        if zone is None or not is_within(name, zone):
            continue
        ns = await resolve(dns, servers, zone, "NS")
        hosts = sorted({name_text(record.data) for record in ns.records})
        if hosts:
            yield zone, hosts
        name = zone


async def _descend(dns: DnsClient, servers: Sequence[DnsServer], delegation: Delegation, name: str) -> Delegation:
    """Follow referrals down until the zone that they lead to is the name's own."""
    for _ in range(_MAX_CUTS):
        cut = delegation.cut
        if cut is None or cut == name:
            break
        below = await _ask_zone(dns, servers, cut, sorted(delegation.names), name, delegation.glue)
        if below.cut is None:
            break
        delegation = below
    return delegation


async def _ask_zone(
    dns: DnsClient,
    servers: Sequence[DnsServer],
    zone: str,
    hosts: Sequence[str],
    name: str,
    glue: Mapping[str, Sequence[str]] | None = None,
) -> Delegation:
    """Ask the servers of a zone, two at a time, until two have answered; four at most."""
    known = glue or {}
    views: list[ParentView] = []
    waiting = list(hosts[:_SERVERS_AT_MOST])
    while waiting:
        missing = _SERVERS - len([view for view in views if view.says is not ParentSays.SILENCE])
        if missing <= 0:
            break
        asking = (_ask_one(dns, servers, zone, host, name, known.get(host, ())) for host in waiting[:missing])
        views += [view for view in await asyncio.gather(*asking) if view is not None]
        waiting = waiting[missing:]
    return Delegation(zone, tuple(views))


async def _ask_one(
    dns: DnsClient, servers: Sequence[DnsServer], zone: str, host: str, name: str, glue: Sequence[str]
) -> ParentView | None:
    """Ask a name server of a zone, at the first of its addresses that there is a way to; None if it has none."""
    known = [address for address in glue if unusable_reason(address) is None]
    addresses = known or (await look_up(dns, servers, host)).addresses
    question, answer = Question(name, "NS", recurse=False), None
    for address in _one_of_each_family(addresses):
        server = DnsServer(address)
        try:
            async with asyncio.timeout(_LIMIT):
                answer = await ask_once(dns, server, question)
        except TimeoutError:
            answer = Answer(question, server, Transport.UDP, AnswerKind.TIMEOUT)
        if answer is not None and answer.kind not in _NO_WAY:
            break
    return None if answer is None else ParentView(host, zone, answer)


def _one_of_each_family(addresses: Sequence[str]) -> list[str]:
    first: dict[int | None, str] = {}
    for address in addresses:
        first.setdefault(family_of(address), address)
    return list(first.values())
