"""Reading ASN.1 as OpenSSL does, which takes more than DER: lengths in any form, strings of any content. Pure.

What a strict parser refuses whole is read here part by part, so that one defect hides nothing else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
_CENTURY = 50  # two digits from here on are years of the 20th (RFC 5280 §4.1.2.5.1)
_LARGEST_OID = 64  # octets; to write out a longer one costs more than it tells
_TEXT_OF_BYTE = "latin-1"
_STRINGS = {
    0x0C: ("UTF8String", "utf-8"),
    0x12: ("NumericString", _TEXT_OF_BYTE),
    0x13: ("PrintableString", _TEXT_OF_BYTE),
    0x14: ("T61String", _TEXT_OF_BYTE),  # its own character set is history: Latin-1 is what stands there
    0x16: ("IA5String", _TEXT_OF_BYTE),
    0x1A: ("VisibleString", _TEXT_OF_BYTE),
    0x1C: ("UniversalString", "utf-32-be"),
    0x1E: ("BMPString", "utf-16-be"),
}
_NOT_PRINTABLE = re.compile(rb"[^A-Za-z0-9 '()+,\-./:=?]")  # X.680 §41.4
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_REST_OF_TIME = rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d{1,9})?(Z|[+-]\d{4})?"
_TIME = {
    UTC_TIME: re.compile(rb"(\d\d)" + _REST_OF_TIME),
    GENERALIZED_TIME: re.compile(rb"(\d{4})" + _REST_OF_TIME),
}
_STRICT_TIME = {UTC_TIME: re.compile(rb"\d{12}Z"), GENERALIZED_TIME: re.compile(rb"\d{14}Z")}


class BrokenError(ValueError):
    """The octets are no ASN.1 element of the kind that must stand there."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its tag, its contents, and all its octets."""

    tag: int
    contents: bytes
    whole: bytes


def elements(data: bytes) -> Iterator[Element]:
    """Yield the elements that `data` consists of; raises BrokenError where it is none any more."""
    place = 0
    while place < len(data):
        start, (body, size) = place, _header(data, place)
        if size is None:
            end = _end_of_contents(data, body)
            place = end + 2
        else:
            place = end = body + size
        yield Element(data[start], data[body:end], data[start:place])


def only(data: bytes, tag: int) -> Element:
    """Return the first element of `data`, which must have this tag; raises BrokenError."""
    first = next(elements(data), None)
    if first is None or first.tag != tag:
        raise BrokenError
    return first


def _header(data: bytes, place: int) -> tuple[int, int | None]:
    """Return where the contents begin, and their length; None where a mark ends them (X.690 §8.1.3)."""
    if place + 2 > len(data) or data[place] & 0x1F == 0x1F:
        raise BrokenError
    first = data[place + 1]
    body = place + 2
    if first == 0x80:
        return body, None
    if first > 0x80:
        octets = data[body : body + first - 0x80]
        body += first - 0x80
        first = int.from_bytes(octets)
    if body + first > len(data):
        raise BrokenError
    return body, first


def _end_of_contents(data: bytes, place: int) -> int:
    """Return where the mark stands that ends the contents beginning at `place`."""
    depth = 1
    while True:
        if data[place : place + 2] == b"\0\0":
            depth -= 1
            if depth == 0:
                return place
            place += 2
            continue
        place, size = _header(data, place)
        if size is None:
            depth += 1
        else:
            place += size


def oid_text(contents: bytes) -> str:
    """Return an object identifier in dots, as `#` and hexadecimal where it is too long for that."""
    if not contents or len(contents) > _LARGEST_OID or contents[-1] & 0x80:
        return f"#{contents[:_LARGEST_OID].hex()}"
    numbers, number = [], 0
    for octet in contents:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    top = min(numbers[0] // 40, 2)  # the first two arcs share a number (X.690 §8.19.4)
    return ".".join(map(str, (top, numbers[0] - 40 * top, *numbers[1:])))


def integer(element: Element) -> int:
    """Return the number that an INTEGER holds; raises BrokenError."""
    if element.tag != INTEGER or not element.contents:
        raise BrokenError
    return int.from_bytes(element.contents, signed=True)


def text(element: Element) -> str | None:
    """Return the text of a string, readable whatever octets it holds; None for what is no string."""
    if element.tag not in _STRINGS:
        return None
    _, encoding = _STRINGS[element.tag]
    errors = "backslashreplace" if encoding == "utf-8" else "replace"
    return element.contents.decode(encoding, errors)


def text_defect(element: Element) -> str | None:
    """Say what is wrong with a string in a name, None if nothing is."""
    if element.tag not in _STRINGS:
        return f"value of ASN.1 tag {element.tag} instead of a string"
    kind, encoding = _STRINGS[element.tag]
    if kind == "PrintableString" and _NOT_PRINTABLE.search(element.contents):
        return "PrintableString with forbidden characters"
    if encoding == _TEXT_OF_BYTE and _NOT_ASCII.search(element.contents):
        return f"{kind} with bytes above 127"
    try:
        element.contents.decode(encoding)
    except UnicodeDecodeError:
        return f"undecodable {kind}"
    return None


def time(element: Element) -> datetime | None:
    """Return the time that a UTCTime or GeneralizedTime tells, seconds and zone or not; None if it tells none."""
    form = _TIME.get(element.tag)
    match = form.fullmatch(element.contents) if form is not None else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(digits or 0) for digits in match.groups()[:6])
    if element.tag == UTC_TIME:
        year += 1900 if year >= _CENTURY else 2000
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _ahead_of_utc(match[7])
    except (ValueError, OverflowError):
        return None


def _ahead_of_utc(zone: bytes | None) -> timedelta:
    """Return how far a zone such as `+0100` is ahead of UTC; `Z` and none are UTC."""
    if zone is None or zone == b"Z":
        return timedelta()
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
    return -ahead if zone.startswith(b"-") else ahead


def strict_time(element: Element) -> bool:
    """Whether a time stands in the form that a certificate must have: to the second, in UTC (RFC 5280 §4.1.2.5).

    OpenSSL reads others, but takes no certificate for valid that has them.
    """
    form = _STRICT_TIME.get(element.tag)
    return form is not None and form.fullmatch(element.contents) is not None and time(element) is not None
