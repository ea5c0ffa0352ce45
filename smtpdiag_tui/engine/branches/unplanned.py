"""What of a domain's MX set is not planned: one skipped step stands for the rest and tells its number."""

from smtpdiag_tui.checks.lookups.routing import MAX_HOST_ADDRESSES, MAX_HOSTS
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.amounts import noun_for
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.step_id import HOSTS_LEFT_OUT, StepId

# Addresses below all MX hosts of a run that get a step; how many of them are tested is another limit.
MAX_PLACES = 1024


def skip_hosts(ctx: RunContext, branch: str, number: int) -> None:
    """Add one step below `branch` for the MX records that are not planned."""
    what = f"{number:,} more {noun_for(number, 'MX host')}"
    _skip(ctx, branch, what, f"beyond the first {MAX_HOSTS} MX hosts")


def skip_host(ctx: RunContext, host_step: str) -> None:
    """End the step of a host that is not even looked up: the hosts before it have all the addresses planned."""
    if ctx.wanted(host_step):
        ctx.recorder.skip(host_step, f"not looked up: beyond the first {MAX_PLACES:,} addresses")


def skip_addresses(ctx: RunContext, host_step: str, number: int) -> None:
    """Add one step below a host for its addresses that are not planned."""
    what = f"{number:,} more {noun_for(number, 'address')}"
    beyond = f"beyond the first {MAX_HOST_ADDRESSES} addresses of a host, or {MAX_PLACES:,} in all"
    _skip(ctx, host_step, what, beyond)


def _skip(ctx: RunContext, parent: str, what: str, beyond: str) -> None:
    step = StepId(parent) / HOSTS_LEFT_OUT
    ctx.recorder.plan(step, what)
    found = finding("mx-rest-not-tested", f"{what} not tested ({beyond})")
    ctx.recorder.skip(step, beyond, (found,))
