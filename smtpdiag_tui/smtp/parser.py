"""Reads replies out of a stream of bytes, however it is cut: bytes in, lines and whole replies out.

A reply is one or more lines; `ddd-` goes on, `ddd ` or a bare `ddd` ends it (RFC 5321 §4.2). A peer that breaks
the rules is what a diagnosis is about, so nothing here raises: what is wrong comes out as data.
"""

import re
from dataclasses import dataclass

from smtpdiag_tui.smtp.reply import Defect, Reply

# A reply line has at most 512 octets (RFC 5321 §4.5.3.1.5). The caps are far above what any server sends and low
# enough that sixteen hostile peers at once cannot hurt.
MAX_PROPER_LINE = 512
MAX_LINE = 64 * 1024
MAX_REPLY = 256 * 1024
# What is kept of one reply. EHLO replies have some twenty lines; the longest greetings are legal texts of fifty.
MAX_KEPT_LINES = 1000
MAX_KEPT = 64 * 1024

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])|\Z)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it came, without its line ending (CR LF, or LF alone). A CR elsewhere is kept."""

    data: bytes


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line or a reply passed its cap; `partial` is what was held of the line that did. Nothing follows."""

    partial: bytes


Event = Line | Reply | TooLong


class ReplyParser:
    """Takes bytes by `receive` and gives, by `next_event`, each line as it is complete, then the reply it ends.

    It never holds more than MAX_REPLY octets of a reply and of what follows it. What would pass that is dropped,
    and the parser, which cannot know any more where a line begins, gives TooLong from there on.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0  # octets of the buffer known to hold no line feed: keeps one octet at a time linear
        self._lines: list[bytes] = []
        self._codes: set[bytes] = set()
        self._defects: set[Defect] = set()
        self._size = 0
        self._kept = 0
        self._omitted = 0
        self._whole: Reply | None = None
        self._dropped = False
        self._stuck = False

    @property
    def held(self) -> int:
        """How many octets are held: lines of a reply that is not whole yet, and what is unread."""
        return self._size + len(self._buffer)

    @property
    def unread(self) -> bytes:
        """The bytes beyond what has come out as lines."""
        return bytes(self._buffer)

    def receive(self, data: bytes) -> None:
        """Take what arrived."""
        if self._stuck:
            return
        room = max(0, MAX_REPLY + 1 - self.held)
        self._dropped = self._dropped or len(data) > room
        self._buffer += data[:room]

    def next_event(self) -> Event | None:
        """Return the next line, reply or TooLong; None if more bytes are needed for it."""
        if self._whole is not None:
            reply, self._whole = self._whole, None
            self._begin()
            return reply
        end = self._buffer.find(b"\n", self._searched)
        used = end + 1 if end >= 0 else len(self._buffer)
        content = end if end >= 0 else used
        if self._stuck or content > MAX_LINE or self._size + used > MAX_REPLY or (end < 0 and self._dropped):
            return self._too_long()
        if end < 0:
            self._searched = used
            return None
        raw = bytes(self._buffer[:used])
        del self._buffer[:used]
        self._searched = 0
        self._size += used
        return Line(self._take_line(raw))

    def clear(self) -> bytes:
        """Forget the reply under way and all unread bytes; return the latter."""
        data = bytes(self._buffer)
        self._buffer.clear()
        self._searched = 0
        self._whole = None
        self._begin()
        return data

    def _begin(self) -> None:
        self._lines.clear()
        self._codes.clear()
        self._defects.clear()
        self._size = 0
        self._kept = 0
        self._omitted = 0

    def _too_long(self) -> TooLong:
        partial = bytes(self._buffer[: max(0, min(MAX_LINE, MAX_REPLY - self._size))])
        self.clear()
        self._stuck = True
        return TooLong(partial)

    def _take_line(self, raw: bytes) -> bytes:
        line = raw[:-2] if raw.endswith(b"\r\n") else raw[:-1]
        if not raw.endswith(b"\r\n"):
            self._defects.add(Defect.BARE_LINE_FEED)
        if len(raw) > MAX_PROPER_LINE:
            self._defects.add(Defect.LONG_LINE)
        if b"\r" in line:
            self._defects.add(Defect.BARE_CARRIAGE_RETURN)
        if not line.isascii():
            self._defects.add(Defect.EIGHT_BIT)
        match = _LINE.match(line)
        if match is None:
            self._defects.add(Defect.MALFORMED)
            self._end(0, line)
            return line
        self._codes.add(match[1])
        if match[2] == b"-":
            self._keep(line)
            return line
        if len(self._codes) > 1:
            self._defects.add(Defect.CODES_DIFFER)
        self._end(int(match[1]), line)
        return line

    def _keep(self, line: bytes) -> None:
        """Keep a line that does not end its reply; none behind the first that is left out."""
        self._kept += len(line)
        if self._omitted or len(self._lines) >= MAX_KEPT_LINES or self._kept > MAX_KEPT:
            self._omitted += 1
        else:
            self._lines.append(line)

    def _end(self, code: int, last: bytes) -> None:
        self._whole = Reply(code, (*self._lines, last), frozenset(self._defects), self._omitted)


def split_lines(data: bytes) -> list[bytes]:
    """Cut bytes into lines as the parser does, the unfinished last one included."""
    lines = data.split(b"\n")
    last = lines.pop()
    return [line.removesuffix(b"\r") for line in lines] + ([last] if last else [])
