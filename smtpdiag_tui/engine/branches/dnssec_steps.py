"""The step `tls-policy/dnssec`: whether the recipient's domain and its MX hosts are signed."""

from smtpdiag_tui.engine.context import RunContext

STEP = "tls-policy/dnssec"
TITLE = "DNSSEC"
EXPLANATION = ""


async def run_dnssec(ctx: RunContext) -> None:
    """Check it."""
    if ctx.wanted(STEP):
        ctx.recorder.skip(STEP, "not checked")
