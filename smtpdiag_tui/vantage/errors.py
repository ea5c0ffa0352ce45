"""What keeps a run from another vantage point."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.report.report import Report


class VantageError(Exception):
    """There is no way to a vantage point, or none any more; the text says why and what to do, in one line.

    `report` is what was known when the way ended, None where nothing was.
    """

    def __init__(self, text: str, report: "Report | None" = None) -> None:
        super().__init__(text)
        self.report = report
