"""The step `tls-policy/dane`: the TLSA records of each MX host, and what its addresses presented."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from smtpdiag_tui.checks.tls_policy.demands import Where
from smtpdiag_tui.engine.context import RunContext


@dataclass(frozen=True, slots=True)
class DaneSeen:
    """Why senders that enforce DANE do not deliver at an address; `hosts` are those that DANE is a matter of."""

    unmet: Mapping[Where, str] = field(default_factory=dict)
    hosts: frozenset[str] = frozenset()


STEP = "tls-policy/dane"
TITLE = "DANE"
EXPLANATION = ""


async def run_dane(ctx: RunContext) -> DaneSeen:
    """Check it."""
    if ctx.wanted(STEP):
        ctx.recorder.skip(STEP, "not checked")
    return DaneSeen()
