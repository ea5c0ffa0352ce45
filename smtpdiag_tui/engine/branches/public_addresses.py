"""The addresses that others see this host by, known once the sessions have ended."""

from collections.abc import Sequence

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.lookups.routing import HostLookup
from smtpdiag_tui.checks.machine.ehlo_name import ehlo_literal
from smtpdiag_tui.checks.machine.identity import SeenAddress
from smtpdiag_tui.checks.machine.seen_address import echo_of
from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.settings import parse_ip


def seen_addresses(ctx: RunContext) -> list[SeenAddress]:
    """Return the source addresses, IPv4 first, with what servers say of each; those that were given instead."""
    given = given_addresses(ctx)
    sessions = connected_sessions(ctx)
    found = _sources(ctx, sessions)
    if not given:
        return found
    echoes = tuple(echo for item in found for echo in item.echoes)
    left_from = tuple(item.source for item in found if not item.through)
    return [SeenAddress(address, True, echoes, len(sessions), instead_of=left_from) for address in given]


def given_addresses(ctx: RunContext) -> tuple[str, ...]:
    """Return the addresses of another host to judge instead of this one's, IPv4 first, each once."""
    given = dict.fromkeys(map(canonical, ctx.settings.as_addresses))
    return tuple(sorted((address for address in given if address), key=_order))


def connected_sessions(ctx: RunContext) -> list[SessionObservation]:
    """Return the sessions that were connected, those of an earlier run included, one for each address."""
    found: dict[str, SessionObservation] = {}
    for step in ctx.recorder.report.descendants("delivery"):
        if isinstance(step.observation, SessionObservation) and step.observation.source is not None:
            found.setdefault(step.observation.target.address, step.observation)
    return list(found.values())


async def own_name(ctx: RunContext) -> str:
    """Return what this host calls itself in EHLO, "" where it has no name."""
    return ctx.settings.ehlo or await ctx.own_host_name() or ""


async def names_said(ctx: RunContext, source: str | None = None) -> tuple[str, ...]:
    """Return the EHLO names of all sessions, or of those from one source; this host's own without a session.

    The literal of this host's own address says nothing of another host that is judged in its place.
    """
    sessions = connected_sessions(ctx)
    said = [item.envelope.ehlo for item in sessions if source is None or canonical(item.source or "") == source]
    names = [name for name in dict.fromkeys(said or [await own_name(ctx)]) if name]
    if given_addresses(ctx):
        names = [name for name in names if name == ctx.settings.ehlo or ehlo_literal(name) is None]
    return tuple(names)


def _sources(ctx: RunContext, sessions: Sequence[SessionObservation]) -> list[SeenAddress]:
    foreign = {item.target.address for item in sessions}
    for step in ctx.recorder.report.descendants("delivery"):
        if isinstance(step.observation, HostLookup):
            foreign.update(step.observation.addresses)
    by_source: dict[str, list[SessionObservation]] = {}
    for item in sessions:
        by_source.setdefault(item.source or "", []).append(item)
    return [
        SeenAddress(
            source,
            ctx.network.is_public(canonical(source)),
            tuple(echo for item in items if (echo := echo_of(item, foreign, ctx.network.is_public)) is not None),
            len(items),
            through="" if any(item.known_sources for item in items) else items[0].through,
        )
        for source, items in sorted(by_source.items(), key=lambda item: _order(item[0]))
    ]


def _order(address: str) -> tuple[int, int]:
    literal = parse_ip(canonical(address))
    return (literal.version, int(literal)) if literal is not None else (0, 0)
