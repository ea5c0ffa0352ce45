"""The branch `senders`: what sending servers of several kinds would do with what the sessions saw."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.engine.branch import Ended, begin
from smtpdiag_tui.engine.branches.delivery import Delivery, delivered
from smtpdiag_tui.engine.branches.retelling import retell_hosts, retell_silence
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.conclusions import Cause, SenderAttempt, SenderResult
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.rollup import of_outcome
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.verdict.causes import ROOT_CAUSES, find_causes
from smtpdiag_tui.verdict.nobody import OUTCOMES, Nobody, nobody, not_asked
from smtpdiag_tui.verdict.outcome import Verdict, accepting_beyond
from smtpdiag_tui.verdict.walk import PROFILES, STANDARD, Profile, Try, Walk, walk

STEP = "senders"
TITLE = "What senders would do"
EXPLANATION = """\
Nobody is connected to here: the sessions above are judged as sending servers of several kinds would meet them.
Each goes through the mail hosts by preference, turns to the next one where a host cannot be reached or says
"later", and stops at the first that takes the recipient or refuses it for good.
This test can fail for 3 reasons.
1) No host takes the mail, or the first one that answers for good refuses it.
2) A host takes it, but stands so far down the list that senders stop before they get there.
3) A sender has one address family only, or insists on TLS, and no host gives it that."""

_REPLY = 40  # characters of a server's words that stand beside a sender's name
_WORDS = {
    AttemptResult.ACCEPTED: "accepted",
    AttemptResult.REJECTED: "rejected, the mail is returned",
    AttemptResult.TRANSIENT: "not now, the next one",
    AttemptResult.GREETING_REJECTED: "turned away, the next one",
    AttemptResult.CONNECTION_FAILED: "no session, the next one",
    AttemptResult.NO_ROUTE: "no route from here, left out",
    AttemptResult.OUR_LIMIT: "a sender would wait longer",
    AttemptResult.NOT_TESTED: "not known",
}


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What a run comes to beyond its outcome."""

    senders: tuple[SenderResult, ...] = ()
    causes: tuple[Cause, ...] = ()


async def run_senders(ctx: RunContext) -> Ended:
    """Judge what all other branches saw together, once they have ended: nobody is asked.

    The branch's colour is the standard sender's, its findings are the causes.
    """
    await ctx.ended(*(branch for branch in ctx.results if branch != STEP))
    await retell_silence(ctx)
    await retell_hosts(ctx)
    delivery = await delivered(ctx)
    begin(ctx, STEP, TITLE, EXPLANATION)
    senders = tuple(_one(ctx, profile, delivery) for profile in PROFILES)
    causes = find_causes(ctx.recorder.report, delivery.verdict)
    findings = [_headline(cause) for cause in causes if cause.code in ROOT_CAUSES]
    status, detail = of_outcome(senders[0].outcome), _count(delivery, senders[0])
    return Ended(findings, status, detail, Conclusions(senders, causes))


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


def _one(ctx: RunContext, profile: Profile, delivery: Delivery) -> SenderResult:
    """Judge one kind of sender in a step of its own."""
    step_id = f"{STEP}/{profile.name}"
    ctx.recorder.plan(step_id, profile.title)
    ctx.recorder.start(step_id)
    way = _walk(profile, delivery)
    if way is None:
        return _without_walk(ctx, profile, delivery.verdict)
    outcome, summary = ending(profile, delivery, way)
    if profile is STANDARD and outcome is not delivery.verdict.outcome:  # a relay that wants a login, say
        outcome, summary = delivery.verdict.outcome, delivery.verdict.headline
    ctx.recorder.notes(step_id, (_line(number, item) for number, item in enumerate(way.tries, 1)))
    ctx.recorder.notes(step_id, (f"{outcome}: {summary}",))
    findings = _judge(way) if profile is STANDARD else ()
    status = _status(profile, way, outcome)
    ctx.recorder.finish(step_id, findings, status=status, detail=f"{outcome}: {summary}")
    attempts = tuple(_attempt(item) for item in way.tries)
    return SenderResult(profile.name, profile.title, outcome, summary, attempts)


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


def _status(profile: Profile, way: Walk, outcome: Outcome) -> Status:
    """Return a sender's status: what others than the standard one meet is a warning at most."""
    status = of_outcome(outcome)
    if profile is STANDARD:
        return status
    if not way.tries:
        return Status.SKIPPED
    return Status.WARNING if status is Status.FAILED else status


def _attempt(item: Try) -> SenderAttempt:
    return SenderAttempt(item.address.host, item.address.address, item.attempt.result.value, item.attempt.reply)


def _line(number: int, item: Try) -> str:
    return f"{number}. {item.address.where}: {_WORDS[item.attempt.result]}: {item.attempt.reply}"


def ending(profile: Profile, delivery: Delivery, way: Walk) -> tuple[Outcome, str]:
    """Return how a walk ends, in a few words that stand beside the sender's name."""
    if not way.tries:
        return _no_address(profile, delivery)
    if way.undecided is not None and way.outcome is Outcome.UNKNOWN:
        where, reply = way.undecided.address.where, way.undecided.attempt.reply
        return Outcome.UNKNOWN, f"what {where} comes to is not known: {reply}"
    if way.last is not None:
        verb = "takes it" if way.outcome is Outcome.ACCEPTED else "rejects it"
        words = f"{way.last.address.where} {verb}: {_short(way.last.attempt.reply)}"
        return way.outcome, words + _other_end(way)
    return _nobody_takes_it(way)


def _nobody_takes_it(way: Walk) -> tuple[Outcome, str]:
    number = sum(item.attempt.result is not AttemptResult.NO_ROUTE for item in way.tries)
    if number == 0:
        return Outcome.UNKNOWN, "this machine has no route to any such address"
    if way.limit:
        words = f"gives up after {way.limit}"
    elif number > 1:
        words = f"none of {number} addresses takes it now"
    else:
        words = "the one address does not take it now"
    return way.outcome, words + _other_end(way)


def _short(reply: str) -> str:
    return reply if len(reply) <= _REPLY else f"{reply[: _REPLY - 1]}…"  # the attempts hold it whole


def _other_end(way: Walk) -> str:
    if way.best_case is None or way.best_case.last is None:
        return ""
    return f"; in another order of equal preference {way.best_case.last.address.where} takes it"


def _no_address(profile: Profile, delivery: Delivery) -> tuple[Outcome, str]:
    """Say what becomes of mail where there is no address for this sender to turn to."""
    families = " or ".join(f"IPv{family}" for family in sorted(profile.families))
    why = nobody(delivery.hosts, profile.families)
    words = {
        Nobody.SELF: "the best mail host is this machine (5.4.6)",
        Nobody.NO_PRIMARY: f"no MX host preferred to this host has an {families} address (4.4.4)",
        Nobody.NOT_ASKED: not_asked(delivery.hosts),
        Nobody.NOT_LOOKED_UP: f"no {families} address of a mail host can be looked up now",
        Nobody.UNUSABLE: f"no {families} address of an MX host can be connected to",
        Nobody.NO_ADDRESS: f"no mail host has an {families} address (5.4.4)",
        Nobody.NOT_TESTED: f"no {families} address was tested",
    }[why]
    return OUTCOMES[why], words


def _judge(way: Walk) -> Sequence[Finding]:
    beyond = accepting_beyond(way)
    if not beyond or way.outcome is Outcome.ACCEPTED or any(item.attempt.in_session for item in way.tries):
        return ()
    names = ", ".join(item.address.where for item in beyond)
    message = f"{names} would take the mail, but a standard sender stops after {way.limit} before it gets there."
    lines = tuple(f"{item.address.where}: {item.attempt.reply}" for item in way.tries)
    return (finding("senders-give-up", message, evidence=lines),)
