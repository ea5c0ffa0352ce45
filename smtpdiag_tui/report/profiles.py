"""What a sender profile looks like: one rule for the tree, the reports and the interface. Pure."""

from smtpdiag_tui.report.conclusions import SenderResult
from smtpdiag_tui.report.status import OUTCOME_STATUS, Status

STANDARD = "standard"  # the profile whose outcome is the report's
NOT_REACHABLE = "not reachable"  # said of a profile that has no address to connect to


def profile_status(sender: SenderResult, standard: SenderResult | None) -> Status:
    """Return a profile's status: its outcome's; skipped where only this profile has no address to connect to.

    Where it ends as the standard one does, it is not left out for what it asks for.
    """
    if sender.name != STANDARD and not sender.attempts and not fares_alike(sender, standard):
        return Status.SKIPPED
    return OUTCOME_STATUS[sender.outcome]


def profile_word(sender: SenderResult, standard: SenderResult | None) -> str:
    """Return what becomes of the message, in the word that goes with the profile's status."""
    skipped = profile_status(sender, standard) is Status.SKIPPED
    return NOT_REACHABLE if skipped else sender.outcome.value


def fares_alike(sender: SenderResult, standard: SenderResult | None) -> bool:
    """Whether a profile ends as the standard one does, for the same reason."""
    if standard is None or sender.outcome is not standard.outcome:
        return False
    if sender is standard or sender.summary == standard.summary:
        return True
    if not sender.attempts or not standard.attempts:
        return False
    own, other = sender.attempts[-1], standard.attempts[-1]
    return own.result == other.result and (own.reply == other.reply or own.result == "accepted")
