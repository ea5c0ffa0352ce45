"""Selectors in the configuration of Rspamd's module dkim_signing, which is written in UCL. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from smtpdiag_tui.network.signer_files import Reader, SigningSelector, made, unknown

_SOURCE = "Rspamd"
_MOST_TOKENS = 200_000
_MOST_DEEP = 8
# A text in quotes is bounded: one that is never closed must not be looked through at each of its quotes.
_TOKEN = re.compile(
    r'"((?:[^"\\\n]|\\.){0,256})"|\'([^\'\n]{0,256})\'|([{}\[\]=:;,\n])|(#|/\*)|([^\s{}\[\]=:;,"\'#]{1,256})'
)


@dataclass(slots=True)
class Section:
    """What stands between braces: values by name, in the order in which they came, and what has no name."""

    values: dict[str, "list[str | Section]"] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the last text of a name, "" for none."""
        texts = [item for item in self.values.get(name, []) if isinstance(item, str)]
        return texts[-1] if texts else ""

    def sections(self, name: str) -> "list[Section]":
        """Return the sections of a name."""
        return [item for item in self.values.get(name, []) if isinstance(item, Section)]

    def add(self, name: str, value: "str | Section") -> None:
        """Add a value to a name."""
        self.values.setdefault(name, []).append(value)


def of_rspamd(texts: list[str], read: Reader) -> Iterator[SigningSelector]:
    """Yield the selectors of dkim_signing; `texts` are its files, of which the later win."""
    whole = Section()
    for text in texts:
        for name, values in parse_ucl(text).values.items():
            for value in values:
                whole.add(name, value)
    if whole.text("enabled").lower() in ("false", "no", "off"):
        return
    yield from _of_domains(whole)
    yield from _of_map(whole.text("selector_map"), read)
    falls_back = whole.text("try_fallback").lower() not in ("false", "no", "off")
    if whole.text("selector") and falls_back:
        yield from _one(whole.text("selector"), "%")


def _of_domains(whole: Section) -> Iterator[SigningSelector]:
    for domains in whole.sections("domain"):
        for domain in domains.values:
            for section in domains.sections(domain):
                yield from _one(section.text("selector"), domain)
                for several in section.sections("selectors"):
                    yield from _one(several.text("selector"), domain)


def _of_map(place: str, read: Reader) -> Iterator[SigningSelector]:
    if not place:
        return
    text = read(place.removeprefix("file://")) if place.startswith(("/", "file://")) else None
    if text is None:
        yield unknown(_SOURCE, f"selector_map = {place}")
        return
    for line in text.splitlines():
        pair = line.partition("#")[0].split()
        if len(pair) == 2:
            yield from _one(pair[1], pair[0])


def _one(selector: str, domain: str) -> Iterator[SigningSelector]:
    if "$" in selector:
        yield unknown(_SOURCE, f"selector = {selector}")
        return
    found = made(selector, domain, _SOURCE)
    if found is not None:
        yield found


def parse_ucl(text: str) -> Section:
    """Return what a text in UCL holds, as far as it can be read; never raises, and is bounded."""
    return _Parser(_tokens(text)).section(0)


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Return words and marks, each with whether it is a mark."""
    found: list[tuple[str, bool]] = []
    place = 0
    while len(found) < _MOST_TOKENS:
        token = _TOKEN.search(text, place)
        if token is None:
            break
        place = token.end()
        double, single, mark, comment, word = token.groups()
        if comment is not None:
            end = text.find("\n" if comment == "#" else "*/", place)
            place = end if end >= 0 else len(text)
        elif mark is not None:
            found.append((mark, True))
        else:
            found.append((next(item for item in (double, single, word) if item is not None), False))
    return found


class _Parser:
    """Reads sections of `name value` and `name = value`, whose values may be sections or lists of them."""

    def __init__(self, tokens: list[tuple[str, bool]]) -> None:
        self._tokens = tokens
        self._place = 0

    def section(self, depth: int) -> Section:
        """Return the section that begins here, to its end or the text's."""
        found = Section()
        name = ""
        while self._place < len(self._tokens):
            text, mark = self._tokens[self._place]
            self._place += 1
            if mark and text in "{[":
                self._below(found, name, depth)
                name = ""
            elif mark and text in "}]":
                break
            elif mark and text in ";,\n":
                name = "" if text != "\n" or not self._opens() else name
            elif not mark and name:
                found.add(name, text)
                name = ""
            elif not mark:
                name = text
        return found

    def _below(self, found: Section, name: str, depth: int) -> None:
        """Add the section or the list that begins here; too deep, all that is below is lost."""
        if depth >= _MOST_DEEP:
            self._place = len(self._tokens)
            return
        inner = self.section(depth + 1)
        for item in (inner, *inner.sections("")):
            found.add(name, item)

    def _opens(self) -> bool:
        """Whether a brace stands on the next line that is not empty."""
        rest = (token for token in self._tokens[self._place : self._place + 50] if token != ("\n", True))
        return next(rest, ("", False)) == ("{", True)
