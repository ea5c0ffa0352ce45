"""Transcripts as lines to draw, and lines as rows of a given width. Pure."""

from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.style import Style

from smtpdiag_tui.engine.report import Report, Step, parent_id
from smtpdiag_tui.render.transcript import entry_margin
from smtpdiag_tui.transcript import Direction, Entry
from smtpdiag_tui.tui.look import ARROWS, stroke

DIM = Style(dim=True)
MATCH = Style(reverse=True)
_HEADING = Style(bold=True)
_STYLES = {
    Direction.SENT: Style(color="cyan"),
    Direction.RECEIVED: Style(),
    Direction.NOTE: Style(dim=True, italic=True),
}
_LEAST = 8  # columns that a wrapped text gets at the least


@dataclass(frozen=True, slots=True)
class Line:
    """One line as shown: the columns before the text, the text, and how it looks."""

    margin: str
    text: str
    style: Style

    @property
    def whole(self) -> str:
        """The line as it is selected and copied."""
        return self.margin + self.text


@dataclass(frozen=True, slots=True)
class Row:
    """A part of a line that fills one row: `start` and `end` count in its text; `end` is None to its end."""

    line: int
    start: int
    end: int | None

    def holds(self, place: int) -> bool:
        """Whether a place of the text is in this row."""
        return self.start <= place and (self.end is None or place < self.end)


def conversation_of(report: Report, step_id: str) -> list[Step]:
    """Return the steps whose transcripts belong to a step: its own, else the session above, else all below."""
    above: str | None = step_id
    while above is not None:
        step = report.steps.get(above)
        if step is not None and step.transcript:
            return [step]
        if above.count("/") < 3:  # phases belong to the session above them, nothing else looks upwards
            break
        above = parent_id(above)
    return [step for step in report.descendants(step_id) if step.transcript]


def lines_of(steps: list[Step]) -> list[Line]:
    """Return the lines to show for the transcripts of some steps."""
    lines: list[Line] = []
    for step in steps:
        if len(steps) > 1:
            lines.append(Line("", f"{stroke('rule')} {step.id} {stroke('rule')}", _HEADING))
        lines.extend(line_of(entry) for entry in step.transcript)
    return lines


def line_of(entry: Entry) -> Line:
    """Return the line that shows one entry."""
    return Line(entry_margin(entry, ARROWS), entry.text, _STYLES[entry.direction])


def rows_of(line: Line, number: int, width: int) -> list[Row]:
    """Return the rows that a line takes in `width` columns; those after the first hang below its text."""
    room = max(_LEAST, width - len(line.margin))
    if cell_len(line.text) <= room:
        return [Row(number, 0, None)]
    rows: list[Row] = []
    start = 0
    for part in chop_cells(line.text, room):
        rows.append(Row(number, start, start + len(part)))
        start += len(part)
    rows[-1] = Row(number, rows[-1].start, None)
    return rows
