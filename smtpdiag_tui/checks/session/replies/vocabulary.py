"""What a reply is about, by the words that it uses and how near they stand to each other. Pure.

`data/vocabulary.toml` holds the classes. An entry has `reason`, `rank`, `words` (patterns; one that is found is
enough) and, if need be, `unless` (patterns; one that is found is enough for it not to be meant), `at` (phases) and
`digit` (4 or 5). `{name}` in a pattern stands for one of the `parts`. They are searched in `NormalReply.words` and
have no open-ended repetition, since a peer may send anything.
"""

import re
from dataclasses import dataclass
from functools import cache

from smtpdiag_tui.checks.session.replies.normal_form import NormalReply
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.reasons import Reason

QUOTING = 0  # the rank of classes behind whose words another server is quoted
VAGUE = 7  # the first rank of classes whose words say little
_PART = re.compile(r"\{([a-z]{2,12})\}")


@dataclass(frozen=True, slots=True)
class WordClass:
    """One class of replies: the words that tell it, and where they count. `digit` is 0 where 4yz and 5yz count."""

    reason: Reason
    rank: int
    words: re.Pattern[str]
    unless: re.Pattern[str] | None
    phases: frozenset[Phase]
    digit: int

    def begins(self, words: str, first_digit: int, phase: Phase) -> int | None:
        """Return where the words that tell this class begin, None if they are not there or do not count."""
        if self.digit not in (0, first_digit) or (self.phases and phase not in self.phases):
            return None
        found = self.words.search(words)
        if found is None or (self.unless is not None and self.unless.search(words)):
            return None
        return found.start()


def reason_in_words(reply: NormalReply, phase: Phase) -> Reason | None:
    """Return what the words of a reply are about, None if they do not tell."""
    found = class_in_words(reply, phase)
    return found.reason if found is not None else None


def class_in_words(reply: NormalReply, phase: Phase) -> WordClass | None:
    """Return the class of the words of a reply, None if they do not tell.

    Of the first rank that is spoken of, the class counts whose words come first.
    """
    best: WordClass | None = None
    first = 0
    for item in word_classes():
        if best is not None and item.rank > best.rank:
            break
        begins = item.begins(reply.words, reply.first_digit, phase)
        if begins is not None and (best is None or begins < first):
            best, first = item, begins
    return best


@cache
def word_classes() -> tuple[WordClass, ...]:
    """Return all classes in the order of their ranks, compiled once."""
    # A run that meets no refusal needs neither.
    import tomllib
    from importlib import resources

    path = resources.files("smtpdiag_tui.checks.session").joinpath("data", "vocabulary.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    parts: dict[str, str] = {}
    for name, pattern in data["parts"].items():
        parts[name] = _filled(pattern, parts)
    classes = [
        WordClass(
            reason=Reason(entry["reason"]),
            rank=entry["rank"],
            words=_compiled(entry["words"], parts),
            unless=_compiled(entry["unless"], parts) if "unless" in entry else None,
            phases=frozenset(Phase(phase) for phase in entry.get("at", ())),
            digit=entry.get("digit", 0),
        )
        for entry in data["class"]
    ]
    return tuple(sorted(classes, key=lambda item: item.rank))


def _compiled(patterns: list[str], parts: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(_filled(pattern, parts) for pattern in patterns))


def _filled(pattern: str, parts: dict[str, str]) -> str:
    return _PART.sub(lambda match: parts[match[1]], pattern)
