"""The step `authentication/dmarc`: what DMARC comes to for mail from each address."""

import asyncio
from dataclasses import dataclass

from smtpdiag_tui.checks.authentication.seen import AddressSpf, MessageSeen
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.authentication import Dmarc


@dataclass(frozen=True, slots=True)
class DmarcSeen:
    """DMARC by the address that mail comes from; None is an address that is unknown."""

    of_address: tuple[tuple[str | None, Dmarc], ...] = ()


STEP = "authentication/dmarc"
TITLE = "DMARC"
EXPLANATION = ""


async def run_dmarc(
    ctx: RunContext, _spf: "asyncio.Task[tuple[AddressSpf, ...]]", _message: "asyncio.Task[MessageSeen | None]"
) -> DmarcSeen:
    """Check it."""
    if ctx.wanted(STEP):
        ctx.recorder.skip(STEP, "not checked")
    return DmarcSeen()
