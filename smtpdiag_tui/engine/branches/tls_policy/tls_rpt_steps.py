"""The step `tls-policy/tls-rpt`: where reports on failed TLS go."""

from smtpdiag_tui.checks.lookups.record_set import Found, look_up
from smtpdiag_tui.checks.tls_policy.tls_rpt import EXPLANATION, detail, judge_record, read_record
from smtpdiag_tui.engine.branches.tls_policy.policy_lookups import failed, not_applicable, note_records
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.status import Status

STEP = "tls-policy/tls-rpt"
TITLE = "TLS-RPT"

__all__ = ["EXPLANATION", "STEP", "TITLE", "run_tls_rpt"]


async def run_tls_rpt(ctx: RunContext) -> None:
    """Ask for the record of the recipient's domain, and judge it."""
    if not ctx.wanted(STEP):
        return
    ctx.recorder.start(STEP)
    reason = await not_applicable(ctx)
    if reason:
        ctx.recorder.skip(STEP, reason)
        return
    domain = ctx.recipient.domain
    found = await look_up(ctx.dns, ctx.machine.route_servers, f"_smtp._tls.{domain}", "TXT")
    note_records(ctx, STEP, found)
    if found.found is Found.FAILED:
        ctx.recorder.finish(STEP, status=Status.UNKNOWN, detail=await failed(ctx, found))
        return
    record = read_record(found.texts)
    ctx.recorder.finish(STEP, judge_record(domain, record), detail=detail(record), observation=record)
