"""The steps `tls-policy/dane` and below: the TLSA records of each MX host, and what its addresses presented."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from smtpdiag_tui.checks.lookups.answers import Question, cite
from smtpdiag_tui.checks.lookups.record_set import Found, look_up
from smtpdiag_tui.checks.lookups.routing import HostLookup, Resolution, Route, RouteKind, look_up_host
from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.checks.tls_policy import dane, dane_judgement, tlsa
from smtpdiag_tui.checks.tls_policy.dane import HostTlsa, Meeting, Met, Standing, TlsaAnswer
from smtpdiag_tui.checks.tls_policy.demands import Where
from smtpdiag_tui.checks.tls_policy.dnssec import (
    Security,
    State,
    Validator,
    judge_state,
    of_addresses,
    state_of,
    states_of_host,
)
from smtpdiag_tui.engine.branch import begin
from smtpdiag_tui.engine.branches.relaying import relayed
from smtpdiag_tui.engine.branches.tls_policy.dnssec_steps import AT_ONCE, hosts_of, validators_of
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.destination import DELIVERY, DestinationHost
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.rollup import of_findings, worst
from smtpdiag_tui.report.status import Status


@dataclass(frozen=True, slots=True)
class DaneSeen:
    """Why senders that enforce DANE do not deliver at an address, "" where that is not known.

    `hosts` are those that DANE authenticates or would, `open` those of which that is not proved to this host.
    """

    unmet: Mapping[Where, str] = field(default_factory=dict)
    hosts: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()


STEP = "tls-policy/dane"
TITLE = "DANE"
EXPLANATION = """\
Queries the TLSA records of each MX host, and compares them with the certificates that its addresses presented.
Warns if:
- no TLSA record matches the certificate, as after a renewal with another key
- no TLSA record is one that SMTP uses
- the MX host has TLSA records, but does not offer STARTTLS
- the TLSA query fails although the zone is signed"""
LOOKUP_LIMIT = 20.0  # seconds for the TLSA questions about one host
_NOT_MET = (Meeting.UNKNOWN, Meeting.OTHER_NAME, Meeting.NOT_REACHED)
_NO_HOSTS = {
    RouteKind.NULL: "null MX",
    RouteKind.NOT_FOUND: "recipient domain does not exist",
    RouteKind.NO_HOST: "recipient domain has no MX host",
    RouteKind.LOOP: "CNAME loop at the recipient domain",
    RouteKind.FAILED: "MX hosts could not be determined",
}


async def run_dane(ctx: RunContext) -> DaneSeen:
    """Ask for the records while the sessions are held, then judge what these showed."""
    route = await ctx.found_route()
    hosts = hosts_of(ctx, route)
    reason = _why_not(ctx, route, hosts)
    if reason:
        ctx.recorder.drop_others(STEP, ())
        ctx.recorder.skip(STEP, reason)
        return DaneSeen()
    begin(ctx, STEP, TITLE, EXPLANATION)
    ctx.recorder.drop_others(STEP, {_step(host) for host in hosts})
    for host in hosts:
        if ctx.wanted(_step(host)):
            ctx.open(_step(host), host.host.name)
            ctx.recorder.start(_step(host))
    asking = asyncio.create_task(_ask_all(ctx, route, hosts))
    try:
        await ctx.ended(DELIVERY)
        asked = await asking
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    return _judge_all(ctx, hosts, asked)


def _why_not(ctx: RunContext, route: Route | None, hosts: Sequence[DestinationHost]) -> str:
    """Say why DANE is no matter here; "" where it may be one."""
    if ctx.settings.server is not None:
        return "the server was given by its address" if all(host.literal for host in hosts) else ""
    if relayed(ctx.settings):
        return "relay host, the MX hosts are not used"
    if route is None:
        return "address literal, no name with TLSA records"
    return _NO_HOSTS.get(route.kind, "")


def _step(host: DestinationHost) -> str:
    return f"{STEP}/{host.id_name}"


async def _ask_all(
    ctx: RunContext, route: Route | None, hosts: Sequence[DestinationHost]
) -> list[HostTlsa | None]:
    """Return what the DNS says of each host, in order; None for one without addresses, or after an accident."""
    turns = asyncio.Semaphore(AT_ONCE)
    validators: tuple[Validator, ...] = ()
    if any(_to_be_asked(ctx, host) for host in hosts):
        validators = await validators_of(ctx)

    async def one(host: DestinationHost) -> HostTlsa | None:
        earlier = ctx.earlier(_step(host))
        if isinstance(earlier, HostTlsa) and not ctx.wanted(_step(host)):
            return earlier
        async with turns:
            return await ctx.recorder.guard(_step(host), _observe(ctx, route, host, validators))

    return list(await asyncio.gather(*map(one, hosts)))


def _to_be_asked(ctx: RunContext, host: DestinationHost) -> bool:
    return ctx.wanted(_step(host)) or not isinstance(ctx.earlier(_step(host)), HostTlsa)


async def _observe(
    ctx: RunContext, route: Route | None, host: DestinationHost, validators: Sequence[Validator]
) -> HostTlsa | None:
    """Ask for what is published for a host; None where it has no address that a sender could connect to."""
    lookup = await look_up_host(ctx.dns, ctx.machine.route_servers, host.host)
    if not lookup.addresses:
        return None
    addresses = of_addresses(await states_of_host(ctx.dns, lookup, validators))
    named = route is not None and route.kind is RouteKind.MX and host.by_mx
    mx = await state_of(ctx.dns, route.mx, validators) if named and route is not None else None
    alias = await _alias(ctx, lookup, addresses, validators)
    names = (*lookup.aliases, *(route.mx.names if route is not None else ()), ctx.recipient.domain)
    names = tuple(dict.fromkeys(names))
    seen = HostTlsa(host.host.name, ctx.settings.port, mx, addresses, alias, (), names)
    for base in dane.bases(host.host.name, lookup.aliases):
        if not dane.standing(seen).matters:  # else the first name has settled it
            seen = replace(seen, answers=(*seen.answers, await _ask(ctx, base, validators)))
    return seen


async def _alias(
    ctx: RunContext, lookup: HostLookup, addresses: State, validators: Sequence[Validator]
) -> State | None:
    """Return the state of a host's CNAME record alone, where what it leads to is not signed (RFC 7672 §2.2.2)."""
    if not lookup.aliases or addresses.claimed is not Security.INSECURE:
        return None
    name = lookup.host.name
    answer = await ctx.dns.first_usable(ctx.machine.route_servers, Question(name, "CNAME"))
    return judge_state(Resolution((answer,) if answer is not None else (), (name,)), validators)


async def _ask(ctx: RunContext, base: str, validators: Sequence[Validator]) -> TlsaAnswer:
    """Ask for the records at one name."""
    owner = tlsa.owner(base, ctx.settings.port)
    try:
        async with asyncio.timeout(LOOKUP_LIMIT):
            found = await look_up(ctx.dns, ctx.machine.route_servers, owner, "TLSA")
            state = await state_of(ctx.dns, found.resolution, validators)
    except TimeoutError:
        return TlsaAnswer(base, Found.FAILED, why=f"TLSA {owner}: no answer within {LOOKUP_LIMIT:g} s")
    why = found.why or _cited(found.resolution)
    return TlsaAnswer(base, found.found, state, found.data, found.resolution.omitted, why)


def _cited(found: Resolution) -> str:
    return cite(found.last) if found.last is not None else ""


def _judge_all(ctx: RunContext, hosts: Sequence[DestinationHost], asked: Sequence[HostTlsa | None]) -> DaneSeen:
    """Judge each host, and end the steps."""
    unmet: dict[Where, str] = {}
    places: dict[str, Standing] = {}
    for host, seen in zip(hosts, asked, strict=True):
        if seen is None:
            if ctx.wanted(_step(host)) and not ctx.recorder.report.steps[_step(host)].status.ended:
                ctx.recorder.skip(_step(host), "no address")
            continue
        place = dane.standing(seen)
        met = _met(ctx, host, seen, place)
        places[host.id_name] = place
        for item in met:
            reason = dane.unmet(place, item)
            if reason is not None:
                unmet[host.id_name, item.address] = reason
        _close(ctx, host, seen, place, met)
    statuses = ctx.recorder.statuses_below(STEP)
    ctx.recorder.finish(STEP, status=worst(statuses), detail=_detail(ctx, places.values()))
    proved = _authenticated(places, certain=True)
    return DaneSeen(unmet, proved, _authenticated(places, certain=False))


def _authenticated(places: Mapping[str, Standing], *, certain: bool) -> frozenset[str]:
    """Return the hosts whose certificates DANE matches, or would if it were not for a failed query."""
    kinds = (dane.Kind.USABLE, dane.Kind.FAILED)
    return frozenset(name for name, place in places.items() if place.kind in kinds and place.certain is certain)


def _met(ctx: RunContext, host: DestinationHost, seen: HostTlsa, place: Standing) -> list[Met]:
    """Return what each address of a host came to, by the sessions of this run and of those before."""
    now = ctx.network.utc()
    sessions = [(step.id.rpartition("/")[2], step.observation) for step in ctx.recorder.report.children(host.step)]
    return [
        dane.meet(place, seen, address, session, now)
        for address, session in sessions
        if isinstance(session, SessionObservation)
    ]


def _close(ctx: RunContext, host: DestinationHost, seen: HostTlsa, place: Standing, met: Sequence[Met]) -> None:
    """End a host's step, anew where its sessions were held again; else it keeps what it held."""
    step = _step(host)
    again = ctx.wanted(step)
    if not again and not ctx.wanted(host.step) and not ctx.recorder.report.steps[step].stale:
        return
    if again:
        ctx.recorder.notes(step, (answer.why for answer in seen.answers if answer.why))
    else:
        ctx.recorder.start(step)
    found = dane_judgement.judge_host(seen, place, met)
    open_ones = place.matters and (not met or any(item.meeting in _NOT_MET for item in met))
    undecided = open_ones or (place.kind is dane.Kind.FAILED and not found)
    status = worst([of_findings(found), Status.UNKNOWN]) if undecided else None
    ctx.recorder.finish(step, found, status=status, detail=dane_judgement.detail(place, met), observation=seen)


def _detail(ctx: RunContext, places: Iterable[Standing]) -> str:
    """Return how many hosts DANE is a matter of."""
    matters = sum(place.matters for place in places)
    number = len(ctx.recorder.statuses_below(STEP))
    if not matters:
        return "no signed TLSA records"
    return f"applies to {matters} of {counted(number, 'MX host')}"
