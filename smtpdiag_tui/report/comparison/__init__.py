"""Two runs side by side: what changed, as facts and problems, whichever machine or question each is of. Pure."""

from smtpdiag_tui.report.comparison.compare import Comparison, compare
from smtpdiag_tui.report.comparison.facts import Fact, FactKind

__all__ = ["Comparison", "Fact", "FactKind", "compare"]
