"""The branch `soa`: the DNS servers in use, then every address of every authoritative name server."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.checks.lookups import soa
from smtpdiag_tui.checks.lookups.answers import Question, id_name
from smtpdiag_tui.checks.lookups.name_servers import NameServer
from smtpdiag_tui.checks.lookups.soa import AuthorityView, ResolverView, SoaObservation, ZoneObservation
from smtpdiag_tui.checks.lookups.soa_judgement import (
    egress_blocked,
    judge,
    judge_authority,
    judge_unusable,
    late_resolvers,
    nobody_answers,
    outside,
)
from smtpdiag_tui.engine.branch import Ended, skipped
from smtpdiag_tui.engine.branches.transport_steps import close_server, open_server, open_servers, told_early
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.rollup import of_findings, status_if_one_is_enough, worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step_id import NAME_SERVERS_LEFT_OUT, StepId, StepKind
from smtpdiag_tui.settings import DnsServer

STEP = "soa"
TITLE = "SOA"
LEFT_OUT = StepId(STEP) / NAME_SERVERS_LEFT_OUT
DELEGATION_LIMIT = 8.0


async def run_soa(ctx: RunContext) -> Ended:
    """Check the SOA of the recipient's domain."""
    if ctx.recipient.literal is not None:
        return skipped("the recipient's domain is an address literal: it has no zone")
    if not ctx.machine.servers:
        return Ended(status=Status.UNKNOWN, detail="no DNS server to ask")
    wanted = open_servers(ctx, STEP)
    zone = await _zone(ctx)
    resolvers, authorities = await asyncio.gather(_resolvers(ctx, wanted, zone), _authorities(ctx, zone))
    observation = await _compare_mx(ctx, replace(authorities, resolvers=resolvers))
    dns_broken = await ctx.resolvers_broken()
    _finish_name_servers(ctx, observation)
    _drop_old(ctx, observation.zone)
    if dns_broken:
        return Ended(status=Status.UNKNOWN, detail="no DNS server gives a usable answer", observation=observation)
    return _ended(ctx, observation)


async def _compare_mx(ctx: RunContext, seen: SoaObservation) -> SoaObservation:
    """Ask the name servers for the MX RRset where a resolver is behind them: is its copy of that old too?"""
    if not late_resolvers(seen) or any(view.mx is not None for view in seen.authorities):
        return seen
    views = await asyncio.gather(*(soa.ask_mx(ctx.dns, view, seen.zone.domain) for view in seen.authorities))
    return replace(seen, authorities=tuple(views))


async def _zone(ctx: RunContext) -> ZoneObservation:
    earlier = ctx.earlier(STEP)
    if isinstance(earlier, SoaObservation) and not ctx.whole(STEP):
        return earlier.zone
    return await soa.find_zone(ctx.dns, ctx.machine.route_servers, ctx.recipient.domain)


async def _resolvers(
    ctx: RunContext, wanted: Sequence[DnsServer], zone: ZoneObservation
) -> tuple[ResolverView, ...]:
    name = zone.apex or zone.domain
    guard = ctx.recorder.guard
    work = (guard(f"{STEP}/{server.label}", _resolver(ctx, server, name)) for server in wanted)
    new = dict(zip(wanted, await asyncio.gather(*work), strict=True))
    views = [new.get(server) or ctx.earlier(f"{STEP}/{server.label}") for server in ctx.machine.servers]
    return tuple(view for view in views if isinstance(view, ResolverView))


async def _resolver(ctx: RunContext, server: DnsServer, name: str) -> ResolverView:
    async with told_early(ctx, f"{STEP}/{server.label}", server, [Question(name, "SOA")]):
        view = await soa.observe_resolver(ctx.dns, server, name)
    suppressed = await ctx.server_broken(server)
    udp, tcp = soa.serial_of(view.pair.udp), soa.serial_of(view.pair.tcp)
    found: tuple[Finding, ...] = ()
    detail = f"serial {view.serial}" if view.serial is not None else str(view.pair.best.kind)
    if udp is not None and udp == tcp:
        detail += " over UDP and TCP: they match"
        found = (finding("soa-serial-match", f"Serial number {udp} over UDP and over TCP: they match."),)
    step_id = f"{STEP}/{server.label}"
    close_server(ctx, step_id, [view.pair], observation=view, findings=found, detail=detail, suppressed=suppressed)
    return view


async def _authorities(ctx: RunContext, zone: ZoneObservation) -> SoaObservation:
    """Ask every name server address; where serials differ, again after a few seconds, and for the MX RRset."""
    _open_name_servers(ctx, zone)
    delegation = asyncio.create_task(_delegation(ctx, zone))
    try:
        views = await asyncio.gather(*(_authority(ctx, zone, host, ip) for host, ip in _addresses(zone)))
        seen = tuple(view for view in views if view is not None)
        again = _differ(seen) and ctx.wanted(STEP)
        if again:
            await ctx.network.sleep(soa.RETRY_AFTER)
            seen = tuple(await asyncio.gather(*(_authority_again(ctx, zone, view) for view in seen)))
        # Where nobody answers, the cause is one, and stands at the branch.
        nobody = nobody_answers(seen)
        for view in seen:
            if ctx.wanted(_step(view.host, view.address)):
                _close_authority(ctx, view, silent=nobody and outside(view))
        zone = replace(zone, delegation=await delegation)
    finally:
        delegation.cancel()
    return SoaObservation(zone, (), seen, asked_again=again)


def _open_name_servers(ctx: RunContext, zone: ZoneObservation) -> None:
    for host in zone.name_servers.servers:
        step_id = f"{STEP}/{id_name(host.host)}"
        if not ctx.wanted(step_id) and step_id in ctx.recorder.report.steps:
            continue
        ctx.open(step_id, f"{host.host} (name server)", again=ctx.whole(step_id), kind=StepKind.HOST)
        ctx.recorder.start(step_id)
        for address in host.addresses:
            if ctx.wanted(_step(host.host, address)):
                open_server(ctx, _step(host.host, address), address)
        for address in host.unusable:
            if ctx.wanted(_step(host.host, address)):
                _close_unusable(ctx, host.host, address)
    _tell_left_out(ctx, zone)


def _close_unusable(ctx: RunContext, host: str, address: str) -> None:
    """Show an address that is never asked; it has no transports."""
    step_id = _step(host, address)
    ctx.open(step_id, address)
    ctx.recorder.start(step_id)
    ctx.recorder.finish(step_id, (judge_unusable(host, address),), detail="never queried")


def _tell_left_out(ctx: RunContext, zone: ZoneObservation) -> None:
    """Tell in one step how much of a huge set of name servers is left out."""
    servers = zone.name_servers
    if not (servers.names_left or servers.addresses_left) or not ctx.whole(STEP):
        return
    left = [
        counted(number, noun)
        for number, noun in ((servers.names_left, "more name"), (servers.addresses_left, "more address"))
        if number
    ]
    ctx.open(LEFT_OUT, "More name servers")
    message = f"{' and '.join(left)} of name servers not queried"
    ctx.recorder.skip(LEFT_OUT, " and ".join(left), (finding("name-servers-left-out", message),))


def _step(host: str, address: str) -> str:
    return f"{STEP}/{id_name(host)}/{address}"


def _addresses(zone: ZoneObservation) -> list[tuple[str, str]]:
    return [(host.host, address) for host in zone.name_servers.servers for address in host.addresses]


async def _authority(ctx: RunContext, zone: ZoneObservation, host: str, address: str) -> AuthorityView | None:
    step_id = _step(host, address)
    earlier = ctx.earlier(step_id)
    if isinstance(earlier, AuthorityView) and not ctx.wanted(step_id):
        return earlier
    apex = zone.apex or zone.domain
    asking = soa.observe_authority(ctx.dns, host, address, apex, inside=_inside(ctx, address))
    return await ctx.recorder.guard(step_id, asking)


def _inside(ctx: RunContext, address: str) -> bool:
    return is_inside(address) and not ctx.network.is_public(address)


async def _authority_again(ctx: RunContext, zone: ZoneObservation, view: AuthorityView) -> AuthorityView:
    if not ctx.wanted(_step(view.host, view.address)) or not view.answers:
        return view
    apex = zone.apex or zone.domain
    view = await soa.observe_authority(ctx.dns, view.host, view.address, apex, inside=view.inside, again=True)
    return await soa.ask_mx(ctx.dns, view, zone.domain)


def _differ(views: Sequence[AuthorityView]) -> bool:
    return len({view.serial for view in views if view.serial is not None}) > 1


async def _delegation(ctx: RunContext, zone: ZoneObservation) -> soa.Delegation | None:
    if zone.apex is None or not ctx.whole(STEP):
        return zone.delegation
    try:
        async with asyncio.timeout(DELEGATION_LIMIT):
            return await soa.find_delegation(ctx.dns, ctx.machine.route_servers, zone.apex)
    except TimeoutError:
        return None


def _close_authority(ctx: RunContext, view: AuthorityView, *, silent: bool) -> None:
    detail = f"serial {view.serial}" if view.serial is not None else ""
    step_id = _step(view.host, view.address)
    close_server(
        ctx,
        step_id,
        [view.pair],
        observation=view,
        findings=judge_authority(view),
        detail=detail,
        suppressed=silent,
        cause="no name server answers this machine",
    )


def _finish_name_servers(ctx: RunContext, observation: SoaObservation) -> None:
    blocked = egress_blocked(observation)
    for host in observation.zone.name_servers.servers:
        if ctx.wanted(f"{STEP}/{id_name(host.host)}"):
            _finish_name_server(ctx, host, blocked=blocked)


def _finish_name_server(ctx: RunContext, host: NameServer, *, blocked: bool) -> None:
    step_id = f"{STEP}/{id_name(host.host)}"
    below = ctx.recorder.statuses_below(step_id)
    status = worst(below) if below else Status.WARNING
    detail = f"no address: {host.problem}" if host.problem else ""
    if host.unusable and not host.addresses:
        detail = "no usable address"
    if blocked and host.addresses and status is not Status.SKIPPED:
        status = Status.UNKNOWN
    ctx.recorder.finish(step_id, status=status, detail=detail, observation=host)


def _ended(ctx: RunContext, observation: SoaObservation) -> Ended:
    findings = judge(observation)
    below = status_if_one_is_enough(ctx.recorder.statuses_below(STEP))
    if observation.zone.apex is None and not findings:
        below = Status.UNKNOWN
    return Ended(findings, worst([of_findings(findings), below]), _detail(observation), observation)


def _detail(observation: SoaObservation) -> str:
    zone = f"zone {observation.zone.apex}" if observation.zone.apex else "no zone found"
    serials = {view.serial for view in observation.authorities if view.serial is not None}
    if not serials:
        return zone
    return f"{zone}, serial {serials.pop()}" if len(serials) == 1 else f"{zone}, serials differ"


def _drop_old(ctx: RunContext, zone: ZoneObservation) -> None:
    """Take name servers, and addresses of theirs, out of the tree that are the zone's no longer."""
    name_servers = zone.name_servers
    kept = {f"{STEP}/{server.label}" for server in ctx.machine.servers}
    kept |= {f"{STEP}/{id_name(host.host)}" for host in name_servers.servers}
    if name_servers.names_left or name_servers.addresses_left:
        kept.add(LEFT_OUT)
    ctx.recorder.drop_others(STEP, kept)
    for host in name_servers.servers:
        addresses = {_step(host.host, address) for address in host.addresses + host.unusable}
        ctx.recorder.drop_others(f"{STEP}/{id_name(host.host)}", addresses)
