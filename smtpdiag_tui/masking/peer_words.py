"""A peer's words in our own sentences: found there, and masked as what a peer said. Pure."""

import re
from collections.abc import Iterable
from itertools import takewhile
from operator import eq

from smtpdiag_tui.masking.masks import Masker

_KEY = 8  # characters of a line by which it is looked up
_MOST = 500  # lines with the same beginning, beyond which nobody looks which one it was
_CODE = re.compile(r"[2-5]\d\d[ -]")
# Where a quotation can begin.
_OPENS = re.compile(r"(?:\A|: |\(|\"|with )(?=\S)")
_GOES_ON = re.compile(r"…? \S")
_LINK = re.compile(r"https?://\S{1,500}", re.IGNORECASE)


def line_of_reply(text: str, masker: Masker) -> str:
    """Return a line that a peer sent, masked; its reply code stays."""
    code = _CODE.match(text)
    return text[:4] + masker.words(text[4:]) if code else masker.words(text)


class PeerWords:
    """Masks our own sentences, in which the lines that peers said stand whole, or cut with an ellipsis.

    `lines` are all lines received. What follows a reply code and is none of them is masked to its end.
    """

    def __init__(self, masker: Masker, lines: Iterable[str]) -> None:
        self._masker = masker
        self._known: dict[str, set[str]] = {}
        self._links: set[str] = set()
        for line in lines:
            said = line.rstrip(". ")
            if said:
                self._known.setdefault(said[:_KEY], set()).add(said)
            if _CODE.match(said) and said[4:]:  # the code may be left out
                self._known.setdefault(said[4 : 4 + _KEY], set()).add(said[4:])
            if "://" in line:
                self._links |= {found[0].lower() for found in _LINK.finditer(line)}

    def __call__(self, text: str) -> str:
        """Return a sentence of ours with all masked that must not be seen."""
        done: list[str] = []
        place = 0
        for found in _OPENS.finditer(text):
            start = found.end()
            if start < place:
                continue
            said = self._said(text, start)
            if said is not None:
                end, words = said
                done += [self._ours(text[place:start]), words]
                place = end
        return "".join([*done, self._ours(text[place:])])

    def _ours(self, text: str) -> str:
        """Mask what is no quotation; a link in it may be a peer's."""
        if not self._links or "://" not in text:
            return self._masker.plain(text)
        done, place = list[str](), 0
        for found in _LINK.finditer(text):
            if self._is_theirs(found[0].lower()):
                done += [self._masker.plain(text[place : found.start()]), self._masker.words(found[0])]
                place = found.end()
        return "".join([*done, self._masker.plain(text[place:])])

    def _is_theirs(self, link: str) -> bool:
        bare = link.rstrip('.,;:)"')
        return any(known.startswith(bare) for known in self._links)

    def _said(self, text: str, start: int) -> tuple[int, str] | None:
        """Return where the peer's words that begin at `start` end, and how they read masked; None if ours do."""
        found = self._one_line(text, start)
        coded = _CODE.match(text, start)
        if found is None:
            nobodys = coded or len(self._known.get(text[start : start + _KEY], ())) > _MOST
            return (len(text), self._to_the_end(text, start)) if nobodys else None
        if coded and _GOES_ON.match(text, found[0]):
            # The first of several lines that are quoted as one text.
            return len(text), self._to_the_end(text, start)
        return found

    def _to_the_end(self, text: str, start: int) -> str:
        """Return what stands from a place to the end, masked; half a word there could not be masked, and goes.

        So do as many words before it as a local part may have.
        """
        rest = line_of_reply(text[start:], self._masker)
        if not rest.endswith("…"):
            return rest
        head = rest[:-1]
        for _ in range(self._masker.blanks + 1):
            head = head.rpartition(" ")[0]
        return f"{head} …" if head else "…"

    def _one_line(self, text: str, start: int) -> tuple[int, str] | None:
        """Return where the one line that begins at `start`, whole or cut, ends, and how it reads masked."""
        whole, cut = self._whole(text, start), self._cut(text, start)
        if cut is not None and (whole is None or cut[0] > start + len(whole)):
            end, line = cut
            return end, line_of_reply(line, self._masker)[: end - start]
        if whole is not None:
            return start + len(whole), line_of_reply(whole, self._masker)
        return None

    def _whole(self, text: str, start: int) -> str | None:
        """Return the longest line that stands whole at a place of a text."""
        for length in range(_KEY, 0, -1):
            known = self._known.get(text[start : start + length], ())
            found = [line for line in known if text.startswith(line, start)] if len(known) <= _MOST else []
            if found:
                return max(found, key=len)
        return None

    def _cut(self, text: str, start: int) -> tuple[int, str] | None:
        """Return the end of what stands at a place and is cut with an ellipsis, and the line that it is of."""
        known = self._known.get(text[start : start + _KEY], ())
        if len(known) > _MOST or text.find("…", start) < 0:
            return None
        # The line may have an ellipsis of its own: the cut is the last one up to where it and the text part.
        ends = ((text.rfind("…", start, start + _same(text, start, line) + 1), line) for line in sorted(known))
        end, line = max(ends, default=(-1, ""))
        return (end, line) if end >= 0 else None


def _same(text: str, start: int, line: str) -> int:
    """Return how many characters of a text are a line's."""
    if text.startswith(line, start):
        return len(line)
    return sum(1 for _ in takewhile(bool, map(eq, text[start : start + len(line)], line)))
