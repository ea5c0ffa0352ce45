"""One step of a report: a node of the tree, with all that is known of it. Pure."""

from dataclasses import dataclass, field

from smtpdiag_tui.report.facts import NO_FACTS, StepFacts
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step_id import StepId, StepKind, parent_id
from smtpdiag_tui.report.transcript import Entry

# Branches where much is unknown as a rule: without the message, or without a resolver that validates.
_OFTEN_UNKNOWN = frozenset({"authentication", "tls-policy"})
_ACCIDENT = "internal-error"


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the tree.

    `started` is in seconds from the report's start, `seconds` how long it took; None while not known. `stale`
    says that transcript and findings are of an earlier run, kept in view until the new ones arrive. `kind` is what
    the id tells where nobody knows better; `facts` is what the step tells of this machine.
    """

    id: str
    title: str
    status: Status = Status.PENDING
    detail: str = ""
    started: float | None = None
    seconds: float | None = None
    limit: float | None = None
    findings: tuple[Finding, ...] = ()
    transcript: tuple[Entry, ...] = ()
    explanation: str = ""
    stale: bool = False
    observation: object | None = field(default=None, compare=False, repr=False)
    kind: StepKind = StepKind.OTHER
    facts: StepFacts = NO_FACTS

    def __post_init__(self) -> None:
        if self.kind is StepKind.OTHER:
            object.__setattr__(self, "kind", StepId(self.id).kind)

    @property
    def parent(self) -> str | None:
        """The id of the step above, None for a top-level step."""
        return parent_id(self.id)

    @property
    def branch(self) -> str:
        """The id of the step at the top, the step's own for one that stands there."""
        return self.id.partition("/")[0]

    @property
    def is_session(self) -> bool:
        """Whether the step is an address of a mail host: a session is held there."""
        return self.kind is StepKind.ADDRESS and self.branch == "delivery"

    @property
    def problems(self) -> tuple[Finding, ...]:
        """Its findings that are more than information, but for what is unknown as a rule."""
        return tuple(item for item in self.findings if item.is_problem and not self._is_usual(item))

    @property
    def usually_unknown(self) -> bool:
        """Whether it is unknown, as such a step is as a rule; not for an accident of ours."""
        return self.branch in _OFTEN_UNKNOWN and self.status is Status.UNKNOWN and not self.problems

    def _is_usual(self, item: Finding) -> bool:
        unknown = item.severity is Severity.UNKNOWN and item.code != _ACCIDENT
        return unknown and self.branch in _OFTEN_UNKNOWN
