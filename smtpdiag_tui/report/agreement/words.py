"""How vantage points are named in sentences, and how a sentence keeps to its length. Pure."""

from collections.abc import Callable, Iterable, Sequence

from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.fitting import HEADLINE, fitted
from smtpdiag_tui.report.visible import visible

_NAMED = 3  # vantage points in one sentence

Named = Callable[[Sequence[str]], str]


def named(points: Sequence[str]) -> str:
    """Return vantage points by name: `local and ssh:a`; of many, the first."""
    if len(points) <= _NAMED:
        return listed(points)
    return listed([*points[: _NAMED - 1], f"{len(points) - _NAMED + 1} more"])


def numbered(points: Sequence[str]) -> str:
    """Return one vantage point by name, several by their number."""
    return points[0] if len(points) == 1 else counted(len(points), "vantage point")


def numbers(points: Sequence[str]) -> str:
    """Return vantage points by their number."""
    return counted(len(points), "vantage point")


def fitting(forms: Iterable[Callable[[Named], str]]) -> str:
    """Return the first sentence that is short enough for a headline, each form tried with ever shorter names."""
    told = [visible(form(names)) for form in forms for names in (named, numbered, numbers)]
    whole = next((text for text in told if len(text) <= HEADLINE), "")
    return whole or _shortened(min(told, key=len))


def _shortened(text: str) -> str:
    """Return a headline in which the longest word, a name, has lost its middle."""
    return fitted(text, (), sorted(text.split(), key=len)[-1:])


def they(points: Sequence[object], one: str, several: str) -> str:
    """Return the verb that goes with so many."""
    return one if len(points) == 1 else several
