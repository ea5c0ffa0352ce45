"""How many lines a report has left for its evidence: 40 for an accepted message, 60 for any other. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.render.hosts import HostRow
from smtpdiag_tui.report.status import Status

ACCEPTED = 40
OTHERS = 60
_LEAST_ROWS = 4
_FRAME = 2  # a blank line and a title
_GRAVITY = (Status.FAILED, Status.WARNING, Status.UNKNOWN)


def room_for_session(used: int, rows: int, *, accepted: bool) -> int:
    """Return the lines that the deciding session may take, where the rows of the hosts follow."""
    limit = ACCEPTED if accepted else OTHERS
    return limit - used - _FRAME - _FRAME - min(rows, _LEAST_ROWS) - (rows > _LEAST_ROWS)


def room_for_rows(used: int, rows: int, *, accepted: bool) -> int:
    """Return how many rows of hosts may be told, so that the report keeps within its lines."""
    limit = ACCEPTED if accepted else OTHERS
    left = limit - used - _FRAME
    if rows <= left:
        return rows
    return max(_LEAST_ROWS, left - 1)  # a line counts the others


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
