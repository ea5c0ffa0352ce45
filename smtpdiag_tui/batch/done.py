"""What a file of an earlier batch holds: which pairs and bad lines, and what each came to. Pure."""

import json
import re
from dataclasses import dataclass
from typing import Any

from smtpdiag_tui.batch.pairs import bad_key, pair_key
from smtpdiag_tui.batch.seen import Seen
from smtpdiag_tui.batch.tally import FAILED, INVALID, Kind
from smtpdiag_tui.report.status import Outcome

_OUTCOMES = frozenset(item.value for item in Outcome)
_MOST_KINDS = 60_000  # as many as marks tell apart
_WORD = re.compile(r"[a-z0-9-]{1,60}", re.ASCII)  # a reason or a code: nothing else is put into the table


@dataclass(frozen=True, slots=True)
class DoneLine:
    """One line: the key of the pair or of the bad line, and what it counts as."""

    key: str
    kind: Kind


class Done:
    """The keys that need no run, and what each counts as. The first line of a key counts."""

    def __init__(self) -> None:
        self._seen = Seen()
        self._marks: dict[Kind, int] = {}
        self._kinds: list[Kind] = []  # by their marks

    def __len__(self) -> int:
        return len(self._seen)

    def __contains__(self, key: str) -> bool:
        return key in self._seen

    def add(self, line: DoneLine) -> None:
        """Take in a line."""
        kind = line.kind if line.kind in self._marks or len(self._kinds) < _MOST_KINDS else (line.kind[0], "")
        if kind not in self._marks:
            self._marks[kind] = len(self._kinds)
            self._kinds.append(kind)
        self._seen.add(line.key, self._marks[kind])

    def kind_of(self, key: str) -> Kind | None:
        """Return what the line of a key counts as, None for a key that no line has."""
        mark = self._seen.mark_of(key)
        return None if mark is None else self._kinds[mark]


def read_line(line: bytes) -> DoneLine | None:
    """Return what a line tells of; None for one that is no line of a batch."""
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("line"), int):
        return None
    sender, recipient, text = value.get("sender"), value.get("recipient"), value.get("text")
    if isinstance(sender, str) and isinstance(recipient, str):
        return DoneLine(pair_key(sender, recipient), _kind(value))
    return DoneLine(bad_key(text), (INVALID, "")) if isinstance(text, str) and "error" in value else None


def _kind(value: dict[str, Any]) -> Kind:
    """Return what a pair came to; a line that others wrote may say less."""
    outcome = value.get("outcome")
    if not isinstance(outcome, str) or outcome not in _OUTCOMES:
        return (FAILED, "") if "error" in value else (Outcome.UNKNOWN.value, "")
    decided = (value.get("reason"), value.get("cause"))
    return outcome, next((word for word in decided if isinstance(word, str) and _WORD.fullmatch(word)), "")
