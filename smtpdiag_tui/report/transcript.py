"""The raw conversation, bounded by what is stored. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from smtpdiag_tui.report.amounts import noun_for
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.visible import visible

MAX_WORDLESS = 3  # lines without a word, one after the other, that are shown one by one
MAX_UNASKED = 20  # lines that came unasked, at a time, that are shown one by one
MAX_FOLDED = 4096  # octets kept of lines that are counted and not shown

_WORDLESS = re.compile(rb"(?:[0-9]{3}[ -]?)?\s*")  # a line of nothing, or of a reply code alone
_SHARES = 8  # one session may take this part of what is left for all


class Direction(StrEnum):
    """Who an entry comes from: us, the peer, or our own remarks in between."""

    SENT = "sent"
    RECEIVED = "received"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a transcript.

    `at` is in seconds from the run's start; `text` is printable and has no line ending; `raw` holds the exact
    bytes of the line (without CR LF or LF) where making it printable changed it, else None. `facts` is what a
    remark of ours tells of this machine, if it does: whoever has the line has them.
    """

    at: float
    direction: Direction
    text: str
    tls: bool = False
    raw: bytes | None = None
    facts: StepFacts | None = field(default=None, compare=False, repr=False)


class Budget:
    """An amount that a run spends on its peers, shared out so that one peer never takes the others' part.

    `total` is meant for all, `most` for one, and `least` is never refused to one: it holds any usual session.
    """

    def __init__(self, total: int, most: int, least: int) -> None:
        self._left = total
        self._most = most
        self._least = least

    def share(self) -> int:
        """Return how much one session may spend now."""
        return min(self._most, max(self._least, self._left // _SHARES))

    def spend(self, amount: int) -> None:
        """Take what was spent from what is left for the others."""
        self._left -= amount


class TranscriptLimits:
    """How much the transcripts of one run hold: entries, and characters with the exact bytes beside them."""

    def __init__(self) -> None:
        self.entries = Budget(total=20_000, most=2_000, least=100)
        self.weight = Budget(total=4 * 1024 * 1024, most=512 * 1024, least=16 * 1024)


class Transcript:
    """Records a conversation and hands what is new to `grew` in batches, at each `flush`.

    `now` gives seconds since the run's start. A usual conversation is kept whole. Of a peer that sends lines
    without end, without words or without being asked, what goes beyond the limits folds into one entry that
    tells their number and size and keeps the first octets.
    """

    def __init__(
        self,
        now: Callable[[], float],
        grew: Callable[[tuple[Entry, ...]], None],
        limits: TranscriptLimits | None = None,
    ) -> None:
        self._now = now
        self._grew = grew
        self._limits = limits or TranscriptLimits()
        self._pending: list[Entry] = []
        self._folded = _Folded()
        self._last: Entry | None = None  # the newest line behind the folded ones: it ends a reply, so it is shown
        self._wordless = 0
        self.new_session()

    def new_session(self) -> None:
        """Begin another session: it has room of its own, whatever an earlier one used up."""
        self._unfold()
        self._entries_left = self._limits.entries.share()
        self._weight_left = self._limits.weight.share()

    def sent(self, line: bytes, *, tls: bool = False) -> None:
        """Record one line sent, given without its line ending."""
        self._unfold()
        self._keep(self._entry(Direction.SENT, line, tls))

    def received(self, line: bytes, *, tls: bool = False) -> None:
        """Record one line received, given without its line ending."""
        entry = self._entry(Direction.RECEIVED, line, tls)
        self._wordless = self._wordless + 1 if _WORDLESS.fullmatch(line) else 0
        if self._wordless <= MAX_WORDLESS and self._fits(entry):
            self._unfold()
            self._keep(entry)
            return
        if self._last is not None:
            self._folded.add(_octets(self._last))
        self._last = entry

    def received_unasked(self, lines: Sequence[bytes], *, tls: bool = False) -> None:
        """Record lines that are no reply to anything, each without its line ending: the first ones are shown."""
        for line in lines[:MAX_UNASKED]:
            self.received(line, tls=tls)
        self._unfold()
        for line in lines[MAX_UNASKED:]:
            self._folded.add(line)
        self._unfold()

    def note(self, text: str, facts: StepFacts | None = None) -> None:
        """Record a remark of ours, and what it tells as data; a peer's words in it are made printable too."""
        self._unfold()
        self._keep(Entry(self._now(), Direction.NOTE, visible(text), facts=facts))

    def flush(self) -> None:
        """Hand over what came since the last flush, as one batch; nothing if nothing came."""
        if self._pending:
            batch, self._pending = tuple(self._pending), []
            self._grew(batch)

    def _entry(self, direction: Direction, line: bytes, tls: bool) -> Entry:
        text = visible(line)
        raw = line if text.encode("utf-8") != line else None
        return Entry(self._now(), direction, text, tls, raw)

    def _fits(self, entry: Entry) -> bool:
        if self._weight_left < _weight(entry):
            self._entries_left = 0  # a short line between two that are folded would say nothing
        return self._entries_left > 0

    def _keep(self, entry: Entry) -> None:
        self._pending.append(entry)
        weight = _weight(entry)
        self._limits.entries.spend(1)
        self._limits.weight.spend(weight)
        self._entries_left -= 1
        self._weight_left -= weight

    def _unfold(self) -> None:
        """Tell what was folded, as one entry, and show the line that came last unless it is a giant itself."""
        last, self._last = self._last, None
        if last is not None and _weight(last) > MAX_FOLDED:
            self._folded.add(_octets(last))
            last = None
        if self._folded.lines:
            folded, self._folded = self._folded, _Folded()
            self._keep(Entry(self._now(), Direction.NOTE, folded.text, raw=bytes(folded.kept)))
        if last is not None:
            self._keep(last)


class _Folded:
    """Lines that are counted and not shown."""

    def __init__(self) -> None:
        self.lines = 0
        self.octets = 0
        self.kept = bytearray()

    def add(self, line: bytes) -> None:
        self.lines += 1
        self.octets += len(line)
        if len(self.kept) < MAX_FOLDED:
            self.kept += line[: MAX_FOLDED - len(self.kept)] + b"\n"

    @property
    def text(self) -> str:
        return f"{self.lines:,} more {noun_for(self.lines, 'line')} of {self.octets:,} bytes, not shown"


def _octets(entry: Entry) -> bytes:
    return entry.text.encode("utf-8") if entry.raw is None else entry.raw


def _weight(entry: Entry) -> int:
    return len(entry.text) + len(entry.raw or b"")
