"""One run from one of several vantage points. Plain data."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.report.report import Report
    from smtpdiag_tui.settings import Via


@dataclass(frozen=True, slots=True)
class Vantage:
    """What came of the run from `via`. `report` is None where there was none: then `error` says why, in one line.

    A report together with an error is what was known when the connection ended. `whole`: smtpdiag itself ran
    there; else its connections went through that host, and what cannot go that way (UDP) was skipped.
    """

    via: "Via"
    report: "Report | None" = None
    error: str = ""
    whole: bool = False
