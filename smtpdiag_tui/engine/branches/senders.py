"""The branch `senders`: what sending servers of several kinds would do with what the sessions saw."""

from collections.abc import Sequence

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.engine.branches.delivery import Delivery
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.conclusions import Cause, SenderAttempt, SenderResult
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.rollup import of_outcome
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.verdict.causes import ROOT_CAUSES
from smtpdiag_tui.verdict.nobody import OUTCOMES, Nobody, nobody, not_asked
from smtpdiag_tui.verdict.outcome import accepting_beyond
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


def judge_senders(ctx: RunContext, delivery: Delivery) -> tuple[SenderResult, ...]:
    """Judge all kinds of sender, each in a step of its own; return the results, the standard one first."""
    ctx.recorder.plan(STEP, TITLE, EXPLANATION)
    ctx.recorder.start(STEP)
    return tuple(_one(ctx, profile, delivery) for profile in PROFILES)


def finish_senders(
    ctx: RunContext, delivery: Delivery, results: Sequence[SenderResult], causes: Sequence[Cause]
) -> None:
    """End the branch: its colour is the standard sender's, its findings are the causes."""
    standard = results[0]
    found = [_headline(cause) for cause in causes if cause.code in ROOT_CAUSES]
    ctx.recorder.finish(STEP, found, status=of_outcome(standard.outcome), detail=_count(delivery, standard))


def _headline(cause: Cause) -> Finding:
    """Return the finding that stands for all steps where the cause shows."""
    steps = tuple(f"seen at {key}" for key in cause.evidence)
    return finding(cause.code, cause.message, evidence=steps, side=cause.side, advice=cause.advice)


def _count(delivery: Delivery, standard: SenderResult) -> str:
    if not delivery.hosts:
        return str(standard.outcome)
    return f"{standard.outcome} after {counted(len(standard.attempts), 'address')}"


def _one(ctx: RunContext, profile: Profile, delivery: Delivery) -> SenderResult:
    step_id = f"{STEP}/{profile.name}"
    ctx.recorder.plan(step_id, profile.title)
    ctx.recorder.start(step_id)
    verdict = delivery.verdict
    if not delivery.hosts or (profile is STANDARD and verdict.way is None):
        result = SenderResult(profile.name, profile.title, verdict.outcome, verdict.summary)
        ctx.recorder.finish(step_id, status=of_outcome(verdict.outcome), detail=str(verdict.outcome))
        return result
    way = verdict.way if profile is STANDARD and verdict.way is not None else walk(profile, delivery.hosts)
    outcome, summary = ending(profile, delivery, way)
    if profile is STANDARD and outcome is not verdict.outcome:  # a relay that wants a login, say
        outcome, summary = verdict.outcome, verdict.summary
    ctx.recorder.notes(step_id, (_line(number, item) for number, item in enumerate(way.tries, 1)))
    ctx.recorder.notes(step_id, (f"{outcome}: {summary}",))
    found = _judge(way) if profile is STANDARD else ()
    status = of_outcome(outcome) if way.tries or profile is STANDARD else Status.SKIPPED
    if profile is not STANDARD and status is Status.FAILED:
        status = Status.WARNING  # it is not the sender here that meets this
    ctx.recorder.finish(step_id, found, status=status, detail=f"{outcome}: {summary}")
    attempts = tuple(_attempt(item) for item in way.tries)
    return SenderResult(profile.name, profile.title, outcome, summary, attempts)


def _attempt(item: Try) -> SenderAttempt:
    return SenderAttempt(item.item.host, item.item.address, item.attempt.result.value, item.attempt.reply)


def _line(number: int, item: Try) -> str:
    return f"{number}. {item.item.where}: {_WORDS[item.attempt.result]}: {item.attempt.reply}"


def ending(profile: Profile, delivery: Delivery, way: Walk) -> tuple[Outcome, str]:
    """Return how a walk ends, in a few words that stand beside the sender's name."""
    if not way.tries:
        return _no_address(profile, delivery)
    if way.waits is not None and way.outcome is Outcome.UNKNOWN:
        return Outcome.UNKNOWN, f"what {way.waits.item.where} comes to is not known: {way.waits.attempt.reply}"
    if way.last is not None:
        verb = "takes it" if way.outcome is Outcome.ACCEPTED else "rejects it"
        words = f"{way.last.item.where} {verb}: {_short(way.last.attempt.reply)}"
        return way.outcome, words + _other_end(way)
    if all(item.attempt.result is AttemptResult.NO_ROUTE for item in way.tries):
        return Outcome.UNKNOWN, "this machine has no route to any such address"
    number = sum(item.attempt.result is not AttemptResult.NO_ROUTE for item in way.tries)
    tried = f"none of {number} addresses takes it now" if number > 1 else "the one address does not take it now"
    if way.limit:
        tried = f"gives up after {way.limit}"
    return way.outcome, tried + _other_end(way)


def _short(reply: str) -> str:
    return reply if len(reply) <= _REPLY else f"{reply[: _REPLY - 1]}…"  # the attempts hold it whole


def _other_end(way: Walk) -> str:
    if way.other is None or way.other.last is None:
        return ""
    return f"; in another order of equal preference {way.other.last.item.where} takes it"


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
    names = ", ".join(item.item.where for item in beyond)
    message = f"{names} would take the mail, but a standard sender stops after {way.limit} before it gets there."
    lines = tuple(f"{item.item.where}: {item.attempt.reply}" for item in way.tries)
    return (finding("senders-give-up", message, evidence=lines),)
