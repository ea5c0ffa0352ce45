"""What several runs over one network have in common."""

from dataclasses import dataclass

from smtpdiag_tui.checks.lookups.shared_answers import SharedAnswers
from smtpdiag_tui.engine.politeness import Polite


@dataclass(frozen=True, slots=True)
class Shared:
    """Who gives leave for sessions, and the DNS answers that are known."""

    politeness: Polite
    answers: SharedAnswers
