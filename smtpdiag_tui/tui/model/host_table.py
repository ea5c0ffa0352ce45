"""The table of MX hosts without its looks: what columns hold, how they are sorted, filtered and fitted. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from rich.cells import cell_len

from smtpdiag_tui.render.hosts import HostRow, host_rows
from smtpdiag_tui.render.words import seconds
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import parse_ip
from smtpdiag_tui.tui.model.host_filter import passes

_WIDE_GAP, _GAP = 2, 1  # cells between two columns
_GRAVEST = (
    Status.FAILED,
    Status.UNKNOWN,
    Status.WARNING,
    Status.CANCELLED,
    Status.RUNNING,
    Status.PENDING,
    Status.SKIPPED,
    Status.PASSED,
)


class Column(StrEnum):
    """A column; its value is its heading."""

    STATUS = ""
    PREFERENCE = "pref"
    HOST = "host"
    ADDRESS = "address"
    FAMILY = "IP"
    RESULT = "result"
    TLS = "TLS"
    CERTIFICATE = "cert"
    DAYS = "days"
    SOFTWARE = "software"
    TIME = "time"


RIGHT = frozenset({Column.PREFERENCE, Column.DAYS, Column.TIME})
# What may be cut, to how many cells; what is left out first where that does not do. All is told whole below.
_LEAST = {Column.HOST: 16, Column.ADDRESS: 15, Column.CERTIFICATE: 8, Column.SOFTWARE: 8}
_NARROWEST = 8  # cells of these, on the narrowest screen
_FIRST_OUT = (Column.SOFTWARE, Column.FAMILY, Column.TIME, Column.DAYS, Column.TLS, Column.CERTIFICATE)
_SHORT = {
    "verified": "ok",
    "name mismatch": "name",
    "not judged": "unjudged",
}
_SHORT_TLS = {"not offered": "none", "refused": "ref.", "failed": "fail"}


@dataclass(frozen=True, slots=True)
class Order:
    """By which column rows are sorted; those that are equal stay in the order of the MX set."""

    column: Column = Column.PREFERENCE
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns shown, each with its width in cells, and how many cells stand between two.

    `short`: what is said of certificates is said in short words.
    """

    widths: Mapping[Column, int]
    gap: int
    short: bool = False


def rows_in_view(report: Report, earlier: Mapping[str, Step]) -> tuple[HostRow, ...]:
    """Return the rows of a report; what runs again has the status of the run before until it ends anew."""
    rows = host_rows(report)
    if not earlier:
        return rows
    return tuple(
        replace(row, status=earlier[row.step].status)
        if row.status is Status.PENDING and row.step in earlier
        else row
        for row in rows
    )


def chosen(rows: Sequence[HostRow], order: Order, shown: str) -> list[HostRow]:
    """Return the rows that a filter lets through, sorted."""
    kept = [row for row in rows if passes(row, shown)]
    if order.column is Column.PREFERENCE:  # the order of the MX set, in which rows come
        return kept[::-1] if order.reverse else kept
    present = [row for row in kept if _key(row, order.column) is not None]
    absent = [row for row in kept if _key(row, order.column) is None]
    present.sort(key=lambda row: _key(row, order.column), reverse=order.reverse)
    return present + absent  # what has no value stands last either way


def _key(row: HostRow, column: Column) -> Any:
    match column:
        case Column.STATUS:
            return _GRAVEST.index(row.status)
        case Column.HOST:
            return row.host.lower()
        case Column.ADDRESS:
            return _address_key(row.address)
        case Column.FAMILY:
            return row.family
        case Column.RESULT:
            return row.outcome
        case Column.DAYS:
            return row.days
        case Column.TIME:
            return row.seconds
        case _:
            return cell(row, column).lower() or None


def _address_key(address: str) -> tuple[int, int] | None:
    if parse_ip(address) is None:
        return None
    parsed = ip_address(address.partition("%")[0])
    return parsed.version, int(parsed)


def cell(row: HostRow, column: Column, *, short: bool = False) -> str:
    """Return what a row has in a column, in words, `short` ones if need be; its status is drawn, not told."""
    match column:
        case Column.STATUS:
            return ""
        case Column.PREFERENCE:
            return "" if row.preference is None else str(row.preference)
        case Column.HOST:
            return row.host
        case Column.ADDRESS:
            return row.address
        case Column.FAMILY:
            return "" if row.family is None else str(row.family)
        case Column.RESULT:
            return row.outcome
        case Column.TLS:
            protocol = row.tls.removeprefix("TLSv")
            return _SHORT_TLS.get(protocol, protocol) if short else protocol
        case Column.CERTIFICATE:
            return _in_short(row.certificate) if short else row.certificate
        case Column.DAYS:
            return "" if row.days is None else str(row.days)
        case Column.SOFTWARE:
            return row.software
        case Column.TIME:
            return "" if row.seconds is None else seconds(row.seconds)


def _in_short(certificate: str) -> str:
    return ",".join(_SHORT.get(word, word) for word in certificate.split(", ")) if certificate else ""


def fitted(rows: Sequence[HostRow], room: int) -> Layout:
    """Return the columns to show in so many cells; where 0 are known of yet, all of them whole.

    A column in which no row has anything is left out. Where not all fits, words are made short, and the software
    gives room before a name is cut.
    """
    natural = _natural(rows)
    if room <= 0 or _taken(natural, _WIDE_GAP) <= room:
        return Layout(natural, _WIDE_GAP)
    natural = _natural(rows, short=True)
    for column in _FIRST_OUT:
        if _taken({each: min(width, _LEAST.get(each, width)) for each, width in natural.items()}, _GAP) <= room:
            break
        natural.pop(column, None)
    return Layout(_shrunk(natural, room), _GAP, short=True)


def _natural(rows: Iterable[HostRow], *, short: bool = False) -> dict[Column, int]:
    """Return the columns that hold something, each so wide that nothing is cut."""
    natural = dict.fromkeys(Column, 0)
    for row in rows:
        for column in Column:
            natural[column] = max(natural[column], cell_len(cell(row, column, short=short)))
    used = {column: max(width, cell_len(column.value)) for column, width in natural.items() if width}
    return {Column.STATUS: 1, **used}


def _shrunk(natural: dict[Column, int], room: int) -> dict[Column, int]:
    """Take from the software, then from the widest of what may be cut, until all fits or no more can be taken."""
    if Column.SOFTWARE in natural:
        too_much = max(0, _taken(natural, _GAP) - room)
        least = min(natural[Column.SOFTWARE], _LEAST[Column.SOFTWARE])
        natural[Column.SOFTWARE] = max(least, natural[Column.SOFTWARE] - too_much)
    while _taken(natural, _GAP) > room:
        spare = {column: natural[column] - _NARROWEST for column in _LEAST if column in natural}
        widest = max(spare, key=lambda column: spare[column], default=None)
        if widest is None or spare[widest] <= 0:
            break
        natural[widest] -= 1
    return natural


def _taken(widths: Mapping[Column, int], gap: int) -> int:
    return sum(widths.values()) + gap * (len(widths) - 1)


def whole(row: HostRow) -> str:
    """Return all that a row says, in one line, nothing cut."""
    where = f"{row.host} [{row.address}]" if row.family is not None else f"{row.host} {row.address}".rstrip()
    preference = "" if row.preference is None else f", preference {row.preference}"
    parts = [f"{where}{preference}", row.outcome, _tls(row)]
    if row.software:
        parts.append(row.software)
    if row.seconds is not None:
        parts.append(seconds(row.seconds))
    if row.stale:
        parts.append("(earlier run)")
    return "; ".join(part for part in parts if part)


def _tls(row: HostRow) -> str:
    if not row.tls:
        return ""
    protocol = row.tls.replace("TLSv", "TLS ")
    if not protocol.startswith(("TLS", "SSL")):
        protocol = f"TLS {protocol}"
    certificate = f", certificate {row.certificate}" if row.certificate else ""
    if row.days is None:
        return f"{protocol}{certificate}"
    if row.days < 0:
        return f"{protocol}{certificate} ({counted(-row.days, 'day')} ago)"
    return f"{protocol}{certificate} ({counted(row.days, 'day')} left)"


def tally(rows: Sequence[HostRow]) -> str:
    """Return how many rows there are and how they ended: `6 addresses: 5 accepted, 1 timed out`."""
    addresses = [row for row in rows if row.family is not None]
    results = Counter(row.result for row in addresses)
    ended = ", ".join(f"{number} {result}" for result, number in results.most_common())
    return f"{counted(len(addresses), 'address')}: {ended}" if addresses else "no addresses"
