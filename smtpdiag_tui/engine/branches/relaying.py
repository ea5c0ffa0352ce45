"""Delivery by way of the relay host that the local mail server would use."""

import asyncio
from dataclasses import replace

from smtpdiag_tui.checks.lookups.routing import MailHost, RouteKind, find_route
from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.session import Attempt, AttemptResult, Phase, SessionObservation
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import DnsServer, Relay, Settings, parse_ip
from smtpdiag_tui.verdict.outcome import Verdict


def relayed(settings: Settings) -> bool:
    """Whether the mail goes to relay hosts; a server that the user gave comes before them."""
    return bool(settings.relay) and settings.server is None


def relay_servers(ctx: RunContext) -> tuple[DnsServer, ...]:
    """The DNS servers that the local mail server asks about its relay host: the system's, if there are any."""
    return ctx.machine.system or ctx.machine.targets


async def relay_hosts(ctx: RunContext) -> list[tuple[Relay, MailHost]]:
    """Return the hosts that the relays stand for, in the relays' order; MX are looked up where they count."""
    found = await asyncio.gather(*(_hosts(ctx, item) for item in ctx.settings.relay))
    return [(relay, host) for relay, hosts in zip(ctx.settings.relay, found, strict=True) for host in hosts]


async def _hosts(ctx: RunContext, relay: Relay) -> tuple[MailHost, ...]:
    if not relay.mx or parse_ip(relay.host) is not None:
        return (MailHost(relay.host, None),)
    route = await find_route(ctx.dns, relay_servers(ctx), relay.host)
    return route.hosts if route.kind in (RouteKind.MX, RouteKind.IMPLICIT) else ()


def route_finding(settings: Settings) -> Finding:
    """Return the finding that tells the route."""
    labels = names(settings)
    message = f"{settings.as_local_mta or 'The local mail server'} here sends this mail through {labels}: "
    message += (
        f"{'it is' if len(settings.relay) == 1 else 'they are'} talked to instead of the domain's mail hosts."
    )
    return finding("relay-route", message, evidence=settings.local_facts)


def names(settings: Settings) -> str:
    """Return the relay hosts in words."""
    labels = [item.label for item in settings.relay]
    return f"the relay host{'' if len(labels) == 1 else 's'} {', '.join(labels)}"


def login_wanted(seen: SessionObservation, taken: Attempt) -> Attempt:
    """Return what is taken from a session by way of a relay: what it says to those who log in is not known.

    That is so only where the local mail server may have a login there.
    """
    settings = seen.settings
    refused = taken.result in (AttemptResult.REJECTED, AttemptResult.TRANSIENT)
    if not relayed(settings) or settings.relay_auth is False or not refused or not wants_login(seen):
        return taken
    return replace(
        taken, result=AttemptResult.NOT_TESTED, reply="wants a login first, and AUTH is never attempted here"
    )


def of_relay(verdict: Verdict, settings: Settings) -> Verdict:
    """Return the outcome in the words of a delivery by way of a relay host."""
    if verdict.outcome is Outcome.ACCEPTED:
        more = "It is the relay host that accepts; what the recipient's own host says to it later is not covered."
    elif verdict.outcome is Outcome.BOUNCED:
        more = "It is the relay host that says so, not the recipient's own host."
    else:
        more = f"The mail goes by way of {names(settings)}."
    # A relay that takes nothing now, or wants a login, is ours to see to, not the recipient's.
    side = Side.HERE if verdict.outcome in (Outcome.DEFERRED, Outcome.UNKNOWN) else None
    return replace(verdict, summary=f"{verdict.summary} {more}", side=side)


def unreachable(settings: Settings) -> Verdict:
    """Return the outcome where no relay host could be found: a misconfiguration, which servers wait out.

    What becomes of mail by way of a server that was given by hand is not known then.
    """
    if settings.server is not None:
        text = (
            f"Whether the mail would be delivered is not known: the server given, {settings.server}, is not found."
        )
        return Verdict(Outcome.UNKNOWN, text, "delivery", side=Side.HERE)
    relays = names(settings)
    text = f"{relays[:1].upper()}{relays[1:]} cannot be found. A sender queues the mail and tries again."
    return Verdict(Outcome.DEFERRED, text, "delivery", side=Side.HERE)


def wants_login(seen: SessionObservation) -> bool:
    """Whether a session ended because only those who log in may send."""
    items = (seen.last(phase) for phase in (Phase.MAIL, Phase.RCPT))
    replies = [item.reply for item in items if item is not None and item.reply is not None]
    return any(reply_texts.wants_authentication(reply, seen.settings.relay_auth) for reply in replies)
