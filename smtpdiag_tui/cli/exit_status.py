"""What the command tells its caller."""

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.report.report import Report


class ExitStatus(IntEnum):
    """What the command tells its caller."""

    ACCEPTED = 0
    DEFERRED = 1
    USAGE = 2
    BOUNCED = 3
    UNKNOWN = 4
    INTERRUPTED = 130


def exit_status(report: "Report") -> ExitStatus:
    """Return the status that stands for the outcome of a run."""
    return ExitStatus[report.outcome.name] if report.outcome is not None else ExitStatus.UNKNOWN
