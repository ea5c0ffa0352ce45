"""A comparison of two runs in one line: what a log or a chat wants. Pure."""

from smtpdiag_tui.render.comparison.words import amounts, headline, outcome_word, parties
from smtpdiag_tui.report.comparison import Comparison
from smtpdiag_tui.report.visible import visible


def to_summary(found: Comparison) -> str:
    """Return outcome, addresses, headline and how much changed, in one whole line."""
    said = headline(found)
    more = "" if found.is_none or said.endswith(amounts(found)) else f" [{amounts(found)}]"
    return visible(f"{outcome_word(found.new).upper()} {parties(found)}: {said}{more}") + "\n"
