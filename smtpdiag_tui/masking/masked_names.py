"""Names in a text and what each is shown as, looked up, so that many cost no more than few. Pure."""

import re
from collections.abc import Collection

_NAME = r"(?<!\w)(?<!\w\.)(?<![A-Za-z]-){}(?![\w-]|\.\w)"  # "250-" may stand before it
_TOKEN = re.compile(_NAME.format(r"[\w-]+(?:\.[\w-]+)*"))
_LONG = re.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]+)+")
_CODE = re.compile(r"\d{3}-")
_MOST_ODD = 16


class Names:
    """Whole names and what each is shown as.

    `within`: one of several labels is also found in longer names, before or behind other labels, though not in
    one of `others`.
    """

    def __init__(self, *, within: bool = False, others: Collection[str] = ()) -> None:
        self._shown: dict[str, str] = {}
        self._longest = 0
        self._labels: list[int] = []  # how many a name has, the most first
        self._others = others
        self._within = within
        self._odd: list[tuple[re.Pattern[str], str]] = []  # what is no name, as only the user can have given it

    def add(self, word: str, shown: str) -> None:
        """Show a word as something else from now on."""
        if _TOKEN.fullmatch(word):
            self._shown.setdefault(word.lower(), shown)
            self._longest = max(self._longest, len(word))
            if self._within and "." in word:
                self._labels = sorted({*self._labels, word.count(".") + 1}, reverse=True)
        elif len(self._odd) < _MOST_ODD:
            self._odd.append((re.compile(_NAME.format(re.escape(word)), re.IGNORECASE), shown))

    def get(self, word: str) -> str | None:
        """Return what a word is shown as, None if it is none of them."""
        return self._shown.get(word.lower())

    def sub(self, text: str) -> str:
        """Return a text with all the words in it replaced."""
        if self._shown:
            text = _TOKEN.sub(self._word, text)
        if self._labels:
            text = _LONG.sub(self._longer, text)
        for pattern, shown in self._odd:
            text = pattern.sub(shown, text)
        return text

    def _word(self, found: re.Match[str]) -> str:
        token = found[0]
        shown = self.get(token)
        if shown is not None:
            return shown
        place = token.find("-", max(0, len(token) - self._longest - 1))
        while place >= 0:
            shown = self.get(token[place + 1 :])
            if shown is not None and not re.match("[A-Za-z]", token[place - 1 : place]):
                return token[: place + 1] + shown
            place = token.find("-", place + 1)
        return token

    def _longer(self, found: re.Match[str]) -> str:
        """Return a name of several labels with those in a row that are a name of ours replaced."""
        if _CODE.sub("", found[0].lower(), count=1) in self._others:
            return found[0]
        labels, done, place = found[0].split("."), list[str](), 0
        while place < len(labels):
            for number in self._labels:
                shown = self._run(labels[place : place + number])
                if shown is not None:
                    done.append(shown)
                    place += number
                    break
            else:
                done.append(labels[place])
                place += 1
        return ".".join(done)

    def _run(self, labels: list[str]) -> str | None:
        shown = self.get(".".join(labels))
        code = _CODE.match(labels[0]) if shown is None else None
        if code is not None:
            rest = self.get(".".join(labels)[4:])
            shown = None if rest is None else code[0] + rest
        return shown
