"""The answer that a report gives: outcome, causes, senders, what to do, and what else was found. Pure.

It is made once for each report, and drawn as text, as Markdown and by the interface.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from smtpdiag_tui.render.deciding import DecidingReply, deciding_reply, deciding_session
from smtpdiag_tui.render.problems import Problem, problems
from smtpdiag_tui.render.words import SIDES
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.conclusions import Cause, Retry, SenderAttempt, SenderResult
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import OUTCOME_STATUS, Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepKind

SENDERS_TITLE = "What senders would do"
ADVICE_TITLE = "What to do"
STANDARD = "standard"  # the sender whose outcome is the report's
_NO_IPV6 = "no-ipv6-here"
_IDENTITY = "The sending machine as others see it"
_PROBES = "Side probes"

_NOT_ENDED = "The run has not ended"
_UNDECIDED = "undecided: network or recipient's side"
_BY_DESIGN = " (works as designed)"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AnswerCause:
    """A cause, and what it looks like. `steps` has all it rests on: each drawing shows what it has room for."""

    status: Status
    code: str
    message: str
    meaning: str
    side: Side
    reference: str | None
    reason: Reason | None
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerSender:
    """What one kind of sender would do, the addresses it turns to in order, and what that looks like."""

    status: Status
    title: str
    outcome: Outcome
    summary: str
    attempts: tuple[SenderAttempt, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands beside the mail itself: this machine to others, or side probes; each line has a status."""

    title: str
    lines: tuple[tuple[Status, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer, in the order in which it is drawn.

    `alike` says that all senders meet the same before any of them turns to a mail host. `problems` are those that
    no cause explains, the gravest first, under `problems_title`.
    """

    outcome: Outcome
    status: Status
    headline: str
    delivery: str
    retry: Retry | None
    why: str
    responsible: str
    reply: DecidingReply | None
    session: Step | None
    summary: str
    side: Side | None
    causes: tuple[AnswerCause, ...]
    senders: tuple[AnswerSender, ...]
    alike: bool
    actions: tuple[Action, ...]
    asides: tuple[Aside, ...]
    problems_title: str
    problems: tuple[Problem, ...]

    @property
    def sentence(self) -> str:
        """The summary, or that there is none yet."""
        return self.summary or f"{_NOT_ENDED}."


def answer_of(report: Report) -> Answer:
    """Return what a report comes to; of a run that goes on, the outcome is unknown."""
    outcome = report.outcome or Outcome.UNKNOWN
    return Answer(
        outcome=outcome,
        status=OUTCOME_STATUS[outcome],
        headline=report.headline or report.summary or _NOT_ENDED,
        delivery=report.delivery,
        retry=report.retry,
        why=_why(report),
        responsible=responsible(report),
        reply=deciding_reply(report),
        session=deciding_session(report),
        summary=report.summary,
        side=report.side,
        causes=tuple(_cause(cause, outcome) for cause in report.causes),
        senders=answer_senders(report.senders),
        alike=_alike(report.senders),
        actions=report.actions,
        asides=_asides(report),
        problems_title=_problems_title(report),
        problems=problems(report),
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


def _why(report: Report) -> str:
    """Return why the outcome is what it is, in sentences: what the cause that decides means."""
    return next((cause.meaning for cause in report.causes if cause.decides), "")


def answer_senders(senders: Sequence[SenderResult]) -> tuple[AnswerSender, ...]:
    """Return what each kind of sender would do, with what that looks like."""
    return tuple(
        AnswerSender(_sender_status(sender), sender.title, sender.outcome, sender.summary, sender.attempts)
        for sender in senders
    )


def causes_title(causes: Sequence[AnswerCause]) -> str:
    """Return what stands above the causes."""
    return "Causes" if len(causes) > 1 else "Cause"


def first_of(items: Sequence[T], most: int) -> tuple[Sequence[T], int]:
    """Return the first of many, `most` at most, and how many are left out."""
    return items[:most], max(0, len(items) - most)


def _cause(cause: Cause, outcome: Outcome) -> AnswerCause:
    return AnswerCause(
        status=_cause_status(cause, outcome),
        code=cause.code,
        message=cause.message,
        meaning=cause.meaning,
        side=cause.side,
        reference=cause.reference,
        reason=cause.reason,
        steps=cause.evidence,
    )


def _cause_status(cause: Cause, outcome: Outcome) -> Status:
    """Return what a cause looks like: the outcome where it decides it, a warning where it does not."""
    if cause.decides:
        return OUTCOME_STATUS[outcome]
    return Status.SKIPPED if cause.code == _NO_IPV6 else Status.WARNING


def _sender_status(sender: SenderResult) -> Status:
    """Return what a sender looks like, as its step does: skipped where there was nobody for it to turn to."""
    status = OUTCOME_STATUS[sender.outcome]
    if sender.name == STANDARD:
        return status
    if not sender.attempts:
        return Status.SKIPPED
    return Status.WARNING if status is Status.FAILED else status  # it is not the sender here that meets this


def _alike(senders: Sequence[SenderResult]) -> bool:
    return len({sender.summary for sender in senders}) == 1 and not any(sender.attempts for sender in senders)


def _problems_title(report: Report) -> str:
    """Return what problems are called that stand beside the causes, or for them where no cause is known."""
    return "Found on the way" if report.causes or report.outcome is Outcome.ACCEPTED else "Reasons"


def _asides(report: Report) -> tuple[Aside, ...]:
    asides = (Aside(_IDENTITY, _identity_lines(report)), Aside(_PROBES, _probe_lines(report)))
    return tuple(aside for aside in asides if aside.lines)


def _identity_lines(report: Report) -> tuple[tuple[Status, str], ...]:
    """Return what others see of this machine: its name and addresses, each with what is known of it."""
    steps = [step for step in report.children("identity") if step.status is not Status.SKIPPED and step.detail]
    steps = [step for step in steps if step.kind is not StepKind.LISTS]
    listed = [step for step in report.children("identity/dnsbl") if step.status is not Status.PASSED]
    return tuple((step.status, f"{step.title}: {step.detail}") for step in (*steps, *listed))


def _probe_lines(report: Report) -> tuple[tuple[Status, str], ...]:
    """Return what became of the side probes that were asked for."""
    return tuple(
        (step.status, f"{step.title}: {step.findings[0].message if step.findings else step.detail}")
        for step in report.children("probes")
    )
