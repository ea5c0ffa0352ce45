"""The queue of a local mail server, as its own program lists it: pure parsers, bounded."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from smtpdiag_tui.report.amounts import noun_for
from smtpdiag_tui.report.visible import visible

MAX_ENTRIES = 1000
MAX_TEXT = 1000  # characters of one field
_UNITS = {"m": 60, "h": 3600, "d": 86400}
_EXIM_HEAD = re.compile(
    r"\s*(\d+)([mhd])\s+\S+\s+(\S+)\s+<(.{0,1000}?)>(?:\s+\(.{0,1000}\))?(\s+\*\*\* frozen \*\*\*)?\s*"
)


@dataclass(frozen=True, slots=True)
class Queued:
    """One message on its way to one recipient, all printable. `seconds`: how long it has waited, None if not told.

    `reason` is the server's own words, "" if the list has none.
    """

    id: str
    sender: str
    recipient: str
    seconds: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in a server's queue. `more`: the list was longer than what is kept."""

    server: str
    entries: tuple[Queued, ...] = ()
    more: bool = False

    @property
    def summary(self) -> str:
        """How much there is, in one sentence."""
        if not self.entries:
            return f"The {self.server} queue is empty."
        number = len(self.entries)
        if self.more:
            return f"First {number:,} entries of the {self.server} queue; more not shown."
        return f"{number:,} {noun_for(number, 'entry')} in the {self.server} queue."


def collect(server: str, entries: Iterator[Queued], *, cut: bool) -> Queue:
    """Return the first entries as a queue, those with a reason first; `cut` if the program had more to tell."""
    kept = list(islice(entries, MAX_ENTRIES + 1))
    more = cut or len(kept) > MAX_ENTRIES
    return Queue(server, tuple(sorted(kept[:MAX_ENTRIES], key=lambda entry: not entry.reason)), more)


def age(seconds: float | None) -> str:
    """Return an age for people: `3 min`, `5 h`, `2 d`."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min"
    if seconds < 2 * 86400:
        return f"{seconds // 3600:.0f} h"
    return f"{seconds // 86400:.0f} d"


def parse_postfix(lines: Sequence[str], now: float) -> Iterator[Queued]:
    """Yield the entries of `postqueue -j`, one JSON object a line; `now` is the time of day in seconds."""
    for line in lines:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(message, dict):
            continue
        on_hold = "on hold" if message.get("queue_name") == "hold" else ""
        for recipient in _dicts(message.get("recipients")):
            yield Queued(
                _text(message, "queue_id"),
                _text(message, "sender"),
                _text(recipient, "address"),
                _waited(now, message.get("arrival_time")),
                _text(recipient, "delay_reason") or on_hold,
            )


def _dicts(values: object) -> list[dict[str, Any]]:
    """Return the objects in what ought to be a list of them."""
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def parse_exim(lines: Sequence[str]) -> Iterator[Queued]:
    """Yield the entries of `exim -bp`: age, size, id and sender, then recipients; `D` marks who has it."""
    head: re.Match[str] | None = None
    for line in lines:
        next_head = _EXIM_HEAD.fullmatch(line)
        if next_head:
            head = next_head
            continue
        recipient = line.strip()
        if head is None or not recipient or recipient.startswith("D "):
            continue
        seconds = float(min(int(head[1][:6]) * _UNITS[head[2]], 10**9))
        reason = "frozen" if head[5] else ""
        yield Queued(_short(head[3]), _short(head[4]), _short(recipient), seconds, reason)


def parse_opensmtpd(lines: Sequence[str], now: float) -> Iterator[Queued]:
    """Yield the entries of `smtpctl show queue`: fields divided by `|`, the last one the error (smtpctl(8))."""
    for line in lines:
        parts = line.split("|", 13)
        if len(parts) < 12:
            continue
        sender = "" if parts[4] == "@" else parts[4]
        reason = parts[13] if len(parts) > 13 else ""
        waited = _waited(now, _time(parts[7]))
        yield Queued(_short(parts[0]), _short(sender), _short(parts[6]), waited, _short(reason))


def _time(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def _waited(now: float, arrival: object) -> float | None:
    if isinstance(arrival, bool) or not isinstance(arrival, int | float) or not 0 < arrival < 1e11:
        return None
    return max(now - arrival, 0.0)


def _text(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    return _short(value) if isinstance(value, str) else ""


def _short(text: str) -> str:
    # A JSON escape holds what the line itself, made printable, does not show.
    return visible(text[:MAX_TEXT])
