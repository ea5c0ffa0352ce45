"""The raw conversation, and the one place where a peer's bytes become printable text."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

MOST_MARKS = 4  # on one letter; Hebrew with accents comes to that, Thai, Vietnamese and Hindi to less
# Fillers and joiners that count as letters or marks and leave nothing to be seen.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
# Besides the marks: what terminals draw into the cell before it (jamo, vowels, skin tones).
_JOINING = re.compile("[\u06de\u1160-\u11ff\u19b0-\u19c9\u1cf2\u1cf3\ud7b0-\ud7fb\U0001f3fb-\U0001f3ff]")
# The blocks that hold all of these, and some letters: what has none of them is looked at no further.
_MAY_JOIN = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u1dff\u20d0-\u20ff\u2cef-\u2dff\u302a-\u309a\u3164\ua66f-\uabff"
    "\ud7b0-\ufe2f\uffa0\U00010000-\U0001efff\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)


class Direction(StrEnum):
    """Who an entry comes from: us, the peer, or our own remarks in between."""

    SENT = "sent"
    RECEIVED = "received"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a transcript.

    `at` is in seconds from the run's start; `text` is printable and has no line ending; `raw` holds the exact
    bytes of the line (without CR LF or LF) where making it printable changed it, else None.
    """

    at: float
    direction: Direction
    text: str
    tls: bool = False
    raw: bytes | None = None


def visible(value: bytes | str) -> str:
    r"""Return `value` as one printable line: what does not print becomes a visible escape.

    Bytes are read as UTF-8; what is no UTF-8 becomes `\xNN`. Control characters (C0 with TAB, DEL, C1),
    bidirectional overrides, zero-width and other format characters, line separators, unassigned and private
    code points and lone surrogates become `\xNN`, `\uNNNN` or `\UNNNNNNNN`. So do marks without a letter to stand
    on, and more than `MOST_MARKS` on one: they would pile up in a cell, or in somebody else's. What was made
    visible once stays as it is. Nothing here is undone by the reader: exact bytes are kept beside the text where
    they matter.
    """
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    if text.isprintable() and (text.isascii() or not _MAY_JOIN.search(text)):
        return text
    shown: list[str] = []
    room = 0  # for marks on what stands before
    for char in text:
        if not char.isprintable() or char in _INVISIBLE:
            shown.append(_escape(ord(char)))
            room = 0
        elif char.isascii() or not _joins(char):
            shown.append(char)
            room = 0 if char == " " else MOST_MARKS
        elif room:
            shown.append(char)
            room -= 1
        else:
            shown.append(_escape(ord(char)))
    return "".join(shown)


def _joins(char: str) -> bool:
    """Whether a character is drawn into the cell of the one before it."""
    return unicodedata.category(char).startswith("M") or _JOINING.match(char) is not None


def _escape(point: int) -> str:
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


class Transcript:
    """Records a conversation and hands what is new to `grew` in batches, at each `flush`.

    `now` gives seconds since the run's start.
    """

    def __init__(self, now: Callable[[], float], grew: Callable[[tuple[Entry, ...]], None]) -> None:
        self._now = now
        self._grew = grew
        self._pending: list[Entry] = []

    def sent(self, line: bytes, *, tls: bool = False) -> None:
        """Record one line sent, given without its line ending."""
        self._line(Direction.SENT, line, tls)

    def received(self, line: bytes, *, tls: bool = False) -> None:
        """Record one line received, given without its line ending."""
        self._line(Direction.RECEIVED, line, tls)

    def note(self, text: str) -> None:
        """Record a remark of ours; a peer's words in it are made printable too."""
        self._pending.append(Entry(self._now(), Direction.NOTE, visible(text)))

    def flush(self) -> None:
        """Hand over what came since the last flush, as one batch; nothing if nothing came."""
        if self._pending:
            batch, self._pending = tuple(self._pending), []
            self._grew(batch)

    def _line(self, direction: Direction, line: bytes, tls: bool) -> None:
        text = visible(line)
        raw = line if text.encode("utf-8") != line else None
        self._pending.append(Entry(self._now(), direction, text, tls, raw))
