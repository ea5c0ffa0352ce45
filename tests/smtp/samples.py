"""Replies as servers send them, each with what it must be read as."""

from dataclasses import dataclass, field

from smtpdiag_tui.smtp.reply import Defect


@dataclass(frozen=True)
class Sample:
    wire: bytes
    code: int
    lines: tuple[bytes, ...]
    defects: frozenset[Defect] = field(default_factory=frozenset)


def _sample(wire: bytes, code: int, *lines: bytes, defects: tuple[Defect, ...] = ()) -> Sample:
    return Sample(wire, code, lines, frozenset(defects))


_LONG = b"250 " + b"x" * 600

SAMPLES = {
    "one line": _sample(b"220 mx1.example.net ESMTP\r\n", 220, b"220 mx1.example.net ESMTP"),
    "several lines": _sample(
        b"250-mx1.example.net\r\n250-SIZE 1000\r\n250 STARTTLS\r\n",
        250, b"250-mx1.example.net", b"250-SIZE 1000", b"250 STARTTLS",
    ),
    "bare code": _sample(b"250\r\n", 250, b"250"),
    "bare code ends": _sample(b"250-a\r\n250\r\n", 250, b"250-a", b"250"),
    "code and blank": _sample(b"250 \r\n", 250, b"250 "),
    "empty lines inside": _sample(b"250-\r\n250-\r\n250 \r\n", 250, b"250-", b"250-", b"250 "),
    "unknown code": _sample(b"599 strange\r\n", 599, b"599 strange"),
    "exactly 512 octets": _sample(b"250 " + b"x" * 506 + b"\r\n", 250, b"250 " + b"x" * 506),
    "513 octets": _sample(
        b"250 " + b"x" * 507 + b"\r\n", 250, b"250 " + b"x" * 507, defects=(Defect.LONG_LINE,)
    ),
    "codes differ": _sample(
        b"250-fine\r\n550 or not\r\n", 550, b"250-fine", b"550 or not", defects=(Defect.CODES_DIFFER,)
    ),
    "bare line feed": _sample(
        b"250-a\n250 b\r\n", 250, b"250-a", b"250 b", defects=(Defect.BARE_LINE_FEED,)
    ),
    "carriage return inside": _sample(
        b"250 a\rb\r\r\n", 250, b"250 a\rb\r", defects=(Defect.BARE_CARRIAGE_RETURN,)
    ),
    "eight bits": _sample(b"550 n\xe9ant\r\n", 550, b"550 n\xe9ant", defects=(Defect.EIGHT_BIT,)),
    "nul and escape": _sample(b"220 \x00\x1b]52;c;eA==\x07\r\n", 220, b"220 \x00\x1b]52;c;eA==\x07"),
    "all at once": _sample(
        b"250-\xff\n" + _LONG.replace(b"250", b"251") + b"\r\n", 251, b"250-\xff", b"251 " + b"x" * 600,
        defects=(Defect.EIGHT_BIT, Defect.BARE_LINE_FEED, Defect.LONG_LINE, Defect.CODES_DIFFER),
    ),
    "another protocol": _sample(
        b"HTTP/1.1 400 Bad Request\r\n", 0, b"HTTP/1.1 400 Bad Request", defects=(Defect.MALFORMED,)
    ),
    "no separator": _sample(b"2500 ok\r\n", 0, b"2500 ok", defects=(Defect.MALFORMED,)),
    "tab for a blank": _sample(b"250\tok\r\n", 0, b"250\tok", defects=(Defect.MALFORMED,)),
    "carriage return for a blank": _sample(
        b"250\rok\r\n", 0, b"250\rok", defects=(Defect.MALFORMED, Defect.BARE_CARRIAGE_RETURN)
    ),
    "class 1": _sample(b"150 wait\r\n", 0, b"150 wait", defects=(Defect.MALFORMED,)),
    "class 6": _sample(b"650 what\r\n", 0, b"650 what", defects=(Defect.MALFORMED,)),
    "two digits": _sample(b"25 ok\r\n", 0, b"25 ok", defects=(Defect.MALFORMED,)),
    "digits of another script": _sample(
        "٢٢٠ ok\r\n".encode(), 0, "٢٢٠ ok".encode(), defects=(Defect.MALFORMED, Defect.EIGHT_BIT)
    ),
    "empty line": _sample(b"\r\n", 0, b"", defects=(Defect.MALFORMED,)),
    "malformed inside": _sample(
        b"250-ok\r\nSIZE\r\n", 0, b"250-ok", b"SIZE", defects=(Defect.MALFORMED,)
    ),
}  # fmt: skip
