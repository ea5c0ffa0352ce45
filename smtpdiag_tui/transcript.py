"""The raw conversation, and the one place where a peer's bytes become printable text."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


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
    code points and lone surrogates become `\xNN`, `\uNNNN` or `\UNNNNNNNN`. Nothing here is undone by
    the reader: exact bytes are kept beside the text where they matter.
    """
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in text)


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
