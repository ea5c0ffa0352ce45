"""The MX addresses as rows and the vantage points as columns: text, Markdown and the interface draw it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.render.hosts import HostRow, host_rows
from smtpdiag_tui.report.vantage import Vantage


@dataclass(frozen=True, slots=True)
class GridRow:
    """One MX address, or a host without one; `cells` holds what each vantage point met there, None for nothing."""

    preference: int | None
    host: str
    address: str
    cells: tuple[HostRow | None, ...]


def grid(points: Sequence[Vantage]) -> tuple[GridRow, ...]:
    """Return the rows, those preferred first, then in the order in which the vantage points have them."""
    columns = [_rows(point) for point in points]
    places = dict.fromkeys(place for column in columns for place in column)
    rows = [_row(place, tuple(column.get(place) for column in columns)) for place in places]
    hosts = list(dict.fromkeys(row.host for row in rows))
    least = {host: min(map(_rank, (row for row in rows if row.host == host))) for host in hosts}
    return tuple(sorted(rows, key=lambda row: (least[row.host], hosts.index(row.host))))


def _rows(point: Vantage) -> dict[tuple[str, str], HostRow]:
    if point.report is None:
        return {}
    return {(row.host, row.address): row for row in host_rows(point.report)}


def _row(place: tuple[str, str], cells: tuple[HostRow | None, ...]) -> GridRow:
    preferences = [cell.preference for cell in cells if cell is not None and cell.preference is not None]
    return GridRow(min(preferences, default=None), *place, cells)


def _rank(row: GridRow) -> float:
    return float("inf") if row.preference is None else row.preference
