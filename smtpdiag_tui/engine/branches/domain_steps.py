"""The steps below `local` and `remote`: one for each DNS server, which is asked for a domain."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.checks.lookups import domain, domain_judgement
from smtpdiag_tui.checks.lookups.answers import Question
from smtpdiag_tui.checks.lookups.domain import DomainObservation, ServerLookup
from smtpdiag_tui.checks.lookups.extended_errors import judge_remarks
from smtpdiag_tui.engine.branch import Ended
from smtpdiag_tui.engine.branches.server_words import failing_servers
from smtpdiag_tui.engine.branches.transport_steps import close_server, open_servers, settle, told_early
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.rollup import at_most_warning, of_findings, status_if_one_is_enough, worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import DnsServer


async def look_up(ctx: RunContext, branch: str, name: str, side: Side | None = None) -> tuple[ServerLookup, ...]:
    """Ask the servers that are to be asked now about a domain; what others said in an earlier run is added.

    `side` is the domain's, where it is not the recipient's.
    """
    wanted = open_servers(ctx, branch)
    answers = await asyncio.gather(*(_one_server(ctx, branch, server, name, side) for server in wanted))
    new = dict(zip(wanted, answers, strict=True))
    lookups = [new.get(server) or ctx.earlier(f"{branch}/{server.label}") for server in ctx.machine.servers]
    return tuple(item for item in lookups if isinstance(item, ServerLookup))


async def _one_server(
    ctx: RunContext, branch: str, server: DnsServer, name: str, side: Side | None
) -> ServerLookup:
    step_id = f"{branch}/{server.label}"
    questions = [Question(name, rdtype) for rdtype in domain.RDTYPES]
    async with told_early(ctx, step_id, server, questions):
        lookup = await domain.observe_server(ctx.dns, server, name)
    suppressed = await ctx.useless_for([server], name)
    await settle(ctx, server, lookup.pairs)
    close_server(
        ctx,
        step_id,
        lookup.pairs,
        observation=lookup,
        findings=judge_remarks([pair.best for pair in lookup.pairs], side),
        detail=_count_mx(lookup),
        suppressed=suppressed,
        side=side,
        settles=True,
    )
    return lookup


def _count_mx(lookup: ServerLookup) -> str:
    mx = lookup.best("MX")
    if mx is None or not mx.well_formed:
        return ""
    if not mx.usable:
        return f"{mx.rcode or mx.kind} for MX"
    return f"{len(mx.records)} MX" if mx.records else f"{mx.kind} for MX"


async def ended(
    ctx: RunContext,
    branch: str,
    observation: DomainObservation,
    servers: Sequence[DnsServer],
    more: Sequence[Finding] = (),
) -> Ended:
    """Judge a domain that was looked up at `servers`; `more` is what its branch found beside that."""
    if not ctx.machine.servers:
        detail = f"{observation.domain}: no DNS server to query"
        return Ended(status=Status.UNKNOWN, detail=detail, observation=observation)
    if await ctx.useless_for(servers, observation.domain):
        detail = f"{observation.domain}: no usable answer from any DNS server"
        return Ended(status=Status.UNKNOWN, detail=detail, observation=observation)
    useless = [server for server in ctx.machine.servers if await ctx.useless_for([server], observation.domain)]
    observation = replace(observation, useless=tuple(useless))
    findings = (*domain_judgement.judge(observation), *more)
    below = status_if_one_is_enough(ctx.recorder.statuses_below(branch))
    route_answer = observation.route.mx.last
    if route_answer is not None and route_answer.usable:
        below = at_most_warning(below)
    elif of_findings(findings) is Status.PASSED:
        below = worst([below, Status.UNKNOWN])
    status = worst([of_findings(findings), below])
    failing = failing_servers(ctx.recorder.report.children(branch))
    if route_answer is None or not route_answer.usable or status is Status.PASSED:
        failing = ""  # what the route came to says it, or nothing is missed
    detail = "; ".join(filter(None, [domain_judgement.detail(observation, findings), failing]))
    return Ended(findings, status, detail, observation)
