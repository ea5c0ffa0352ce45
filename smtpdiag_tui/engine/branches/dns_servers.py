"""The branch `dns-servers`: whom this machine asks, and whether each answers over both transports."""

import asyncio

from smtpdiag_tui.checks.lookups import servers as dns_servers
from smtpdiag_tui.checks.lookups.answers import Pair, Question
from smtpdiag_tui.checks.lookups.servers import ServerObservation
from smtpdiag_tui.engine.branch import Ended, skipped
from smtpdiag_tui.engine.branches.transport_steps import close_server, open_servers, told_early
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.amounts import counted
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
        return skipped("neither address needs the DNS")
    work = {f"{STEP}/{server.label}": _one_server(ctx, server, questions[0]) for server in open_servers(ctx, STEP)}
    guarded = (ctx.recorder.guard(step_id, one) for step_id, one in work.items())
    await asyncio.gather(_tell_machine(ctx), *guarded)
    findings = dns_servers.judge(ctx.machine)
    below = status_if_one_is_enough(ctx.recorder.statuses_below(STEP))
    number = len(ctx.machine.servers)
    detail = counted(number, "server")
    return Ended(findings, worst([of_findings(findings), below]), detail)


async def _tell_machine(ctx: RunContext) -> None:
    name = await asyncio.shield(ctx.host_name)
    if ctx.whole(STEP):
        lines = dns_servers.notes(ctx.machine, ctx.settings, name)
        ctx.recorder.notes(STEP, lines, StepFacts(host_name=name or ""))


async def _one_server(ctx: RunContext, server: DnsServer, question: Question) -> None:
    step_id = f"{STEP}/{server.label}"
    async with told_early(ctx, step_id, server, [question]):
        pair = await ctx.dns.pair(server, question)
    findings = await _judge_answers(ctx, server, pair)
    observation = ServerObservation(server, pair)
    close_server(ctx, step_id, [pair], observation=observation, findings=findings, compare=False)


async def _judge_answers(ctx: RunContext, server: DnsServer, pair: Pair) -> tuple[Finding, ...]:
    answers = pair.udp.well_formed or pair.tcp.well_formed
    if not answers or not await ctx.server_broken(server):
        return ()
    message = f"{server.label} answers, but has failed every question of this run."
    return (finding("dns-resolver-broken", message, evidence=_failures(ctx, server)),)


def _failures(ctx: RunContext, server: DnsServer) -> tuple[str, ...]:
    answers = (item for item in ctx.dns.answers() if item.server == server)
    lines = (f"{item.question}: {item.rcode or item.kind} {item.extended}".strip() for item in answers)
    return tuple(dict.fromkeys(lines))
