"""The branch `remote`: the recipient's domain, at every server, and the route to its mail hosts."""

from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.routing import Route, find_route
from smtpdiag_tui.checks.lookups.stub import judge_obstacle, judge_system, judge_turns, obstacle
from smtpdiag_tui.engine.branch import Ended, skipped
from smtpdiag_tui.engine.branches.arbitration import arbitrate
from smtpdiag_tui.engine.branches.domain_steps import ended, look_up
from smtpdiag_tui.engine.branches.stub_lookups import mx_views
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.findings import Finding

STEP = "remote"
TITLE = "Recipient domain"
_LITERAL = "address literal, no domain to look up"


async def follow_route(ctx: RunContext) -> Route | None:
    """Find the recipient's mail hosts, anew if its DNS is asked in this run; None for an address literal."""
    if ctx.recipient.literal is not None:
        return None
    earlier = ctx.earlier(STEP)
    if isinstance(earlier, DomainObservation) and not ctx.wanted(STEP):
        return earlier.route
    return await find_route(ctx.dns, ctx.machine.route_servers, ctx.recipient.domain)


async def run_remote(ctx: RunContext) -> Ended:
    """Look up the recipient's domain at every server."""
    if ctx.recipient.literal is not None:
        return skipped(_LITERAL)
    lookups = await look_up(ctx, STEP, ctx.recipient.domain)
    route = await ctx.found_route()
    if route is None:
        return skipped(_LITERAL)
    machine = ctx.machine
    observation = DomainObservation(
        ctx.recipient.domain,
        False,
        lookups,
        route,
        machine.targets,
        stub=await mx_views(ctx, lookups, machine.route_servers),
        system=await mx_views(ctx, lookups, machine.system) if machine.targets else (),
    )
    observation = await arbitrate(ctx, observation)
    return await ended(ctx, STEP, observation, machine.route_servers, _judge_stub(ctx, observation))


def _judge_stub(ctx: RunContext, seen: DomainObservation) -> tuple[Finding, ...]:
    """Return what keeps a mail server on this host from the answer that is followed."""
    return (
        *judge_obstacle(obstacle(seen.stub), ctx.machine.stub),
        *judge_turns(seen.domain, seen.stub, ctx.machine.stub),
        *judge_system(seen.domain, seen.system),
    )
