"""The steps of one DNS server: UDP and TCP side by side, each a step of its own."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair, Question, describe
from smtpdiag_tui.checks.lookups.client import UDP_TRIES, longest_wait
from smtpdiag_tui.checks.lookups.servers import works_over
from smtpdiag_tui.checks.lookups.transports import judge_server, judge_transport, no_route, of_name_server, over
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.rollup import of_findings, worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import DnsServer

BROKEN = "no usable answer (see DNS servers)"


def open_server(
    ctx: RunContext, step_id: str, title: str, explanation: str = "", *, resolver: bool = False
) -> None:
    """Plan the step of a server with its two transports below, and start them.

    The limits shown are those of all tries; at a resolver the last one may be long.
    """
    ctx.open(step_id, title, explanation)
    for transport in Transport:
        ctx.open(f"{step_id}/{transport}", transport.value.upper())
    longest = longest_wait(ctx.settings) if resolver else 0.0
    udp, tcp = ctx.settings.udp_limit, ctx.settings.tcp_limit
    limits = {Transport.UDP: (UDP_TRIES - 1) * udp + max(udp, longest), Transport.TCP: max(tcp, longest)}
    ctx.recorder.start(step_id)
    for transport, limit in limits.items():
        ctx.recorder.start(f"{step_id}/{transport}", limit)


def open_servers(ctx: RunContext, branch: str) -> list[DnsServer]:
    """Open the steps below a branch of the DNS servers that are to be asked now, and return these servers."""
    wanted = [server for server in ctx.machine.servers if ctx.wanted(f"{branch}/{server.label}")]
    for server in wanted:
        title = f"{server.label} ({ctx.machine.role(server)})"
        open_server(ctx, f"{branch}/{server.label}", title, resolver=True)
    return wanted


@asynccontextmanager
async def told_early(
    ctx: RunContext, step_id: str, server: DnsServer, questions: Sequence[Question]
) -> AsyncIterator[None]:
    """End the step of a transport as soon as all its answers are there and good, whatever the other awaits."""
    tasks = [asyncio.create_task(_tell(ctx, step_id, server, questions, item)) for item in Transport]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _tell(
    ctx: RunContext, step_id: str, server: DnsServer, questions: Sequence[Question], transport: Transport
) -> None:
    answers = await asyncio.gather(*(ctx.dns.ask(server, question, transport) for question in questions))
    if all(answer.usable and answer.edns for answer in answers):
        leaf = f"{step_id}/{transport}"
        ctx.recorder.notes(leaf, (line for answer in answers for line in _lines(answer)))
        ctx.recorder.finish(leaf, status=Status.PASSED, detail=_detail(answers), facts=_facts(answers))


async def settle(ctx: RunContext, server: DnsServer, pairs: Sequence[Pair]) -> None:
    """Wait until the run tells whether silence in these pairs is the server's, or a transport's, or the domain's.

    Where all is answered nothing is waited for.
    """
    for transport in Transport:
        if not all(over(pair, transport).well_formed for pair in pairs):
            await ctx.resolvers.works_over(server, transport)


def close_server(
    ctx: RunContext,
    step_id: str,
    pairs: Sequence[Pair],
    *,
    observation: object,
    findings: Sequence[Finding] = (),
    detail: str = "",
    compare: bool = True,
    suppressed: bool = False,
    cause: str = BROKEN,
    side: Side | None = None,
    status: Status | None = None,
    open_ways: Collection[Transport] = (),
    settles: bool = False,
) -> None:
    """Judge a server's answers, by all that the run has of it until now, and end its three steps.

    `suppressed`: what is wrong is told once elsewhere, where `cause` says: all is unknown here, without findings.
    `side` is the side of the domain asked for, where it is not the recipient's. `status` is what the step comes
    to where that follows neither from the findings nor from the transports. `open_ways` are transports that let
    this host reach other servers beside a name server: that it is silent there is its own fault. `settles`: the
    server has to settle the first question, so that SERVFAIL to it is a failure, whoever is at fault.
    """
    if no_route(pairs):
        _skip(ctx, step_id, pairs, observation)
        return
    works = any(_works(ctx, pairs, transport) for transport in Transport)
    told = judge_server(pairs, compare=compare, works=works, side=side)
    own = () if suppressed else (*_not_told(told, findings), *findings)
    silence = _silence(pairs, status or of_findings(own))
    statuses = []
    for transport in Transport:
        own_fault = transport in open_ways
        failed = settles and _refused(over(pairs[0], transport))
        statuses.append(
            _close_transport(
                ctx, step_id, pairs, transport, suppressed, silence, own_fault=own_fault, failed=failed
            )
        )
    if suppressed or status is None:
        status = Status.UNKNOWN if suppressed else worst([of_findings(own), *statuses])
    text = cause if suppressed else detail
    ctx.recorder.finish(step_id, own, status=status, detail=text, observation=observation)


def _not_told(found: Sequence[Finding], findings: Sequence[Finding]) -> list[Finding]:
    """Return what is found of a server that is not told already, in the words of who knows its place."""
    codes = {item.code for item in findings}
    return [item for item in found if item.code not in codes]


def _silence(pairs: Sequence[Pair], server: Status) -> Status:
    """Return what a silent transport comes to that no finding of its own explains, below a server of that status.

    Where a server answered nothing at all, what is found of the server explains both: they come to the same.
    """
    answered = any(over(pair, item).well_formed for pair in pairs for item in Transport)
    return server if not answered and server in (Status.WARNING, Status.FAILED) else Status.UNKNOWN


def _refused(answer: Answer) -> bool:
    """Whether a server answered, and the answer settles nothing, over whatever transport it is asked again."""
    return answer.whole and not answer.usable


def _works(ctx: RunContext, pairs: Sequence[Pair], transport: Transport) -> bool:
    return bool(pairs) and works_over(ctx.dns.answers(), pairs[0].udp.server, transport)


def _close_transport(
    ctx: RunContext,
    step_id: str,
    pairs: Sequence[Pair],
    transport: Transport,
    suppressed: bool,
    silence: Status,
    *,
    own_fault: bool,
    failed: bool,
) -> Status:
    leaf = f"{step_id}/{transport}"
    if ctx.recorder.report.steps[leaf].status is Status.PASSED:  # told early
        return Status.PASSED
    answers = [over(pair, transport) for pair in pairs]
    if answers and not any(answer.carried for answer in answers):
        ctx.recorder.skip(leaf, answers[0].error)
        return Status.SKIPPED
    ctx.recorder.notes(leaf, (line for answer in answers for line in _lines(answer)))
    found = () if suppressed else _judge_transport(ctx, pairs, transport, own_fault=own_fault)
    status = Status.UNKNOWN if suppressed else _transport_status(answers, found, silence)
    if failed and not suppressed:
        status = Status.FAILED
    ctx.recorder.finish(leaf, found, status=status, detail=_detail(answers), facts=_facts(answers))
    return status


def _judge_transport(
    ctx: RunContext, pairs: Sequence[Pair], transport: Transport, *, own_fault: bool
) -> tuple[Finding, ...]:
    needless = transport is Transport.UDP and ctx.machine.stub.use_vc  # nobody here asks over UDP
    works = needless or _works(ctx, pairs, transport)
    found = judge_transport(pairs, transport, works=works)
    if own_fault:
        return tuple(of_name_server(item, pairs[0].udp.server.label) for item in found)
    return found


def _transport_status(answers: Sequence[Answer], found: Sequence[Finding], silence: Status) -> Status:
    """Return what a transport comes to; `silence` is what one comes to that no finding explains."""
    status = of_findings(found)
    if status is Status.PASSED and not all(answer.well_formed for answer in answers):
        return silence
    return status


def _skip(ctx: RunContext, step_id: str, pairs: Sequence[Pair], observation: object) -> None:
    reason = "this host has no IPv6 route"
    for transport in Transport:
        ctx.recorder.skip(f"{step_id}/{transport}", reason)
    found = finding("no-ipv6-route", f"This host has no IPv6 route to {pairs[0].udp.server.label}")
    ctx.recorder.finish(step_id, (found,), status=Status.SKIPPED, detail=reason, observation=observation)


def _lines(answer: Answer) -> list[str]:
    return [describe(answer), *(f"  {record}" for record in answer.answer)]


def _detail(answers: Sequence[Answer]) -> str:
    bad = [answer for answer in answers if not answer.well_formed]
    if bad:
        return bad[0].error or str(bad[0].kind)
    slowest = max((answer.seconds for answer in answers), default=0.0)
    return ", ".join([*_found(answers), f"{slowest * 1000:.0f} ms"])


def _facts(answers: Sequence[Answer]) -> StepFacts:
    return StepFacts(timed=all(answer.well_formed for answer in answers))


def _found(answers: Sequence[Answer]) -> list[str]:
    """Return how many records of each type came, `no` where there are none, then what else was answered."""
    counts: dict[str, int] = {}
    others: list[str] = []
    for answer in answers:
        rdtype = answer.question.rdtype
        if answer.kind in (AnswerKind.DATA, AnswerKind.NODATA):
            counts[rdtype] = counts.get(rdtype, 0) + len(answer.records)
        else:
            others.append(str(answer.kind) if answer.kind is AnswerKind.TRUNCATED else answer.rcode)
    return [f"{count or 'no'} {rdtype}" for rdtype, count in counts.items()] + list(dict.fromkeys(others))
