"""The step `authentication/message`: the message that was given."""

from smtpdiag_tui.checks.authentication.seen import MessageSeen
from smtpdiag_tui.engine.context import RunContext

STEP = "authentication/message"
TITLE = "Message"
EXPLANATION = ""


async def run_message(ctx: RunContext) -> MessageSeen | None:
    """Check it."""
    if ctx.wanted(STEP):
        ctx.recorder.skip(STEP, "not checked")
    return None
