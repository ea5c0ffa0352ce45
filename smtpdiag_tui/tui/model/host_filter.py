"""Which rows of the table of MX hosts are shown: all, or those that became of in one way. Pure."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from smtpdiag_tui.render.hosts import CERTIFICATES, RESULTS, HostRow
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd
from smtpdiag_tui.report.status import Status

_ACCEPTED = RESULTS[SessionEnd.ACCEPTED]
_UNTESTED = frozenset({RESULTS[SessionEnd.NO_SOCKET], "cancelled"})
_SOUND = frozenset({"", CERTIFICATES[CertificateVerdict.VERIFIED], CERTIFICATES[CertificateVerdict.NOT_JUDGED]})


class Filter(StrEnum):
    """A filter that is no result of its own; the value says what is shown."""

    ALL = "all"
    NOT_ACCEPTED = "not accepted"
    WARNINGS = "warnings"
    CERTIFICATE = "certificate problems"
    PASSED = "passed"


def filters(rows: Sequence[HostRow]) -> tuple[str, ...]:
    """Return the filters that let some rows through but not all, behind that for all, none twice in effect.

    Each result that occurs is one, the most frequent first.
    """
    results = (result for result, _ in Counter(row.result for row in rows).most_common())
    offered = dict.fromkeys((Filter.NOT_ACCEPTED, Filter.WARNINGS, Filter.CERTIFICATE, Filter.PASSED, *results))
    names: dict[tuple[bool, ...], str] = {}
    for shown in offered:
        through = tuple(passes(row, shown) for row in rows)
        if any(through) and not all(through):
            names.setdefault(through, shown)
    return (Filter.ALL, *names.values())


def next_filter(rows: Sequence[HostRow], shown: str, direction: int) -> str:
    """Return the filter next to `shown`, around the end; the first one where that is not offered any more."""
    offered = filters(rows)
    if shown not in offered:
        return offered[0]
    return offered[(offered.index(shown) + direction) % len(offered)]


def passes(row: HostRow, shown: str) -> bool:
    """Whether a filter lets a row through: one of those above, or the result that rows are to have."""
    match shown:
        case Filter.ALL:
            return True
        case Filter.NOT_ACCEPTED:
            return row.status.ended and row.result != _ACCEPTED and row.result not in _UNTESTED
        case Filter.WARNINGS:
            return row.status is Status.WARNING
        case Filter.CERTIFICATE:
            return row.certificate not in _SOUND
        case Filter.PASSED:
            return row.status is Status.PASSED
        case _:
            return row.result == shown
