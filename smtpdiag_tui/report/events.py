"""What a run tells while it goes on. Every event carries the id of its run.

Times (`at`) are in seconds from the report's start. A rerun on top of an earlier report keeps that report's
start, so that all its times stay comparable.
"""

from dataclasses import dataclass, field
from datetime import datetime

from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import Authentication, Beyond
from smtpdiag_tui.report.conclusions import Cause, Retry, SenderResult
from smtpdiag_tui.report.facts import NO_FACTS, StepFacts
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepKind
from smtpdiag_tui.report.transcript import Entry
from smtpdiag_tui.settings import Settings


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins. `started` is UTC; `epoch` is the network's clock at that moment, in seconds."""

    run: int
    settings: Settings
    started: datetime
    epoch: float


@dataclass(frozen=True, slots=True)
class StepPlanned:
    """A step is to come; its parent, the id up to the last `/`, was planned before it.

    `kind` is what its id tells where nobody knows better.
    """

    run: int
    id: str
    title: str
    explanation: str = ""
    kind: StepKind = StepKind.OTHER


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step begins; `limit` is the longest it may wait, in seconds, where one wait is all it does.

    `facts` are those that are known beforehand.
    """

    run: int
    id: str
    at: float
    limit: float | None = None
    facts: StepFacts = NO_FACTS


@dataclass(frozen=True, slots=True)
class TranscriptGrew:
    """Lines were added to a step's transcript; what they tell of this machine is the step's too."""

    run: int
    id: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step ended. `detail` is the telling detail in a few words; for a skipped step it says why.

    `observation` is what the step's check saw, kept so that a rerun of other steps can judge it again. `facts` are
    added to those that its transcript told.
    """

    run: int
    id: str
    at: float
    status: Status
    findings: tuple[Finding, ...] = ()
    detail: str = ""
    observation: object | None = field(default=None, compare=False, repr=False)
    facts: StepFacts = NO_FACTS


@dataclass(frozen=True, slots=True)
class StepsDropped:
    """Steps of an earlier report that are no longer part of the tree, each with all below it."""

    run: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run ended; what the fields hold is told at `Report`."""

    run: int
    at: float
    status: Status
    outcome: Outcome
    summary: str
    side: Side | None = None
    headline: str = ""
    delivery: str = ""
    retry: Retry | None = None
    actions: tuple[Action, ...] = ()
    causes: tuple[Cause, ...] = ()
    senders: tuple[SenderResult, ...] = ()
    authentication: tuple[Authentication, ...] = ()
    beyond: tuple[Beyond, ...] = ()


Event = RunStarted | StepPlanned | StepStarted | TranscriptGrew | StepFinished | StepsDropped | RunFinished
