"""Ends steps once more, with other findings: what the authorities say shows whose fault it was.

`retell_hosts` does so for the MX hosts of the recipient's domain and the branch above them, `retell_silence` for
the steps of a resolver that is silent about a domain whose name servers all serve it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.checks.lookups.answers import id_name
from smtpdiag_tui.checks.lookups.arbiter import Reading, is_null
from smtpdiag_tui.checks.lookups.arbitration import Arbitration
from smtpdiag_tui.checks.lookups.authority_judgement import all_serve
from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.host_judgement import Reached, judge_host_view, judge_servers, read_host
from smtpdiag_tui.checks.lookups.host_views import HostView
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.engine.branches.delivery import STEP, Delivery
from smtpdiag_tui.engine.branches.relaying import relayed
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.actions import actions_in
from smtpdiag_tui.report.events import StepFinished
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.rollup import of_findings, status_if_one_is_enough, worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.verdict.walk import HostAddress

_OF_RESOLVER = frozenset({"stale-resolver", "answer-filtered", "nxdomain-rewritten"})
_OF_VIEWS = _OF_RESOLVER | {"mail-host-addresses-differ"}
_NO_ADDRESS = frozenset({"mx-unresolvable", "mx-none-usable"})  # blames the domain for what a resolver withholds
_UNREACHED = frozenset({AttemptResult.CONNECTION_FAILED, AttemptResult.GREETING_REJECTED})
_OF_ADDRESS = frozenset({"mx-address-unusable", "mx-address-not-public"})
_GIVEN_HERE = "The resolver of this host returns this address; the domain did not publish it."
_WORDS = {
    Reading.STALE: "no connection made, {server} returns an outdated answer",
    Reading.FILTERED: "no connection made, {server} filters the answer",
    Reading.OWN_VIEW: "no connection made, {server} has its own view (split DNS)",
    Reading.CONTRADICTS: "no connection made, {server} returns contradictory answers",
}


async def retell_hosts(ctx: RunContext) -> None:
    """Add to the steps of mail hosts what their own authorities and the other servers say of their addresses."""
    remote = await ctx.result("remote", DomainObservation)
    delivery = await ctx.result(STEP, Delivery)
    if remote is None or remote.arbitration is None or delivery is None:
        return
    if ctx.settings.server is not None or relayed(ctx.settings):
        return
    ruling, arbitration = remote.ruling, remote.arbitration
    if ruling is not None and ruling.reading in _WORDS:
        _retell_nobody(ctx, _WORDS[ruling.reading].format(server=ruling.server.label))
    believed = ruling is None or ruling.believed
    withheld = _retell_all(ctx, arbitration, delivery, believed=believed)
    if any(withheld):
        _retell_branch(ctx)


async def retell_silence(ctx: RunContext) -> None:
    """Say of a resolver that is silent about a domain whose name servers all serve it: the fault is its own."""
    soa = await ctx.result("soa", SoaObservation)
    if soa is None or not all_serve(soa):
        return
    for step in ctx.recorder.report.steps.values():
        if step.parent not in ("soa", "remote") or step.stale:
            continue
        found = tuple(_silent_here(item, soa.zone.domain) for item in step.findings)
        if found != step.findings:
            _finish_again(ctx, step, found, step.status)


def _silent_here(item: Finding, domain: str) -> Finding:
    if item.code != "domain-lookup-failed":
        return item
    return replace(
        item,
        side=Side.HERE,
        meaning=f"All name servers of {domain} answered this host, so the resolver does not reach them.",
        actions=actions_in(
            f"Check how the resolver of this host reaches the name servers of {domain}, or use another resolver."
        ),
    )


def _retell_nobody(ctx: RunContext, detail: str) -> None:
    """Say at the branch, where nobody was talked to, whose word that was."""
    step = ctx.recorder.report.steps.get(STEP)
    if step is not None and step.status is Status.SKIPPED and not step.stale:
        _finish_again(ctx, replace(step, detail=detail), step.findings, step.status)


def _retell_all(ctx: RunContext, arbitration: Arbitration, delivery: Delivery, *, believed: bool) -> list[bool]:
    """Retell each host; return of each whether its addresses are not the domain's own word.

    `believed`: the MX is the authority's. Where it is not, its hosts' addresses are no matter of their own.
    """
    if not believed:
        return [_retell(ctx, view, judge_servers(view), own=True) for view in arbitration.hosts]
    return [_retell_by_authority(ctx, view, delivery, arbitration.at) for view in arbitration.hosts]


def _retell_by_authority(ctx: RunContext, view: HostView, delivery: Delivery, at: datetime | None) -> bool:
    """Hold one host's addresses against its authority's; return whether they are not the domain's own word."""
    reached = _reached(ctx, view, delivery)
    told = judge_host_view(view, reached, at)
    return _retell(ctx, view, told, own=read_host(view, reached) is Reading.OWN_VIEW)


def _retell(ctx: RunContext, view: HostView, told: Sequence[Finding], *, own: bool) -> bool:
    """Add to one host's step what is found; return whether its addresses are not the domain's own word.

    `own`: the resolver has a view of its own.
    """
    step = ctx.recorder.report.steps.get(f"{STEP}/{id_name(view.host)}")
    if step is None or not step.status.ended or step.stale:
        return False
    withheld = any(item.code in _OF_RESOLVER for item in told)
    if withheld or own:
        _clear_domain(ctx, step)
    found = (*_kept(step.findings, withheld=withheld), *told)
    if found != step.findings:
        _finish_again(ctx, step, found, _status_with(ctx, step, found))
    return withheld


def _kept(findings: Sequence[Finding], *, withheld: bool) -> list[Finding]:
    """Return the findings that stay; `withheld`: the resolver is why there are no addresses."""
    kept = [item for item in findings if not _retold(item)]
    if withheld:
        kept = [item for item in kept if item.code not in _NO_ADDRESS]
    return kept


def _status_with(ctx: RunContext, step: Step, found: Sequence[Finding]) -> Status:
    """Return what a host's step comes to with these findings."""
    if step.status is Status.SKIPPED:
        return Status.SKIPPED
    below = ctx.recorder.statuses_below(step.id)
    if not below:
        return of_findings(found)
    return worst([of_findings(found), status_if_one_is_enough(below)])


def _retold(item: Finding) -> bool:
    """Whether a finding comes of an earlier telling."""
    return item.code in _OF_VIEWS or (item.code == "dns-answers-differ" and item.side is Side.HERE)


def _reached(ctx: RunContext, view: HostView, delivery: Delivery) -> Reached:
    """Return the host's addresses where no session came about, or where the domain is not hosted.

    Where nobody outside is reached on the SMTP port, that says nothing about an address.
    """
    if _any_code(ctx, "smtp-egress-blocked"):
        return Reached()
    addresses = [item for host in delivery.hosts if host.name == view.host for item in host.addresses]
    failed = [item.address for item in addresses if _unreached(item) or _not_hosted(ctx, item)]
    return Reached(frozenset(failed))


def _unreached(item: HostAddress) -> bool:
    """Whether no session came about with an address."""
    return item.attempt is not None and item.attempt.result in _UNREACHED


def _not_hosted(ctx: RunContext, item: HostAddress) -> bool:
    """Whether a server said that it does not host the domain."""
    below = ctx.recorder.report.descendants(item.step)
    return any(told.reason is Reason.NOT_HOSTED for step in below for told in step.findings)


def _any_code(ctx: RunContext, code: str) -> bool:
    step = ctx.recorder.report.steps.get(STEP)
    return step is not None and any(item.code == code for item in step.findings)


def _clear_domain(ctx: RunContext, host: Step) -> None:
    """Say of null and private addresses that the resolver gives them: the domain did not publish them."""
    for step in ctx.recorder.report.children(host.id):
        address = step.id.rpartition("/")[2]
        if is_null(address) or is_inside(address):
            _finish_again(ctx, step, tuple(_of_own_view(step.findings)), step.status)


def _of_own_view(findings: Sequence[Finding]) -> Iterable[Finding]:
    for item in findings:
        if item.code in _OF_ADDRESS:
            yield replace(item, side=Side.HERE, actions=(), meaning=_GIVEN_HERE)
        else:
            yield item


def _retell_branch(ctx: RunContext) -> None:
    """Take back, at the branch, that the domain's MX hosts have no addresses; end it as its hosts ended."""
    step = ctx.recorder.report.steps.get(STEP)
    if step is None or not step.status.ended:
        return
    found = tuple(item for item in step.findings if item.code not in _NO_ADDRESS)
    status = worst([step.status, status_if_one_is_enough(ctx.recorder.statuses_below(STEP))])
    _finish_again(ctx, step, found, status)


def _finish_again(ctx: RunContext, step: Step, found: Sequence[Finding], status: Status) -> None:
    """End a step with other findings, at the time at which it ended."""
    at = (step.started or 0.0) + (step.seconds or 0.0)
    event = StepFinished(
        ctx.recorder.run, step.id, at, status, tuple(found), step.detail, step.observation, step.facts
    )
    ctx.recorder.publish(event)
