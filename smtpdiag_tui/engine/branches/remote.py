"""The branch `remote`: the recipient's domain, at every server, and the route to its mail hosts."""

from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.routing import Route, find_route
from smtpdiag_tui.engine.branch import Ended, skipped
from smtpdiag_tui.engine.branches.domain_steps import ended, look_up
from smtpdiag_tui.engine.context import RunContext

STEP = "remote"
TITLE = "Recipient's domain"
_LITERAL = "the recipient's domain is an address literal: there is no domain to look up"


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
    observation = DomainObservation(ctx.recipient.domain, False, lookups, route, ctx.machine.targets)
    return await ended(ctx, STEP, observation, ctx.machine.route_servers)
