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
    """Return what one server says; for the one that is followed, the answer at the end of the chain of aliases."""
    followed = lookup.server == seen.route.server and seen.route.kind is not RouteKind.LOOP
    mx = seen.route.mx.last if followed and seen.route.mx.kind in NEGATIVE | {AnswerKind.DATA} else None
    mx = mx if mx is not None and mx.question.rdtype == "MX" else lookup.best("MX")
    if mx is None:
        return None
    views = soa.resolvers if soa is not None else ()
    own = next((view.pair.best for view in views if view.server == lookup.server), None)
    addresses = tuple(answer for rdtype in host_views.FAMILIES if (answer := lookup.best(rdtype)) is not None)
    return ResolverWord(
        lookup.server,
        mx,
        addresses,
        own,
        _names_at(lookup.server, soa),
        served_inside=_served_inside(ctx, soa),
        emptied=_empties_all(ctx, lookup.server),
        rewrites=lookup.server in rewriting,
    )


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
    return all(is_inside(address) and not ctx.network.is_public(address) for address in addresses)


def _empties_all(ctx: RunContext, server: DnsServer) -> bool:
    """Whether a server gives no MX for any domain of the run, of which there are two at least."""
    domains = {item.domain for item in (ctx.sender, ctx.recipient) if item.domain and not item.literal}
    told = [
        answer
        for answer in ctx.dns.answers()
        if answer.server == server and answer.question.rdtype == "MX" and answer.question.name in domains
    ]
    empty = {answer.question.name for answer in told if answer.kind is AnswerKind.NODATA}
    return len(domains) > 1 and empty == domains and not any(answer.records for answer in told)


async def _unless_inside(ctx: RunContext, ruling: Ruling, soa: SoaObservation | None) -> Ruling:
    """Judge anew what looks outdated where the mail hosts' addresses are private: then it is a view of its own.

    Where the authorities have private addresses too, all of it lies within one network, and that says nothing.
    """
    authorities = soa.authorities if soa is not None else ()
    if ruling.reading is not Reading.STALE or any(is_inside(view.address) for view in authorities):
        return ruling
    names = [name_text(record.data.rpartition(" ")[2]) for record in ruling.told.records[:_HOSTS_LOOKED_AT]]
    names = [name for name in names if name != "." and parse_ip(name) is None] or [ruling.domain]
    told = await asyncio.gather(*(host_views.at_resolvers(ctx.dns, [ruling.server], name) for name in names))
    addresses = [record.data for answers in told for item in answers for one in item for record in one.records]
    if not any(is_inside(address) and not ctx.network.is_public(address) for address in addresses):
        return ruling
    return rule(ruling.domain, replace(ruling.word, inside=True), ruling.authority)


async def _random(ctx: RunContext, lookup: ServerLookup, soa: SoaObservation | None) -> RandomName | None:
    """Ask for a random name where a server gives the domain an address, but no MX."""
    mx = lookup.best("MX")
    has_address = any(
        (answer := lookup.best(rdtype)) is not None and answer.kind is AnswerKind.DATA
        for rdtype in host_views.FAMILIES
    )
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
            if answer is not None and answer.usable and "AA" in answer.flags:
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
    truth = () if zone is None else await _within(host_views.at_authority(ctx.dns, zone, host)) or ()
    if zone is not None and _may_be_outdated(HostView(host, resolvers, truth, zone)):
        asking = host_views.at_other_authorities(ctx.dns, ctx.machine.route_servers, zone, host)
        truth = nearest(resolvers[0], (truth, *(await _within(asking) or ())))
    denied = bool(truth) and all(answer.kind is AnswerKind.NXDOMAIN for answer in truth)
    rewrites = False
    if denied and zone is not None and any(answer.records for answer in resolvers[0]):
        name = random_name(host, str(ctx.recorder.report.started))
        told = await _within(ask_random(ctx.dns, servers[0], zone.server, name))
        rewrites = told is not None and told.rewritten
    return HostView(host, resolvers, truth, zone, rewrites)


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
