"""SMTP replies as they came, defects included (RFC 5321 §4.2, RFC 3463)."""

from dataclasses import dataclass
from enum import StrEnum


class Defect(StrEnum):
    """What was wrong with a reply that was understood all the same, or with one that was not."""

    CODES_DIFFER = "codes-differ"
    BARE_LINE_FEED = "bare-line-feed"
    LONG_LINE = "long-line"
    EIGHT_BIT = "eight-bit"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply.

    `code` is the last line's, 0 where there was no valid one (then `defects` has MALFORMED). `lines` holds each
    line as received, the code included, without its line ending.
    """

    code: int
    lines: tuple[bytes, ...]
    defects: frozenset[Defect] = frozenset()
