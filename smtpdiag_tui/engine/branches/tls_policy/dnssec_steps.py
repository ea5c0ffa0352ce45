"""The step `tls-policy/dnssec`: whether the domains and the MX hosts are signed, as far as this host can know."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.checks.lookups.routing import Route, RouteKind, look_up_host, resolve
from smtpdiag_tui.checks.tls_policy import dnssec_judgement
from smtpdiag_tui.checks.tls_policy.dnssec import (
    NOT_KNOWN,
    Security,
    State,
    Validator,
    observe_validators,
    of_addresses,
    state_of,
    states_of_host,
)
from smtpdiag_tui.checks.tls_policy.dnssec_judgement import DnssecSeen, Subject
from smtpdiag_tui.engine.branches.relaying import relayed
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.destination import DestinationHost, given_server, mail_hosts

STEP = "tls-policy/dnssec"
TITLE = "DNSSEC"
EXPLANATION = """\
Checks whether the sender domain, the recipient domain and the MX hosts are signed, by the answers to the queries
of this run. An answer counts as validated (AD) only from a validating resolver on this host or on a trusted path.
Fails if:
- signatures are invalid, so that validating resolvers return SERVFAIL"""

AT_ONCE = 4  # hosts: their addresses are asked for by the sessions too, which must not wait


async def validators_of(ctx: RunContext) -> tuple[Validator, ...]:
    """Return what AD is worth from each server that the run follows."""
    servers = tuple(dict.fromkeys((*ctx.machine.route_servers, *ctx.machine.own_servers)))
    return await observe_validators(ctx.dns, servers, ctx.machine, ctx.network.is_own)


def hosts_of(ctx: RunContext, route: Route | None) -> tuple[DestinationHost, ...]:
    """Return the MX hosts of the domain, or the server that stands for them; none where mail goes another way."""
    if ctx.settings.server is not None:
        return given_server(ctx.settings.server, ctx.recipient.domain).hosts
    if route is None or relayed(ctx.settings):
        return ()
    return mail_hosts(route).hosts


async def run_dnssec(ctx: RunContext) -> None:
    """Judge each name by the answers that the run has anyway."""
    if not ctx.wanted(STEP):
        return
    ctx.recorder.start(STEP)
    route = await ctx.found_route()
    validators = await validators_of(ctx)
    subjects = [*await _sender(ctx, validators), *await _recipient(ctx, route, validators)]
    subjects += await _hosts(ctx, route, validators)
    if not subjects:
        ctx.recorder.skip(STEP, "no domain to look up")
        return
    seen = DnssecSeen(validators, tuple([await _believed(ctx, item) for item in subjects]))
    ctx.recorder.notes(STEP, dnssec_judgement.notes(seen))
    found = dnssec_judgement.judge(seen)
    ctx.recorder.finish(STEP, found, detail=dnssec_judgement.detail(seen), observation=seen)


async def _believed(ctx: RunContext, subject: Subject) -> Subject:
    """Return what is known of a name; a resolver that fails every query shows nothing of its signatures."""
    answer = subject.state.answer
    if subject.state.security is not Security.BOGUS or answer is None:
        return subject
    return replace(subject, state=NOT_KNOWN) if await ctx.server_broken(answer.server) else subject


async def _sender(ctx: RunContext, validators: Sequence[Validator]) -> list[Subject]:
    domain = ctx.sender.domain
    if ctx.sender.null or ctx.sender.literal is not None or not domain:
        return []
    found = await resolve(ctx.dns, ctx.machine.own_servers, domain, "MX")
    return [Subject(domain, "MX", await state_of(ctx.dns, found, validators), sender=True)]


async def _recipient(ctx: RunContext, route: Route | None, validators: Sequence[Validator]) -> list[Subject]:
    if route is None:
        return []
    return [Subject(route.domain, "MX", await state_of(ctx.dns, route.mx, validators))]


async def _hosts(ctx: RunContext, route: Route | None, validators: Sequence[Validator]) -> list[Subject]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(host: DestinationHost) -> Subject | None:
        async with turns:
            lookup = await look_up_host(ctx.dns, ctx.machine.route_servers, host.host)
            states = await states_of_host(ctx.dns, lookup, validators)
        if not states or not any(found.answers for found, _ in states):
            return None
        bogus = next((state for _, state in states if state.security is Security.BOGUS), None)
        return Subject(host.host.name, "A and AAAA", bogus or _of_host(states))

    hosts = [host for host in hosts_of(ctx, route) if not host.literal]
    if route is not None and route.kind is RouteKind.IMPLICIT:
        hosts = [host for host in hosts if host.host.name != route.domain]
    found = await asyncio.gather(*map(one, hosts))
    return [item for item in found if item is not None]


def _of_host(states: Sequence[tuple[object, State]]) -> State:
    """Return the state of a host's addresses; where it has none, that of the word that it has none."""
    used = of_addresses(states)  # type: ignore[arg-type]
    return used if used.answer is not None or not states else states[0][1]
