"""The branch `delivery`: every address of every mail host, each probed once and shown in each place."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.routing import HostLookup, Route
from smtpdiag_tui.checks.mail_hosts import none_usable
from smtpdiag_tui.checks.session import interference
from smtpdiag_tui.checks.session.attempts import attempt
from smtpdiag_tui.checks.session.differ import judge_hosts
from smtpdiag_tui.checks.session.egress import egress_blocked
from smtpdiag_tui.checks.session.session import AttemptResult, Envelope, SessionObservation
from smtpdiag_tui.engine.branch import Ended
from smtpdiag_tui.engine.branches.authentication.message_steps import taken_apart
from smtpdiag_tui.engine.branches.host_addresses import host_addresses
from smtpdiag_tui.engine.branches.host_steps import MailHostState, close_host, look_up, open_host, plan_addresses
from smtpdiag_tui.engine.branches.relaying import find_relay_hosts, relayed
from smtpdiag_tui.engine.branches.sessions import Sessions
from smtpdiag_tui.engine.branches.stub_lookups import as_heard, by_stub, of_stub
from smtpdiag_tui.engine.branches.unplanned import MAX_PLACES, skip_host, skip_hosts
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.destination import (
    DELIVERY,
    Destination,
    MailHosts,
    address_literal,
    given_server,
    mail_hosts,
)
from smtpdiag_tui.engine.politeness import Politeness, last_sessions
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.rollup import at_most_warning, of_findings, status_if_one_is_enough, worst
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.verdict.outcome import Verdict, nobody_answered, of_hosts
from smtpdiag_tui.verdict.overruled import overruled
from smtpdiag_tui.verdict.walk import HostAddresses

STEP = DELIVERY
TITLE = "SMTP sessions"
EXPLANATION = """\
Connects to every address of every MX host as a sending server does, up to RCPT TO: greeting, EHLO, STARTTLS,
MAIL FROM, RCPT TO, QUIT. No message is sent.
Fails if:
- outbound TCP port 25 is blocked
- an MX host is down, or refuses the address or name of this host
- an MX host rejects the sender or the recipient
- an MX host defers the first attempt (greylisting); it accepts a retry"""


LOOKUPS = 16  # hosts that are looked up at a time


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the mail hosts: the outcome, and the hosts it was judged by; none where nobody was asked."""

    verdict: Verdict
    hosts: tuple[HostAddresses, ...] = ()


_ACCIDENT = Delivery(Verdict(Outcome.UNKNOWN, "smtpdiag failed before the outcome was known"))


async def delivered(ctx: RunContext) -> Delivery:
    """Return what became of the mail hosts, once it is known, as the authority of the domain has it."""
    delivery = await ctx.result(STEP, Delivery) or _ACCIDENT
    if ctx.settings.server is not None or relayed(ctx.settings):
        return delivery
    remote = await ctx.result("remote", DomainObservation)
    verdict = overruled(delivery.verdict, remote)
    # What was met at addresses that nobody published is no mail host's word.
    return replace(delivery, verdict=verdict, hosts=delivery.hosts if verdict.walk is not None else ())


async def run_delivery(ctx: RunContext) -> Ended:
    """Probe the mail hosts, and say what the outcome is and what it follows from."""
    route = await ctx.found_route()
    if ctx.settings.local_facts and ctx.whole(STEP):
        ctx.recorder.notes(STEP, ctx.settings.local_facts)
    destination = await _choose(ctx, route)
    known = destination.known_beforehand(dns_broken=await _dns_broken(ctx, destination))
    if known is not None:
        ctx.recorder.drop_others(STEP, ())
        return _nobody_talked_to(destination, of_stub(known, await by_stub(ctx, destination)))
    states = [MailHostState(host) for host in destination.hosts]
    ctx.recorder.drop_others(STEP, {state.step for state in states})  # hosts that are the domain's no longer
    await _talk_to_all(ctx, states, destination.unplanned)
    return await _judge(ctx, destination, states)


async def _choose(ctx: RunContext, route: Route | None) -> Destination:
    """Return where the mail goes; `route` leads to the domain's own mail hosts, None for an address literal."""
    if ctx.settings.server is not None:
        return given_server(ctx.settings.server, ctx.recipient.domain)
    if relayed(ctx.settings):
        return await find_relay_hosts(ctx)
    if route is None:
        return address_literal(ctx.recipient.literal or "", ctx.recipient.domain)
    return mail_hosts(route)


async def _dns_broken(ctx: RunContext, destination: Destination) -> bool:
    """Whether the hosts are not known, or cannot be found, because no DNS server says anything."""
    if not destination.needs_dns:
        return False
    if not ctx.machine.servers:
        return ctx.recipient.literal is None
    if isinstance(destination, MailHosts) and destination.nobody_asked:
        return True
    return await ctx.resolvers_broken()


def _nobody_talked_to(destination: Destination, verdict: Verdict) -> Ended:
    delivery = Delivery(verdict)
    if verdict.outcome is Outcome.UNKNOWN:
        detail = "no connection made, no DNS server in use returned the MX hosts"
        return Ended(status=Status.UNKNOWN, detail=detail, observation=delivery)
    return Ended(status=Status.SKIPPED, detail=destination.why_nobody, observation=delivery)


async def _talk_to_all(ctx: RunContext, states: Sequence[MailHostState], unplanned: int) -> None:
    """Talk to all hosts and judge each; `unplanned` MX hosts are told of, no more."""
    polite = ctx.shared.politeness if ctx.shared else Politeness(ctx.network, last_sessions(ctx.previous))
    sessions = Sessions(ctx, await _envelope(ctx), polite)
    ctx.sessions = sessions
    for state in states:
        open_host(ctx, state)
    if unplanned:
        skip_hosts(ctx, STEP, unplanned)
    turns = asyncio.Semaphore(LOOKUPS)
    lookups = [asyncio.create_task(look_up(ctx, state, turns)) for state in states]
    running: list[asyncio.Task[None]] = []
    try:
        await _begin_in_order(ctx, sessions, list(zip(states, lookups, strict=True)), running)
        await asyncio.gather(*running)
        await sessions.ask_rate_limited_again()
        await asyncio.gather(*sessions.second_tries)
        await asyncio.gather(*(close_host(ctx, state) for state in states))
    finally:
        tasks = (*lookups, *running, *sessions.second_tries)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _begin_in_order(
    ctx: RunContext,
    sessions: Sessions,
    lookups: Sequence[tuple[MailHostState, "asyncio.Task[HostLookup | None]"]],
    running: list["asyncio.Task[None]"],
) -> None:
    """Begin to talk to a host's addresses once all hosts before it are looked up; `running` grows by each session.

    The order matters: an address that several hosts share is probed in the name of the most preferred.
    """
    planned = 0
    for state, lookup in lookups:
        if planned >= MAX_PLACES:
            lookup.cancel()
            skip_host(ctx, state.step)
            continue
        state.lookup = await lookup
        planned += plan_addresses(ctx, sessions, state, MAX_PLACES - planned)
        # In a rerun what is named may stand below a later host: all places of an address come first then.
        if ctx.only is None:
            running += [asyncio.create_task(job.run()) for job in sessions.fresh()]
    running += [asyncio.create_task(job.run()) for job in sessions.fresh()]


async def _envelope(ctx: RunContext) -> Envelope:
    """Say who this host is: the name given, its own, or (empty) the source address as a literal."""
    name = ctx.settings.ehlo or await asyncio.shield(ctx.host_name) or ""
    smtputf8 = ctx.sender.smtputf8 or ctx.recipient.smtputf8
    message = await taken_apart(ctx)
    needs = None if message is None else message.needs
    return Envelope(name, ctx.sender.path, ctx.recipient.path, smtputf8, needs)


async def _judge(ctx: RunContext, destination: Destination, states: Sequence[MailHostState]) -> Ended:
    """Say what the outcome is, and what the hosts show together."""
    heard = await as_heard(ctx, [host_addresses(ctx, state) for state in states])
    blocked = egress_blocked([place.seen for state in states for place in state.places], ctx.network.is_public)
    verdict = _verdict(destination, heard.hosts, blocked)
    before = verdict
    verdict = of_stub(verdict, await by_stub(ctx, destination))
    hosts = heard.hosts if verdict.walk is not None else ()  # else no kind of sender finds them
    findings = [*blocked, *destination.findings, *heard.findings, *_judge_hosts(destination, states)]
    findings += _judge_banners(states, destination.domain)
    status = _status(ctx, verdict, findings, blocked=bool(blocked))
    found_here = verdict.walk is before.walk
    detail = _count(states) if found_here else f"{_count(states)}, but this host cannot look them up"
    return Ended(findings, status, detail, Delivery(verdict, hosts))


def _verdict(destination: Destination, hosts: Sequence[HostAddresses], blocked: Sequence[Finding]) -> Verdict:
    """Return the outcome in the destination's words, or in those of `blocked` where nobody answered."""
    verdict = of_hosts(hosts)
    if any(host.addresses for host in hosts):
        verdict = destination.in_its_words(verdict)
    else:
        verdict = destination.without_address(verdict)
    if blocked and nobody_answered(verdict):
        return replace(verdict, headline=blocked[0].message, step=STEP, side=None)
    return verdict


def _status(ctx: RunContext, verdict: Verdict, findings: Sequence[Finding], *, blocked: bool) -> Status:
    """Return what the branch comes to; `blocked`: a finding of its own says why its hosts failed."""
    if verdict.outcome is Outcome.BOUNCED or verdict.walk is None:
        return Status.FAILED
    status = of_findings(findings)
    if verdict.outcome is Outcome.ACCEPTED:
        status = at_most_warning(status)
    if blocked:
        return status
    return worst([status, status_if_one_is_enough(ctx.recorder.statuses_below(STEP))])


def _judge_banners(states: Sequence[MailHostState], domain: str) -> tuple[Finding, ...]:
    """Compare the banners of the hosts that MX records name; relay hosts are one operator's under any names."""
    return interference.judge_hosts([state.told for state in states if state.target.by_mx], domain)


def _judge_hosts(destination: Destination, states: Sequence[MailHostState]) -> list[Finding]:
    unusable = none_usable([state.lookup for state in states if state.lookup is not None], destination.subject)
    differing = judge_hosts({state.target.host.name: state.sessions for state in states})
    return [*([unusable] if unusable is not None else []), *differing]


def _count(states: Sequence[MailHostState]) -> str:
    """Return how many of the addresses accepted that were tried; one that several hosts share counts once."""
    places = [place for state in states for place in state.places if place.seen is not None]
    addresses = {place.address for place in places}
    accepting = {place.address for place in places if place.seen is not None and _accepted(place.seen)}
    return f"{len(accepting)} of {counted(len(addresses), 'MX address')} accepted"


def _accepted(seen: SessionObservation) -> bool:
    return attempt(seen).result is AttemptResult.ACCEPTED
