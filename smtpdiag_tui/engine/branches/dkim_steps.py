"""The step `authentication/dkim`: the keys that messages are signed with."""

from smtpdiag_tui.checks.authentication.seen import DkimKey
from smtpdiag_tui.engine.context import RunContext

STEP = "authentication/dkim"
TITLE = "DKIM"
EXPLANATION = ""


async def run_dkim(ctx: RunContext) -> tuple[DkimKey, ...]:
    """Check it."""
    if ctx.wanted(STEP):
        ctx.recorder.skip(STEP, "not checked")
    return ()
