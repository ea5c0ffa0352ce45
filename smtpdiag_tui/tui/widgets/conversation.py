"""The raw conversation of the selected step, as a scrollable transcript."""

import math
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.tui.drawing.conversation_lines import (
    DIM,
    MATCH,
    Line,
    Row,
    conversation_of,
    line_of,
    lines_of,
    name_of,
    rows_of,
)
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.model.search import Search

if TYPE_CHECKING:
    from smtpdiag_tui.report.report import Step
    from smtpdiag_tui.report.transcript import Entry


class Conversation(ScrollView, can_focus=True):
    """Draws only the lines in view, so that 100,000 of them stay fluid. Follows the tail until scrolled up."""

    ALLOW_SELECT = True

    def __init__(self) -> None:
        super().__init__(id="conversation", classes="wrapped")
        self.border_title = "Conversation"
        self.search = Search()
        self.wrap = True
        self._lines: list[Line] = []
        self._rows: list[Row] = []
        self._rows_width = 0
        self._shown: tuple[tuple[str, int], ...] = ()
        self._last: tuple[Entry, ...] = ()
        self._about: str | None = None
        self._title = ""
        self._widest = 0
        self._anchor: int | None = None  # the line to keep at the top; None for the end in view

    @property
    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join(line.whole for line in self._lines)

    @property
    def steps(self) -> tuple[str, ...]:
        """The ids of the steps whose transcripts are in view."""
        return tuple(key for key, _ in self._shown)

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def show(self, report: Report, step_id: str | None) -> None:
        """Show the conversation of a step; nothing happens if it is in view already."""
        steps = conversation_of(report, step_id) if step_id else []
        shown = tuple((step.id, len(step.transcript)) for step in steps)
        last = steps[-1].transcript if steps else ()
        moved = step_id != self._about
        self._about = step_id
        if shown != self._shown or last != self._last:
            self._change(report, steps)
        if moved and step_id and report.status.ended and len(steps) == 1 and steps[0].id != step_id:
            self._go_to_phase(report.steps[step_id])

    def _change(self, report: Report, steps: "list[Step]") -> None:
        shown = tuple((step.id, len(step.transcript)) for step in steps)
        last = steps[-1].transcript if steps else ()
        same = [key for key, _ in shown] == list(self.steps)
        tail = not same or self.is_vertical_scroll_end
        if same and len(steps) == 1 and last[: len(self._last)] == self._last:
            new = [line_of(entry) for entry in last[len(self._last) :]]
            self._lines.extend(new)
        else:
            new = self._lines = lines_of(report, steps)
            self._widest = 0
            self._rows = []
            self._rows_width = 0
        self._shown, self._last = shown, last
        self._widest = max(self._widest, max((cell_len(line.whole) for line in new), default=0))
        if same:
            self.search.update(self._lines)
        else:
            self.search.look_for(self.search.query, self._lines, 0)
        self._title = name_of(report, steps[0].id) if len(steps) == 1 else f"{len(steps)} steps" if steps else ""
        self._lay_out()
        # Of another conversation, the lines count for scrolling only once they are laid out.
        if not same and self.search.current is not None:
            self.call_after_refresh(self._to_match)
        elif not same and report.status.ended and len(steps) != 1:
            self._anchor = 0
            self.scroll_to(y=0, animate=False, immediate=True)
        elif tail:  # of a session, the result stands at its end
            self.scroll_end(animate=False, immediate=same, x_axis=False)
        self.refresh()

    def toggle_wrap(self) -> None:
        """Wrap long lines, or let them run out to the right."""
        self.wrap = not self.wrap
        self.set_class(self.wrap, "wrapped")
        self._rows = []
        self._rows_width = 0
        self.scroll_to(0, animate=False, immediate=True)
        self._lay_out()
        self.refresh()

    def find(self, words: str) -> None:
        """Mark all places where `words` stand, and go to the first one in view or after it."""
        self.search.look_for(words, self._lines, self._line_at(self.scroll_offset.y))
        self._to_match()

    def next_match(self, direction: int) -> None:
        """Go to the next or the previous match."""
        self.search.walk(direction)
        self._to_match()

    def on_resize(self) -> None:
        """Wrap anew for another width; the line at the top stays there, the end stays in view."""
        anchor = self._anchor
        self._lay_out()
        if anchor is None:
            self.call_after_refresh(self.scroll_end, animate=False, immediate=True, x_axis=False)
        elif anchor:
            self.call_after_refresh(self.scroll_to, y=self._row_of(anchor, 0), animate=False, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Remember what is in view: a change of size comes too late to ask."""
        super().watch_scroll_y(old_value, new_value)
        self._anchor = None if self.is_vertical_scroll_end else self._line_at(self.scroll_offset.y)

    def render_line(self, y: int) -> Strip:
        """Draw one row in view."""
        scroll_x, scroll_y = self.scroll_offset
        number, width = scroll_y + y, self.size.width
        row = self._row(number)
        if row is None:
            empty = "  No conversation here." if not self._lines and y == 0 else ""
            return Strip([Segment(empty, self.rich_style + DIM)]).extend_cell_length(width, self.rich_style)
        strip = self._strip(row)
        return strip.crop_extend(scroll_x, scroll_x + width, self.rich_style).apply_offsets(
            scroll_x + row.start, row.line
        )

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is marked."""
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        """Draw the marks anew."""
        self.refresh()

    def _lay_out(self) -> None:
        """Bring rows, scrollbars and the words below up to date."""
        width = self.scrollable_content_region.width
        if self.wrap and width > 0:
            if width != self._rows_width:
                self._rows, self._rows_width = [], width
            done = self._rows[-1].line + 1 if self._rows else 0
            for number in range(done, len(self._lines)):
                self._rows.extend(rows_of(self._lines[number], number, width))
            self.virtual_size = Size(width, len(self._rows))
        else:
            self.virtual_size = Size(self._widest, len(self._lines))
        count = f"{len(self._lines)} line{'' if len(self._lines) == 1 else 's'}" if self._lines else ""
        self.border_subtitle = Content(count)
        parts = [part for part in ("Conversation", self._title, self.search.words) if part]
        self.border_title = Content(f" {stroke('dot')} ".join(parts))

    def _row(self, number: int) -> Row | None:
        if not self.wrap or not self._rows:
            return Row(number, 0, None) if number < len(self._lines) else None
        return self._rows[number] if number < len(self._rows) else None

    def _line_at(self, number: int) -> int:
        row = self._row(number)
        return row.line if row is not None else 0

    def _go_to_phase(self, step: "Step") -> None:
        """Bring the lines into view that belong to a phase of the session; if it has none, those before it."""
        end = math.inf if step.started is None or step.seconds is None else step.started + step.seconds
        own = [
            number
            for number, entry in enumerate(self._last)
            if step.started is not None and step.started <= entry.at <= end
        ]
        if own:
            y = self._row_of(own[0], 0) - 1
        elif step.started is None:
            return  # it never began: the end of the session, which is in view, says why
        else:
            before = sum(entry.at < step.started for entry in self._last)
            y = self._row_of(max(0, before - 1), 0) + 2 - self.scrollable_content_region.height
        y = max(0, y)
        self._anchor = self._line_at(y)
        # New lines count for scrolling only once they are laid out.
        self.call_after_refresh(self.scroll_to, y=y, animate=False, immediate=True)

    def _row_of(self, line: int, start: int) -> int:
        if not self.wrap or not self._rows:
            return line
        return next((n for n, row in enumerate(self._rows) if row.line == line and row.holds(start)), 0)

    def _to_match(self) -> None:
        place = self.search.current
        if place is not None:
            y = self._row_of(place.line, place.start)
            height = self.scrollable_content_region.height
            if not self.scroll_offset.y <= y < self.scroll_offset.y + height:
                self._anchor = place.line
                self.scroll_to(y=max(0, y - height // 3), animate=False, immediate=True)
        self._lay_out()
        self.refresh()

    def _strip(self, row: Row) -> Strip:
        line, base = self._lines[row.line], self.rich_style
        margin = line.margin if row.start == 0 else " " * len(line.margin)
        text = line.text[row.start : row.end]
        strip = Strip([Segment(margin, base + DIM), Segment(text, base + line.style)])
        for place in self.search.on(row.line):
            marked = (
                self.screen.get_component_rich_style("screen--selection") if place == self.search.current else None
            )
            start, end = (len(line.margin) + value - row.start for value in (place.start, place.end))
            strip = self._marked(strip, margin + text, start, end, marked)
        span = self.text_selection.get_span(row.line) if self.text_selection is not None else None
        if span is None:
            return strip
        end = len(line.whole) if span[1] == -1 else span[1]
        style = self.screen.get_component_rich_style("screen--selection")
        return self._marked(strip, margin + text, span[0] - row.start, end - row.start, style)

    @staticmethod
    def _marked(strip: Strip, text: str, start: int, end: int, style: Style | None) -> Strip:
        left, right = (cell_len(text[: max(0, value)]) for value in (start, end))
        if right <= left:
            return strip
        middle = strip.crop(left, right).apply_style(style if style is not None else MATCH)
        return Strip.join([strip.crop(0, left), middle, strip.crop(right, None)])
