"""What one line of a batch asks for: a sender and a recipient, or a domain. Pure."""

import re
from dataclasses import dataclass

from smtpdiag_tui.checks.syntax import check_address
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import strip_address

POSTMASTER = "postmaster"  # what every domain has that accepts mail (RFC 5321 §4.5.1)
SHOWN = 200  # characters of a line that is told
# A quoted string may hold blanks and commas, as a local part or as a field of a table. It is bounded, so that a
# line of quotes is not read to its end from each of them.
_WORD = re.compile(r'(?:"(?:[^"\\]|\\.){0,256}"|[^\s,;"]|")+')
_FIELD = re.compile(r'"([^"\\]*)"')


@dataclass(frozen=True, slots=True)
class Pair:
    """What is run: from the line `number`, the two addresses as a person wrote them."""

    number: int
    sender: str
    recipient: str
    domain: str  # the recipient's, or the address of its literal

    @property
    def key(self) -> str:
        """What makes two pairs the same: local parts to the letter, domains in any case."""
        return pair_key(self.sender, self.recipient)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that asks for nothing that could be run; `text` is printable and cut."""

    number: int
    text: str
    error: str

    @property
    def key(self) -> str:
        """What makes two bad lines the same."""
        return bad_key(self.text)


def read_pair(number: int, text: str, sender: str | None) -> Pair | BadLine | None:
    """Read a line; None for one that is empty or a comment. `sender` is that of a line which gives none."""
    words = _words(text)
    if not words:
        return None
    if len(words) > 2:
        return _bad(number, text, f"{len(words)} words: give a sender and a recipient, or a domain")
    if len(words) == 1 and sender is None:
        return _bad(number, text, "no sender: give two addresses, or --sender ADDRESS")
    given = [sender or "", _recipient(words[0])] if len(words) == 1 else [strip_address(word) for word in words]
    seen = [check_address(given[0], sender=True), check_address(given[1], sender=False)]
    problem = next((item.problem for item in seen if item.problem), None)
    if problem:
        return _bad(number, text, problem[:1].lower() + problem[1:])
    return Pair(number, given[0], given[1], seen[1].literal or seen[1].domain)


def too_long(number: int, text: str, most: int) -> BadLine:
    """Return what is told of a line that goes on for ever."""
    return _bad(number, text, f"longer than {most} bytes")


def pair_key(sender: str, recipient: str) -> str:
    """Return the key of a pair of addresses."""
    return f"{_folded(sender)}\n{_folded(recipient)}"


def bad_key(text: str) -> str:
    """Return the key of a bad line, by its text as it is told."""
    return f"\n\n{text}"  # no pair has such a key


def _words(text: str) -> list[str]:
    text = text.strip().removeprefix("\ufeff").strip()
    if text.startswith("#"):
        return []
    words = [found[0] for found in _WORD.finditer(text)]
    comment = next((place for place, word in enumerate(words) if place and word.startswith("#")), len(words))
    return [_unquoted(word) for word in words[:comment]]


def _unquoted(word: str) -> str:
    """Return a word without the quotes that a table puts around a field; those of a local part stay."""
    field = _FIELD.fullmatch(word)
    return field[1].strip() if field else word


def _recipient(word: str) -> str:
    word = strip_address(word)
    return word if "@" in word else f"{POSTMASTER}@{word}"


def _folded(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _bad(number: int, text: str, error: str) -> BadLine:
    shown = visible(text.strip())
    return BadLine(number, shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…", visible(error))
