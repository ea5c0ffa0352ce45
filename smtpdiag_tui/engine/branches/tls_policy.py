"""The branch `tls-policy`: what strict senders check about the receiver before they name the recipient."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smtpdiag_tui.checks.tls_policy.demands import PolicyDemands, Where
from smtpdiag_tui.engine.branch import Ended, guarded
from smtpdiag_tui.engine.branches import dane_steps, dnssec_steps, mta_sts_steps, tls_rpt_steps
from smtpdiag_tui.engine.branches.dane_steps import DaneSeen
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.rollup import worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step

STEP = "tls-policy"
TITLE = "Recipient TLS policy"
EXPLANATION = """\
Checks what sending servers that enforce DANE or MTA-STS check before they deliver. Others do not look.
Fails if:
- DNSSEC of the recipient's domain or of an MX host is broken
- an MX host does not match its TLSA records (DANE)
- an MX host is not in the MTA-STS policy of the domain, or its certificate does not verify"""

NOTHING: Mapping[Where, str] = {}
# What a standard comes to by what was found, the gravest first; what is not named is not used.
_WORDS = {
    "dnssec-bogus": "bogus",
    "dnssec-secure": "secure",
    "dane-mismatch": "mismatch",
    "dane-no-starttls": "without STARTTLS",
    "dane-lookup-failed": "lookup failed",
    "dane-unusable": "unusable",
    "dane-untrusted": "unknown",
    "dane-valid": "valid",
    "tls-rpt-invalid": "invalid",
    "tls-rpt-present": "requested",
}


@dataclass(frozen=True, slots=True)
class TlsPolicies:
    """What senders that enforce a policy demand."""

    demands: PolicyDemands = field(default_factory=PolicyDemands)


async def run_tls_policy(ctx: RunContext) -> Ended:
    """Run the checks of each standard side by side; they await the sessions where they judge these."""
    for part in (dnssec_steps, mta_sts_steps, tls_rpt_steps, dane_steps):
        if ctx.wanted(part.STEP):
            ctx.open(part.STEP, part.TITLE, part.EXPLANATION, again=ctx.whole(part.STEP))
    async with asyncio.TaskGroup() as group:
        group.create_task(guarded(ctx, dnssec_steps.STEP, dnssec_steps.run_dnssec(ctx), None))
        group.create_task(guarded(ctx, tls_rpt_steps.STEP, tls_rpt_steps.run_tls_rpt(ctx), None))
        sts = group.create_task(guarded(ctx, mta_sts_steps.STEP, mta_sts_steps.run_mta_sts(ctx), NOTHING))
        dane = group.create_task(guarded(ctx, dane_steps.STEP, dane_steps.run_dane(ctx), DaneSeen()))
    demands = PolicyDemands(dane.result().unmet, sts.result(), dane.result().hosts)
    steps = tuple(ctx.recorder.report.children(STEP))
    status = _status(steps, dane.result())
    return Ended(status=status, detail=_detail(ctx, steps), observation=TlsPolicies(demands))


def _status(steps: Sequence[Step], dane: DaneSeen) -> Status:
    """Return what the branch comes to.

    Most hosts cannot tell whether a name is signed: that is told in its step, and colours nothing above it, unless
    what senders that enforce DANE do hangs on it.
    """
    usual = {dnssec_steps.STEP} if dane.unmet else {dnssec_steps.STEP, dane_steps.STEP}
    return worst(step.status for step in steps if not (step.id in usual and step.status is Status.UNKNOWN))


def _detail(ctx: RunContext, steps: Sequence[Step]) -> str:
    """Return what is published, standard by standard, in the order of the steps."""
    told = [f"{step.title} {word}" for step in steps if (word := _word(ctx, step))]
    if told:
        return ", ".join(told)
    skipped = all(step.status is Status.SKIPPED for step in steps)
    return steps[0].detail if skipped and steps else "nothing published"


def _word(ctx: RunContext, step: Step) -> str:
    """Return what a standard comes to in a word or two; "" where it is not used."""
    codes = {item.code for below in ctx.recorder.report.descendants(step.id) for item in below.findings}
    codes |= {item.code for item in step.findings}
    if step.id == dnssec_steps.STEP and {"dnssec-secure", "dnssec-insecure"} <= codes:
        return "partly secure"
    if step.id == mta_sts_steps.STEP:
        if step.status is Status.UNKNOWN:
            return "unknown"
        return "" if "mta-sts-none" in codes or step.status is Status.SKIPPED else step.detail
    return next((word for code, word in _WORDS.items() if code in codes), "")
