"""Texts that are worst for a regular expression: repeats of what it is made of, and an end it cannot match."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

_ALPHABET = "a1\" -.:@\\<[(_,;=/+%#Z\t\n'é"
_SEVERAL = 5
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    sre.CATEGORY_DIGIT: str.isdigit,
    sre.CATEGORY_NOT_DIGIT: lambda char: not char.isdigit(),
    sre.CATEGORY_SPACE: str.isspace,
    sre.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    sre.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    sre.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}
_ENDS = ("", "\n!", "@", " x")
_MOST = 240  # makings for one pattern

Parts = list[Any]


@dataclass(frozen=True)
class Making:
    """How a text is made: what it begins with, what is repeated, and what it ends with."""

    begin: str
    unit: str
    end: str

    def text(self, size: int) -> str:
        """Return the text of so many characters."""
        room = size - len(self.begin) - len(self.end)
        return self.begin + (self.unit * (room // len(self.unit) + 1))[:room] + self.end


def makings(pattern: re.Pattern[Any]) -> list[Making]:
    """Return how to make texts for a pattern, always the same ones."""
    text = pattern.pattern
    source = text.decode("latin-1") if isinstance(text, bytes) else text
    parsed = list(sre_parser.parse(source, pattern.flags & ~re.UNICODE))
    units = dict.fromkeys((begin, unit) for begin, unit in _units(parsed, "") if unit)
    return [Making(begin, unit, end) for (begin, unit), end in islice(product(units, _ENDS), _MOST)]


def _units(parts: Parts, before: str) -> Iterator[tuple[str, str]]:
    """Yield what can be repeated, each with what must stand before it: the repeats of a pattern come first."""
    deep: list[tuple[str, str]] = []
    whole = ""
    for part in parts:
        for unit in _repeated(part):
            yield before + whole, unit
            yield "", whole + unit  # many beginnings, none of which comes to its end
            yield "", unit
        for inner in _inside(part):
            deep += _units(inner, before + whole)
        whole += _sample([part])
    yield from deep
    yield "", whole
    yield from (("", char) for part in parts for char in _chars(part)[:3])


def _repeated(part: Any) -> list[str]:
    name, value = part
    if name not in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return []
    return _samples(list(value[2]))


def _inside(part: Any) -> list[Parts]:
    name, value = part
    if name in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [list(value[2])]
    if name is sre.SUBPATTERN:
        return [list(value[3])]
    if name is sre.BRANCH:
        return [list(branch) for branch in value[1]]
    if name is sre.ATOMIC_GROUP:
        return [list(value)]
    if name in (sre.ASSERT, sre.ASSERT_NOT):
        return [list(value[1])]
    return []


def _samples(parts: Parts) -> list[str]:
    """Return some texts that the parts match: for each branch at the top, with several characters for one."""
    if len(parts) == 1 and parts[0][0] is sre.BRANCH:
        return [text for branch in parts[0][1][1] for text in _samples(list(branch))]
    if len(parts) == 1 and parts[0][0] is sre.SUBPATTERN:
        return _samples(list(parts[0][1][3]))
    found = [_sample(parts)]
    for place, part in enumerate(parts):
        around = _sample(parts[:place]), _sample(parts[place + 1 :])
        found += [char.join(around) for char in _chars(part)[:_SEVERAL]]
    return list(dict.fromkeys(found))


def _sample(parts: Parts) -> str:
    """Return a text that the parts match, short, but with all that is optional in it."""
    found = ""
    for name, value in parts:
        if name in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, body = value
            found += _sample(list(body)) * min(max(int(least), 1), int(most))
        elif name in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
            found += _sample(list(value[3] if name is sre.SUBPATTERN else value))
        elif name is sre.BRANCH:
            found += _sample(list(value[1][0]))
        elif name is sre.ASSERT and value[0] == 1:
            continue
        else:
            found += "".join(_chars((name, value))[:1])
    return found


def _chars(part: Any) -> list[str]:
    """Return characters that a part matches, the telling ones first; none if it stands for more than one."""
    name, value = part
    if name is sre.LITERAL:
        return [chr(value)]
    if name is sre.ANY:
        return [char for char in _ALPHABET if char != "\n"]
    if name is sre.NOT_LITERAL:
        return [char for char in _ALPHABET if ord(char) != value]
    if name is not sre.IN:
        return []
    if value[0][0] is sre.NEGATE:
        return [char for char in _ALPHABET if not any(_holds(item, char) for item in value[1:])]
    listed = [
        chr(item[1] if item[0] is sre.LITERAL else item[1][0]) for item in value if item[0] is not sre.CATEGORY
    ]
    known = [char for char in _ALPHABET if any(_holds(item, char) for item in value)]
    return list(dict.fromkeys([*known[:2], *listed, *known]))


def _holds(item: Any, char: str) -> bool:
    name, value = item
    if name is sre.LITERAL:
        return ord(char) == int(value)
    if name is sre.RANGE:
        return int(value[0]) <= ord(char) <= int(value[1])
    return name is sre.CATEGORY and bool(_CATEGORIES[value](char))
