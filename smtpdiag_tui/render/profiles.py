"""Sender profiles grouped by what becomes of the message, each group with its reason. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.report.conclusions import SenderResult
from smtpdiag_tui.report.status import OUTCOME_STATUS, Status

STANDARD = "standard"  # the profile whose outcome is the report's
NOT_REACHABLE = "not reachable"


@dataclass(frozen=True, slots=True)
class ProfileGroup:
    """Profiles that fare alike: `word` is what becomes of the message, `reason` why.

    The reason is "" where the headline tells it.
    """

    status: Status
    word: str
    titles: tuple[str, ...]
    reason: str

    @property
    def line(self) -> str:
        """The group in one line: `deferred: verified TLS (certificate expired 3 days ago)`."""
        line = f"{self.word}: {', '.join(self.titles)}"
        if "(" in self.reason:
            return f"{line}; {self.reason}"  # brackets in brackets are hard to read
        return f"{line} ({self.reason})" if self.reason else line


def profile_groups(senders: Sequence[SenderResult]) -> tuple[ProfileGroup, ...]:
    """Return the groups in the order of their first profiles; where all is as for the standard one, no reason."""
    standard = next((sender for sender in senders if sender.name == STANDARD), None)
    groups: dict[tuple[Status, str, str], list[str]] = {}
    for sender in senders:
        # Where nobody is turned to at all, a profile is not left out for what it asks for.
        nowhere = sender_status(sender) is Status.SKIPPED and not _fares_alike(sender, standard)
        status = Status.SKIPPED if nowhere else OUTCOME_STATUS[sender.outcome]
        word = NOT_REACHABLE if nowhere else sender.outcome.value
        reason = "" if _fares_alike(sender, standard) else sender.summary
        groups.setdefault((status, word, reason), []).append(sender.title)
    return tuple(
        ProfileGroup(status, word, tuple(titles), reason) for (status, word, reason), titles in groups.items()
    )


def sender_status(sender: SenderResult) -> Status:
    """Return what a profile looks like: skipped where it has no address to connect to."""
    if sender.name != STANDARD and not sender.attempts:
        return Status.SKIPPED
    return OUTCOME_STATUS[sender.outcome]


def _fares_alike(sender: SenderResult, standard: SenderResult | None) -> bool:
    """Whether a profile ends as the standard one does, for the same reason."""
    if standard is None or sender.outcome is not standard.outcome:
        return False
    if sender is standard or sender.summary == standard.summary:
        return True
    if not sender.attempts or not standard.attempts:
        return False
    own, other = sender.attempts[-1], standard.attempts[-1]
    return own.result == other.result and (own.reply == other.reply or own.result == "accepted")
