"""What a batch comes to: counts by outcome and reason, and the table of them. Pure."""

from collections import Counter
from dataclasses import dataclass, field

from smtpdiag_tui.report.status import Outcome

INVALID = "invalid line"
FAILED = "error"
Kind = tuple[str, str]  # an outcome, FAILED or INVALID, and what decided it
_ORDER = {word: place for place, word in enumerate((*(item.value for item in Outcome), FAILED, INVALID))}


@dataclass(slots=True)
class Tally:
    """Counts of a batch. `kinds`: by outcome and by what decided it; `earlier`: those that the file held already.

    `repeated` are the pairs that stood in the input before, `elsewhere` those of another part.
    """

    kinds: Counter[Kind] = field(default_factory=Counter)
    earlier: Counter[Kind] = field(default_factory=Counter)
    repeated: int = 0
    elsewhere: int = 0

    @property
    def runs(self) -> int:
        """How many pairs were run, those included that failed."""
        return sum(number for (outcome, _), number in self.kinds.items() if outcome != INVALID)

    @property
    def all_kinds(self) -> Counter[Kind]:
        """The counts of what was run and of what the file held."""
        return self.kinds + self.earlier

    @property
    def whole(self) -> bool:
        """Whether each line was a pair, and each pair has a report, be it of an earlier batch."""
        return not any(outcome in (FAILED, INVALID) for outcome, _ in self.all_kinds)

    @property
    def dealt_with(self) -> int:
        """How many lines need no more work."""
        return self.all_kinds.total() + self.repeated + self.elsewhere

    def table(self, seconds: float) -> str:
        """Return the counts as lines of columns, and what the whole took."""
        rows = sorted(self.all_kinds.items(), key=lambda item: (_ORDER.get(item[0][0], 99), -item[1], item[0][1]))
        cells = [(outcome, reason or "-", f"{number:,}") for (outcome, reason), number in rows]
        widths = [max(map(len, column)) for column in zip(("outcome", "reason", "pairs"), *cells, strict=True)]
        lines = [
            f"{outcome:<{widths[0]}}  {reason:<{widths[1]}}  {number:>{widths[2]}}"
            for outcome, reason, number in [("outcome", "reason", "pairs"), *cells]
        ]
        return "\n".join([*(lines if cells else ()), self._last_line(seconds), ""])

    def _last_line(self, seconds: float) -> str:
        rate = f", {self.runs / seconds:.1f} per second" if seconds > 0 and self.runs else ""
        more = (
            (self.repeated, "repeated"),
            (self.earlier.total(), "already in the file"),
            (self.elsewhere, "in other parts"),
        )
        rest = "".join(f"; {number:,} {words}" for number, words in more if number)
        return f"{self.runs:,} run in {duration(seconds)}{rate}{rest}"


def duration(seconds: float) -> str:
    """Return a time as a person says it, in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
