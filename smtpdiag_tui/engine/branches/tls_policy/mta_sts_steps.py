"""The step `tls-policy/mta-sts`: the MTA-STS policy of the recipient's domain, and who meets it."""

from collections.abc import Mapping

from smtpdiag_tui.checks.lookups.record_set import Found, look_up
from smtpdiag_tui.checks.lookups.routing import MailHost, look_up_host
from smtpdiag_tui.checks.tls_policy.demands import Where
from smtpdiag_tui.checks.tls_policy.fetched import Fetched
from smtpdiag_tui.checks.tls_policy.host_tls import AddressTls, HostTls
from smtpdiag_tui.checks.tls_policy.https_client import fetch, fetch_limit
from smtpdiag_tui.checks.tls_policy.mta_sts import EXPLANATION, StsJudgement, StsPublished, judge
from smtpdiag_tui.checks.tls_policy.mta_sts_findings import PATH, policy_host
from smtpdiag_tui.checks.tls_policy.mta_sts_policy import StsPolicy, read_policy
from smtpdiag_tui.checks.tls_policy.mta_sts_record import read_record
from smtpdiag_tui.engine.branches.delivery import delivered
from smtpdiag_tui.engine.branches.tls_policy.policy_lookups import failed, not_applicable, note_records
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.destination import is_address
from smtpdiag_tui.report.rollup import of_findings
from smtpdiag_tui.verdict.walk import Demand, HostAddresses

STEP = "tls-policy/mta-sts"
TITLE = "MTA-STS"

__all__ = ["EXPLANATION", "STEP", "TITLE", "run_mta_sts"]


async def run_mta_sts(ctx: RunContext) -> Mapping[Where, str]:
    """Fetch the policy beside the sessions, and judge these by it once they have ended.

    Returns why senders that enforce MTA-STS do not deliver at an address, in a few words; "" where that is not
    known. In a rerun of other steps what was fetched earlier counts, and nobody is asked.
    """
    published = await _published(ctx)
    if published is None:
        return {}
    delivery = await delivered(ctx)
    judged = judge(published, [_host(ctx, host) for host in delivery.hosts])
    _finish(ctx, published, judged)
    return judged.unmet


async def _published(ctx: RunContext) -> StsPublished | None:
    """Return what the domain publishes; None where that does not count, or was not found out."""
    if not ctx.wanted(STEP):
        earlier = ctx.earlier(STEP)
        return earlier if isinstance(earlier, StsPublished) else None
    ctx.recorder.start(STEP)
    reason = await not_applicable(ctx)
    if reason:
        ctx.recorder.skip(STEP, reason)
        return None
    return await _find(ctx, ctx.recipient.domain)


async def _find(ctx: RunContext, domain: str) -> StsPublished:
    """Ask for the record, and for the policy where there is, or was meant to be, one."""
    found = await look_up(ctx.dns, ctx.machine.route_servers, f"_mta-sts.{domain}", "TXT")
    note_records(ctx, STEP, found)
    if found.found is Found.FAILED:
        return StsPublished(domain, failed=await failed(ctx, found))
    record = read_record(found.texts)
    if not record.present:
        return StsPublished(domain, record)
    fetched = await _fetch(ctx, policy_host(domain))
    policy = None if fetched.text is None else read_policy(fetched.text)
    if policy is not None:
        ctx.recorder.notes(STEP, _lines(policy))
    return StsPublished(domain, record, fetched=fetched, policy=policy)


async def _fetch(ctx: RunContext, host: str) -> Fetched:
    """Fetch the text of the policy from its host; for that alone the step has a limit."""
    ctx.recorder.start(STEP, fetch_limit(ctx.settings))
    lookup = await look_up_host(ctx.dns, ctx.machine.route_servers, MailHost(host, None))
    for resolution in lookup.found:
        for answer in resolution.answers:
            data = " ".join(record.data for record in answer.records)
            ctx.recorder.notes(STEP, [f"{answer.question}: {data or answer.kind}"])
    fetched = await fetch(lookup, PATH, ctx.settings, ctx.network, ctx.recorder.transcript(STEP))
    ctx.recorder.start(STEP)  # and goes on until the sessions have ended
    return fetched


def _lines(policy: StsPolicy) -> list[str]:
    """Return what senders read in the text."""
    lines = [f"mode {policy.mode or 'unknown'}, max_age {'unknown' if policy.max_age is None else policy.max_age}"]
    return [*lines, *(f"mx {pattern}" for pattern in policy.patterns[:20]), *policy.problems]


def _host(ctx: RunContext, host: HostAddresses) -> HostTls:
    """Return what is judged of a host: TLS as a sender meets it that verifies certificates."""
    given = ctx.settings.server
    addresses = tuple(
        AddressTls((item.host, item.address), item.unmet.get(Demand.VERIFIED_TLS)) for item in host.addresses
    )
    name = None if given is not None and is_address(given) else host.name
    return HostTls(name, addresses, by_mx=given is None)


def _finish(ctx: RunContext, published: StsPublished, judged: StsJudgement) -> None:
    """End the step; one that does not run now is told of anew only where its result is another."""
    status = judged.status or of_findings(judged.findings)
    step = ctx.recorder.report.steps[STEP]
    if not ctx.wanted(STEP):
        if (step.status, step.findings, step.detail) == (status, judged.findings, judged.detail):
            return
        ctx.recorder.start(STEP)
    ctx.recorder.finish(STEP, judged.findings, status=status, detail=judged.detail, observation=published)
