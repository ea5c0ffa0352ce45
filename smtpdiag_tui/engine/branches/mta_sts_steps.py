"""The step `tls-policy/mta-sts`: the MTA-STS policy of the recipient's domain."""

from collections.abc import Mapping

from smtpdiag_tui.checks.tls_policy.demands import Where
from smtpdiag_tui.engine.context import RunContext

STEP = "tls-policy/mta-sts"
TITLE = "MTA-STS"
EXPLANATION = ""


async def run_mta_sts(ctx: RunContext) -> Mapping[Where, str]:
    """Check it."""
    if ctx.wanted(STEP):
        ctx.recorder.skip(STEP, "not checked")
    return {}
