"""The branch `senders`: what sending servers of several kinds would do with what the sessions saw."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.checks.tls_policy.demands import PolicyDemands
from smtpdiag_tui.engine.branch import Ended, begin
from smtpdiag_tui.engine.branches.delivery import Delivery, delivered
from smtpdiag_tui.engine.branches.retelling import retell_hosts, retell_silence
from smtpdiag_tui.engine.branches.tls_policy.branch import TlsPolicies
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.conclusions import Cause, SenderAttempt, SenderResult
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.profiles import profile_status, profile_word
from smtpdiag_tui.report.rollup import at_most_warning, of_findings, of_outcome, worst
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.verdict.causes import ROOT_CAUSES, find_causes
from smtpdiag_tui.verdict.nobody import OUTCOMES, Nobody, nobody, not_asked
from smtpdiag_tui.verdict.outcome import Verdict, accepting_beyond, too_far_down
from smtpdiag_tui.verdict.strict_senders import OUTWEIGHED, outweighed, with_policies
from smtpdiag_tui.verdict.walk import POLICIES, PROFILES, STANDARD, Demand, Profile, Try, Walk, walk

STEP = "senders"
TITLE = "Sender profiles"
EXPLANATION = """\
Makes no connections: replays the results above for seven kinds of sending server. Each tries the MX hosts by
preference, goes on where a host is unreachable, defers or does not meet its demand, and stops at the first that
accepts or rejects.
Fails if:
- no MX host accepts the message, or the first that decides rejects it
- the only MX host that accepts stands too far down the list
- a sending server has one address family only, and no MX host has an address of it
- a sending server requires verified TLS, and no MX host has a certificate that verifies
- a sending server enforces DANE or MTA-STS, and no MX host meets what the recipient's domain publishes"""
KINDS = {
    "standard": "Uses both address families, and TLS where it is offered, without verifying the certificate.",
    "ipv4-only": "Is the standard profile without IPv6.",
    "ipv6-only": "Is the standard profile without IPv4.",
    "tls-verified": """\
Requires a certificate that verifies for the name of the MX host, whatever the recipient's domain publishes, as a
sending server that was set so for this domain (Postfix: smtp_tls_security_level = verify).""",
    "mta-sts": """\
Enforces the MTA-STS policy that the recipient's domain publishes (RFC 8461): the MX host has to be in the policy,
and its certificate has to verify. Without such a policy, or in mode testing, it is the standard profile.""",
    "dane": """\
Enforces DANE (RFC 7672): an MX host with TLSA records signed by DNSSEC has to present a certificate that matches.
Without such records it is the standard profile.""",
    "dane-or-mta-sts": """\
Enforces both: DANE where an MX host has TLSA records signed by DNSSEC, else MTA-STS. A failing DANE is never
overridden by MTA-STS (RFC 8461 section 2); that a valid DANE outweighs a failing MTA-STS is common practice.""",
}

_CODE = re.compile(r"\d{3}(?: \d\.\d{1,3}\.\d{1,3})?(?= |$)")
_GOES_ON = ", next address"
_WORDS = {
    AttemptResult.ACCEPTED: "accepted",
    AttemptResult.REJECTED: "rejected, message returned",
    AttemptResult.TRANSIENT: f"not accepted{_GOES_ON}",
    AttemptResult.GREETING_REJECTED: f"refused{_GOES_ON}",
    AttemptResult.CONNECTION_FAILED: f"not connected{_GOES_ON}",
    AttemptResult.NO_ROUTE: "no route, skipped",
    AttemptResult.OUR_LIMIT: "sending servers wait longer",
    AttemptResult.NOT_TESTED: "not tested",
}


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What a run comes to beyond its outcome."""

    senders: tuple[SenderResult, ...] = ()
    causes: tuple[Cause, ...] = ()


async def run_senders(ctx: RunContext) -> Ended:
    """Judge what all other branches saw together, once they have ended: nobody is asked.

    The branch's colour is the standard sender's, or a warning where that fares better than others; its findings
    are the causes.
    """
    await ctx.ended(*(branch for branch in ctx.results if branch != STEP))
    await retell_silence(ctx)
    await retell_hosts(ctx)
    delivery = await delivered(ctx)
    policies = await ctx.result("tls-policy", TlsPolicies) or TlsPolicies()
    delivery = replace(delivery, hosts=with_policies(delivery.hosts, policies.demands))
    begin(ctx, STEP, TITLE, EXPLANATION)
    senders: tuple[SenderResult, ...] = ()
    for profile in PROFILES:
        senders += (_one(ctx, profile, delivery, policies.demands, next(iter(senders), None)),)
    causes = find_causes(ctx.recorder.report, delivery.verdict)
    findings = [_headline(cause) for cause in causes if cause.code in ROOT_CAUSES]
    others = [of_findings(findings), *_known_below(ctx)]
    status = worst([of_outcome(senders[0].outcome), *map(at_most_warning, others)])
    return Ended(findings, status, _count(delivery, senders[0]), Conclusions(senders, causes))


def _known_below(ctx: RunContext) -> list[Status]:
    """Return the profiles' statuses; unknown is usual for those of a policy, without a validating resolver."""
    policies = {f"{STEP}/{profile.name}" for profile in PROFILES if profile.demand in POLICIES}
    below = ctx.recorder.report.children(STEP)
    return [step.status for step in below if step.status is not Status.UNKNOWN or step.id not in policies]


def _headline(cause: Cause) -> Finding:
    """Return the finding that stands for all steps where the cause shows."""
    steps = tuple(f"seen at {key}" for key in cause.evidence)
    return finding(
        cause.code,
        cause.message,
        evidence=steps,
        meaning=cause.meaning,
        side=cause.side,
        advice=cause.actions,
        reference=cause.reference,
        reason=cause.reason,
    )


def _count(delivery: Delivery, standard: SenderResult) -> str:
    if not delivery.hosts:
        return str(standard.outcome)
    return f"{standard.outcome} after {counted(len(standard.attempts), 'address')}"


def _one(
    ctx: RunContext, profile: Profile, delivery: Delivery, demands: PolicyDemands, standard: SenderResult | None
) -> SenderResult:
    """Judge one kind of sender in a step of its own; `standard` is what the standard one comes to, if not this."""
    step_id = f"{STEP}/{profile.name}"
    ctx.recorder.plan(step_id, profile.title, KINDS[profile.name])
    ctx.recorder.start(step_id)
    way = _walk(profile, delivery)
    if way is None:
        return _without_walk(ctx, profile, delivery.verdict)
    outcome, summary = ending(profile, delivery, way)
    if profile is STANDARD and outcome is not delivery.verdict.outcome:  # a relay that wants a login, say
        outcome, summary = delivery.verdict.outcome, delivery.verdict.headline
    if profile.demand is Demand.DANE_OR_MTA_STS and outweighed(way.tries, demands):
        summary = f"{summary}; {OUTWEIGHED}"
    attempts = tuple(_attempt(item) for item in way.tries)
    result = SenderResult(profile.name, profile.title, outcome, summary, attempts)
    told = f"{profile_word(result, standard)}: {summary}"
    ctx.recorder.notes(step_id, (*_lines(way.tries), told))
    findings = _judge(way) if profile is STANDARD else ()
    ctx.recorder.finish(step_id, findings, status=profile_status(result, standard), detail=told)
    return result


def _walk(profile: Profile, delivery: Delivery) -> Walk | None:
    """Return how a sender walks through the hosts; None where there are none, or no walk led to the outcome."""
    if not delivery.hosts:
        return None
    return delivery.verdict.walk if profile is STANDARD else walk(profile, delivery.hosts)


def _without_walk(ctx: RunContext, profile: Profile, verdict: Verdict) -> SenderResult:
    """Tell of a sender that goes nowhere: the outcome is every sender's."""
    outcome = verdict.outcome
    ctx.recorder.finish(f"{STEP}/{profile.name}", status=of_outcome(outcome), detail=str(outcome))
    return SenderResult(profile.name, profile.title, outcome, verdict.headline)


def _attempt(item: Try) -> SenderAttempt:
    return SenderAttempt(item.address.host, item.address.address, item.attempt.result.value, item.attempt.reply)


def _lines(tries: Sequence[Try]) -> list[str]:
    """Return a line for each address; there is no next one after the last."""
    lines = []
    for number, item in enumerate(tries, 1):
        word = _WORDS[item.attempt.result]
        if number == len(tries):
            word = word.removesuffix(_GOES_ON)
        lines.append(f"{number}. {item.address.where} ({word}): {item.attempt.reply}")
    return lines


def ending(profile: Profile, delivery: Delivery, way: Walk) -> tuple[Outcome, str]:
    """Return how a walk ends, in a few words that stand beside the sender's name."""
    if not way.tries:
        return _no_address(profile, delivery)
    if way.undecided is not None and way.outcome is Outcome.UNKNOWN:
        where, reply = way.undecided.address.where, way.undecided.attempt.reply
        known = "" if way.undecided.address.unmet.get(profile.demand) == "" else f" ({_told(reply)})"
        return Outcome.UNKNOWN, f"could not be determined at {where}{known}"
    if way.last is not None:
        return way.outcome, _decided(way.outcome, way.last) + _other_end(way)
    return _nobody_takes_it(profile, way)


def _decided(outcome: Outcome, last: Try) -> str:
    """Return what the last address did; where no reply did it, why the message cannot go there."""
    if _CODE.match(last.attempt.reply) is None:
        return last.attempt.reply
    verb = "accepted" if outcome is Outcome.ACCEPTED else "rejected"
    return f"{last.address.where} {verb} the recipient ({_told(last.attempt.reply)})"


def _nobody_takes_it(profile: Profile, way: Walk) -> tuple[Outcome, str]:
    number = sum(item.attempt.result is not AttemptResult.NO_ROUTE for item in way.tries)
    if number == 0:
        return Outcome.UNKNOWN, "this host has no route to any such address"
    if way.limit:
        words = f"stops after {way.limit}"
    else:
        words = _why_nobody([_told(item.attempt.reply) for item in way.tries], number)
    return way.outcome, _with_reason(profile, way, words) + _other_end(way)


def _with_reason(profile: Profile, way: Walk, words: str) -> str:
    """Return the words behind the first of several reasons why a policy is not met: each names its host."""
    if profile.demand not in POLICIES:
        return words
    reason = next(filter(None, (item.address.unmet.get(profile.demand) for item in way.tries)), "")
    return f"{reason}; {words}" if reason and not words.startswith(reason) else words


def _why_nobody(replies: Sequence[str], number: int) -> str:
    """Return why no address accepted, where that is the same for all; else how many there were."""
    if len(set(replies)) == 1:
        return replies[0] if number == 1 else f"{replies[0]} at all {number} addresses"
    return f"none of {number} addresses accepted"


def _told(reply: str) -> str:
    """Return the code that a reply begins with, else its words, which are smtpdiag's own."""
    code = _CODE.match(reply)
    return code[0] if code is not None else reply


def _other_end(way: Walk) -> str:
    if way.best_case is None or way.best_case.last is None:
        return ""
    return f"; in another order of equal preference {way.best_case.last.address.where} accepts"


def _no_address(profile: Profile, delivery: Delivery) -> tuple[Outcome, str]:
    """Say what becomes of mail where there is no address that this kind of sending server can use."""
    families = " or ".join(f"IPv{family}" for family in sorted(profile.families))
    why = nobody(delivery.hosts, profile.families)
    words = {
        Nobody.SELF: "best MX host is this host",
        Nobody.NO_PRIMARY: f"no MX host preferred to this host has an {families} address",
        Nobody.NOT_ASKED: not_asked(delivery.hosts),
        Nobody.NOT_LOOKED_UP: f"no {families} address of an MX host could be looked up",
        Nobody.UNUSABLE: f"no {families} address of an MX host is usable",
        Nobody.NO_ADDRESS: f"no MX host has an {families} address",
        Nobody.NOT_TESTED: f"no {families} address was tested",
    }[why]
    return OUTCOMES[why], words


def _judge(way: Walk) -> Sequence[Finding]:
    beyond = accepting_beyond(way)
    if not beyond or way.outcome is Outcome.ACCEPTED or any(item.attempt.in_session for item in way.tries):
        return ()
    message = too_far_down(way, len(beyond))
    lines = tuple(f"{item.address.where}: {item.attempt.reply}" for item in way.tries)
    return (finding("senders-give-up", message, evidence=lines),)
