"""The branches `dns-servers`, `local` and `remote`."""

import asyncio
from typing import cast

from smtpdiag_tui.checks.lookups import domain
from smtpdiag_tui.checks.lookups import servers as dns_servers
from smtpdiag_tui.checks.lookups.answers import Question
from smtpdiag_tui.checks.lookups.domain import DomainObservation, ServerLookup
from smtpdiag_tui.checks.lookups.routing import HostLookup, Route, RouteKind, find_route, look_up_host
from smtpdiag_tui.checks.lookups.servers import ServerObservation
from smtpdiag_tui.engine.branches.transport_steps import close_server, open_server, told_early
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.rollup import any_way, of_findings, soften, worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import DnsServer

MAX_SENDER_HOSTS = 10
KNOWN_BY_NOBODY = frozenset({RouteKind.NOT_FOUND, RouteKind.FAILED})


async def run_dns_servers(ctx: RunContext) -> None:
    """Tell what this machine is called and whom it asks, and ask each server over both transports."""
    step_id = "dns-servers"
    if not ctx.wanted(step_id):
        return
    recorder = ctx.recorder
    ctx.open(step_id, "DNS servers", dns_servers.EXPLANATION, again=ctx.whole(step_id))
    recorder.start(step_id)
    found = dns_servers.judge(ctx.machine)
    questions = ctx.core_questions()
    if not questions:
        recorder.skip(step_id, "neither address needs the DNS")
        return
    servers = [server for server in ctx.machine.servers if ctx.wanted(f"{step_id}/{server.label}")]
    for server in servers:
        open_server(ctx, f"{step_id}/{server.label}", f"{server.label} ({ctx.machine.role(server)})")
    work = (_one_server(ctx, server, questions[0]) for server in servers)
    guarded = (recorder.guard(f"{step_id}/{server.label}", one) for server, one in zip(servers, work, strict=True))
    await asyncio.gather(_tell_machine(ctx, step_id), *guarded)
    statuses = [step.status for step in recorder.report.children(step_id)]
    recorder.finish(step_id, found, status=worst([of_findings(found), any_way(statuses)]), detail=_count(ctx))


async def _tell_machine(ctx: RunContext, step_id: str) -> None:
    name = await asyncio.shield(ctx.host_name)
    if ctx.whole(step_id):
        lines = dns_servers.notes(ctx.machine, ctx.settings, name)
        ctx.recorder.notes(step_id, lines, StepFacts(host_name=name or ""))


def _count(ctx: RunContext) -> str:
    number = len(ctx.machine.servers)
    return f"{number} server{'s' if number != 1 else ''}"


async def _one_server(ctx: RunContext, server: DnsServer, question: Question) -> None:
    step_id = f"dns-servers/{server.label}"
    async with told_early(ctx, step_id, server, [question]):
        pair = await ctx.dns.pair(server, question)
    found: tuple[Finding, ...] = ()
    if (pair.udp.well_formed or pair.tcp.well_formed) and await ctx.server_broken(server):
        message = f"{server.label} answers, but has failed every question of this run."
        found = (finding("dns-resolver-broken", message, evidence=_failures(ctx, server)),)
    close_server(ctx, step_id, [pair], observation=ServerObservation(server, pair), findings=found, compare=False)


def _failures(ctx: RunContext, server: DnsServer) -> tuple[str, ...]:
    answers = (item for item in ctx.dns.answers() if item.server == server)
    lines = (f"{item.question}: {item.rcode or item.kind} {item.extended}".strip() for item in answers)
    return tuple(dict.fromkeys(lines))


async def follow_route(ctx: RunContext) -> Route | None:
    """Find the recipient's mail hosts, anew if its DNS is asked in this run; None for an address literal."""
    if ctx.recipient.literal is not None:
        return None
    earlier = ctx.earlier("remote")
    if isinstance(earlier, DomainObservation) and not ctx.wanted("remote"):
        return earlier.route
    return await find_route(ctx.dns, ctx.machine.route_servers, ctx.recipient.domain)


async def run_local(ctx: RunContext) -> DomainObservation | None:
    """Look up the sender's domain at every server."""
    step_id = "local"
    if not ctx.wanted(step_id):
        return cast("DomainObservation | None", ctx.earlier(step_id))
    ctx.open(step_id, "Sender's domain", domain.LOCAL_EXPLANATION, again=ctx.whole(step_id))
    ctx.recorder.start(step_id)
    if ctx.sender.null or ctx.sender.literal is not None:
        why = "the sender is empty" if ctx.sender.null else "the sender's domain is an address literal"
        ctx.recorder.skip(step_id, f"{why}: there is no domain to look up")
        return None
    name = ctx.sender.domain
    lookups = asyncio.create_task(_lookups(ctx, step_id, name))
    try:
        servers = ctx.machine.system or ctx.machine.targets
        route = await find_route(ctx.dns, servers, name)
        hosts: tuple[HostLookup, ...] = ()
        if route.kind is RouteKind.MX:
            some = route.hosts[:MAX_SENDER_HOSTS]
            hosts = tuple(await asyncio.gather(*(look_up_host(ctx.dns, servers, host) for host in some)))
        seen = DomainObservation(name, True, await lookups, route, ctx.machine.targets, hosts)
    finally:
        lookups.cancel()
    await _finish_domain(ctx, step_id, seen)
    return seen


async def run_remote(
    ctx: RunContext, route: "asyncio.Future[Route | None]", local: "asyncio.Future[DomainObservation | None]"
) -> None:
    """Look up the recipient's domain at every server."""
    step_id = "remote"
    if not ctx.wanted(step_id):
        return
    ctx.open(step_id, "Recipient's domain", domain.REMOTE_EXPLANATION, again=ctx.whole(step_id))
    ctx.recorder.start(step_id)
    if ctx.recipient.literal is not None:
        ctx.recorder.skip(step_id, "the recipient's domain is an address literal: there is no domain to look up")
        return
    lookups = await _lookups(ctx, step_id, ctx.recipient.domain)
    found_route = await asyncio.shield(route)
    if found_route is None:
        return
    targets = ctx.machine.targets
    seen = DomainObservation(ctx.recipient.domain, False, lookups, found_route, targets)
    await _finish_domain(ctx, step_id, seen, await asyncio.shield(local))


async def _lookups(ctx: RunContext, step_id: str, name: str) -> tuple[ServerLookup, ...]:
    wanted = [server for server in ctx.machine.servers if ctx.wanted(f"{step_id}/{server.label}")]
    for server in wanted:
        open_server(ctx, f"{step_id}/{server.label}", f"{server.label} ({ctx.machine.role(server)})")
    new = dict(
        zip(wanted, await asyncio.gather(*(_lookup(ctx, step_id, item, name) for item in wanted)), strict=True)
    )
    lookups = [new.get(server) or ctx.earlier(f"{step_id}/{server.label}") for server in ctx.machine.servers]
    return tuple(item for item in lookups if isinstance(item, ServerLookup))


async def _lookup(ctx: RunContext, branch: str, server: DnsServer, name: str) -> ServerLookup:
    questions = [Question(name, rdtype) for rdtype in domain.RDTYPES]
    async with told_early(ctx, f"{branch}/{server.label}", server, questions):
        seen = await domain.observe_server(ctx.dns, server, name)
    mx = seen.best("MX")
    detail = ""
    if mx is not None and mx.usable:
        number = len(mx.records)
        detail = f"{number} MX" if number else str(mx.kind)
    suppressed = await ctx.server_broken(server)
    close_server(
        ctx, f"{branch}/{server.label}", seen.pairs, observation=seen, detail=detail, suppressed=suppressed
    )
    return seen


async def _finish_domain(
    ctx: RunContext, step_id: str, seen: DomainObservation, local: DomainObservation | None = None
) -> None:
    recorder = ctx.recorder
    if not ctx.machine.servers:
        recorder.finish(step_id, status=Status.UNKNOWN, detail="no DNS server to ask", observation=seen)
        return
    servers = (ctx.machine.system or ctx.machine.targets) if seen.sender else ctx.machine.route_servers
    if all([await ctx.server_broken(server) for server in servers]):
        detail = "no DNS server gives a usable answer"
        recorder.finish(step_id, status=Status.UNKNOWN, detail=detail, observation=seen)
        return
    found = list(domain.judge(seen))
    if (
        local is not None
        and {local.route.kind, seen.route.kind} <= KNOWN_BY_NOBODY
        and local.domain != seen.domain
    ):
        message = f"Neither {local.domain} nor {seen.domain} can be looked up; the likely cause is the DNS here."
        found.append(finding("dns-infrastructure", message))
    below = any_way(step.status for step in recorder.report.children(step_id))
    if seen.route.mx.last is not None and seen.route.mx.last.usable:
        below = soften(below)
    elif of_findings(found) is Status.PASSED:
        below = worst([below, Status.UNKNOWN])
    status = worst([of_findings(found), below])
    recorder.finish(step_id, found, status=status, detail=domain.detail(seen), observation=seen)
