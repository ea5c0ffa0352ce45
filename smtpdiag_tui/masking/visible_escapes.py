r"""Escapes such as `\xa0`, as `transcript.visible` writes them, and `%40` of links, as no part of a word. Pure."""

import re
from collections.abc import Callable

_ONE = (
    r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\[0-9]{3}"  # the last as DNS names have them (RFC 4343 §2.1)
)
_SEQUENCE = r"(?:\\x1b\[|\\x9b|\\u009b)[0-?]{0,32}[ -/]{0,4}"
_ESCAPES = re.compile(_ONE)
# What a terminal takes as one (ECMA-48 §5.4): a control sequence, or the character behind ESC. Whether it is that
# or the beginning of a word is not known: all is looked at.
_SEQUENCES = re.compile(rf"{_SEQUENCE}[@-~]|{_ONE}")
_PAIRS = re.compile(rf"\\x1b[ -/]{{0,4}}[0-Z\\-~]|{_ONE}")
_WHOLE = re.compile(rf"{_SEQUENCE}(?!user\d)[@-~]|\\x1b[ -/]{{0,4}}(?!user\d)[0-Z\\-~]|{_ONE}")
_IN_LINKS = re.compile(r"%[0-9A-Fa-f]{2}")  # RFC 3986 §2.1; SPF explanations link so (RFC 7208 §7.3)
_FIRST = 0xF0000  # private use: `visible` leaves none of them
_MOST = 0xFFFD
FOLDED = f"{chr(_FIRST)}-{chr(_FIRST + _MOST)}"  # of a class of characters: what stands for an escape


def each_way(text: str, mask: Callable[[str], str]) -> str:
    """Return a text masked, as it is and with each escape in it as one character that is no letter."""
    if "%" in text:  # first: of a name behind such an escape the plain text shows a part
        text = _folded(text, _IN_LINKS, mask)
    text = mask(text)
    if "\\" not in text:
        return text
    ways = [_ESCAPES, _SEQUENCES, _PAIRS] if "\\x1b" in text or "9b" in text else [_ESCAPES]
    for way in ways:
        text = _folded(text, way, mask)
    return text


def one_way(text: str, mask: Callable[[str], str]) -> str:
    """Return a text masked with each escape in it, and what a terminal takes with it, as one character."""
    return _folded(text, _WHOLE, mask) if "\\" in text else mask(text)


def without_escapes(text: str) -> str:
    """Return a text with a blank for each escape in it, for what is looked for in words."""
    return _SEQUENCES.sub(" ", text) if "\\" in text else text


def _folded(text: str, way: re.Pattern[str], mask: Callable[[str], str]) -> str:
    stands_for: dict[str, str] = {}

    def fold(found: re.Match[str]) -> str:
        if len(stands_for) >= _MOST:
            return found[0]
        return stands_for.setdefault(found[0], chr(_FIRST + len(stands_for)))

    folded = way.sub(fold, text)
    return mask(folded).translate({ord(char): escape for escape, char in stands_for.items()})
