"""The table of vantage points without its looks: its rows, what each cell holds and says. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.render.hosts import HostRow
from smtpdiag_tui.render.vantage.grid import grid
from smtpdiag_tui.render.vantage.words import point_answer
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import OUTCOME_STATUS, Status
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Via
from smtpdiag_tui.tui.model.host_table import whole

OUTCOME = "outcome"
_CONNECTING = "connecting"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: status and words, the step it leads to ("" for none), and all that it says in one line."""

    status: Status | None
    words: str
    step: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its name, whether it is a host above its addresses, and a cell for each vantage point."""

    name: str
    heading: bool
    cells: tuple[Cell, ...]


NOTHING = Cell(None, "")


def lines(points: Sequence[Vantage]) -> list[Line]:
    """Return the rows: the outcomes, then each MX host with its addresses."""
    found = [Line(OUTCOME, True, tuple(map(_outcome, points)))]
    before = None
    for row in grid(points):
        preference = "" if row.preference is None else f"{row.preference} "
        if not row.address:
            found.append(Line(visible(f"{preference}{row.host}"), False, tuple(map(_cell, row.cells))))
            continue
        if row.host != before:
            found.append(Line(visible(f"{preference}{row.host}"), True, (NOTHING,) * len(points)))
        before = row.host
        found.append(Line(visible(f"  {row.address}"), False, tuple(map(_cell, row.cells))))
    return found


def _cell(row: HostRow | None) -> Cell:
    return NOTHING if row is None else Cell(row.status, visible(row.outcome), row.step, visible(whole(row)))


def _outcome(point: Vantage) -> Cell:
    label, report = visible(point.via.label), point.report
    if point.error:
        words = point.error if point.error.startswith(label) else f"{label}: {point.error}"
        return Cell(Status.UNKNOWN, "no outcome", told=visible(words))
    if report is None:
        return Cell(Status.PENDING, _CONNECTING, told=f"{label} is being connected to")
    if report.outcome is None or report.status in (Status.RUNNING, Status.CANCELLED):
        return _under_way(label, report)
    told = point_answer(point)
    return Cell(OUTCOME_STATUS[report.outcome], told.word, told=visible(f"{label}; {'; '.join(told.lines)}"))


def _under_way(label: str, report: Report) -> Cell:
    if report.status is Status.CANCELLED:
        return Cell(Status.CANCELLED, "cancelled", told=f"{label}; the run was cancelled")
    ended = sum(step.status.ended for step in report.steps.values())
    words = f"{ended} of {len(report.steps)}"
    return Cell(Status.RUNNING, words, told=f"{label}; {words} steps ended")


def headings(points: Sequence[Via], width: int, sign: str) -> list[str]:
    """Return the names of the columns, each with its number, in `width` cells at most."""
    return [_cut(visible(f"{number} {via.label}"), width, sign) for number, via in enumerate(points, 1)]


def _cut(words: str, width: int, sign: str) -> str:
    if len(words) <= width:
        return words
    head = (width - len(sign)) // 2
    return f"{words[:head]}{sign}{words[len(words) - (width - len(sign) - head) :]}"
