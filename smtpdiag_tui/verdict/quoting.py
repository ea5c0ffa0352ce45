"""A whole reply in one line, as sentences quote it. Pure."""

import re
from collections.abc import Sequence

MOST = 1000  # characters; a reply of a usual server has a few hundred

_OPENING = re.compile(r"(?P<code>[2-5]\d\d)[- ]?")
_CONTINUED = re.compile(r"[2-5]\d\d(?:[- ]|$)(?:[245]\.\d{1,3}\.\d{1,3}(?: |$))?")


def whole_reply(lines: Sequence[str]) -> str:
    """Return the lines of a reply (printable, codes and all) as one text, its code and status once in front.

    What a server writes in several lines is one text: the code and the enhanced status code at the beginning of
    each line (RFC 5321 §4.2.1, RFC 2034 §4) are no words of it. Codes that differ inside one reply are all kept:
    the last of them decides. Beyond 1,000 characters it is cut.
    """
    if not lines:
        return ""
    first = _OPENING.sub(r"\g<code> ", lines[0], count=1) if _OPENING.match(lines[0]) else lines[0]
    rest = (_without_codes(line, lines[0][:3]) for line in lines[1:])
    text = " ".join(part for part in (first.strip(), *(line.strip() for line in rest)) if part)
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"


def _without_codes(line: str, code: str) -> str:
    """Return a line that goes on with the reply of a code, without it and the enhanced status code behind."""
    differs = code.isdecimal() and not line.startswith(code)
    return line if differs or not _CONTINUED.match(line) else _CONTINUED.sub("", line, count=1)
