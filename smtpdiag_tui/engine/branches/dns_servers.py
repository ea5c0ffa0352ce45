"""The branch `dns-servers`: whom this host asks, and whether each answers over both transports."""

import asyncio
from collections.abc import Sequence

from smtpdiag_tui.checks.lookups import servers as dns_servers
from smtpdiag_tui.checks.lookups.answers import Answer, Pair, Question
from smtpdiag_tui.checks.lookups.servers import ServerObservation
from smtpdiag_tui.checks.lookups.transports import over
from smtpdiag_tui.engine.branch import Ended, skipped
from smtpdiag_tui.engine.branches.server_words import all_servers
from smtpdiag_tui.engine.branches.transport_steps import close_server, open_servers, settle, told_early
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.rollup import of_findings, status_if_one_is_enough, worst
from smtpdiag_tui.settings import DnsServer

STEP = "dns-servers"
TITLE = "DNS servers"


async def run_dns_servers(ctx: RunContext) -> Ended:
    """Tell what this machine is called and whom it asks, and ask each server over both transports."""
    questions = ctx.core_questions()
    if not questions:
        return skipped("no DNS lookup needed")
    work = {f"{STEP}/{server.label}": _one_server(ctx, server, questions[0]) for server in open_servers(ctx, STEP)}
    guarded = (ctx.recorder.guard(step_id, one) for step_id, one in work.items())
    await asyncio.gather(_tell_machine(ctx), *guarded)
    findings = await _judge_together(ctx)
    below = status_if_one_is_enough(ctx.recorder.statuses_below(STEP))
    detail = all_servers(ctx.recorder.report.children(STEP)) or "none configured"
    return Ended(findings, worst([of_findings(findings), below]), detail)


async def _judge_together(ctx: RunContext) -> tuple[Finding, ...]:
    """Return what is found of the servers as a whole; of several, whether every query failed at all of them."""
    servers = ctx.machine.servers
    broken = all(await asyncio.gather(*map(ctx.server_broken, servers)))
    found = dns_servers.judge(ctx.machine, broken=broken)
    if len(servers) < 2 or not broken:
        return found
    labels = tuple(server.label for server in servers)
    message = "No DNS server of this host returned a usable answer"
    return (*found, finding("dns-infrastructure", message, evidence=labels))


async def _tell_machine(ctx: RunContext) -> None:
    name = await asyncio.shield(ctx.host_name)
    if ctx.whole(STEP):
        lines = dns_servers.notes(ctx.machine, ctx.settings, name)
        ctx.recorder.notes(STEP, lines, StepFacts(host_name=name or ""))


async def _one_server(ctx: RunContext, server: DnsServer, question: Question) -> None:
    step_id = f"{STEP}/{server.label}"
    async with told_early(ctx, step_id, server, [question]):
        pair = await _telling_pair(ctx, server, question)
    findings = await _judge_answers(ctx, server, pair)
    observation = ServerObservation(server, pair)
    close_server(ctx, step_id, [pair], observation=observation, findings=findings, compare=False)


async def _telling_pair(ctx: RunContext, server: DnsServer, question: Question) -> Pair:
    """Return one of the run's questions that tells which transports work: the first one, unless it is unanswered.

    Then the domain may be to blame, and another question that is answered says more.
    """
    first = await ctx.dns.pair(server, question)
    if first.udp.well_formed and first.tcp.well_formed:
        return first
    await settle(ctx, server, [first])
    for pair in _answered_pairs(ctx, server, first):
        if _tells_more(pair, first):
            return pair
    return first


def _answered_pairs(ctx: RunContext, server: DnsServer, instead: Pair) -> list[Pair]:
    """Return each question that a server answered until now; `instead` fills in a transport not asked over."""
    asked = [item for item in ctx.dns.answers() if item.server == server and item.question.recurse]
    answered = dict.fromkeys(item.question for item in asked if item.well_formed)
    pairs: list[Pair] = []
    for question in answered:
        udp = _over(asked, question, Transport.UDP, instead)
        tcp = _over(asked, question, Transport.TCP, instead)
        pairs.append(Pair(udp, tcp))
    return pairs


def _over(asked: Sequence[Answer], question: Question, transport: Transport, instead: Pair) -> Answer:
    """Return the answer to a question over a transport, as far as there is one."""
    wanted = (item for item in asked if (item.question, item.transport) == (question, transport))
    return next(wanted, over(instead, transport))


def _tells_more(pair: Pair, first: Pair) -> bool:
    """Whether a pair has an answer over each transport that the first one has one over, and over one more."""
    gained = [over(pair, item).well_formed for item in Transport if not over(first, item).well_formed]
    kept = [over(pair, item).well_formed for item in Transport if over(first, item).well_formed]
    return any(gained) and all(kept)


async def _judge_answers(ctx: RunContext, server: DnsServer, pair: Pair) -> tuple[Finding, ...]:
    if not all(over(pair, item).usable for item in Transport):
        await ctx.server_broken(server)
    return dns_servers.judge_service(ctx.dns.answers(), server) if pair.answered else ()
