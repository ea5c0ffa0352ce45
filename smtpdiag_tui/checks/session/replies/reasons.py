"""What each reason comes to: its short name, whom it is about, its side, what it means and what to do. Pure.

`data/reasons.toml` holds an entry for each `Reason`: `name` (in a message, in brackets), `party` (none where it
does not tell), `side`, `meaning`, `advice` and `reference`; if need be `meaning-now` and `advice-now` for a 4yz,
and `advice-mx` where an MX host of the domain says it.
"""

from dataclasses import dataclass
from functools import cache

from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What is told of one reason. `{name}` in meaning and advice stands for what `filling.py` puts there."""

    name: str
    party: Party | None
    side: Side
    meaning: str
    advice: str
    reference: str
    meaning_now: str
    advice_now: str
    advice_mx: str

    def meaning_for(self, first_digit: int) -> str:
        """Return the meaning of a reply of this class."""
        return self.meaning_now if first_digit == 4 else self.meaning

    def advice_for(self, first_digit: int, *, aside: bool) -> str:
        """Return what to do about a reply of this class; `aside`: it is no MX host's."""
        if not aside and self.advice_mx:
            return self.advice_mx
        return self.advice_now if first_digit == 4 else self.advice


@cache
def reason_texts() -> dict[Reason, ReasonText]:
    """Return what is told of each reason, read once."""
    # A run that meets no refusal needs neither.
    import tomllib
    from importlib import resources

    path = resources.files("smtpdiag_tui.checks.session").joinpath("data", "reasons.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {Reason(name): _text(entry) for name, entry in data.items()}


def _text(entry: dict[str, str]) -> ReasonText:
    return ReasonText(
        name=entry["name"],
        party=Party(entry["party"]) if "party" in entry else None,
        side=Side(entry["side"]),
        meaning=entry["meaning"],
        advice=entry["advice"],
        reference=entry["reference"],
        meaning_now=entry.get("meaning-now", entry["meaning"]),
        advice_now=entry.get("advice-now", entry["advice"]),
        advice_mx=entry.get("advice-mx", ""),
    )
