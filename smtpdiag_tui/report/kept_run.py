"""What a list of kept runs tells of each. Plain data."""

from dataclasses import dataclass
from datetime import datetime

from smtpdiag_tui.report.status import Outcome


@dataclass(frozen=True, slots=True)
class KeptRun:
    """One kept run. `key` is where it is kept; `number` names it on the command line, 0 for one that has none.

    `reason` is why it came to its outcome, in a word, `where` its vantage point or host, "" for what it does not
    tell. `own` are names and addresses of that host, for whoever masks them. `error` says in one sentence why a
    run cannot be told of; then all else is empty. `cancelled`: it was called off.
    """

    key: str
    number: int = 0
    started: datetime | None = None
    sender: str = ""
    recipient: str = ""
    outcome: Outcome | None = None
    reason: str = ""
    headline: str = ""
    where: str = ""
    own: tuple[str, ...] = ()
    error: str = ""
    cancelled: bool = False

    @property
    def pair(self) -> tuple[str, str]:
        """Sender and recipient."""
        return self.sender, self.recipient
