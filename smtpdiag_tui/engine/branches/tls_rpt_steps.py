"""The step `tls-policy/tls-rpt`: where reports on failed TLS go."""

from smtpdiag_tui.engine.context import RunContext

STEP = "tls-policy/tls-rpt"
TITLE = "TLS-RPT"
EXPLANATION = ""


async def run_tls_rpt(ctx: RunContext) -> None:
    """Check it."""
    if ctx.wanted(STEP):
        ctx.recorder.skip(STEP, "not checked")
