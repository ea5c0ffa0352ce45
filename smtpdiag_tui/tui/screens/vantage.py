"""The vantage points side by side: what they come to, and a column for each."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.coordinate import Coordinate
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static

from smtpdiag_tui.render.vantage.words import labelled_of, told_differences, views_of, word_of
from smtpdiag_tui.report.agreement.model import Agreement
from smtpdiag_tui.report.agreement.together import agreement_of
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Via
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, stroke
from smtpdiag_tui.tui.model.point_columns import NOTHING, Cell, Line, headings, lines

_REFRESH = 1 / 4  # seconds between two looks at runs under way
_NAME = 22  # cells of a column's heading, at most
_KEYS = ("Enter: show", "c: copy", "Tab: scroll", "Esc: close")

Look = Callable[[], tuple[Vantage, ...]]


class VantageScreen(ModalScreen[tuple[Via, str] | None]):
    """Shows the vantage points that `look` returns, while they run; returns the one picked with its step."""

    CSS_PATH = "vantage.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,m,q", "dismiss(None)", "Close"),
        Binding("c", "copy", "Copy"),
        Binding("question_mark,f1", "app.help", "Help", show=False),
    ]

    def __init__(self, look: Look, at: tuple[Via, str], copy: Callable[[], None]) -> None:
        """`at`: the vantage point and the step that the cursor stands on at first."""
        super().__init__()
        self._look = look
        self._at: tuple[Via, str] | None = at
        self._copy = copy
        self._points: tuple[Vantage, ...] = ()
        self._lines: list[Line] = []
        self._told_of: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the answer above the table, and below it all that the cell under the cursor says."""
        with Vertical(id="vantage") as box:
            box.border_title = "Vantage points"
            box.border_subtitle = f" {stroke('dot')} ".join(_KEYS)
            with VerticalScroll(id="vantage-answer"):
                yield Static("", markup=False)
            yield DataTable[Text](id="vantage-table", cursor_type="cell", zebra_stripes=False, fixed_columns=1)
            yield Static("", id="vantage-whole", markup=False)

    def on_mount(self) -> None:
        """Show what there is, and what comes."""
        self.query_one(DataTable).focus()
        self._show()
        self.set_interval(_REFRESH, self._show)

    def _show(self) -> None:
        points = self._look()
        if points == self._points:
            return
        self._points = points
        self._answer()
        before, self._lines = self._lines, lines(points)
        table = self.query_one("#vantage-table", DataTable)
        if [line.name for line in before] != [line.name for line in self._lines]:
            self._fill(table)
        else:
            self._renew(table, before)
        self._tell()

    def _answer(self) -> None:
        """Tell what they come to, as far as they have ended."""
        ended = tuple(
            (point.error, None if point.report is None or point.report.status is Status.RUNNING else point.report)
            for point in self._points
        )
        if ended != self._told_of:
            self._told_of = ended
            self.query_one("#vantage-answer Static", Static).update(answer_text(agreement_of(self._points)))

    def _fill(self, table: DataTable[Text]) -> None:
        """Make the table anew; the cursor stays where it was, at first at the place that was asked for."""
        here = table.cursor_coordinate
        table.clear(columns=True)
        table.add_column("MX host")
        for heading in headings([point.via for point in self._points], _NAME, stroke("more")):
            table.add_column(heading)
        for line in self._lines:
            name = Text(line.name, "bold" if line.heading else "", no_wrap=True)
            table.add_row(name, *map(_drawn, line.cells))
        table.move_cursor(row=here.row, column=max(1, here.column))
        self._go_to_first(table)

    def _go_to_first(self, table: DataTable[Text]) -> None:
        if self._at is None:
            return
        via, step = self._at
        self._at = None
        column = next((place for place, point in enumerate(self._points) if point.via == via), 0)
        for row, line in enumerate(self._lines):
            cell = line.cells[column]
            if cell.step and (step == cell.step or step.startswith(f"{cell.step}/")):
                table.move_cursor(row=row, column=column + 1)
                return
        table.move_cursor(row=0, column=column + 1)

    def _renew(self, table: DataTable[Text], before: list[Line]) -> None:
        """Draw the cells that changed."""
        for row, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            for column, (was, cell) in enumerate(zip(old.cells, new.cells, strict=True), 1):
                if was != cell:
                    table.update_cell_at(Coordinate(row, column), _drawn(cell), update_width=True)

    def _under_cursor(self) -> tuple[Vantage, Cell] | None:
        place = self.query_one("#vantage-table", DataTable).cursor_coordinate
        if place.row >= len(self._lines) or not 1 <= place.column <= len(self._points):
            return None
        return self._points[place.column - 1], self._lines[place.row].cells[place.column - 1]

    def _tell(self) -> None:
        found = self._under_cursor()
        words = ""
        if found is not None:
            point, cell = found
            words = cell.told or ("" if cell is NOTHING else visible(point.via.label))
        self.query_one("#vantage-whole", Static).update(words)

    @on(DataTable.CellHighlighted)
    def _moved(self, event: DataTable.CellHighlighted) -> None:
        event.stop()
        self._tell()

    @on(DataTable.CellSelected)
    def _picked(self, event: DataTable.CellSelected) -> None:
        """Show the report of a vantage point, at the address of the row."""
        event.stop()
        found = self._under_cursor()
        if found is None:
            return
        point, cell = found
        if point.report is None:
            self.notify(f"No report from {visible(point.via.label)}", markup=False)
        else:
            self.dismiss((point.via, cell.step))

    def action_copy(self) -> None:
        """Copy the comparison as Markdown."""
        self._copy()


def _drawn(cell: Cell) -> Text:
    if cell.status is None:
        return Text("")
    return Text(f"{GLYPHS[cell.status]} {cell.words}", COLOURS[cell.status], no_wrap=True)


def answer_text(agreement: Agreement) -> Text:
    """Return what the vantage points come to: the headline, what follows, and where they differ."""
    status, word = word_of(agreement)
    text = Text()
    if not any(item.pending for item in agreement.uncounted):
        text.append(f" {GLYPHS[status]} {word} ", f"bold reverse {COLOURS[status].split()[-1]}").append("  ")
    text.append(agreement.headline, "bold")
    for label, told in labelled_of(agreement):
        text.append(f"\n{label}: ", "dim").append(visible(told))
    for item in told_differences(agreement):
        text.append(f"\n{GLYPHS[Status.WARNING]} ", COLOURS[Status.WARNING]).append(visible(item.headline))
        for line in views_of(item):
            text.append(f"\n    {visible(line)}")
    return text
