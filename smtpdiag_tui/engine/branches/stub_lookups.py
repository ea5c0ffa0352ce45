"""What a mail server on this host would get for the questions that the route follows: the outcome is its."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair, Question
from smtpdiag_tui.checks.lookups.domain import DomainObservation, ServerLookup
from smtpdiag_tui.checks.lookups.routing import HostLookup, Resolution
from smtpdiag_tui.checks.lookups.stub import (
    StubEnd,
    StubView,
    answered,
    at_server,
    heard_as_it_is,
    is_plain,
    needs_tcp,
    obstacle,
)
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.destination import Destination, MailHosts
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import DnsServer
from smtpdiag_tui.verdict.outcome import Verdict
from smtpdiag_tui.verdict.walk import HostAddresses

_RDTYPES = ("A", "AAAA")


@dataclass(frozen=True, slots=True)
class Heard:
    """The hosts as a mail server here finds them, and what is told of addresses that it does not get."""

    hosts: tuple[HostAddresses, ...]
    findings: tuple[Finding, ...] = ()


async def mx_views(
    ctx: RunContext, lookups: Sequence[ServerLookup], servers: Sequence[DnsServer]
) -> tuple[StubView, ...]:
    """Return what the stub resolver meets with the MX question at servers, in order, as far as they were asked."""
    pairs = {lookup.server: pair for lookup in lookups for pair in lookup.pairs if pair.question.rdtype == "MX"}
    return tuple([await _view(ctx, pairs[server]) for server in servers if server in pairs])


async def _view(ctx: RunContext, pair: Pair) -> StubView:
    return at_server(pair, ctx.machine.stub, await _plain(ctx, pair))


async def _plain(ctx: RunContext, pair: Pair) -> Answer | None:
    """Ask without EDNS where TCP is dead and the answer seems too long: the server may leave something out."""
    long = pair.udp.well_formed and not is_plain(pair.udp)
    if pair.tcp.well_formed or not long or not pair.udp.edns:
        return None
    return await ctx.dns.ask(pair.udp.server, replace(pair.question, edns=False), Transport.UDP)


async def by_stub(ctx: RunContext, destination: Destination) -> DomainObservation | None:
    """Return what tells whether a mail server on this host finds the hosts too; None where nothing can differ."""
    if not isinstance(destination, MailHosts):
        return None
    if not ctx.machine.targets and heard_as_it_is(destination.route.mx.last, ctx.machine.stub):
        return None  # and nobody has to wait for the other transport
    return await ctx.result("remote", DomainObservation)


def of_stub(verdict: Verdict, seen: DomainObservation | None) -> Verdict:
    """Return the outcome as it is for a mail server on this host, where that does not get the route's answer.

    With target servers given, it is these that the outcome follows; that the system's own fail is said beside it.
    """
    if seen is None:
        return verdict
    view = obstacle(seen.stub)
    if view is not None:
        return Verdict(Outcome.DEFERRED, _deferred(view), _place(view), side=Side.HERE)
    if seen.system and answered(seen.system) is None:
        labels = ", ".join(item.server.label for item in seen.system)
        more = (
            f"A mail server on this host defers the message, because its own DNS servers ({labels}) failed for"
            f" {seen.domain}."
        )
        return replace(verdict, note=f"{verdict.note} {more}".strip())
    return verdict


def _deferred(view: StubView) -> str:
    server, question = view.server.label, view.answer.question
    if view.end is StubEnd.NEEDS_TCP:
        return f"The answer to {question} needs TCP, but TCP to {server} failed"
    if view.end is StubEnd.NO_UDP:
        return f"{server} did not answer over UDP"
    if view.end is StubEnd.NO_TCP:
        return f"{server} did not answer over TCP, the only transport this host uses"
    return f"{server} took {view.answer.seconds:.1f} s for {question}, longer than this host waits"


def _place(view: StubView) -> str:
    return "dns-servers" if view.end in (StubEnd.NO_UDP, StubEnd.NO_TCP) else "remote"


async def as_heard(ctx: RunContext, hosts: Sequence[HostAddresses]) -> Heard:
    """Return the hosts as a mail server here finds them: without addresses where these need TCP, which is dead."""
    found: list[Finding] = []
    heard: list[HostAddresses] = []
    for host in hosts:
        unheard = await _unheard(ctx, host.lookup) if host.lookup is not None else ()
        found += [needs_tcp(view) for view in unheard]
        heard.append(_without(host, unheard))
    return Heard(tuple(heard), tuple(found))


async def _unheard(ctx: RunContext, lookup: HostLookup) -> tuple[StubView, ...]:
    """Return the answers with a host's addresses that need TCP, which is dead."""
    if ctx.machine.stub.use_vc:
        return ()
    followed = (found.last for found in lookup.found if found.last is not None)
    views = [await _obstacle(ctx, answer) for answer in followed if answer.usable]
    return tuple(view for view in views if view is not None and view.end is StubEnd.NEEDS_TCP)


async def _obstacle(ctx: RunContext, answer: Answer) -> StubView | None:
    """Return what keeps the stub resolver from an answer that is followed: no server in use gives it one."""
    if answer.transport is Transport.TCP or is_plain(answer):
        return None
    views: list[StubView] = []
    machine = ctx.machine
    servers = machine.route_servers if answer.server in machine.route_servers else machine.own_servers
    for server in servers:
        views.append(await _view(ctx, await ctx.dns.pair(server, answer.question)))
        if views[-1].end is StubEnd.ANSWERED:
            return None
    return obstacle(views)


def _without(host: HostAddresses, unheard: Sequence[StubView]) -> HostAddresses:
    """Return a host without the addresses of the families that are not heard of."""
    if not unheard or host.lookup is None:
        return host
    cut = {view.answer.question.rdtype: _cut(view.answer) for view in unheard}
    a, aaaa = (
        cut.get(rdtype, known) for rdtype, known in zip(_RDTYPES, (host.lookup.a, host.lookup.aaaa), strict=True)
    )
    families = {4: "A", 6: "AAAA"}
    addresses = tuple(item for item in host.addresses if families[item.family] not in cut)
    return replace(host, lookup=replace(host.lookup, a=a, aaaa=aaaa), addresses=addresses)


def _cut(answer: Answer) -> Resolution:
    question: Question = answer.question
    return Resolution((replace(answer, kind=AnswerKind.TRUNCATED, answer=()),), (question.name,))
