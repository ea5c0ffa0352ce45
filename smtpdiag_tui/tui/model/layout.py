"""How much room the panes get: what has content, or what the user gave them. Pure."""

from dataclasses import dataclass

LEAST_STEPS = 9  # rows in a terminal of 80×24: eight, and the line above them
_LEAST_RIGHT = 6  # rows of findings and conversation together
_LEAST_PANE = 3  # rows, columns are more
_LEAST_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the user gave: columns of the steps beside the rest, rows of them above it, rows of the findings.

    None where the content decides.
    """

    steps_width: int | None = None
    steps_height: int | None = None
    findings_height: int | None = None


def steps_height(body: int, rows: int, given: int | None) -> int:
    """Return the rows of the steps above the rest, of `body` in all: what `rows` need, half of all at most.

    In a terminal of 80×24 eight rows are seen at the least.
    """
    if given is not None:
        return _between(given, _LEAST_PANE, body - _LEAST_RIGHT)
    least = min(LEAST_STEPS, body - _LEAST_RIGHT)
    return _between(rows + 1, least, max(least, body // 2))


def steps_width(whole: int, given: int | None) -> int | None:
    """Return the columns of the steps beside the rest, None for the usual part."""
    return None if given is None else _between(given, _LEAST_WIDTH, whole - _LEAST_WIDTH)


def most_findings(room: int, *, empty: bool) -> int:
    """Return the rows that the findings take at most, of `room` for them and the conversation: two thirds.

    A conversation that is `empty` keeps a line that says so, and no more.
    """
    return max(_LEAST_PANE, room - _LEAST_PANE if empty else room * 2 // 3)


def findings_height(room: int, given: int | None) -> int | None:
    """Return the rows of the findings, None for as many as their content needs, up to `most_findings`."""
    return None if given is None else _between(given, _LEAST_PANE, room - _LEAST_PANE)


def _between(value: int, least: int, most: int) -> int:
    return max(least, min(value, most))
