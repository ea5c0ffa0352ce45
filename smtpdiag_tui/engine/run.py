"""One run, from two addresses to a verdict."""

import asyncio
import itertools
from collections.abc import Collection
from typing import TYPE_CHECKING

from smtpdiag_tui.checks import dns_servers, domain, soa, syntax
from smtpdiag_tui.checks.dns_client import DnsClient
from smtpdiag_tui.checks.dns_servers import MachineObservation
from smtpdiag_tui.checks.syntax import AddressObservation, check_address
from smtpdiag_tui.engine import delivery_branch
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.delivery_branch import run_delivery
from smtpdiag_tui.engine.dns_branches import follow_route, run_dns_servers, run_local, run_remote
from smtpdiag_tui.engine.events import RunFinished, RunStarted
from smtpdiag_tui.engine.outcome import Verdict
from smtpdiag_tui.engine.recorder import Emit, Recorder
from smtpdiag_tui.engine.report import Report, within
from smtpdiag_tui.engine.rollup import soften, worst
from smtpdiag_tui.engine.soa_branch import run_soa
from smtpdiag_tui.engine.status import Outcome, Status
from smtpdiag_tui.findings import Finding, Severity, Side
from smtpdiag_tui.network import Network
from smtpdiag_tui.settings import Settings

if TYPE_CHECKING:
    from smtpdiag_tui.checks.routing import Route

BRANCHES = {
    "syntax": ("Address syntax", syntax.EXPLANATION),
    "dns-servers": ("DNS servers", dns_servers.EXPLANATION),
    "soa": ("SOA", soa.EXPLANATION),
    "local": ("Sender's domain", domain.LOCAL_EXPLANATION),
    "remote": ("Recipient's domain", domain.REMOTE_EXPLANATION),
    "delivery": ("Delivery", delivery_branch.EXPLANATION),
}
_SEVERITY_ORDER = (Severity.FAILURE, Severity.UNKNOWN, Severity.WARNING)
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
    dns = DnsClient(network, settings)
    host_name = asyncio.ensure_future(network.host_name())
    ctx = RunContext(
        settings=settings,
        network=network,
        dns=dns,
        recorder=recorder,
        sender=check_address(settings.sender, sender=True),
        recipient=check_address(settings.recipient, sender=False),
        machine=MachineObservation(network.system_servers(), settings.dns),
        host_name=host_name,
        only=frozenset(only) if again and only is not None else None,
        previous=previous,
        second_try=again and second_try,
    )
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
        host_name.cancel()
        await dns.close()
        network.release()
    return recorder.report


async def _run(ctx: RunContext) -> None:
    for step_id, (title, explanation) in BRANCHES.items():
        if ctx.only is None:
            ctx.recorder.plan(step_id, title, explanation)
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
    _finish(ctx, delivery.result())


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
    return address.path if address.problem is None else "invalid"


def _refuse(ctx: RunContext) -> None:
    problem = ctx.sender.problem or ctx.recipient.problem or ""
    for step_id in list(BRANCHES)[1:]:
        if step_id in ctx.recorder.report.steps:
            ctx.recorder.skip(step_id, "an address is invalid: nothing is sent")
    at = ctx.recorder.now()
    end = RunFinished(
        ctx.recorder.run, at, Status.FAILED, Outcome.UNKNOWN, f"Nothing was sent: {problem}", Side.HERE
    )
    ctx.recorder.publish(end)


def _finish(ctx: RunContext, verdict: Verdict | None) -> None:
    if verdict is None:
        verdict = Verdict(
            Outcome.UNKNOWN, "Whether the mail would be delivered is not known: see the errors below."
        )
    report = ctx.recorder.report
    statuses = {step.id: step.status for step in report.children()}
    status = _whole(statuses, verdict.outcome)
    deciding = _deciding(report, None if verdict.outcome is Outcome.ACCEPTED else verdict.step)
    advice = tuple(dict.fromkeys(item.advice for item in deciding if item.advice))
    side = next((item.side for item in deciding if item.side), None)
    if verdict.outcome is Outcome.ACCEPTED:
        side = None
    ctx.recorder.publish(
        RunFinished(ctx.recorder.run, ctx.recorder.now(), status, verdict.outcome, verdict.summary, side, advice)
    )


def _whole(statuses: dict[str, Status], outcome: Outcome) -> Status:
    """Return the run's status: what is broken but not in the way is a warning at most."""
    delivery = statuses.get("delivery", Status.UNKNOWN)
    if outcome is Outcome.BOUNCED:
        return Status.FAILED
    if outcome is Outcome.UNKNOWN:
        return Status.UNKNOWN
    if outcome is Outcome.DEFERRED and delivery is Status.SKIPPED:
        return Status.FAILED
    others = worst(soften(status) for key, status in statuses.items() if key != "delivery")
    return worst([delivery, others])


def _deciding(report: Report, branch: str | None) -> list[Finding]:
    """Return the problems found at a step and below it, or anywhere for None, the gravest first."""
    steps = [step for step in report.steps.values() if branch is None or within(step.id, branch)]
    found = [item for step in steps for item in step.findings if item.severity in _SEVERITY_ORDER]
    return sorted(found, key=lambda item: _SEVERITY_ORDER.index(item.severity))
