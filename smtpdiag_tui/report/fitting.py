"""Fitting a headline into a line: the address behind a host goes first, then names are shortened. Pure."""

import re
from collections.abc import Iterable

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.visible import visible

HEADLINE = 80  # characters that a headline may have
_LEAST = 12  # characters that are left of a name
_CUT = "…"
_SHORTENED = re.compile(rf"[^\s{_CUT}]{{0,80}}{_CUT}[^\s{_CUT}]{{0,80}}")  # a headline has no longer word
_BRACKETS = "'\"<>()[]:;,."


def fitted(text: str, places: Iterable[str], names: Iterable[str]) -> str:
    """Return `text` in at most 80 characters, if leaving out and shortening what it names gets it there.

    `places` are the addresses behind hosts, as they stand in it: ` [192.0.2.1]`. `names` are those of hosts,
    domains and mailboxes; the longest loses its middle first. Other words are left out whole.
    """
    text = visible(text)
    for place in places:
        if len(text) <= HEADLINE:
            return text
        text = text.replace(place, "", 1)
    for name in sorted((visible(name) for name in names), key=len, reverse=True):
        excess = len(text) - HEADLINE
        if excess <= 0:
            return text
        text = text.replace(name, _shortened(name, excess), 1)
    return text if len(text) <= HEADLINE else _without_end(text)


def unfitted(text: str, names: Iterable[str]) -> str:
    """Return a headline with the names whole again that were shortened in it, as far as they are known."""
    known = sorted((visible(name) for name in names), key=len, reverse=True)
    return _SHORTENED.sub(lambda found: _whole(found[0], known), text)


def places_in(report: Report) -> list[str]:
    """Return the addresses of the MX hosts as headlines have them behind a host."""
    steps = (step for step in report.steps.values() if step.is_session)
    return [f" [{step.id.rpartition('/')[2]}]" for step in steps]


def names_in(report: Report) -> list[str]:
    """Return the names that a headline may be too long for: of MX hosts, of the two addresses, of domains."""
    settings = report.settings
    hosts = [step.id.split("/")[1] for step in report.steps.values() if step.is_session]
    paths = [path for path in (settings.recipient, settings.sender) if path]
    names = [*hosts, *paths, *(path.rpartition("@")[2] for path in paths)]
    return list(dict.fromkeys(name for name in names if name))


def _shortened(name: str, excess: int) -> str:
    """Return a name without `excess` characters of its middle: beginning and end tell most of it."""
    kept = max(_LEAST, len(name) - excess - 1)
    if kept >= len(name) - 1:
        return name
    head = kept // 2
    return f"{name[:head]}{_CUT}{name[len(name) - (kept - head) :]}"


def _without_end(text: str) -> str:
    """Return the words of a text that there is room for; of a word that is cut, a mask would not be found."""
    head = text[: HEADLINE - 1]
    words, blank, _ = head.rpartition(" ")
    return f"{words.rstrip(_BRACKETS + ' ') if blank else head}{_CUT}"


def _whole(word: str, names: Iterable[str]) -> str:
    bare = word.strip(_BRACKETS)
    head, _, tail = bare.partition(_CUT)
    if not head or not tail:
        return word
    bare_names = (name.strip(_BRACKETS) for name in names)
    name = next((name for name in bare_names if name.startswith(head) and name.endswith(tail)), None)
    return word if name is None else word.replace(bare, name)
