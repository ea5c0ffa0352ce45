"""Reads a message as it would go out: header fields, body, line ends. Nothing judged. Pure.

A mail server makes CRLF of the line ends of a file (RFC 5321 §2.3.8), ends the last line, and ends the header at
the first line that is no field: what is told here is the message after that. All is linear in the message's size,
and of the header at most MAX_HEADER octets are taken apart.
"""

import re
from dataclasses import dataclass, field

MAX_HEADER = 1024 * 1024  # octets that are taken apart; servers take 32 KiB to 256 KiB
MAX_LINE = 998  # octets without the CRLF (RFC 5322 §2.1.1)

_NAME = re.compile(rb"([!-9;-~]+)([ \t]*):")
_LINE_END, _LINE_ENDS = b"\r\n", b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One header field: its name as written, and all behind the colon, folded as it was, without the last CRLF.

    `loose`: blanks stand before the colon, which the obsolete syntax alone allows (RFC 5322 §4.5).
    """

    name: bytes
    raw: bytes
    loose: bool = False

    @property
    def key(self) -> bytes:
        """The name in lower case."""
        return self.name.lower()

    @property
    def value(self) -> bytes:
        """The value in one line, without the blanks around it (RFC 5322 §2.2.3)."""
        return self.raw.replace(_LINE_END, b"").strip(b" \t")


@dataclass(frozen=True, slots=True)
class LineEnds:
    """How many line ends of each kind a file has: `lf` without CR before it, `cr` without LF behind it."""

    crlf: int
    lf: int
    cr: int

    @property
    def mixed(self) -> bool:
        """Whether LF alone stands among CRLF: a file with one kind throughout is as good as any."""
        return bool(self.crlf and self.lf)


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message as it goes out, taken apart.

    `size` counts octets with CRLF as line end (RFC 1870 §5). `broken_line` is the number of the line in the file
    that ended the header and is no field, None where a blank line did or nothing came; `separated`: there was a
    blank line. `mailbox_line`: the file began with the "From " of an mbox, which is left out. `header_cut`: not
    all of the header was read.
    `long_lines` are those of more than MAX_LINE octets, `longest` the octets of the longest.
    """

    size: int
    fields: tuple[HeaderField, ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    header_size: int = 0
    header_cut: bool = False
    separated: bool = False
    broken_line: int | None = None
    mailbox_line: bool = False
    line_ends: LineEnds = LineEnds(0, 0, 0)
    long_lines: int = 0
    longest: int = 0
    nul: bool = False
    eight_bit: bool = False
    eight_bit_header: bool = False

    @property
    def header_is_utf8(self) -> bool:
        """Whether all fields that were read are UTF-8 (RFC 6532 §3.1)."""
        try:
            for item in self.fields:
                item.raw.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    def named(self, name: bytes) -> tuple[HeaderField, ...]:
        """Return the fields of a name, given in lower case, in their order."""
        return tuple(item for item in self.fields if item.key == name)


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the header ends, and what was met there; `size` octets with the CRLF of its last field."""

    fields: tuple[HeaderField, ...]
    size: int
    cut: bool = False
    separated: bool = False
    broken_line: int | None = None


def read_message(content: bytes) -> ReadMessage:
    """Take a message apart; whatever octets there are, it never fails."""
    ends = _line_ends(content)
    wire, mailbox_line = _as_sent(content, ends)
    if not wire:
        return ReadMessage(0, line_ends=ends, mailbox_line=mailbox_line)
    header = _read_header(wire)
    body = wire[header.size + (2 if header.separated else 0) :]
    long_lines, longest = _long_lines(wire)
    return ReadMessage(
        size=header.size + 2 + len(body),
        fields=header.fields,
        body=body,
        header_size=header.size,
        header_cut=header.cut,
        separated=header.separated,
        broken_line=None if header.broken_line is None else header.broken_line + mailbox_line,
        mailbox_line=mailbox_line,
        line_ends=ends,
        long_lines=long_lines,
        longest=longest,
        nul=b"\0" in content,
        eight_bit=not body.isascii(),
        eight_bit_header=not wire[: header.size].isascii(),
    )


def _line_ends(content: bytes) -> LineEnds:
    cr = content.count(b"\r")
    crlf = content.count(_LINE_END) if cr else 0
    return LineEnds(crlf, content.count(b"\n") - crlf, cr - crlf)


def _as_sent(content: bytes, ends: LineEnds) -> tuple[bytes, bool]:
    """Return the octets with CRLF as line end, the last line ended; and whether an mbox line was left out."""
    if ends.lf:
        content = (content.replace(_LINE_END, b"\n") if ends.crlf else content).replace(b"\n", _LINE_END)
    if content and not content.endswith(_LINE_END):
        content += _LINE_END
    mailbox_line = content.startswith(b"From ")
    if mailbox_line:
        content = content[content.index(_LINE_END) + 2 :]
    return content, mailbox_line


def _read_header(wire: bytes) -> _Header:
    if wire.startswith(_LINE_END):
        return _Header((), 0, separated=True)
    blank = wire.find(_LINE_ENDS)
    end = len(wire) if blank < 0 else blank + 2
    block = wire[: min(end, MAX_HEADER)]
    cut = len(block) < end
    if cut:
        block = block[: block.rfind(_LINE_END) + 2]
    fields, broken = _fields(block)
    if broken is None:
        return _Header(fields, end, cut=cut, separated=blank >= 0)
    start, number = broken
    return _Header(fields, start, broken_line=number)


def _fields(block: bytes) -> tuple[tuple[HeaderField, ...], tuple[int, int] | None]:
    """Return the fields of a block of whole lines; and where the first line begins that is none, its number."""
    found: list[HeaderField] = []
    name, loose = b"", False
    value: list[bytes] = []
    start = 0
    broken: tuple[int, int] | None = None
    for number, line in enumerate(block.split(_LINE_END)[:-1], 1):
        match = _NAME.match(line)
        if line[:1] in (b" ", b"\t") and name:
            value.append(line)
        elif match is None:
            broken = start, number
            break
        else:
            if name:
                found.append(HeaderField(name, _LINE_END.join(value), loose))
            name, loose, value = match[1], bool(match[2]), [line[match.end() :]]
        start += len(line) + 2
    if name:
        found.append(HeaderField(name, _LINE_END.join(value), loose))
    return tuple(found), broken


def _long_lines(wire: bytes) -> tuple[int, int]:
    """Return how many lines are too long, and how long the longest is: a step for each thousand octets."""
    start = number = longest = 0
    while len(wire) - start > MAX_LINE + 2:
        last = wire.rfind(_LINE_END, start, start + MAX_LINE + 2)
        if last < 0:
            last = wire.find(_LINE_END, start)
            number, longest = number + 1, max(longest, last - start)
        start = last + 2
    return number, longest
