"""The step `authentication/receivers`: what the receiver has published that it requires of senders."""

import asyncio

from smtpdiag_tui.checks.authentication.seen import AddressSpf, DkimKey, MessageSeen
from smtpdiag_tui.engine.branches.dmarc_steps import DmarcSeen
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.authentication import Beyond

STEP = "authentication/receivers"
TITLE = "Receiver requirements"
EXPLANATION = ""


async def run_receivers(
    ctx: RunContext,
    _spf: "asyncio.Task[tuple[AddressSpf, ...]]",
    _keys: "asyncio.Task[tuple[DkimKey, ...]]",
    _message: "asyncio.Task[MessageSeen | None]",
    _dmarc: "asyncio.Task[DmarcSeen]",
) -> tuple[Beyond, ...]:
    """Check it."""
    if ctx.wanted(STEP):
        ctx.recorder.skip(STEP, "not checked")
    return ()
