"""SMTP replies as they came, defects included (RFC 5321 §4.2, RFC 3463)."""

import re
from dataclasses import dataclass
from enum import StrEnum

_PREFIX = re.compile(rb"[2-5][0-9][0-9](?:[ -]|\Z)")
_ENHANCED = re.compile(rb"([245])\.(?:0|[1-9][0-9]{0,2})\.(?:0|[1-9][0-9]{0,2})")


class Defect(StrEnum):
    """What was wrong with a reply that was understood all the same, or with one that was not."""

    CODES_DIFFER = "codes-differ"
    BARE_LINE_FEED = "bare-line-feed"
    LONG_LINE = "long-line"
    BARE_CARRIAGE_RETURN = "bare-carriage-return"
    EIGHT_BIT = "eight-bit"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply.

    `code` is the last line's, 0 where there was no valid one (then `defects` has MALFORMED). `lines` holds each
    line as received, the code included, without its line ending; of a reply far longer than any server's, the
    first lines and the last, with the number of those left out between them in `omitted`.
    """

    code: int
    lines: tuple[bytes, ...]
    defects: frozenset[Defect] = frozenset()
    omitted: int = 0

    @property
    def first_digit(self) -> int:
        """The class of the reply, 2 to 5, by which unknown codes go (RFC 5321 §4.2.1); 0 if malformed."""
        return self.code // 100

    @property
    def malformed(self) -> bool:
        """Whether this is no reply at all."""
        return self.code == 0

    @property
    def text(self) -> tuple[bytes, ...]:
        """Each line without its code and the blank or hyphen behind it; a malformed line whole."""
        return tuple(line[4:] if _PREFIX.match(line) else line for line in self.lines)

    @property
    def enhanced_status(self) -> str | None:
        """The enhanced status code (RFC 3463 §2), such as "5.1.1", None without one.

        It is the first word after the code, of the first line that has one of the reply's own class
        (RFC 2034 §4); one of another class is no statement about this reply.
        """
        for text in self.text:
            match = _ENHANCED.fullmatch(text.split(b" ", 1)[0])
            if match and int(match[1]) == self.first_digit:
                return match[0].decode("ascii")
        return None
