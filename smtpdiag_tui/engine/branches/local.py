"""The branch `local`: the sender's domain, at every server."""

import asyncio
from collections.abc import Sequence

from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.routing import HostLookup, Route, RouteKind, find_route, look_up_host
from smtpdiag_tui.checks.mail_hosts import judge_sender_hosts
from smtpdiag_tui.engine.branch import Ended, skipped
from smtpdiag_tui.engine.branches.arbitration import arbitrate_sender
from smtpdiag_tui.engine.branches.domain_steps import ended, look_up
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.settings import DnsServer

STEP = "local"
TITLE = "Sender domain"
MAX_SENDER_HOSTS = 10


async def run_local(ctx: RunContext) -> Ended:
    """Look up the sender's domain at every server, and the hosts that replies and bounces would go to."""
    if ctx.sender.null:
        return skipped("null sender, no domain to look up")
    if ctx.sender.literal is not None:
        return skipped("address literal, no domain to look up")
    name, servers = ctx.sender.domain, ctx.machine.own_servers
    lookups = asyncio.create_task(look_up(ctx, STEP, name, Side.HERE))
    try:
        route = await find_route(ctx.dns, servers, name)
        hosts = await _look_up_hosts(ctx, servers, route)
        observation = DomainObservation(name, True, await lookups, route, ctx.machine.targets, hosts)
    finally:
        lookups.cancel()
    observation = await arbitrate_sender(ctx, observation)
    return await ended(ctx, STEP, observation, servers, judge_sender_hosts(hosts, route.mx.names))


async def _look_up_hosts(ctx: RunContext, servers: Sequence[DnsServer], route: Route) -> tuple[HostLookup, ...]:
    if route.kind is not RouteKind.MX:
        return ()
    some = route.hosts[:MAX_SENDER_HOSTS]
    return tuple(await asyncio.gather(*(look_up_host(ctx.dns, servers, host) for host in some)))
