"""The answer that a report gives, in the one order in which it is told. Pure.

It is made once for each report, and drawn as text, as Markdown, by the interface and for the clipboard: outcome,
headline, Delivery, Cause, Responsible, Action, After DATA, Problems, Reply; then the evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from smtpdiag_tui.render.after_data import after_data, company, first_failure
from smtpdiag_tui.render.checks import Check, checks, probe_lines
from smtpdiag_tui.render.deciding import DecidingReply, deciding_reply, deciding_session
from smtpdiag_tui.render.problems import problems
from smtpdiag_tui.render.profiles import ProfileGroup, profile_groups
from smtpdiag_tui.render.words import SIDES
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.conclusions import Cause, Retry, SenderAttempt, SenderResult
from smtpdiag_tui.report.findings import Severity, Side, catalogue
from smtpdiag_tui.report.profiles import STANDARD, profile_status, profile_word
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import OUTCOME_STATUS, Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId

NULL_SENDER = "<>"
AUTHENTICATION = "authentication"  # the branch whose problems show after DATA
_HELD_BACK = frozenset({Status.WARNING, Status.FAILED})
_NOT_ENDED = "The run has not ended"
_UNDECIDED = "undecided: network or recipient's side"
# Of a report whose run does not say whether the message arrives: it goes on, or an earlier version saved it.
_DELIVERIES = {
    None: "unknown; the run has not ended",
    Outcome.ACCEPTED: "yes, up to RCPT TO",
    Outcome.DEFERRED: "delayed; the sending server retries, and whether a retry succeeds is unknown",
    Outcome.BOUNCED: "no; the sending server returns the message to the sender",
    Outcome.UNKNOWN: "unknown; could not be determined from this host",
}
TLS_POLICY = "tls-policy"  # the branch
_NAMED = 2  # of the other hosts with the same problem
_BY_DESIGN = " (works as designed)"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A cause or a problem: headline, why and what to do, with all the steps where it was seen.

    `decides`: the outcome comes of it.
    """

    status: Status
    code: str
    headline: str
    why: str
    actions: tuple[Action, ...]
    side: Side | None
    reference: str | None
    reason: Reason | None
    steps: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    decides: bool = False

    @property
    def elsewhere(self) -> str:
        """Where else it was seen: the other hosts by name, else how often; "" for nowhere."""
        hosts = dict.fromkeys(host for key in self.steps if (host := StepId(key).host))
        others = list(hosts)[1:]
        if not others:
            return f" (×{len(self.steps)})" if len(self.steps) > 1 else ""
        more = len(others) - _NAMED
        named = [*others[:_NAMED], f"{more} more"] if more > 1 else others[: _NAMED + 1]
        return f" (also {listed(named)})"


@dataclass(frozen=True, slots=True)
class AnswerSender:
    """What one kind of sending server would do, and the addresses that it connects to in order.

    `word` is what becomes of the message, as it goes with the status.
    """

    status: Status
    title: str
    outcome: Outcome
    summary: str
    attempts: tuple[SenderAttempt, ...]
    word: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer, in the order in which it is drawn.

    `actions` are those about the outcome; those about `troubles` stand at each of these. `session` is the address
    step whose session decided. `deciding` are the causes that the outcome comes of. `after_data` says what RCPT
    does not cover and what is known of it, `later` is the step that tells of it; `company` stands beside the
    outcome where that fails: `DMARC fails`.
    """

    outcome: Outcome
    status: Status
    sender: str
    recipient: str
    headline: str
    delivery: str
    retry: Retry | None
    why: str
    responsible: str
    side: Side | None
    actions: tuple[Action, ...]
    deciding: tuple[Trouble, ...]
    troubles: tuple[Trouble, ...]
    reply: DecidingReply | None
    session: Step | None
    profiles: tuple[ProfileGroup, ...]
    checks: tuple[Check, ...]
    probes: tuple[Check, ...]
    senders: tuple[AnswerSender, ...]
    after_data: str
    company: str
    later: str

    @property
    def word(self) -> str:
        """The outcome as the first line has it."""
        return self.outcome.value.upper()

    @property
    def parties(self) -> str:
        """The two addresses as the first line has them."""
        return f"{self.sender} to {self.recipient}"

    @property
    def healthy(self) -> bool:
        """Whether the message is accepted, and nothing else is wrong."""
        return self.outcome is Outcome.ACCEPTED and not self.troubles and not self.company

    @property
    def problems_line(self) -> str:
        """How many problems there are that do not decide the outcome; "" where that goes without saying."""
        number = len(self.troubles)
        if not number:
            return "none" if self.healthy else ""
        if self.outcome is Outcome.ACCEPTED:
            found = f"{counted(number, 'problem')} found"
            # What fails after DATA is told two lines above.
            return f"{found}, listed below" if self.company else f"{found}; {self._harm(number)}"
        return f"{number} more, listed below" if self.deciding else "listed below"

    def _harm(self, number: int) -> str:
        """Return what problems do to a message that is accepted: those of authentication show after DATA.

        Those of TLS policy keep it from strict senders alone.
        """
        them = "it does" if number == 1 else "they do"
        branches = {StepId(step).branch for trouble in self.troubles for step in trouble.steps}
        if AUTHENTICATION in branches:
            return f"{them} not block RCPT TO"
        strict = TLS_POLICY in branches and any(sender.status in _HELD_BACK for sender in self.senders)
        return f"{them} not block {'standard sending servers' if strict else 'delivery'}"


def answer_of(report: Report) -> Answer:
    """Return what a report comes to; of a run that goes on, the outcome is unknown."""
    outcome = report.outcome or Outcome.UNKNOWN
    told = [_of_cause(cause, outcome) for cause in report.causes if not _is_information(cause)]
    deciding = [item for item in told if item.decides][:1]
    others = [*(item for item in told if item not in deciding), *_problems(report)]
    if not deciding and outcome is not Outcome.ACCEPTED and report.status is not Status.CANCELLED:
        deciding = [item for item in others if _may_decide(item, report.side)][:1]
    troubles = [item for item in others if item not in deciding]
    actions = _actions(report, deciding, troubles)
    headline = report.headline.strip() or report.summary.strip() or _NOT_ENDED
    return Answer(
        outcome=outcome,
        status=OUTCOME_STATUS[outcome],
        sender=report.settings.sender or NULL_SENDER,
        recipient=report.settings.recipient,
        headline=headline,
        delivery=report.delivery.strip() or _DELIVERIES[report.outcome],
        retry=report.retry,
        why=" ".join(_why(item, headline) for item in deciding) or _why_untested(report),
        responsible=responsible(report),
        side=report.side,
        actions=actions,
        deciding=tuple(deciding),
        troubles=tuple(_without(item, actions) for item in troubles),
        reply=deciding_reply(report),
        session=deciding_session(report),
        profiles=profile_groups(report.senders),
        checks=checks(report),
        probes=probe_lines(report),
        senders=answer_senders(report.senders),
        after_data=after_data(report),
        company=company(report),
        later=_later(report),
    )


def _later(report: Report) -> str:
    """Return the id of the step that tells of what RCPT does not cover: of the failure, where something fails."""
    first = first_failure(report.beyond)
    return AUTHENTICATION if first is None else f"{AUTHENTICATION}/{first.name}"


def answer_senders(senders: Sequence[SenderResult]) -> tuple[AnswerSender, ...]:
    """Return what each kind of sending server would do, with what that looks like."""
    standard = next((sender for sender in senders if sender.name == STANDARD), None)
    return tuple(
        AnswerSender(
            status=profile_status(sender, standard),
            title=sender.title,
            outcome=sender.outcome,
            summary=sender.summary,
            attempts=sender.attempts,
            word=profile_word(sender, standard),
        )
        for sender in senders
    )


def responsible(report: Report) -> str:
    """Return who is responsible for the outcome, in words; "" where the mail is accepted, or nobody is known."""
    if report.outcome is Outcome.ACCEPTED or report.side is None:
        return ""
    cause = next((cause for cause in report.causes if cause.decides), None)
    if report.side is Side.PATH and cause is not None and cause.code == "connection-timeout":
        return _UNDECIDED  # silence looks alike, whoever drops the packets
    by_design = cause is not None and cause.reason is Reason.GREYLISTING and not cause.probable
    return SIDES[report.side] + (_BY_DESIGN if by_design else "")


def first_of(items: Sequence[T], most: int) -> tuple[Sequence[T], int]:
    """Return the first of many, `most` at most, and how many are left out."""
    return items[:most], max(0, len(items) - most)


def _why(item: Trouble, headline: str) -> str:
    """Return why the message is not accepted; a problem that stands in for a cause says what it is."""
    said = "" if item.decides or item.headline == headline else f"{item.headline.removesuffix('.')}. "
    return f"{said}{item.why}".rstrip()


def _why_untested(report: Report) -> str:
    """Return why no address was connected to, where the settings left them all out for one reason; else ""."""
    sessions = [step for step in report.steps.values() if step.is_session]
    details = {step.detail for step in sessions if step.status is Status.SKIPPED}
    if report.outcome is not Outcome.UNKNOWN or len(details) != 1:
        return ""
    [detail] = details
    whole = detail and all(step.status is Status.SKIPPED for step in sessions)
    return f"{detail[0].upper()}{detail[1:]}." if whole else ""


def _may_decide(item: Trouble, side: Side | None) -> bool:
    """Whether a problem may be why the message is not accepted, where no cause says why."""
    return item.status in (Status.FAILED, Status.UNKNOWN) and side in (None, item.side)


def _actions(report: Report, deciding: Sequence[Trouble], troubles: Sequence[Trouble]) -> tuple[Action, ...]:
    """Return what to do about the outcome: what is to be done about anything else alone stands there."""
    first = {action for trouble in deciding for action in trouble.actions}
    elsewhere = {action for trouble in troubles for action in trouble.actions} - first
    return tuple(action for action in report.actions if action not in elsewhere)


def _without(trouble: Trouble, actions: Sequence[Action]) -> Trouble:
    """Return a problem without what is to be done about the outcome anyway: it is said once."""
    return replace(trouble, actions=tuple(action for action in trouble.actions if action not in actions))


def _is_information(cause: Cause) -> bool:
    """Whether a cause explains what was left out, and is no problem."""
    kind = catalogue().get(cause.code)
    return not cause.decides and kind is not None and kind.severity is Severity.INFO


def _of_cause(cause: Cause, outcome: Outcome) -> Trouble:
    return Trouble(
        status=OUTCOME_STATUS[outcome] if cause.decides else Status.WARNING,
        code=cause.code,
        headline=cause.message,
        why=cause.meaning,
        actions=cause.actions,
        side=cause.side,
        reference=cause.reference,
        reason=cause.reason,
        steps=cause.evidence,
        decides=cause.decides,
    )


def _problems(report: Report) -> list[Trouble]:
    return [
        Trouble(
            status=problem.status,
            code=problem.finding.code,
            headline=problem.finding.message,
            why=problem.finding.meaning,
            actions=problem.actions,
            side=problem.finding.side,
            reference=problem.finding.reference,
            reason=problem.finding.reason,
            steps=problem.steps,
            evidence=problem.finding.evidence,
        )
        for problem in problems(report)
    ]
