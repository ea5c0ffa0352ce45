"""How many lines a report has left for its evidence: 40 for a healthy run, 60 for any other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.render.hosts import HostRow
from smtpdiag_tui.report.status import Status

HEALTHY = 40
OTHERS = 60
LEAST_SESSION = 7
_LEAST_ROWS = 4  # that others leave room for
_FEWEST_ROWS = 1  # where a problem has to be told whatever the room: the row that decides
_GRAVITY = (Status.FAILED, Status.WARNING, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Frame:
    """The lines that stand around a session, and around rows of hosts; `rest` counts the rows left out.

    `row` is how many lines a row takes.
    """

    session: int
    hosts: int
    rest: int
    row: int = 1


TEXT = Frame(session=2, hosts=2, rest=2)
MARKDOWN = Frame(session=5, hosts=5, rest=2)


def lines_for(*, healthy: bool) -> int:
    """Return how many lines a report may have; a healthy one is accepted and without problems."""
    return HEALTHY if healthy else OTHERS


def room_for_session(limit: int, used: int, rows: int, frame: Frame) -> int:
    """Return the lines that the deciding session may take, where the rows of the hosts follow."""
    return limit - used - frame.session - _least(rows, frame)


def room_for_rows(limit: int, used: int, rows: int, frame: Frame) -> int:
    """Return how many rows of hosts may be told, so that the report keeps within its lines."""
    left = limit - used - frame.hosts
    if rows * frame.row <= left:
        return rows
    return min(rows, max(_FEWEST_ROWS, (left - frame.rest) // frame.row))


def room_for_problems(limit: int, used: int, rows: int, frame: Frame, *, session: bool) -> int:
    """Return the lines that problems may take, so that the session, if there is one, and the hosts have theirs."""
    return limit - used - _least(rows, frame) - (frame.session + LEAST_SESSION if session else 0)


def _least(rows: int, frame: Frame) -> int:
    if not rows:
        return 0
    return frame.hosts + frame.row * min(rows, _LEAST_ROWS) + (frame.rest if rows > _LEAST_ROWS else 0)


def rows_told(rows: Sequence[HostRow], most: int, deciding: str = "") -> list[HostRow]:
    """Return at most `most` rows in their order: the deciding one, then those with problems, then the first."""
    if len(rows) <= most:
        return list(rows)
    places = sorted(range(len(rows)), key=lambda place: _rank(rows[place], deciding))
    return [rows[place] for place in sorted(places[:most])]


def _rank(row: HostRow, deciding: str) -> int:
    if row.step == deciding:
        return 0
    return 1 if row.status in _GRAVITY else 2
