"""What a run comes to beyond its steps: the causes behind them, and what sending servers would do. Plain data."""

from dataclasses import dataclass

from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause that explains what several steps found; `evidence` holds these steps' ids.

    `decides` says that the outcome comes of it; a cause that does not explains warnings, or what was left out.
    `reason` is what the reply that it was drawn from is about, None where no reply is judged.
    """

    code: str
    side: Side
    message: str
    meaning: str = ""
    advice: str = ""
    reference: str | None = None
    evidence: tuple[str, ...] = ()
    decides: bool = False
    reason: Reason | None = None


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
