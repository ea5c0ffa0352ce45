"""The words for what became of a step and of a run."""

from enum import StrEnum

from smtpdiag_tui.report.findings import Severity


class Status(StrEnum):
    """What became of a step. `unknown`: we could not find out. `skipped`: it did not apply, and says why."""

    PENDING = "pending"
    RUNNING = "running"
    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come."""
        return self not in (Status.PENDING, Status.RUNNING)


class Outcome(StrEnum):
    """What a standard sending server would do with this mail (RFC 5321 §5.1)."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"


SEVERITY_STATUS = {
    Severity.INFO: Status.PASSED,
    Severity.WARNING: Status.WARNING,
    Severity.FAILURE: Status.FAILED,
    Severity.UNKNOWN: Status.UNKNOWN,
}
OUTCOME_STATUS = {
    Outcome.ACCEPTED: Status.PASSED,
    Outcome.DEFERRED: Status.WARNING,
    Outcome.BOUNCED: Status.FAILED,
    Outcome.UNKNOWN: Status.UNKNOWN,
}
