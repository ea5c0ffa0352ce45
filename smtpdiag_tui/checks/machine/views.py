"""Names of this host as the outside sees them, where its own resolvers have a view of their own (split DNS).

Receivers look a name up outside. A private address that an inside resolver gives for it (RFC 1918, RFC 4193) is no
answer that they get: target servers, else the name servers of the name's zone, are asked for theirs.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.lookups.answers import Answer, Question
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.delegation import Delegation, ParentSays, apex_of, find_delegation
from smtpdiag_tui.checks.lookups.name_servers import look_up
from smtpdiag_tui.checks.lookups.routing import Resolution, resolve
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import DnsServer

AUTHORITY_LIMIT = 8.0  # seconds for the way down to the name servers of one name
_AUTHORITIES = 2  # of a zone that are asked, at most
_SHOWN = 3  # addresses that evidence names
_NAMED = 1  # addresses that a headline names


@dataclass(frozen=True, slots=True)
class Views:
    """Whom to ask: target servers stand `outside` this host's network, the system's servers `inside` it.

    Either may be empty; no server is in both.
    """

    outside: tuple[DnsServer, ...]
    inside: tuple[DnsServer, ...]
    is_public: Callable[[str], bool]

    @property
    def servers(self) -> tuple[DnsServer, ...]:
        """All servers, those first whose answers are judged: the system's where a target does not resolve."""
        return (*self.outside, *self.inside)

    @property
    def two(self) -> bool:
        """Whether there are servers of both kinds, so that their answers may differ."""
        return bool(self.outside and self.inside)


@dataclass(frozen=True, slots=True)
class NameView:
    """The addresses of one name and family: `seen` is what is judged.

    `inside` is what this host's resolvers give where that is private, and `seen` the outside's answer; `known` is
    False where nobody outside could be asked, so that `seen` is the inside's too.
    """

    name: str
    seen: Resolution
    inside: Resolution | None = None
    known: bool = True


def addresses_of(found: Resolution) -> tuple[str, ...]:
    """Return the addresses at the end of a resolution."""
    if found.looping:
        return ()
    return tuple(canonical(record.data) for record in found.records)


async def look_outside(dns: DnsClient, views: Views, name: str, rdtype: str) -> NameView:
    """Look up a name's addresses as the outside sees them, and compare with the inside where there are both."""
    seen = asyncio.ensure_future(resolve(dns, views.servers, name, rdtype))
    if not views.two:
        return await _beyond(dns, views, name, rdtype, await seen)
    inside, found = await asyncio.gather(resolve(dns, views.inside, name, rdtype), seen)
    told_outside = found.last is not None and found.last.server in views.outside
    if not told_outside:
        return await _beyond(dns, views, name, rdtype, found)
    if _private(views, inside) and not _private(views, found):
        return NameView(name, found, inside)
    return NameView(name, found)


async def _beyond(dns: DnsClient, views: Views, name: str, rdtype: str, found: Resolution) -> NameView:
    """Ask the name's own name servers where the inside gives a private address; nobody else is asked."""
    if views.outside and not views.inside:
        return NameView(name, found)
    if not _private(views, found):
        return NameView(name, found)
    try:
        async with asyncio.timeout(AUTHORITY_LIMIT):
            answer = await _at_authority(dns, views, name, rdtype)
    except TimeoutError:
        answer = None
    if answer is None:
        return NameView(name, found, found, known=False)
    outer = Resolution((answer,), answer.chain)
    return NameView(name, outer) if _private(views, outer) else NameView(name, outer, found)


def _private(views: Views, found: Resolution) -> bool:
    """Whether all addresses of a name are such as only their own site reaches."""
    addresses = addresses_of(found)
    return bool(addresses) and not any(map(views.is_public, addresses))


async def _at_authority(dns: DnsClient, views: Views, name: str, rdtype: str) -> Answer | None:
    """Return what a public name server of the zone says with authority; None if none says anything."""
    servers = await _authorities(dns, views, name)
    answer = await dns.first_usable(servers, Question(name, rdtype, recurse=False))
    if answer is None or not _settles(answer):
        return None
    return answer


def _settles(answer: Answer) -> bool:
    """Whether an answer is given with authority, and not an alias whose end is elsewhere or nowhere."""
    if not answer.usable or not answer.authoritative or answer.looping:
        return False
    leads_elsewhere = len(answer.chain) > 1 and not answer.records
    return not leads_elsewhere


async def _authorities(dns: DnsClient, views: Views, name: str) -> list[DnsServer]:
    """Return public name servers of a name's zone, as the zone above names them.

    An inside view of the zone names its own servers: those that the parent names are the outside's.
    """
    zone = apex_of(await resolve(dns, views.servers, name, "SOA")) or name
    delegation = await find_delegation(dns, views.servers, zone)
    if delegation is None:
        return []
    public = [address for address in await _addresses(dns, views, delegation) if views.is_public(address)]
    return [DnsServer(address) for address in public[:_AUTHORITIES]]


async def _addresses(dns: DnsClient, views: Views, delegation: Delegation) -> list[str]:
    """Return the addresses of the servers that a delegation names; of the zone above where that holds the name."""
    if delegation.cut is None:
        own = [view for view in delegation.views if view.says is ParentSays.OWN]
        return [view.answer.server.address for view in own]
    glue = [address for addresses in delegation.glue.values() for address in addresses]
    return glue or await _looked_up(dns, views, delegation)


async def _looked_up(dns: DnsClient, views: Views, delegation: Delegation) -> list[str]:
    """Return the addresses that the servers here give for the name servers of a delegation without glue."""
    names = sorted(delegation.names)[:_AUTHORITIES]
    found = await asyncio.gather(*(look_up(dns, views.servers, host) for host in names))
    return [address for server in found for address in server.addresses]


def judge_views(views: Sequence[NameView]) -> tuple[Finding, ...]:
    """Return a finding about each name that this host's resolvers give a private address for."""
    found: dict[str, Finding] = {}
    for view in views:
        if view.inside is not None:
            found.setdefault(view.name, _split(view, view.inside))
    return tuple(found.values())


def _split(view: NameView, inside: Resolution) -> Finding:
    here = f"{visible(view.name)} resolves to {_words(inside)} inside"
    if not view.known:
        return finding("split-view-unknown", f"{here}; outside could not be determined", evidence=_lines(inside))
    message = f"{here} and to {_words(view.seen)} outside"
    return finding("split-view", message, evidence=(*_lines(inside), *_lines(view.seen)))


def _words(found: Resolution) -> str:
    addresses = addresses_of(found)
    if not addresses:
        return "no address"
    more = f" and {len(addresses) - _NAMED} more" if len(addresses) > _NAMED else ""
    return ", ".join(addresses[:_NAMED]) + more


def _lines(found: Resolution) -> tuple[str, ...]:
    last = found.last
    if last is None:
        return ()
    return tuple(f"{last.server.label}: {record}" for record in last.records[:_SHOWN]) or (
        f"{last.server.label}: {last.kind}",
    )
