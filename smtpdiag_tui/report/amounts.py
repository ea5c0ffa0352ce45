"""How a number of things is said: `1 host`, `2 hosts`, `3 addresses`, `4 entries`; how things are listed. Pure."""

from collections.abc import Iterable

_VOWELS = "aeiou"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which is given for one thing."""
    return f"{number} {noun_for(number, noun)}"


def noun_for(number: int, noun: str) -> str:
    """Return the noun alone, as it follows that number; it is given for one thing."""
    if number == 1:
        return noun
    if noun.endswith("s"):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in _VOWELS:
        return f"{noun.removesuffix('y')}ies"
    return f"{noun}s"


def listed(words: Iterable[str]) -> str:
    """Return words as a sentence lists them, each once: `A`, `A and B`, `A, B and C`."""
    each = list(dict.fromkeys(words))
    return f"{', '.join(each[:-1])} and {each[-1]}" if len(each) > 1 else "".join(each)
