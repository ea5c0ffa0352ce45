"""The steps of one mail host: its addresses looked up, planned, and judged together once they are done."""

import asyncio
from dataclasses import dataclass, field

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import Answer, describe, difference, label
from smtpdiag_tui.checks.lookups.routing import HostLookup, both_transports, look_up_host
from smtpdiag_tui.checks.mail_hosts import HOST_EXPLANATION, judge_host
from smtpdiag_tui.checks.session.differ import judge_addresses
from smtpdiag_tui.checks.session.interference import HostSessions
from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.engine.branch import begin
from smtpdiag_tui.engine.branches.sessions import Place, Sessions
from smtpdiag_tui.engine.branches.unplanned import skip_addresses
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.destination import DestinationHost
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.rollup import of_findings, status_if_one_is_enough, worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import MAX_ADDRESSES, family_of


@dataclass(slots=True)
class MailHostState:
    """One mail host in the course of a run."""

    target: DestinationHost
    lookup: HostLookup | None = None
    places: list[Place] = field(default_factory=list)

    @property
    def step(self) -> str:
        """The id of its step."""
        return self.target.step

    @property
    def facts(self) -> StepFacts:
        """What is known of it before anybody looks it up."""
        return StepFacts(preference=self.target.host.preference)

    @property
    def told(self) -> HostSessions:
        """The sessions, with what tells a host from a proxy."""
        aliases = self.lookup.aliases if self.lookup is not None else ()
        certified = frozenset(place.address for place in self.places if place.certified)
        return HostSessions((self.target.host.name, *aliases), tuple(self.sessions), certified)

    @property
    def sessions(self) -> list[SessionObservation]:
        """The sessions with its addresses, as far as there were any."""
        return [place.seen for place in self.places if place.seen is not None]


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


def open_host(ctx: RunContext, state: MailHostState) -> None:
    """Open and start the step of a host, if it is to run."""
    if ctx.wanted(state.step) or state.step not in ctx.recorder.report.steps:
        begin(ctx, state.step, state.target.title, HOST_EXPLANATION, state.facts)


async def look_up(ctx: RunContext, state: MailHostState, turns: asyncio.Semaphore) -> HostLookup | None:
    """Return the host's addresses, those of an earlier run where only some of them are talked to now."""
    if state.target.literal:
        return _LiteralLookup(state.target.host)
    earlier = ctx.earlier(state.step)
    if isinstance(earlier, HostLookup) and not ctx.whole(state.step):
        return earlier
    servers = ctx.machine.route_servers if state.target.relay is None else ctx.machine.own_servers
    async with turns:
        return await ctx.recorder.guard(state.step, look_up_host(ctx.dns, servers, state.target.host))


def plan_addresses(ctx: RunContext, sessions: Sessions, state: MailHostState, room: int) -> int:
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
    target = state.target
    name = None if target.literal else target.host.name
    port = None if target.relay is None else target.relay.port
    names: tuple[str, ...] = ()
    if target.by_mx and state.lookup is not None:
        names = (target.host.name, *state.lookup.aliases, ctx.recipient.domain)
    place = Place(f"{target.step}/{address}", target.id_name, address, name, port=port, names=names)
    state.places.append(place)
    family = ctx.settings.family
    if family is not None and family_of(address) != family:
        ctx.open(place.step, address)
        ctx.recorder.skip(place.step, f"only IPv{family} was requested")
    elif unusable_reason(address):
        ctx.open(place.step, address)
        sessions.close_unusable(place)
    elif _too_many(ctx, sessions, address):
        ctx.open(place.step, address)
        message = f"{address} was not tested: only the first {MAX_ADDRESSES} addresses are"
        ctx.recorder.skip(
            place.step, f"beyond the first {MAX_ADDRESSES} addresses", (finding("address-skipped", message),)
        )
    else:
        sessions.add(place)


def _too_many(ctx: RunContext, sessions: Sessions, address: str) -> bool:
    if ctx.settings.all_addresses or address in sessions.jobs:
        return False
    return len(sessions.jobs) >= MAX_ADDRESSES


async def close_host(ctx: RunContext, state: MailHostState) -> None:
    """Judge a host once its addresses are done."""
    lookup = state.lookup
    if lookup is None or not ctx.wanted(state.step):
        return
    findings: list[Finding] = []
    if not state.target.literal:
        findings += judge_host(lookup, await _owners(ctx, state))
        findings += await _compare_transports(ctx, state, lookup)
    findings += judge_addresses(state.target.host.name, state.sessions)
    status = _status(findings, ctx.recorder.statuses_below(state.step))
    number = len(lookup.addresses)
    detail = counted(number, "address")
    ctx.recorder.finish(state.step, findings, status=status, detail=detail, observation=lookup, facts=state.facts)


async def _owners(ctx: RunContext, state: MailHostState) -> tuple[str, ...]:
    """Return the names that the host's MX record stands at; none where the host comes from elsewhere."""
    route = await ctx.found_route() if state.target.by_mx else None
    return route.mx.names if route is not None else ()


async def _compare_transports(ctx: RunContext, state: MailHostState, lookup: HostLookup) -> list[Finding]:
    """Note the host's questions over both transports, and return where these are answered differently."""
    if not ctx.whole(state.step):
        return []
    pairs = await both_transports(ctx.dns, lookup)
    ctx.recorder.notes(state.step, (_asked(answer) for pair in pairs for answer in (pair.udp, pair.tcp)))
    return [
        finding(
            "dns-answers-differ",
            f"{pair.question} returned different records over UDP and TCP",
            evidence=difference(pair.udp, pair.tcp),
        )
        for pair in pairs
        if pair.differ
    ]


def _asked(answer: Answer) -> str:
    data = " ".join(record.data for record in answer.records)
    return f"{label(answer)}: {describe(answer)}{f': {data}' if data else ''}"


def _status(findings: list[Finding], addresses: list[Status]) -> Status:
    """Return a host's status: one address is enough, and a host is skipped if each of them is."""
    if not addresses:
        return of_findings(findings)
    if set(addresses) == {Status.SKIPPED}:
        return Status.SKIPPED
    return worst([of_findings(findings), status_if_one_is_enough(addresses)])
