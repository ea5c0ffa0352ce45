"""The branch `authentication`: what receivers check about the sender, mostly after DATA."""

import asyncio
from dataclasses import dataclass

from smtpdiag_tui.engine.branch import Ended, guarded
from smtpdiag_tui.engine.branches import dkim_steps, dmarc_steps, message_steps, receiver_steps, spf_steps
from smtpdiag_tui.engine.branches.dmarc_steps import DmarcSeen
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.authentication import Authentication, Beyond
from smtpdiag_tui.report.rollup import worst

STEP = "authentication"
TITLE = "Authentication"
EXPLANATION = """\
Checks what receivers check about the sender, usually after DATA: SPF, DKIM, DMARC and requirements of their own.
Fails if:
- SPF of the sender's domain does not allow the public IP address of this host
- a DKIM key is missing or invalid, or a signature of the given message does not verify
- DMARC fails, and the domain of the From field asks receivers to reject or quarantine such mail
- the receiver has published a requirement that this host or domain does not meet"""


@dataclass(frozen=True, slots=True)
class Authenticated:
    """What receivers find for each address of this host, and what RCPT does not cover."""

    authentication: tuple[Authentication, ...] = ()
    beyond: tuple[Beyond, ...] = ()


async def run_authentication(ctx: RunContext) -> Ended:
    """Run the checks of each standard side by side; DMARC and the requirements await the others."""
    for part in (spf_steps, dmarc_steps, dkim_steps, message_steps, receiver_steps):
        if ctx.wanted(part.STEP):
            ctx.open(part.STEP, part.TITLE, part.EXPLANATION, again=ctx.whole(part.STEP))
    async with asyncio.TaskGroup() as group:
        spf = group.create_task(guarded(ctx, spf_steps.STEP, spf_steps.run_spf(ctx), ()))
        keys = group.create_task(guarded(ctx, dkim_steps.STEP, dkim_steps.run_dkim(ctx), ()))
        message = group.create_task(guarded(ctx, message_steps.STEP, message_steps.run_message(ctx), None))
        dmarc = group.create_task(
            guarded(ctx, dmarc_steps.STEP, dmarc_steps.run_dmarc(ctx, spf, message), DmarcSeen())
        )
        work = receiver_steps.run_receivers(ctx, spf, keys, message, dmarc)
        beyond = group.create_task(guarded(ctx, receiver_steps.STEP, work, ()))
    observation = Authenticated((), beyond.result())
    return Ended(status=worst(ctx.recorder.statuses_below(STEP)), observation=observation)
