"""Delivery by way of the relay host that the local mail server would use."""

import asyncio
from dataclasses import replace

from smtpdiag_tui.checks.lookups.routing import MailHost, RouteKind, find_route
from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.session import Attempt, AttemptResult, Phase, SessionObservation
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.destination import RelayHosts, is_address, relay_hosts
from smtpdiag_tui.settings import Relay, Settings


def relayed(settings: Settings) -> bool:
    """Whether the mail goes to relay hosts; a server that the user gave comes before them."""
    return bool(settings.relay) and settings.server is None


async def find_relay_hosts(ctx: RunContext) -> RelayHosts:
    """Find the hosts that the relays stand for: MX are looked up where they count."""
    found = await asyncio.gather(*(_hosts(ctx, relay) for relay in ctx.settings.relay))
    return relay_hosts(ctx.settings, found, ctx.recipient.domain)


async def _hosts(ctx: RunContext, relay: Relay) -> tuple[MailHost, ...]:
    if not relay.mx or is_address(relay.host):
        return (MailHost(relay.host, None),)
    route = await find_route(ctx.dns, ctx.machine.own_servers, relay.host)
    return route.hosts if route.kind in (RouteKind.MX, RouteKind.IMPLICIT) else ()


def login_wanted(seen: SessionObservation, taken: Attempt) -> Attempt:
    """Return what is taken from a session by way of a relay: what it says to those who log in is not known.

    That is so only where the local mail server may have a login there.
    """
    settings = seen.settings
    refused = taken.result in (AttemptResult.REJECTED, AttemptResult.TRANSIENT)
    if not relayed(settings) or settings.relay_auth is False or not refused or not wants_login(seen):
        return taken
    words = "requires authentication; smtpdiag never authenticates"
    return replace(taken, result=AttemptResult.NOT_TESTED, reply=words)


def wants_login(seen: SessionObservation) -> bool:
    """Whether a session ended because only those who log in may send."""
    items = (seen.last(phase) for phase in (Phase.MAIL, Phase.RCPT))
    replies = [item.reply for item in items if item is not None and item.reply is not None]
    return any(reply_texts.wants_authentication(reply, seen.settings.relay_auth) for reply in replies)
