"""One line of a log: when it was written, and what stands behind that. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from smtpdiag_tui.bounces.cleaning import iso_moment

LONGEST = 8000  # characters of a line that are looked at
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_SYSLOG = re.compile(
    rf"(?:<\d{{1,3}}>)?(?:{_DAY} )?{_MONTH} [ \d]?\d (?:\d{{4}} )?\d\d:\d\d:\d\d(?:\.\d{{1,9}})? "
)
_DATED = re.compile(
    rf"(?:<\d{{1,3}}>\d? ?)?(?:{_DAY} )?"
    r"(?P<iso>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,16}(?: UTC| [+-]\d{4})?)\s"
)
_EPOCH = re.compile(r"(?P<seconds>1\d{9})\.\d{6} ")
_TAI64N = re.compile(r"@[0-9a-f]{24} ")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its time: `at` in UTC, None where it tells no year or no zone. `number` is from 1."""

    number: int
    text: str
    at: datetime | None = None


def log_lines(lines: Sequence[str], signs: Sequence[str]) -> Iterator[Line]:
    """Yield the lines that hold one of the signs, those joined again that a mail program has wrapped.

    They alone do not begin with a time.
    """
    dated = any(_stamped(line) for line in lines[:_LOOKED_AT])
    begun, parts, length = 1, list[str](), 0
    for number, whole in enumerate(lines, 1):
        line = whole[:LONGEST]
        if parts and (not dated or _stamped(line)):
            yield from _told(begun, parts, signs)
            parts, length = [], 0
        if not parts:
            begun = number
        if length < LONGEST and line.strip():
            parts.append(line.strip())
            length += len(line)
    if parts:
        yield from _told(begun, parts, signs)


def _told(begun: int, parts: Sequence[str], signs: Sequence[str]) -> Iterator[Line]:
    text = parts[0] if len(parts) == 1 else " ".join(parts)
    if any(sign in text for sign in signs):
        yield _line(begun, text)


_LOOKED_AT = 1000  # lines


def _stamped(line: str) -> bool:
    start = line[:60].lstrip()
    return bool(_SYSLOG.match(start) or _DATED.match(start) or _EPOCH.match(start) or _TAI64N.match(start))


def _line(number: int, text: str) -> Line:
    text = text[:LONGEST]
    found = _SYSLOG.match(text)
    if found is not None:
        return Line(number, text[found.end() :])
    dated = _DATED.match(text)
    if dated is not None:
        return Line(number, text[dated.end() :], iso_moment(dated["iso"]))
    epoch = _EPOCH.match(text)
    if epoch is not None:
        return Line(number, text[epoch.end() :], datetime.fromtimestamp(int(epoch["seconds"]), UTC))
    return Line(number, text)
