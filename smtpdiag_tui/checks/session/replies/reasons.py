"""What each reason comes to: its short name, whom it is about, its side, what it means and what to do. Pure.

`data/reasons.toml` holds an entry for each `Reason`: `name` (in a message, in brackets), `party` (none where it
does not tell), `side`, `meaning`, `advice` and `reference`; if need be `meaning-now` and `advice-now` for a 4yz,
and `advice-mx` where an MX host of the domain says it. `actor`, `actor-now` and `actor-mx` name who acts on these.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from smtpdiag_tui.report.actions import Action, actions_from
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
    actions: tuple[Action, ...]
    reference: str
    meaning_now: str
    actions_now: tuple[Action, ...]
    actions_mx: tuple[Action, ...]

    def meaning_for(self, first_digit: int) -> str:
        """Return the meaning of a reply of this class."""
        return self.meaning_now if first_digit == 4 else self.meaning

    def actions_for(self, first_digit: int, *, aside: bool) -> tuple[Action, ...]:
        """Return what to do about a reply of this class; `aside`: no MX host sent it."""
        if not aside and self.actions_mx:
            return self.actions_mx
        return self.actions_now if first_digit == 4 else self.actions


@cache
def reason_texts() -> dict[Reason, ReasonText]:
    """Return what is told of each reason, read once."""
    # A run that meets no refusal needs neither.
    import tomllib
    from importlib import resources

    path = resources.files("smtpdiag_tui.checks.session").joinpath("data", "reasons.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {Reason(name): _text(entry) for name, entry in data.items()}


def _text(entry: dict[str, Any]) -> ReasonText:
    actions = actions_from(entry)
    return ReasonText(
        name=entry["name"],
        party=Party(entry["party"]) if "party" in entry else None,
        side=Side(entry["side"]),
        meaning=entry["meaning"],
        actions=actions,
        reference=entry["reference"],
        meaning_now=entry.get("meaning-now", entry["meaning"]),
        actions_now=actions_from(entry, "advice-now", "actor-now") or actions,
        actions_mx=actions_from(entry, "advice-mx", "actor-mx"),
    )
