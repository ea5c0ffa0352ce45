"""Asks what settles whether a resolver's answer is the authority's: random names, aliases, hosts' addresses."""

import asyncio
from collections.abc import Collection, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.checks.lookups import host_views
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question, name_text
from smtpdiag_tui.checks.lookups.arbiter import (
    NEGATIVE,
    Reading,
    ResolverWord,
    Ruling,
    authority_word,
    rule,
    said,
    usable_addresses,
)
from smtpdiag_tui.checks.lookups.arbitration import Alias, Arbitration
from smtpdiag_tui.checks.lookups.authority_judgement import authoritative
from smtpdiag_tui.checks.lookups.delegation import Delegation, ParentSays, find_delegation
from smtpdiag_tui.checks.lookups.domain import DomainObservation, ServerLookup
from smtpdiag_tui.checks.lookups.host_judgement import Reached, nearest, read_host
from smtpdiag_tui.checks.lookups.host_views import HostView, HostZone
from smtpdiag_tui.checks.lookups.name_servers import look_up
from smtpdiag_tui.checks.lookups.rewriting import RandomName, ask_nowhere, ask_random, name_nowhere, random_name
from smtpdiag_tui.checks.lookups.routing import RouteKind
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.checks.lookups.soa_judgement import newest
from smtpdiag_tui.engine.branches.relaying import relayed
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.settings import DnsServer, parse_ip

LIMIT = 8.0  # seconds for each of the extra questions
_INTERCEPTED = "dns-intercepted"
_HOSTS_LOOKED_AT = 8  # of a resolver's own, to see whether their addresses are private
T = TypeVar("T")


async def arbitrate(ctx: RunContext, seen: DomainObservation) -> DomainObservation:
    """Add to what was seen of the recipient's domain how its answers stand beside the authority's.

    Where port 53 is intercepted nobody is an authority, and nothing is added.
    """
    at = ctx.network.utc()  # what is left of a TTL counts from here
    soa = await ctx.result("soa", SoaObservation)
    await ctx.ended("local")  # both domains are asked for their MX then
    if _intercepted(ctx):
        return seen
    random = await asyncio.gather(*(_random(ctx, lookup, soa) for lookup in seen.lookups))
    found = tuple(item for item in random if item is not None)
    rewriting = {item.resolver.server for item in found if item.rewritten}
    rulings, hosts, alias = await asyncio.gather(
        _rule_all(ctx, seen, soa, rewriting),
        _views_of_hosts(ctx, seen, soa),
        _alias(ctx, seen, ctx.machine.route_servers),
    )
    return replace(seen, arbitration=Arbitration(rulings, found, hosts, alias, at))


async def arbitrate_sender(ctx: RunContext, seen: DomainObservation) -> DomainObservation:
    """Add what the servers' own answers tell of the sender's domain.

    Its authority is asked only where that is the recipient's domain too.
    """
    same = ctx.recipient.literal is None and ctx.recipient.domain == seen.domain
    soa = await ctx.result("soa", SoaObservation) if same else None
    if same and _intercepted(ctx):
        soa = None
    random = await asyncio.gather(*(_random(ctx, lookup, soa) for lookup in seen.lookups))
    found = tuple(item for item in random if item is not None)
    rewriting = {item.resolver.server for item in found if item.rewritten}
    rulings = await _rule_all(ctx, seen, soa, rewriting)
    alias = await _alias(ctx, seen, ctx.machine.own_servers)
    return replace(seen, arbitration=Arbitration(rulings, found, alias=alias, at=ctx.network.utc()))


def _intercepted(ctx: RunContext) -> bool:
    step = ctx.recorder.report.steps.get("soa")
    return step is not None and any(item.code == _INTERCEPTED for item in step.findings)


async def _rule_all(
    ctx: RunContext, seen: DomainObservation, soa: SoaObservation | None, rewriting: Collection[DnsServer]
) -> tuple[Ruling, ...]:
    authority = authority_word(soa)
    words = [word for lookup in seen.lookups if (word := _word(ctx, seen, lookup, soa, rewriting)) is not None]
    rulings = [rule(seen.domain, word, authority) for word in words]
    return tuple(await asyncio.gather(*(_unless_inside(ctx, ruling, soa) for ruling in rulings)))


def _word(
    ctx: RunContext,
    seen: DomainObservation,
    lookup: ServerLookup,
    soa: SoaObservation | None,
    rewriting: Collection[DnsServer],
) -> ResolverWord | None:
    """Return what one server says, None where it says nothing of the MX."""
    mx = _mx_at(seen, lookup)
    if mx is None:
        return None
    return ResolverWord(
        lookup.server,
        mx,
        tuple(_address_answers(lookup)),
        _soa_at(lookup.server, soa),
        _names_at(lookup.server, soa),
        served_inside=_served_inside(ctx, soa),
        emptied=_empties_all(ctx, lookup.server),
        rewrites=lookup.server in rewriting,
    )


def _mx_at(seen: DomainObservation, lookup: ServerLookup) -> Answer | None:
    """Return one server's MX answer; for the one that is followed, that at the end of the chain of aliases."""
    route = seen.route
    if lookup.server != route.server or route.kind is RouteKind.LOOP:
        return lookup.best("MX")
    settled = route.mx.kind in NEGATIVE | {AnswerKind.DATA}
    last = route.mx.last
    if settled and last is not None and last.question.rdtype == "MX":
        return last
    return lookup.best("MX")


def _address_answers(lookup: ServerLookup) -> list[Answer]:
    """Return what one server answers about the domain's own addresses, as far as it was asked."""
    answers = [lookup.best(rdtype) for rdtype in host_views.FAMILIES]
    return [answer for answer in answers if answer is not None]


def _soa_at(server: DnsServer, soa: SoaObservation | None) -> Answer | None:
    """Return the zone's SOA as one server in use gives it, if it was asked for it."""
    if soa is None:
        return None
    for view in soa.resolvers:
        if view.server == server:
            return view.pair.best
    return None


def _names_at(server: DnsServer, soa: SoaObservation | None) -> frozenset[str]:
    """Return the zone's name servers as one server in use knows them, if it was asked for them."""
    if soa is None or soa.zone.ns is None or soa.zone.ns.server != server:
        return frozenset()
    return soa.zone.resolver_names


def _served_inside(ctx: RunContext, soa: SoaObservation | None) -> bool:
    """Whether only this site reaches the name servers that resolvers alone name, as far as they have addresses."""
    if soa is None:
        return False
    named = authority_word(soa).name_servers
    others = [server for server in soa.zone.name_servers.servers if server.host not in named]
    addresses = [address for server in others for address in server.addresses]
    return all(ctx.reached_inside(address) for address in addresses)


def _empties_all(ctx: RunContext, server: DnsServer) -> bool:
    """Whether a server gives no MX for any domain of the run, of which there are two at least."""
    domains = {item.domain for item in (ctx.sender, ctx.recipient) if item.domain and not item.literal}
    if len(domains) < 2:
        return False
    told = _mx_answers(ctx, server, domains)
    if any(answer.records for answer in told):
        return False
    empty = {answer.question.name for answer in told if answer.kind is AnswerKind.NODATA}
    return empty == domains


def _mx_answers(ctx: RunContext, server: DnsServer, domains: Collection[str]) -> list[Answer]:
    """Return what a server has answered in this run about the MX of some domains."""
    told = [answer for answer in ctx.dns.answers() if answer.server == server]
    return [answer for answer in told if answer.question.rdtype == "MX" and answer.question.name in domains]


async def _unless_inside(ctx: RunContext, ruling: Ruling, soa: SoaObservation | None) -> Ruling:
    """Judge anew what looks outdated where the mail hosts' addresses are private: then it is a view of its own.

    Where the authorities have private addresses too, all of it lies within one network, and that says nothing.
    """
    if ruling.reading is not Reading.STALE or _authority_is_inside(soa):
        return ruling
    addresses = await _addresses_at(ctx, ruling.server, _hosts_named(ruling))
    if not any(ctx.reached_inside(address) for address in addresses):
        return ruling
    return rule(ruling.domain, replace(ruling.word, inside=True), ruling.authority)


def _authority_is_inside(soa: SoaObservation | None) -> bool:
    """Whether a name server of the zone has a private address."""
    return soa is not None and any(is_inside(view.address) for view in soa.authorities)


def _hosts_named(ruling: Ruling) -> list[str]:
    """Return the first mail hosts that the answer names, the domain itself where it names none."""
    records = ruling.told.records[:_HOSTS_LOOKED_AT]
    targets = [name_text(record.data.rpartition(" ")[2]) for record in records]
    hosts = [name for name in targets if name != "." and parse_ip(name) is None]
    return hosts or [ruling.domain]


async def _addresses_at(ctx: RunContext, server: DnsServer, names: Sequence[str]) -> list[str]:
    """Return the addresses that one server gives for some names."""
    asked = [host_views.at_resolvers(ctx.dns, [server], name) for name in names]
    found: list[str] = []
    for (families,) in await asyncio.gather(*asked):
        for answer in families:
            found += [record.data for record in answer.records]
    return found


async def _random(ctx: RunContext, lookup: ServerLookup, soa: SoaObservation | None) -> RandomName | None:
    """Ask for a random name where a server gives the domain an address, but no MX."""
    mx = lookup.best("MX")
    has_address = any(answer.kind is AnswerKind.DATA for answer in _address_answers(lookup))
    if mx is None or mx.kind not in NEGATIVE or not has_address:
        return None
    domain = mx.question.name
    seed = str(ctx.recorder.report.started)
    beside = ask_random(ctx.dns, lookup.server, _authority_beside(soa, domain), random_name(domain, seed))
    found = await _within(beside)
    if found is None or found.resolver.kind is not AnswerKind.DATA:
        return found
    if found.authority is not None and found.authority.usable:
        return found
    return await _within(ask_nowhere(ctx.dns, lookup.server, name_nowhere(seed)))


def _authority_beside(soa: SoaObservation | None, domain: str) -> DnsServer | None:
    """Return a server with authority for names beside `domain`: its zone's own below the apex, else a parent's."""
    if soa is None:
        return None
    zone = soa.zone
    if zone.apex is not None and zone.apex != domain and host_views.lies_in(domain, zone.apex):
        return _server_of_zone(soa)
    views = zone.delegation.views if zone.delegation is not None else ()
    return next((view.answer.server for view in views if view.says is not ParentSays.SILENCE), None)


def _server_of_zone(soa: SoaObservation) -> DnsServer | None:
    """Return the name server that holds the newest version of the zone."""
    views = authoritative(soa)
    if not views:
        return None
    top = newest([view.serial for view in views if view.serial is not None])
    return next(DnsServer(view.address) for view in views if view.serial == top)


async def _alias(ctx: RunContext, seen: DomainObservation, servers: Sequence[DnsServer]) -> Alias | None:
    """Look, where the domain is an alias, whether a zone begins there, and what its own name server answers."""
    answers = [lookup.best(rdtype) for lookup in seen.lookups for rdtype in ("MX", *host_views.FAMILIES)]
    aliased = next((answer for answer in answers if answer is not None and _is_alias(answer, seen.domain)), None)
    if aliased is None:
        return None
    delegation = await _within(find_delegation(ctx.dns, servers, seen.domain))
    if delegation is None or delegation.cut != seen.domain:
        return Alias(aliased)
    return Alias(aliased, cut=True, own=await _within(_mx_at_zone(ctx, servers, delegation, seen.domain)))


def _is_alias(answer: Answer, domain: str) -> bool:
    return any(record.rdtype == "CNAME" and record.owner == domain for record in answer.answer)


async def _mx_at_zone(
    ctx: RunContext, servers: Sequence[DnsServer], delegation: Delegation, domain: str
) -> Answer | None:
    """Ask the first server of a delegation that answers with authority for the domain's MX."""
    for name in sorted(delegation.names)[:2]:
        known = delegation.glue.get(name) or (await look_up(ctx.dns, servers, name)).addresses
        for address in known[:1]:
            answer = await ctx.dns.first_usable([DnsServer(address)], Question(domain, "MX", recurse=False))
            if answer is not None and answer.usable and answer.authoritative:
                return answer
    return None


async def _views_of_hosts(
    ctx: RunContext, seen: DomainObservation, soa: SoaObservation | None
) -> tuple[HostView, ...]:
    """Return the addresses of the mail hosts at the servers in use and at each host's own authority."""
    hosts = [host.name for host in seen.route.hosts if parse_ip(host.name) is None][: host_views.MAX_HOSTS]
    if ctx.settings.server is not None or relayed(ctx.settings):  # nobody turns to them
        return ()
    if not hosts or seen.route.server is None:
        return ()
    servers = [seen.route.server, *_with_same_mx(seen)]
    zones = await _zones_of_hosts(ctx, hosts, soa)
    return tuple(await asyncio.gather(*(_view_of_host(ctx, servers, host, zones.get(host)) for host in hosts)))


def _with_same_mx(seen: DomainObservation) -> list[DnsServer]:
    """Return the other servers in use that name the same mail hosts: only there do addresses compare."""
    told = {lookup.server: lookup.best("MX") for lookup in seen.lookups}
    followed = told.get(seen.route.server) if seen.route.server is not None else None
    if followed is None:
        return []
    others = ((server, mx) for server, mx in told.items() if server != seen.route.server)
    return [server for server, mx in others if mx is not None and said(mx) == said(followed)]


async def _zones_of_hosts(
    ctx: RunContext, hosts: Sequence[str], soa: SoaObservation | None
) -> dict[str, HostZone]:
    """Return the zone of each mail host: the recipient's own, and at most four foreign ones."""
    found: list[HostZone] = []
    apex = soa.zone.apex if soa is not None else None
    if soa is not None and apex is not None:
        answer = next((view.best for view in authoritative(soa)), None)
        server = _server_of_zone(soa)
        others = tuple(DnsServer(view.address) for view in authoritative(soa) if DnsServer(view.address) != server)
        found.append(HostZone(apex, server, answer, own=True, others=others))
    with suppress(TimeoutError):
        async with asyncio.timeout(LIMIT):
            await _find_foreign(ctx, hosts, found)
    zones: dict[str, HostZone] = {}
    for zone in sorted(found, key=lambda item: len(item.apex)):  # the closest one last
        zones.update({host: zone for host in hosts if host_views.lies_in(host, zone.apex)})
    return zones


async def _find_foreign(ctx: RunContext, hosts: Sequence[str], found: list[HostZone]) -> None:
    """Add the zones of hosts that lie in none of those found: how many, and who serves them, strangers decide."""
    asked = 0
    for host in hosts:
        known = any(host_views.lies_in(host, zone.apex) for zone in found)
        if known or asked == host_views.MAX_FOREIGN_ZONES:
            continue
        asked += 1
        zone = await host_views.find_host_zone(ctx.dns, ctx.machine.route_servers, host)
        if zone is not None:
            found.append(zone)


async def _view_of_host(
    ctx: RunContext, servers: Sequence[DnsServer], host: str, zone: HostZone | None
) -> HostView:
    resolvers = await host_views.at_resolvers(ctx.dns, servers, host)
    if zone is None:
        return HostView(host, resolvers)
    truth = await _within(host_views.at_authority(ctx.dns, zone, host)) or ()
    view = HostView(host, resolvers, truth, zone)
    if _may_be_outdated(view):
        asking = host_views.at_other_authorities(ctx.dns, ctx.machine.route_servers, zone, host)
        others = await _within(asking) or ()
        view = replace(view, truth=nearest(resolvers[0], (truth, *others)))
    return replace(view, rewrites=await _rewrites(ctx, servers[0], zone, view))


async def _rewrites(ctx: RunContext, server: DnsServer, zone: HostZone, view: HostView) -> bool:
    """Whether a server that gives addresses for a denied host gives one for a random name beside it too."""
    denied = bool(view.truth) and all(answer.kind is AnswerKind.NXDOMAIN for answer in view.truth)
    if not denied or not any(answer.records for answer in view.resolvers[0]):
        return False
    name = random_name(view.host, str(ctx.recorder.report.started))
    told = await _within(ask_random(ctx.dns, server, zone.server, name))
    return told is not None and told.rewritten


def _may_be_outdated(view: HostView) -> bool:
    """Whether an address that the authority does not give may be called outdated, if nobody answers there."""
    made_here = usable_addresses(view.resolvers[0]) - usable_addresses(view.truth)
    return bool(view.truth) and read_host(view, Reached(made_here)) is Reading.STALE


async def _within(work: Coroutine[Any, Any, T]) -> T | None:
    """Return what comes of extra questions, None if that takes too long."""
    try:
        async with asyncio.timeout(LIMIT):
            return await work
    except TimeoutError:
        return None
