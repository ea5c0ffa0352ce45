"""What a run comes to beyond its steps: the causes behind them, and what sending servers would do. Plain data."""

from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.report.actions import Action, as_text
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome


class Retry(StrEnum):
    """Whether a deferred message gets through when the sending server retries."""

    BY_ITSELF = "by-itself"  # the server accepts a later attempt, or its trouble passes
    NOT_BEFORE_CHANGE = "not-before-change"  # somebody has to act first
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause that explains what several steps found; `evidence` holds these steps' ids.

    `decides` says that the outcome comes of it; a cause that does not explains warnings, or what was left out.
    `reason` is what the reply that it was drawn from is about, None where no reply is judged. `contradicted`: this
    run found otherwise than the reply says. `probable`: the reply does not say it in so many words.
    """

    code: str
    side: Side
    message: str
    meaning: str = ""
    actions: tuple[Action, ...] = ()
    reference: str | None = None
    evidence: tuple[str, ...] = ()
    decides: bool = False
    reason: Reason | None = None
    contradicted: bool = False
    probable: bool = False

    @property
    def advice(self) -> str:
        """What to do, as sentences; "" for nothing."""
        return as_text(self.actions)


@dataclass(frozen=True, slots=True)
class SenderAttempt:
    """One address that a sender turns to: what it takes from it (as `AttemptResult`), and the reply there."""

    host: str
    address: str
    result: str
    reply: str = ""


@dataclass(frozen=True, slots=True)
class SenderResult:
    """What one kind of sender would do: its attempts in order, and how it ends, in one sentence."""

    name: str
    title: str
    outcome: Outcome
    summary: str
    attempts: tuple[SenderAttempt, ...] = ()
