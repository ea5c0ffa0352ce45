"""What is said where a bounce is set beside a run: what was then, what is now, and the verdict. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.bounces.met import COMMANDS
from smtpdiag_tui.bounces.reply_text import as_reply
from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.bounces.without_reply import no_reply
from smtpdiag_tui.checks.session.told import code_of
from smtpdiag_tui.local_mta.deferrals import DeferralKind
from smtpdiag_tui.report.reasons import Reason

_DEFERRALS = {
    DeferralKind.CONNECT: "no connection",
    DeferralKind.LOST: "session ended early",
    DeferralKind.DNS: "DNS lookup failed",
    DeferralKind.TLS: "TLS required, not available",
    DeferralKind.LOCAL: "kept by the sending server",
    DeferralKind.UNKNOWN: "no reply quoted",
    DeferralKind.NONE: "no reply quoted",
}
_NO_NAMES = dict.fromkeys(("host", "where", "domain", "recipient", "contact", "port"), "")


class Verdict(StrEnum):
    """What a run tells of a bounce."""

    AGAIN = "again"
    NO_LONGER = "no-longer"
    OTHERWISE = "otherwise"  # it fails, or gets through, in another way
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """The verdict as a clause."""
        return _VERDICTS[self]

    @property
    def is_sure(self) -> bool:
        """Whether something is known."""
        return self is not Verdict.UNKNOWN


_VERDICTS = {
    Verdict.AGAIN: "the same would happen again",
    Verdict.NO_LONGER: "it no longer happens",
    Verdict.OTHERWISE: "it would end otherwise",
    Verdict.UNKNOWN: "whether it would happen again is unknown",
}


@dataclass(frozen=True, slots=True)
class Beside:
    """A bounce beside a run, in clauses: `because` is what the verdict rests on, "" where `now` says it all.

    `step` is the id of the step that tells of it in the run's report, "" for none.
    """

    then: str
    now: str
    because: str
    verdict: Verdict
    step: str = ""

    @property
    def line(self) -> str:
        """All of it in one sentence without full stop."""
        clauses = [f"then {self.then}", f"now {self.now}", *([self.because] if self.because else [])]
        return f"{'; '.join(clauses)}: {self.verdict.words}"


def code_told(told: Told) -> str:
    """Return the codes of the reply that a text quotes, as `550 5.1.1`; "" without one."""
    return code_of(as_reply(told.reply)) if told.reply else ""


def then_words(told: Told, reason: Reason | None, kind: DeferralKind) -> str:
    """Return what the text told, in a clause: `550 5.7.26 after DATA (authentication)`."""
    where = COMMANDS.get(told.phase.value, "") if told.phase is not None else ""
    if told.reply is None:
        return f"{_DEFERRALS[kind]}{f' {where}' if told.phase is not None and told.phase != 'connect' else ''}"
    words = f"{code_told(told)} {where}".rstrip()
    return f"{words}{reason_words(reason)}"


def reason_words(reason: Reason | None) -> str:
    """Return a reason in brackets behind a blank, "" where none is known."""
    return "" if reason in (None, Reason.UNEXPLAINED) else f" ({reason})"


def kind_of(told: Told) -> DeferralKind:
    """Return what kept the message, by the words of the mail server where it quotes no reply."""
    return DeferralKind.REPLY if told.reply is not None else no_reply(told.words, _NO_NAMES).kind
