"""One run, from two addresses to a verdict."""

import asyncio
import itertools
from collections.abc import Collection, Sequence

from smtpdiag_tui.checks.authentication.per_address import Authenticated
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.servers import MachineObservation
from smtpdiag_tui.checks.syntax import check_address
from smtpdiag_tui.engine.branch import Branch, run_branch
from smtpdiag_tui.engine.branches import senders, syntax
from smtpdiag_tui.engine.branches.authentication import branch as authentication
from smtpdiag_tui.engine.branches.delivery import delivered
from smtpdiag_tui.engine.branches.remote import follow_route
from smtpdiag_tui.engine.branches.senders import Conclusions
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.plan import branches_for, resting_on
from smtpdiag_tui.engine.recorder import Emit, Recorder
from smtpdiag_tui.engine.sharing import Shared
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.actions import each_once
from smtpdiag_tui.report.events import RunFinished, RunStarted
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.fitting import fitted, names_in
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.verdict.answer import actions_of, sentences, side_of, status_of
from smtpdiag_tui.verdict.case import deciding_findings
from smtpdiag_tui.verdict.delivery import NOTHING_SENT, delivered_when
from smtpdiag_tui.verdict.headline import headline_of

_run_ids = itertools.count(1)


def new_run() -> int:
    """Return the id of a new run, whoever makes it."""
    return next(_run_ids)


async def diagnose(
    settings: Settings,
    network: Network,
    emit: Emit,
    only: Collection[str] | None = None,
    previous: Report | None = None,
    *,
    second_try: bool = False,
    shared: Shared | None = None,
) -> Report:
    """Run all steps, or those named in `only` and what lies below them on top of `previous`.

    Tells `emit` each event, which must neither wait nor fail, and returns the events' fold. `previous` without
    `only` starts anew, but keeps the distance to the sessions that the earlier run held. If the settings are
    not `previous`'s, all steps run. With `second_try`, sessions among `only` that were greylisted in `previous`
    are tried again once their time has come, in the same transcript. `shared` are the limits and the DNS answers
    that several runs over one network have in common. On cancellation the sockets are closed,
    what has not ended is told as cancelled (after a second try: as it was before), and CancelledError is raised.
    """
    again = previous if only is not None and previous is not None and previous.settings == settings else None
    recorder = Recorder(network, Report(settings) if again is None else again, emit)
    epoch = network.now() if again is None else again.epoch
    started = network.utc() if again is None else again.started
    recorder.publish(RunStarted(new_run(), settings, started, epoch))
    ctx = _context(settings, network, recorder, shared)
    ctx.previous = previous
    if again is not None and only is not None:
        ctx.only, ctx.second_try = frozenset(only), second_try
    try:
        async with recorder.flushing():
            await _run(ctx)
    except asyncio.CancelledError:
        _call_off(ctx)
        raise
    finally:
        ctx.host_name.cancel()
        if ctx.message is not None:
            ctx.message.cancel()
        await ctx.dns.close()
        network.release()
    return recorder.report


def _call_off(ctx: RunContext) -> None:
    if ctx.second_try and ctx.previous is not None:
        ctx.recorder.restore(ctx.previous)
    else:
        ctx.recorder.cancel()


def _context(settings: Settings, network: Network, recorder: Recorder, shared: Shared | None) -> RunContext:
    """Return what the branches of a run share; looking for this machine's name begins."""
    resolver = network.system_resolver()
    return RunContext(
        settings=settings,
        network=network,
        dns=DnsClient(network, settings, shared.answers if shared is not None else None),
        recorder=recorder,
        sender=check_address(settings.sender, sender=True),
        recipient=check_address(settings.recipient, sender=False),
        machine=MachineObservation(resolver.servers, settings.dns, resolver),
        host_name=asyncio.ensure_future(network.host_name()),
        shared=shared,
    )


async def _run(ctx: RunContext) -> None:
    plan = branches_for(ctx.settings)
    if ctx.only is None:
        for branch in plan:
            ctx.recorder.plan(branch.id, branch.title, branch.explanation)
    else:
        running = {branch.id for branch in plan if branch.every_run or ctx.wanted(branch.id)}
        ctx.only |= resting_on(running)
    await _run_syntax(ctx, plan)
    problem = ctx.sender.problem or ctx.recipient.problem
    if problem:
        _refuse(ctx, plan, problem)
        return
    async with asyncio.TaskGroup() as group:
        ctx.route = group.create_task(follow_route(ctx))
        for branch in plan:
            if branch.id != syntax.STEP:
                ctx.results[branch.id] = group.create_task(run_branch(ctx, branch))
    await _finish(ctx)


async def _run_syntax(ctx: RunContext, plan: Sequence[Branch]) -> None:
    """Run the branch that says whether anything may be sent at all."""
    for branch in plan:
        if branch.id == syntax.STEP:
            await run_branch(ctx, branch)


def _refuse(ctx: RunContext, plan: Sequence[Branch], problem: str) -> None:
    for branch in plan:
        if branch.id != syntax.STEP and branch.id in ctx.recorder.report.steps:
            ctx.recorder.skip(branch.id, "not run, an address is invalid")
    at = ctx.recorder.now()
    found = deciding_findings(ctx.recorder.report, syntax.STEP)
    headline = fitted(problem, (), names_in(ctx.recorder.report))
    end = RunFinished(
        run=ctx.recorder.run,
        at=at,
        status=Status.FAILED,
        outcome=Outcome.UNKNOWN,
        summary=sentences(headline, NOTHING_SENT),
        side=Side.HERE,
        headline=headline,
        delivery=NOTHING_SENT,
        actions=each_once(action for item in found for action in item.actions),
    )
    ctx.recorder.publish(end)


async def _finish(ctx: RunContext) -> None:
    """Tell what the run comes to: the outcome of the delivery, and what all branches show together."""
    delivery = await delivered(ctx)
    conclusions = await ctx.result(senders.STEP, Conclusions) or Conclusions()
    authenticated = await ctx.result(authentication.STEP, Authenticated) or Authenticated()
    report, verdict, causes = ctx.recorder.report, delivery.verdict, conclusions.causes
    headline = headline_of(report, verdict, causes)
    retry, delivery_text = delivered_when(report, verdict, causes, authenticated.beyond)
    end = RunFinished(
        run=ctx.recorder.run,
        at=ctx.recorder.now(),
        status=status_of({step.id: step.status for step in report.children()}, verdict.outcome),
        outcome=verdict.outcome,
        summary=sentences(headline, delivery_text),
        side=side_of(report, verdict, causes),
        headline=headline,
        delivery=delivery_text,
        retry=retry,
        actions=actions_of(report, verdict, causes),
        causes=causes,
        senders=conclusions.senders,
        authentication=authenticated.authentication,
        beyond=authenticated.beyond,
    )
    ctx.recorder.publish(end)
