"""The table of MX hosts: a row an address, in columns fitted to the screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from smtpdiag_tui.render.hosts import HostRow
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, stroke
from smtpdiag_tui.tui.model.host_filter import Filter, next_filter
from smtpdiag_tui.tui.model.host_table import RIGHT, Column, Layout, Order, cell, chosen, fitted

SOON = 14  # days before a certificate ends; the checks warn as early
_HEADER = 1  # row above all others, which does not scroll
_COLOURED = frozenset({Column.STATUS, Column.RESULT})


class HostTable(ScrollView, can_focus=True):
    """Draws only the rows in view. The cursor stays with its address, however rows are sorted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"host-table--cursor", "host-table--header"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "edge(0)", "First", show=False),
        Binding("end,G", "edge(-1)", "Last", show=False),
        Binding("left", "column(-1)", "Sort by the column before", show=False),
        Binding("right", "column(1)", "Sort by the next column", show=False),
        Binding("r", "reverse", "Reverse", show=False),
        Binding("f", "filter(1)", "Filter", show=False),
        Binding("F", "filter(-1)", "Filter before", show=False),
        Binding("enter", "pick", "Go to the address", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor came to another row, or what is shown changed."""

    @dataclass
    class Picked(Message):
        """Enter was pressed on a row."""

        step: str

    def __init__(self) -> None:
        super().__init__(id="host-table")
        self.order = Order()
        self.shown: str = Filter.ALL
        self._all: Sequence[HostRow] = ()
        self._rows: list[HostRow] = []
        self._fit = Layout({}, 1)
        self._at: str | None = None  # the step of the row under the cursor
        self._cursor = 0

    @property
    def row(self) -> HostRow | None:
        """The row under the cursor, None where there is none."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    @property
    def rows(self) -> Sequence[HostRow]:
        """The rows that the filter lets through, in their order."""
        return self._rows

    @property
    def columns(self) -> Mapping[Column, int]:
        """The columns shown, and their widths."""
        return self._fit.widths

    def show(self, rows: Sequence[HostRow], at: str | None = None) -> None:
        """Show the rows; with `at`, the cursor goes to that step's row."""
        self._all = rows
        self._at = at or self._at
        self._arrange()

    def _arrange(self) -> None:
        """Sort, filter and fit anew; the cursor stays with its address, else at its place."""
        self._rows = chosen(self._all, self.order, self.shown)
        self._fit = fitted(self._rows, self.scrollable_content_region.width)
        places = (number for number, row in enumerate(self._rows) if row.step == self._at)
        self._cursor = next(places, min(self._cursor, max(0, len(self._rows) - 1)))
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows) + _HEADER)
        self._to_cursor()
        self.call_after_refresh(self._to_cursor)  # how far one can scroll is known once the rows are laid out
        self.refresh()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Fit the columns to another width."""
        self._arrange()

    def action_move(self, step: int) -> None:
        """Go some rows up or down."""
        self._go(self._cursor + step)

    def action_page(self, direction: int) -> None:
        """Go a screen up or down."""
        self._go(self._cursor + direction * max(1, self._height - 1))

    def action_edge(self, place: int) -> None:
        """Go to the first or the last row."""
        self._go(place if place >= 0 else len(self._rows) - 1)

    def action_column(self, direction: int) -> None:
        """Sort by the next column or the one before, around the end."""
        columns = list(self.columns)
        place = columns.index(self.order.column) if self.order.column in columns else 0
        self.order = Order(columns[(place + direction) % len(columns)])
        self._arrange()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.order = Order(self.order.column, not self.order.reverse)
        self._arrange()

    def action_filter(self, direction: int) -> None:
        """Show other rows: those of the next filter that lets some through, or of the one before."""
        self.shown = next_filter(self._all, self.shown, direction)
        self._arrange()

    def action_pick(self) -> None:
        """Take the row under the cursor."""
        if self.row is not None:
            self.post_message(self.Picked(self.row.step))

    def on_click(self, event: events.Click) -> None:
        """Go to a row, and with a second click take it; a heading sorts by its column, then reverses."""
        place = event.get_content_offset(self)
        if place is None:
            return
        if place.y == 0:
            self._sort_at(place.x)
            return
        number = self.scroll_offset.y + place.y - _HEADER
        if number < len(self._rows):
            self._go(number)
            if event.chain > 1:
                self.action_pick()

    def _sort_at(self, x: int) -> None:
        start = 0
        for column, width in self.columns.items():
            if start <= x < start + width + self._fit.gap:
                same = column is self.order.column
                self.order = Order(column, same and not self.order.reverse)
                self._arrange()
                return
            start += width + self._fit.gap

    @property
    def _height(self) -> int:
        """How many rows are in view at once."""
        return max(1, self.scrollable_content_region.height - _HEADER)

    def _go(self, number: int) -> None:
        if not self._rows:
            return
        self._cursor = max(0, min(number, len(self._rows) - 1))
        self._at = self._rows[self._cursor].step
        self._to_cursor()
        self.refresh()
        self.post_message(self.Moved())

    def _to_cursor(self) -> None:
        top = self.scroll_offset.y
        if self._cursor < top:
            top = self._cursor
        elif self._cursor >= top + self._height:
            top = self._cursor - self._height + 1
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        """Draw the heading, or one row in view."""
        width = self.size.width
        if y < _HEADER:
            style = self.get_component_rich_style("host-table--header")
            return Strip([Segment(self._heading(), style)]).adjust_cell_length(width, style)
        number = self.scroll_offset.y + y - _HEADER
        base = self.rich_style
        if number >= len(self._rows):
            words = "  No rows; f: change the filter" if self._all and number == 0 else ""
            return Strip([Segment(words, base + Style(dim=True))]).adjust_cell_length(width, base)
        row = self._rows[number]
        if number == self._cursor:  # whatever is coloured could not be read on its ground
            base = self.get_component_rich_style("host-table--cursor")
            return Strip(self._segments(row, base, base)).adjust_cell_length(width, base)
        plain = base + Style(dim=True) if row.stale else base
        colour = plain + Style.parse(COLOURS[row.status])
        return Strip(self._segments(row, plain, colour)).adjust_cell_length(width, base)

    def _heading(self) -> str:
        parts = []
        for column, width in self.columns.items():
            sign = stroke("falling" if self.order.reverse else "rising") if column is self.order.column else ""
            words = _fitted(column.value, width, right=column in RIGHT).rstrip()
            parts.append(
                _fitted(words + sign, width + self._fit.gap, right=False)
            )  # the gap has room for the sign
        return "".join(parts)

    def _segments(self, row: HostRow, plain: Style, colour: Style) -> list[Segment]:
        segments: list[Segment] = []
        for column, width in self.columns.items():
            if segments:
                segments.append(Segment(" " * self._fit.gap, plain))
            words = GLYPHS[row.status] if column is Column.STATUS else cell(row, column, short=self._fit.short)
            style = self._style(row, column, plain, colour)
            if column is Column.HOST and cell_len(words) > width:
                words = _cut_in_the_middle(words, width)
            segments.append(Segment(_fitted(words, width, right=column in RIGHT), style))
        return segments

    def _style(self, row: HostRow, column: Column, plain: Style, colour: Style) -> Style:
        if column in _COLOURED or _bad(row, column):
            return colour
        if _ends_soon(row, column) and plain is not colour:  # the row itself may have passed
            return plain + Style.parse(COLOURS[Status.WARNING])
        return plain


def _ends_soon(row: HostRow, column: Column) -> bool:
    """Whether a cell tells of a certificate that needs to be renewed, though nothing is wrong with it yet."""
    return column is Column.DAYS and row.days is not None and row.days < SOON


def _cut_in_the_middle(words: str, width: int) -> str:
    """Return a name in so many cells: its first label tells one host from another, its end whose it is."""
    sign = stroke("more")
    room = max(0, width - cell_len(sign))
    end = room // 2
    tail = words[len(words) - end :] if end else ""
    while cell_len(tail) > end:
        tail = tail[1:]
    return set_cell_size(words, room - cell_len(tail)) + sign + tail


def _bad(row: HostRow, column: Column) -> bool:
    """Whether a cell is one of those that a row's status comes from, beside its result."""
    if row.status is not Status.WARNING:
        return False
    if column in (Column.CERTIFICATE, Column.DAYS):
        return row.certificate not in ("", "verified", "not judged")
    return column is Column.TLS and row.tls in ("not offered", "refused", "failed")


def _fitted(words: str, width: int, *, right: bool) -> str:
    """Return words in just so many cells, cut with a sign where they are longer."""
    length = cell_len(words)
    if length > width:
        sign = stroke("more")
        return set_cell_size(words, max(0, width - cell_len(sign))) + sign
    blank = " " * (width - length)
    return blank + words if right else words + blank
