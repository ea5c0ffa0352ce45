"""One text of the kind that people paste, with all that is to be read out of it, and what it means."""

from dataclasses import dataclass
from datetime import UTC, datetime

from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.report.status import Outcome

ACCEPTED, DEFERRED, BOUNCED, UNKNOWN = Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.BOUNCED, Outcome.UNKNOWN


@dataclass(frozen=True)
class Sample:
    """A text, its kind, each delivery that it tells of, and the outcome, reason and side of each.

    A reason or side is "" where there is none.
    """

    name: str
    text: str | bytes
    form: str
    told: tuple[Told, ...]
    means: tuple[tuple[Outcome, str, str], ...]
    note: str = ""

    @property
    def data(self) -> bytes:
        """The text as it comes from a file."""
        return self.text if isinstance(self.text, bytes) else self.text.encode()


def at(text: str) -> datetime:
    """Return a time in UTC that is written as `2026-11-28T04:20:01`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
