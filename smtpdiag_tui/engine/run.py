"""One run, from two addresses to a verdict."""

import asyncio
import itertools
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from smtpdiag_tui.checks import syntax
from smtpdiag_tui.checks.lookups import domain, soa
from smtpdiag_tui.checks.lookups import servers as dns_servers
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.servers import MachineObservation
from smtpdiag_tui.checks.machine import identity
from smtpdiag_tui.checks.session import probes
from smtpdiag_tui.checks.syntax import AddressObservation, check_address
from smtpdiag_tui.engine.branches import delivery as delivery_branch
from smtpdiag_tui.engine.branches import identity as identity_branch
from smtpdiag_tui.engine.branches import probes as probes_branch
from smtpdiag_tui.engine.branches import senders as senders_branch
from smtpdiag_tui.engine.branches.delivery import Delivery, run_delivery
from smtpdiag_tui.engine.branches.domains import follow_route, run_dns_servers, run_local, run_remote
from smtpdiag_tui.engine.branches.identity import run_identity
from smtpdiag_tui.engine.branches.probes import run_probes
from smtpdiag_tui.engine.branches.senders import finish_senders, judge_senders
from smtpdiag_tui.engine.branches.soa import run_soa
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.recorder import Emit, Recorder
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.conclusions import Cause, SenderResult
from smtpdiag_tui.report.events import RunFinished, RunStarted
from smtpdiag_tui.report.findings import Severity, Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.rollup import soften, worst
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId, within
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.verdict.causes import LEADS, ROOT_CAUSES, deciding_findings, find_causes
from smtpdiag_tui.verdict.contacts import HOSTMASTERS, contact
from smtpdiag_tui.verdict.outcome import NOT_COVERED, Verdict

if TYPE_CHECKING:
    from smtpdiag_tui.checks.lookups.routing import Route

BRANCHES = {
    "syntax": ("Address syntax", syntax.EXPLANATION),
    "dns-servers": ("DNS servers", dns_servers.EXPLANATION),
    "soa": ("SOA", soa.EXPLANATION),
    "local": ("Sender's domain", domain.LOCAL_EXPLANATION),
    "remote": ("Recipient's domain", domain.REMOTE_EXPLANATION),
    "delivery": ("Delivery", delivery_branch.EXPLANATION),
    "identity": (identity_branch.TITLE, identity.EXPLANATION),
    "senders": (senders_branch.TITLE, senders_branch.EXPLANATION),
}
_run_ids = itertools.count(1)


async def diagnose(
    settings: Settings,
    network: Network,
    emit: Emit,
    only: Collection[str] | None = None,
    previous: Report | None = None,
    *,
    second_try: bool = False,
) -> Report:
    """Run all steps, or those named in `only` and what lies below them on top of `previous`.

    Tells `emit` each event, which must neither wait nor fail, and returns the events' fold. `previous` without
    `only` starts anew, but keeps the distance to the sessions that the earlier run held. If the settings are
    not `previous`'s, all steps run. With `second_try`, sessions among `only` that were greylisted in `previous`
    are tried again once their time has come, in the same transcript. On cancellation the sockets are closed,
    what has not ended is told as cancelled (after a second try: as it was before), and CancelledError is raised.
    """
    again = only is not None and previous is not None and previous.settings == settings
    base = previous if again and previous is not None else Report(settings)
    recorder = Recorder(network, base, emit)
    epoch = base.epoch if again else network.now()
    started = base.started if again else network.utc()
    recorder.publish(RunStarted(next(_run_ids), settings, started, epoch))
    ctx = _context(settings, network, recorder)
    ctx.only = frozenset(only) if again and only is not None else None
    ctx.previous, ctx.second_try = previous, again and second_try
    try:
        async with recorder.flushing():
            await _run(ctx)
    except asyncio.CancelledError:
        if ctx.second_try and previous is not None:
            recorder.restore(previous)
        else:
            recorder.cancel()
        raise
    finally:
        ctx.host_name.cancel()
        await ctx.dns.close()
        network.release()
    return recorder.report


def _context(settings: Settings, network: Network, recorder: Recorder) -> RunContext:
    """Return what the branches of a run share; looking for this machine's name begins."""
    return RunContext(
        settings=settings,
        network=network,
        dns=DnsClient(network, settings),
        recorder=recorder,
        sender=check_address(settings.sender, sender=True),
        recipient=check_address(settings.recipient, sender=False),
        machine=MachineObservation(network.system_servers(), settings.dns),
        host_name=asyncio.ensure_future(network.host_name()),
    )


async def _run(ctx: RunContext) -> None:
    for step_id, (title, explanation) in BRANCHES.items():
        if ctx.only is None:
            ctx.recorder.plan(step_id, title, explanation)
    if ctx.only is None and ctx.settings.probes:
        ctx.recorder.plan(probes_branch.STEP, probes_branch.TITLE, probes.EXPLANATION)
    if not _run_syntax(ctx):
        _refuse(ctx)
        return
    guard = ctx.recorder.guard
    async with asyncio.TaskGroup() as group:
        route: asyncio.Task[Route | None] = group.create_task(follow_route(ctx))
        local = group.create_task(guard("local", run_local(ctx)))
        group.create_task(guard("dns-servers", run_dns_servers(ctx)))
        group.create_task(guard("soa", run_soa(ctx)))
        group.create_task(guard("remote", run_remote(ctx, route, local)))
        delivery = group.create_task(guard("delivery", run_delivery(ctx, route)))
        group.create_task(guard("identity", run_identity(ctx, route, delivery)))
        group.create_task(guard("probes", run_probes(ctx, delivery)))
    await _finish(ctx, delivery.result())


def _run_syntax(ctx: RunContext) -> bool:
    """Judge both addresses; return whether both may be used."""
    valid = not (ctx.sender.problem or ctx.recipient.problem)
    if not ctx.wanted("syntax"):
        return valid
    ctx.recorder.plan("syntax", *BRANCHES["syntax"])
    seen = {"sender": ctx.sender, "recipient": ctx.recipient}
    for name in seen:
        ctx.recorder.plan(f"syntax/{name}", name.capitalize())
    ctx.recorder.start("syntax")
    for name, address in seen.items():
        ctx.recorder.start(f"syntax/{name}")
        ctx.recorder.finish(f"syntax/{name}", syntax.judge(address), detail=_shown(address), observation=address)
    statuses = [step.status for step in ctx.recorder.report.children("syntax")]
    ctx.recorder.finish("syntax", status=worst(statuses))
    return valid


def _shown(address: AddressObservation) -> str:
    if address.null:
        return "<>"
    return visible(address.path) if address.problem is None else "invalid"


def _refuse(ctx: RunContext) -> None:
    problem = ctx.sender.problem or ctx.recipient.problem or ""
    for step_id in [*list(BRANCHES)[1:], probes_branch.STEP]:
        if step_id in ctx.recorder.report.steps:
            ctx.recorder.skip(step_id, "an address is invalid: nothing is sent")
    at = ctx.recorder.now()
    end = RunFinished(
        ctx.recorder.run, at, Status.FAILED, Outcome.UNKNOWN, f"Nothing was sent: {problem}", Side.HERE
    )
    ctx.recorder.publish(end)


async def _finish(ctx: RunContext, delivery: Delivery | None) -> None:
    if delivery is None:
        text = "Whether the mail would be delivered is not known: see the errors below."
        delivery = Delivery(Verdict(Outcome.UNKNOWN, text))
    verdict = delivery.verdict
    senders, causes = await ctx.recorder.guard("senders", _judge(ctx, delivery)) or ((), ())
    report = ctx.recorder.report
    end = RunFinished(
        run=ctx.recorder.run,
        at=ctx.recorder.now(),
        status=_whole({step.id: step.status for step in report.children()}, verdict.outcome),
        outcome=verdict.outcome,
        summary=_summary(report, verdict, causes),
        side=_side(report, verdict, causes),
        advice=_advice(report, verdict, causes),
        causes=causes,
        senders=senders,
    )
    ctx.recorder.publish(end)


async def _judge(ctx: RunContext, delivery: Delivery) -> tuple[tuple[SenderResult, ...], tuple[Cause, ...]]:
    """Judge what all branches saw together."""
    senders = judge_senders(ctx, delivery)
    causes = find_causes(ctx.recorder.report, delivery.verdict)
    finish_senders(ctx, delivery, senders, causes)
    return senders, causes


def _summary(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> str:
    """Return the outcome's sentences: the cause that decides before them, what speaks against them behind."""
    text = verdict.summary
    if causes and causes[0].decides:
        lead = causes[0].message if causes[0].code in ROOT_CAUSES else LEADS.get(causes[0].code, "")
        return text if not lead or text.startswith(lead) else f"{lead} {text}"
    if verdict.outcome is not Outcome.ACCEPTED:
        return text
    against = ""
    if any(item.code == "accepts-any-recipient" for step in report.children("probes") for item in step.findings):
        against = " A made-up recipient is taken too: that says little."
    steps = (step for step in report.steps.values() if StepId(step.id).branch not in ("senders", "probes"))
    found = [item for step in steps for item in step.findings]
    number = len({item.code for item in found if item.severity in (Severity.FAILURE, Severity.WARNING)})
    if number:
        things = (
            "one thing is not as it should be" if number == 1 else f"{number} things are not as they should be"
        )
        against += f" On the way {things}."
    taken, covers, rest = text.partition(NOT_COVERED)  # a narrow screen shows the first words alone
    return f"{taken}{against}{covers}{rest}"


def _side(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> Side | None:
    """Return whose side the outcome comes from: the first cause's that decides, else the gravest finding's."""
    if verdict.outcome is Outcome.ACCEPTED:
        return None
    if causes and causes[0].decides:
        return causes[0].side
    if verdict.side is not None:
        return verdict.side
    return next((item.side for item in deciding_findings(report, verdict.step) if item.side), None)


def _advice(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> tuple[str, ...]:
    """Return what to do next: about the causes, whom to write to, then about what else was found on the way."""
    branch = None if verdict.outcome is Outcome.ACCEPTED else verdict.step
    deciding = [cause for cause in causes if cause.decides]
    found = [cause.advice for cause in (*deciding, *(item for item in causes if not item.decides))]
    found[len(deciding) : len(deciding)] = [contact(report, cause) or "" for cause in deciding]
    seen = [key for cause in causes for key in cause.evidence if StepId(key).depth]
    explained = {key for key in report.steps if any(within(key, item) for item in seen)}
    # The names of a server or relay that is given here are no affair of the domain's hostmaster.
    given = report.settings.server is not None or bool(report.settings.relay)
    others = deciding_findings(report, branch, explained)
    if verdict.outcome is Outcome.ACCEPTED:
        others = [item for item in others if item.code != "greylisted"]  # nothing waits any more
    found += [item.advice or "" for item in others if not (given and item.code in HOSTMASTERS)]
    return tuple(dict.fromkeys(item for item in found if item))


def _whole(statuses: dict[str, Status], outcome: Outcome) -> Status:
    """Return the run's status: what is broken but not in the way is a warning at most."""
    delivery = statuses.get("delivery", Status.UNKNOWN)
    if outcome is Outcome.BOUNCED:
        return Status.FAILED
    if outcome is Outcome.UNKNOWN:
        return Status.UNKNOWN
    if outcome is Outcome.DEFERRED and delivery is Status.SKIPPED:
        return Status.FAILED
    others = worst(soften(status) for key, status in statuses.items() if key not in ("delivery", "senders"))
    return worst([delivery, others])
