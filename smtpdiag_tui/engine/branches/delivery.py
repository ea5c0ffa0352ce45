"""The branch `delivery`: every address of every mail host, each probed once and shown in each place."""

import asyncio
from dataclasses import dataclass, field, replace

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, describe, difference, id_name, label
from smtpdiag_tui.checks.lookups.routing import (
    HostLookup,
    MailHost,
    Route,
    RouteKind,
    both_transports,
    look_up_host,
)
from smtpdiag_tui.checks.mail_hosts import HOST_EXPLANATION, judge_host, none_usable
from smtpdiag_tui.checks.session.attempts import attempt
from smtpdiag_tui.checks.session.certificates import unverified
from smtpdiag_tui.checks.session.differ import judge_addresses, judge_hosts
from smtpdiag_tui.checks.session.egress import egress_blocked
from smtpdiag_tui.checks.session.session import Envelope, SessionObservation
from smtpdiag_tui.engine.branches.relaying import (
    login_wanted,
    names,
    of_relay,
    relay_hosts,
    relay_servers,
    relayed,
    route_finding,
    unreachable,
)
from smtpdiag_tui.engine.branches.sessions import Place, Sessions
from smtpdiag_tui.engine.branches.unplanned import MAX_PLACES, skip_addresses, skip_host, skip_hosts
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.politeness import Politeness, last_sessions
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.rollup import any_way, of_findings, worst
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import MAX_ADDRESSES, Relay, parse_ip
from smtpdiag_tui.verdict.outcome import Verdict, nobody_answered, of_hosts, of_route
from smtpdiag_tui.verdict.walk import AddressAttempt, Demand, HostAttempts

STEP = "delivery"
EXPLANATION = """\
Every address of every mail host is connected to and talked to as a sending server would, up to the point where
the message itself would follow: greeting, EHLO, STARTTLS, MAIL FROM, RCPT TO, QUIT. No message is ever sent.
This test can fail for 4 reasons.
1) Outbound TCP port 25 is blocked here or on the way.
2) A mail host is down, or refuses this machine's address or name.
3) The server does not know the recipient, or refuses the sender.
4) The server wants to see a second try first (greylisting). Then mail arrives late, but it does."""


LOOKUPS = 16  # hosts that are looked up at a time
_PREFERENCES = 65536  # how many an MX record can have


@dataclass(slots=True)
class MailHostState:
    """One mail host in the course of a run. `relay` is the relay host that it stands for, `rank` its place."""

    host: MailHost
    step: str
    literal: bool = False
    lookup: HostLookup | None = None
    places: list[Place] = field(default_factory=list)
    relay: Relay | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the mail hosts: the outcome, and the hosts it was judged by; none where nobody was asked."""

    verdict: Verdict
    hosts: tuple[HostAttempts, ...] = ()


async def run_delivery(ctx: RunContext, route: "asyncio.Future[Route | None]") -> Delivery:
    """Probe the mail hosts and return the outcome with what it follows from."""
    recorder = ctx.recorder
    if ctx.wanted(STEP) or STEP not in recorder.report.steps:
        ctx.open(STEP, "Delivery", EXPLANATION, again=ctx.whole(STEP))
    recorder.start(STEP)
    found_route = await asyncio.shield(route)
    via_relay = relayed(ctx.settings)
    if ctx.settings.local_facts and ctx.whole(STEP):
        recorder.notes(STEP, ctx.settings.local_facts)
    states = await _relay_states(ctx) if via_relay else _hosts(ctx, found_route)
    decided = await _decided(ctx, found_route, states)
    _drop_old(ctx, states if decided is None else [])
    if decided is not None:
        return Delivery(_nothing_to_do(ctx, found_route, decided))
    given = via_relay or ctx.settings.server is not None
    await _probe_all(ctx, states, 0 if given or found_route is None else found_route.unplanned)
    hosts = tuple(_attempts(ctx, state) for state in states)
    sessions = [place.seen for state in states for place in state.places]
    verdict = of_hosts(hosts, ctx.recipient.path)
    if not any(sessions) and all(not host.addresses for host in hosts) and (via_relay or ctx.settings.server):
        verdict = replace(unreachable(ctx.settings), way=verdict.way)
    elif via_relay:
        verdict = of_relay(verdict, ctx.settings)
    blocked = egress_blocked(sessions, ctx.network.is_public)
    if blocked and nobody_answered(verdict):
        text = f"{blocked[0].message} A sender here queues the mail and tries again."
        verdict = replace(verdict, summary=text, step=STEP, side=None)
    _finish(ctx, states, verdict, blocked)
    return Delivery(verdict, hosts)


async def _decided(ctx: RunContext, route: Route | None, states: list[MailHostState]) -> Verdict | None:
    """Return the outcome where it is known before anybody is talked to."""
    via_relay = relayed(ctx.settings)
    if not ctx.machine.servers and route is not None and not _by_address(ctx):
        return of_route(RouteKind.FAILED, route.domain, broken=True)
    if (via_relay or ctx.settings.server is not None) and not _by_address(ctx) and await ctx.resolvers_broken():
        return of_route(RouteKind.FAILED, "", broken=True)
    if via_relay and not states:
        return unreachable(ctx.settings)
    if route is None or ctx.settings.server is not None or via_relay:
        return None
    unasked = route.kind is RouteKind.FAILED and route.mx.kind is AnswerKind.NO_SOCKET
    broken = unasked or (route.kind is RouteKind.FAILED and await ctx.resolvers_broken())
    return of_route(route.kind, route.domain, broken=broken)


def _by_address(ctx: RunContext) -> bool:
    if relayed(ctx.settings):
        return all(parse_ip(item.host) is not None for item in ctx.settings.relay)
    return ctx.settings.server is not None and parse_ip(ctx.settings.server) is not None


def _hosts(ctx: RunContext, route: Route | None) -> list[MailHostState]:
    """Return the mail hosts in order: the server given, the address literal, or the route's."""
    server = ctx.settings.server
    if server is not None:
        literal = parse_ip(server) is not None
        name = f"[{server}]" if literal else server
        return [MailHostState(MailHost(server, None), f"{STEP}/{id_name(name)}", literal)]
    if ctx.recipient.literal is not None:
        address = ctx.recipient.literal
        return [MailHostState(MailHost(address, None), f"{STEP}/[{address}]", literal=True)]
    hosts = route.hosts if route is not None else ()
    return [MailHostState(host, f"{STEP}/{id_name(host.name)}") for host in hosts]


async def _relay_states(ctx: RunContext) -> list[MailHostState]:
    """Return the relay hosts in the order in which the local mail server tries them, each once."""
    states: dict[str, MailHostState] = {}
    for relay, host in await relay_hosts(ctx):
        literal = parse_ip(host.name) is not None
        step = f"{STEP}/{f'[{host.name}]' if literal else id_name(host.name)}"
        rank = ctx.settings.relay.index(relay)
        state = MailHostState(host, step, literal, relay=relay, rank=rank)
        states.setdefault(step, state)
    return list(states.values())


def _nothing_to_do(ctx: RunContext, route: Route | None, verdict: Verdict) -> Verdict:
    status = Status.UNKNOWN if verdict.outcome is Outcome.UNKNOWN else Status.SKIPPED
    reasons = {
        RouteKind.NULL: "null MX: nobody is connected to",
        RouteKind.NOT_FOUND: "the recipient's domain does not exist",
        RouteKind.NO_HOST: "the recipient's domain has no mail host",
        RouteKind.LOOP: "the CNAMEs of the recipient's domain lead nowhere",
        RouteKind.FAILED: "the mail hosts are not known",
    }
    reason = reasons.get(route.kind, "") if route is not None else ""
    if relayed(ctx.settings) and verdict.outcome is Outcome.DEFERRED:
        reason = "the relay host cannot be found"
    if status is Status.UNKNOWN:
        reason = "no DNS server gives a usable answer"
    ctx.recorder.finish(STEP, status=status, detail=reason)
    return verdict


async def _probe_all(ctx: RunContext, states: list[MailHostState], unplanned: int) -> None:
    """Look up the hosts some at a time, and talk to a host's addresses once all before it are known.

    The order matters: an address that several hosts share is probed in the name of the most preferred.
    `unplanned` MX hosts are told of, no more.
    """
    sessions = Sessions(ctx, await _envelope(ctx), Politeness(ctx.network, last_sessions(ctx.previous)))
    ctx.talked = sessions
    for state in states:
        _open_host(ctx, state)
    if unplanned:
        skip_hosts(ctx, STEP, unplanned)
    turns = asyncio.Semaphore(LOOKUPS)
    lookups = [asyncio.create_task(_look_up(ctx, state, turns)) for state in states]
    running: list[asyncio.Task[None]] = []
    planned = 0
    try:
        for state, lookup in zip(states, lookups, strict=True):
            if planned >= MAX_PLACES:
                lookup.cancel()
                skip_host(ctx, state.step)
                continue
            state.lookup = await lookup
            planned += _plan_addresses(ctx, sessions, state, MAX_PLACES - planned)
            # In a rerun what is named may stand below a later host: all places of an address come first then.
            if ctx.only is None:
                running += [asyncio.create_task(job.run()) for job in sessions.fresh()]
        running += [asyncio.create_task(job.run()) for job in sessions.fresh()]
        await asyncio.gather(*running)
        await sessions.ask_rate_limited_again()
        await asyncio.gather(*sessions.second_tries)
        await asyncio.gather(*(_close_host(ctx, state) for state in states))
    finally:
        tasks = (*lookups, *running, *sessions.second_tries)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _envelope(ctx: RunContext) -> Envelope:
    """Say who we are: the name given, this machine's own, or (empty) the source address as a literal."""
    name = ctx.settings.ehlo or await asyncio.shield(ctx.host_name) or ""
    smtputf8 = ctx.sender.smtputf8 or ctx.recipient.smtputf8
    return Envelope(name, ctx.sender.path, ctx.recipient.path, smtputf8)


def _open_host(ctx: RunContext, state: MailHostState) -> None:
    if not ctx.wanted(state.step) and state.step in ctx.recorder.report.steps:
        return
    title = state.host.name
    if state.host.preference is not None:
        title += f" (preference {state.host.preference})"
    if state.relay is not None:
        title += f" (relay host, port {state.relay.port})"
    ctx.open(state.step, title, HOST_EXPLANATION, again=ctx.wanted(state.step) and ctx.whole(state.step))
    ctx.recorder.start(state.step)


async def _look_up(ctx: RunContext, state: MailHostState, turns: asyncio.Semaphore) -> HostLookup | None:
    if state.literal:
        return _LiteralLookup(state.host)
    earlier = ctx.earlier(state.step)
    if isinstance(earlier, HostLookup) and not ctx.whole(state.step):
        return earlier
    servers = relay_servers(ctx) if state.relay is not None else ctx.machine.route_servers
    async with turns:
        return await ctx.recorder.guard(state.step, look_up_host(ctx.dns, servers, state.host))


class _LiteralLookup(HostLookup):
    """The address that a literal names: nothing was looked up."""

    __slots__ = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The address itself."""
        return (self.host.name,)

    @property
    def is_address(self) -> bool:
        """An address literal may be one."""
        return False


def _plan_addresses(ctx: RunContext, sessions: Sessions, state: MailHostState, room: int) -> int:
    """Give the host's addresses their steps, at most so many; return their number."""
    if state.lookup is None:
        return 0
    addresses = state.lookup.addresses
    for address in addresses[:room]:
        _add_place(ctx, sessions, state, address)
    left = state.lookup.unplanned + len(addresses[room:])
    if left and ctx.wanted(state.step):
        skip_addresses(ctx, state.step, left)
    return len(addresses[:room])


def _add_place(ctx: RunContext, sessions: Sessions, state: MailHostState, address: str) -> None:
    """Give an address its step below a host; it is talked to unless there is a reason not to."""
    name = None if state.literal else state.host.name
    port = state.relay.port if state.relay is not None else None
    place = Place(f"{state.step}/{address}", _name(state), address, name, port=port)
    state.places.append(place)
    family = ctx.settings.family
    if family is not None and (":" in address) != (family == 6):
        ctx.open(place.step, address)
        ctx.recorder.skip(place.step, f"only IPv{family} was asked for")
    elif unusable_reason(address):
        ctx.open(place.step, address)
        sessions.close_unusable(place)
    elif address not in sessions.jobs and len(sessions.jobs) >= MAX_ADDRESSES and not ctx.settings.all_addresses:
        ctx.open(place.step, address)
        message = f"{address} lies beyond the first {MAX_ADDRESSES} addresses; all are tested on request."
        ctx.recorder.skip(place.step, "too many addresses", (finding("address-skipped", message),))
    else:
        sessions.add(place)


def _name(state: MailHostState) -> str:
    return StepId(state.step).host


async def _close_host(ctx: RunContext, state: MailHostState) -> None:
    """Judge a host once its addresses are done; its questions over both transports go into its notes."""
    if not ctx.wanted(state.step) or state.lookup is None:
        return
    found = list(judge_host(state.lookup)) if not state.literal else []
    if not state.literal and ctx.whole(state.step):
        pairs = await both_transports(ctx.dns, state.lookup)
        ctx.recorder.notes(state.step, (_asked(item) for pair in pairs for item in (pair.udp, pair.tcp)))
        for pair in pairs:
            if pair.differ:
                message = f"{pair.question} is answered differently over UDP and TCP; it may be load-balanced."
                found.append(finding("dns-answers-differ", message, evidence=difference(pair.udp, pair.tcp)))
    found += judge_addresses(state.host.name, _seen(state))
    statuses = [step.status for step in ctx.recorder.report.children(state.step)]
    status = worst([of_findings(found), any_way(statuses)] if statuses else [of_findings(found)])
    if statuses and set(statuses) == {Status.SKIPPED}:
        status = Status.SKIPPED
    number = len(state.lookup.addresses)
    detail = f"{number} address{'es' if number != 1 else ''}"
    ctx.recorder.finish(state.step, found, status=status, detail=detail, observation=state.lookup)


def _seen(state: MailHostState) -> list[SessionObservation]:
    return [place.seen for place in state.places if place.seen is not None]


def _asked(answer: Answer) -> str:
    found = " ".join(record.data for record in answer.records)
    return f"{label(answer)}: {describe(answer)}{f': {found}' if found else ''}"


def _attempts(ctx: RunContext, state: MailHostState) -> HostAttempts:
    """Return what the outcome is judged by; an address that was left out has no attempt."""
    preference = state.host.preference
    if state.relay is not None:
        preference = state.rank * _PREFERENCES + (preference or 0)  # relay hosts are tried in the order given
    addresses = tuple(_attempt(ctx, place) for place in state.places)
    if state.relay is None and preference is not None:
        addresses = tuple(_placed(ctx, item) for item in addresses)
    own = any(item.own for item in addresses)
    return HostAttempts(state.host.name, preference, state.lookup, addresses, own)


def _placed(ctx: RunContext, item: AddressAttempt) -> AddressAttempt:
    """Return the address that an MX names, with where it lies."""
    return replace(item, own=_own(ctx, item.address), inside=not ctx.network.is_public(item.address))


def _own(ctx: RunContext, address: str) -> bool:
    """Whether a mail server here would know itself by this address: by the loopback too, if it listens there."""
    literal = parse_ip(address)
    if literal is not None and ctx.network.is_own(address):
        return True
    literal = getattr(literal, "ipv4_mapped", None) or literal
    return literal is not None and literal.is_loopback


def _attempt(ctx: RunContext, place: Place) -> AddressAttempt:
    if place.seen is None:
        return AddressAttempt(place.address, place.step, None)
    reason = unverified(place.seen, ctx.network.trust_store(), ctx.network.utc(), place.host)
    unmet = {} if reason is None else {Demand.VERIFIED_TLS: reason}
    return AddressAttempt(place.address, place.step, login_wanted(place.seen, attempt(place.seen)), unmet)


def _finish(ctx: RunContext, states: list[MailHostState], verdict: Verdict, blocked: tuple[Finding, ...]) -> None:
    found: list[Finding] = [*blocked]
    if ctx.settings.server is not None:
        message = f"{ctx.settings.server} was given: it is talked to instead of the domain's mail hosts."
        found.append(finding("server-override", message))
    if relayed(ctx.settings):
        found.append(route_finding(ctx.settings))
    lookups = [state.lookup for state in states if state.lookup is not None]
    unusable = none_usable(lookups, names(ctx.settings) if relayed(ctx.settings) else ctx.recipient.domain)
    if unusable:
        found.append(unusable)
    found += judge_hosts({state.host.name: _seen(state) for state in states})
    below = any_way(step.status for step in ctx.recorder.report.children(STEP))
    status = of_findings(found) if blocked else worst([of_findings(found), below])
    if verdict.outcome is Outcome.BOUNCED:
        status = Status.FAILED
    addresses = len({place.address for state in states for place in state.places})
    hosts = f"{len(states)} host{'s' if len(states) != 1 else ''}"
    detail = f"{hosts}, {addresses} address{'es' if addresses != 1 else ''}"
    ctx.recorder.finish(STEP, found, status=status, detail=detail)


def _drop_old(ctx: RunContext, states: list[MailHostState]) -> None:
    """Take hosts of an earlier run out of the tree that are no longer the domain's."""
    kept = {state.step for state in states}
    ctx.recorder.drop(tuple(step.id for step in ctx.recorder.report.children(STEP) if step.id not in kept))
