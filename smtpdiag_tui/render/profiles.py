"""Sender profiles grouped by what becomes of the message, each group with its reason. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.report.conclusions import SenderResult
from smtpdiag_tui.report.profiles import STANDARD, fares_alike, profile_status, profile_word
from smtpdiag_tui.report.status import Status

_MOST_NAMED = 4  # profiles: more do not fit into a line


@dataclass(frozen=True, slots=True)
class ProfileGroup:
    """Profiles that fare alike: `word` is what becomes of the message, `reason` why.

    The reason is "" where the headline tells it. `all_alike`: there are no others.
    """

    status: Status
    word: str
    titles: tuple[str, ...]
    reason: str
    all_alike: bool = False

    @property
    def line(self) -> str:
        """The group in one line: `deferred: verified TLS (certificate expired 3 days ago)`."""
        number = len(self.titles)
        counted = self.all_alike and number > _MOST_NAMED
        line = f"{self.word}: {f'all {number} profiles' if counted else ', '.join(self.titles)}"
        if "(" in self.reason:
            return f"{line}; {self.reason}"  # brackets in brackets are hard to read
        return f"{line} ({self.reason})" if self.reason else line


def profile_groups(senders: Sequence[SenderResult]) -> tuple[ProfileGroup, ...]:
    """Return the groups in the order of their first profiles; where all is as for the standard one, no reason."""
    standard = next((sender for sender in senders if sender.name == STANDARD), None)
    groups: dict[tuple[Status, str, str], list[str]] = {}
    for sender in senders:
        status, word = profile_status(sender, standard), profile_word(sender, standard)
        reason = "" if fares_alike(sender, standard) else sender.summary
        groups.setdefault((status, word, reason), []).append(sender.title)
    return tuple(
        ProfileGroup(status, word, tuple(titles), reason, all_alike=len(groups) == 1)
        for (status, word, reason), titles in groups.items()
    )
