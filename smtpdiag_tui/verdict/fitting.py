"""Fitting a headline into a line: the address behind a host goes first, then names are shortened. Pure."""

from collections.abc import Iterable

from smtpdiag_tui.report.visible import visible

HEADLINE = 80  # characters that a headline may have
_LEAST = 12  # characters that are left of a name


def fitted(text: str, places: Iterable[str], names: Iterable[str]) -> str:
    """Return `text` in at most 80 characters, if leaving out and shortening what it names gets it there.

    `places` are the addresses behind hosts, as they stand in it: ` [192.0.2.1]`. `names` are those of hosts,
    domains and mailboxes; the longest loses its middle first.
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
        if name in text:
            text = text.replace(name, _shortened(name, excess), 1)
    return text if len(text) <= HEADLINE else f"{text[: HEADLINE - 1]}…"


def _shortened(name: str, excess: int) -> str:
    """Return a name without `excess` characters of its middle: beginning and end tell most of it."""
    kept = max(_LEAST, len(name) - excess - 1)
    if kept >= len(name) - 1:
        return name
    head = kept // 2
    return f"{name[:head]}…{name[len(name) - (kept - head) :]}"
