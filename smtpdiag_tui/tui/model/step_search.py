"""Looking for words among the steps: in their titles, details and findings. Pure."""

from collections.abc import Collection

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step


class StepSearch:
    """The words looked for, the steps that have them, and the one gone to last. Case does not matter.

    `query` is what is looked for, empty for nothing; `current` the id of a step.
    """

    def __init__(self) -> None:
        self.open = False
        self.query = ""
        self.matches: list[str] = []
        self.current: str | None = None
        self._hidden = 0

    @property
    def words(self) -> str:
        """How many steps there are, for people; empty while nothing is looked for."""
        if not self.query:
            return ""
        if not self.matches:
            hidden = f" ({self._hidden} hidden; !: show all)" if self._hidden else ""
            return f"{self.query}: not found{hidden}"
        if self.current not in self.matches:
            return f"{self.query}: {len(self.matches)}"
        return f"{self.query}: {self.matches.index(self.current) + 1} of {len(self.matches)}"

    def look_for(self, query: str, report: Report, among: Collection[str] | None) -> None:
        """Look for `query` in the steps of a report, of those named alone where some are."""
        self.query = query
        self.matches, self._hidden = [], 0
        if query:
            wanted = query.lower()
            found = [key for key, step in report.steps.items() if wanted in _searched(step).lower()]
            self.matches = [key for key in found if among is None or key in among]
            self._hidden = len(found) - len(self.matches)

    def close(self) -> None:
        """Forget what was looked for."""
        self.open, self.query, self.matches, self.current = False, "", [], None


def _searched(step: Step) -> str:
    found = " ".join(f"{finding.code} {finding.message}" for finding in step.findings)
    return f"{step.title} {step.detail} {found}"
