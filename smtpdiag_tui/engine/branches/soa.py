"""The branch `soa`: the DNS servers in use, then every address of every authoritative name server."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.checks.lookups import soa
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question
from smtpdiag_tui.checks.lookups.authority import serial_of
from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.soa import ResolverView, SoaObservation, ZoneObservation
from smtpdiag_tui.checks.lookups.soa_judgement import exists_all_the_same, judge, zone_detail, zone_serial
from smtpdiag_tui.engine.branch import Ended, skipped
from smtpdiag_tui.engine.branches import name_servers
from smtpdiag_tui.engine.branches.name_servers import DELEGATION_LIMIT, NameServerSteps, close_name_servers
from smtpdiag_tui.engine.branches.server_words import failing_servers
from smtpdiag_tui.engine.branches.transport_steps import close_server, open_servers, told_early
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.rollup import of_findings, status_if_one_is_enough, worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import DnsServer

STEP = name_servers.STEP
TITLE = "Zone (SOA)"


async def run_soa(ctx: RunContext) -> Ended:
    """Check the SOA of the recipient's domain."""
    if ctx.recipient.literal is not None:
        return skipped("address literal, no zone")
    if not ctx.machine.servers:
        return Ended(status=Status.UNKNOWN, detail=f"{ctx.recipient.domain}: no DNS server to query")
    wanted = open_servers(ctx, STEP)
    zone = await _zone(ctx)
    authorities = NameServerSteps(ctx).observe(zone)
    resolvers, seen = await asyncio.gather(_resolvers(ctx, wanted, zone), authorities)
    seen = replace(seen, resolvers=resolvers)
    close_name_servers(ctx, seen)
    if await ctx.resolvers_broken():
        detail = f"{zone.domain}: no usable answer from any DNS server"
        return Ended(status=Status.UNKNOWN, detail=detail, observation=seen)
    return _ended(ctx, seen, await _about_domain(ctx))


async def _about_domain(ctx: RunContext) -> list[Answer]:
    """Return what the servers in use answered about the domain, in this run or before."""
    route = await ctx.found_route()
    answers = [answer for answer in ctx.dns.answers() if answer.question.recurse]
    answers += route.mx.answers if route is not None else ()
    remote = ctx.earlier("remote")
    if isinstance(remote, DomainObservation):
        answers += [pair.best for lookup in remote.lookups for pair in lookup.pairs]
    return answers


async def _zone(ctx: RunContext) -> ZoneObservation:
    """Find the zone; where the resolvers do not tell it, by a walk down from the zones above."""
    earlier = ctx.earlier(STEP)
    if isinstance(earlier, SoaObservation) and not ctx.whole(STEP):
        return earlier.zone
    servers = ctx.machine.route_servers
    zone = await soa.find_zone(ctx.dns, servers, ctx.recipient.domain)
    if zone.apex is not None:
        return zone
    # Where both domains are dead, it is what is known of the zones above that tells whether a resolver is well.
    if not _any_answer(ctx, servers) and await ctx.resolvers_broken():
        return zone
    try:
        async with asyncio.timeout(DELEGATION_LIMIT):
            return await soa.walk_to_zone(ctx.dns, servers, zone)
    except TimeoutError:
        return zone


def _any_answer(ctx: RunContext, servers: Sequence[DnsServer]) -> bool:
    """Whether a resolver answers anything at all, so that a walk can begin at what it knows."""
    return any(answer.well_formed and answer.server in servers for answer in ctx.dns.answers())


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
    referred = view.pair.best.kind is AnswerKind.REFERRAL  # whoever resolves never answers so (RFC 1034 §4.3.1)
    suppressed = referred or await ctx.useless_for([server], ctx.recipient.domain)
    udp, tcp = serial_of(view.pair.udp), serial_of(view.pair.tcp)
    found: tuple[Finding, ...] = ()
    detail = f"serial {view.serial}" if view.serial is not None else f"{view.pair.best.kind} for SOA"
    if udp is not None and udp == tcp:
        found = (finding("soa-serial-match", "Serial numbers over UDP and TCP match"),)
    step_id = f"{STEP}/{server.label}"
    close_server(
        ctx,
        step_id,
        [view.pair],
        observation=view,
        findings=found,
        detail=detail,
        suppressed=suppressed,
        settles=True,
    )
    return view


def _ended(ctx: RunContext, observation: SoaObservation, answers: Sequence[Answer]) -> Ended:
    findings = tuple(exists_all_the_same(item, observation.zone, answers) for item in judge(observation))
    statuses = ctx.recorder.statuses_below(STEP)
    below = status_if_one_is_enough(statuses) if _any_serial(observation) else worst(statuses)
    if observation.zone.apex is None and not findings:
        below = Status.UNKNOWN
    resolvers = [step for step in ctx.recorder.report.children(STEP) if isinstance(step.observation, ResolverView)]
    status = worst([of_findings(findings), below])
    failing = "" if status is Status.PASSED else failing_servers(resolvers)
    if observation.zone.apex is None:
        failing = ""  # what they answer is all that is known of the zone
    detail = "; ".join(filter(None, [zone_detail(observation, findings), failing]))
    return Ended(findings, status, detail, observation, StepFacts(serial=zone_serial(observation)))


def _any_serial(observation: SoaObservation) -> bool:
    """Whether any server at all knows the zone: then one that fails is not in the way."""
    serials = [view.serial for view in observation.resolvers] + [view.serial for view in observation.authorities]
    return any(serial is not None for serial in serials)
