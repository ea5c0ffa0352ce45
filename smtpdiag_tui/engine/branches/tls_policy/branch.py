"""The branch `tls-policy`: what strict senders check about the receiver before they name the recipient."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smtpdiag_tui.checks.tls_policy.demands import PolicyDemands, Where
from smtpdiag_tui.engine.branch import Ended, guarded
from smtpdiag_tui.engine.branches.tls_policy import dane_steps, dnssec_steps, mta_sts_steps, tls_rpt_steps
from smtpdiag_tui.engine.branches.tls_policy.dane_steps import DaneSeen
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.rollup import worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.verdict.tls_policy import tls_policy

STEP = "tls-policy"
TITLE = "TLS policy"
EXPLANATION = """\
Checks what sending servers that enforce DANE or MTA-STS check before they deliver. Others do not look.
Fails if:
- DNSSEC of the recipient's domain or of an MX host is broken
Warns if:
- an MX host does not match its TLSA records (DANE)
- an MX host is not in the MTA-STS policy of the domain, or its certificate does not verify"""

NOTHING: Mapping[Where, str] = {}
# What a standard comes to by what was found, the gravest first; what is not named is not used.


@dataclass(frozen=True, slots=True)
class TlsPolicies:
    """What senders that enforce a policy demand."""

    demands: PolicyDemands = field(default_factory=PolicyDemands)


async def run_tls_policy(ctx: RunContext) -> Ended:
    """Run the checks of each standard side by side; they await the sessions where they judge these."""
    for part in (dnssec_steps, mta_sts_steps, tls_rpt_steps, dane_steps):
        if ctx.wanted(part.STEP):
            ctx.open(part.STEP, part.TITLE, part.EXPLANATION, again=ctx.whole(part.STEP))
    await ctx.found_route()  # what delivery hangs on is asked first: a DNS server takes a few questions at a time
    async with asyncio.TaskGroup() as group:
        group.create_task(guarded(ctx, dnssec_steps.STEP, dnssec_steps.run_dnssec(ctx), None))
        group.create_task(guarded(ctx, tls_rpt_steps.STEP, tls_rpt_steps.run_tls_rpt(ctx), None))
        sts = group.create_task(guarded(ctx, mta_sts_steps.STEP, mta_sts_steps.run_mta_sts(ctx), NOTHING))
        dane = group.create_task(guarded(ctx, dane_steps.STEP, dane_steps.run_dane(ctx), DaneSeen()))
    seen = dane.result()
    demands = PolicyDemands(seen.unmet, sts.result(), seen.hosts, seen.open)
    steps = tuple(ctx.recorder.report.children(STEP))
    status = _status(steps, seen)
    return Ended(status=status, detail=_detail(ctx, steps), observation=TlsPolicies(demands))


def _status(steps: Sequence[Step], dane: DaneSeen) -> Status:
    """Return what the branch comes to.

    Most hosts cannot tell whether a name is signed: that is told in its step, and colours nothing above it, unless
    what senders that enforce DANE do hangs on it.
    """
    usual = {dnssec_steps.STEP} if dane.unmet else {dnssec_steps.STEP, dane_steps.STEP}
    return worst(step.status for step in steps if not (step.id in usual and step.status is Status.UNKNOWN))


def _detail(ctx: RunContext, steps: Sequence[Step]) -> str:
    """Return what the standards come to; where none applies, the reason once."""
    told = tls_policy(ctx.recorder.report)
    return told or next((step.detail for step in steps if step.status is Status.SKIPPED), "")
