"""Looking for words in the lines of a conversation. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_MOST = 10_000  # matches; more help nobody


class HasText(Protocol):
    """A line that can be searched."""

    @property
    def text(self) -> str:
        """What is searched."""


@dataclass(frozen=True, slots=True)
class Match:
    """One place: line number, and where in the line's text it begins and ends."""

    line: int
    start: int
    end: int


class Search:
    """The words looked for, where they stand, and which place is the current one. Case does not matter.

    `query` is what is looked for, empty for nothing.
    """

    def __init__(self) -> None:
        self.open = False
        self.query = ""
        self._matches: list[Match] = []
        self._by_line: dict[int, list[Match]] = {}
        self._searched = 0
        self._place = 0

    @property
    def current(self) -> Match | None:
        """The place that was gone to last."""
        return self._matches[self._place] if self._matches else None

    @property
    def words(self) -> str:
        """How many places there are, for people; empty while nothing is looked for."""
        if not self.query:
            return ""
        if not self._matches:
            return f"{self.query}: not found"
        more = "+" if len(self._matches) >= _MOST else ""
        return f"{self.query}: {self._place + 1} of {len(self._matches)}{more}"

    def on(self, line: int) -> Sequence[Match]:
        """Return the places in one line."""
        return self._by_line.get(line, ())

    def look_for(self, query: str, lines: Sequence[HasText], first: int) -> None:
        """Look for `query`; the current place is the first at or after line `first`, around the end."""
        self.query = query
        self._forget_matches()
        self.update(lines)
        after = (number for number, match in enumerate(self._matches) if match.line >= first)
        self._place = next(after, 0)

    def update(self, lines: Sequence[HasText]) -> None:
        """Take in lines that came since; where there are fewer than before, all are new."""
        if len(lines) < self._searched:
            self._forget_matches()
        if self.query:
            # Not in folded text: that may be longer than the text that is marked.
            wanted = re.compile(re.escape(self.query), re.IGNORECASE)
            for number in range(self._searched, len(lines)):
                self._search_line(number, lines[number].text, wanted)
        self._searched = len(lines)

    def walk(self, direction: int) -> None:
        """Go to the next or the previous place, around the end."""
        if self._matches:
            self._place = (self._place + direction) % len(self._matches)

    def close(self) -> None:
        """Forget what was looked for."""
        self.open = False
        self.look_for("", (), 0)

    def _forget_matches(self) -> None:
        self._matches, self._by_line = [], {}
        self._searched = self._place = 0

    def _search_line(self, number: int, text: str, wanted: re.Pattern[str]) -> None:
        for place in wanted.finditer(text):
            if len(self._matches) >= _MOST:
                return
            match = Match(number, *place.span())
            self._matches.append(match)
            self._by_line.setdefault(number, []).append(match)
