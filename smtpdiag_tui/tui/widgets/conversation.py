"""The raw conversation of the selected step, as a scrollable transcript."""

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.tui.drawing.conversation_lines import (
    DIM,
    ConversationLine,
    Row,
    conversation_of,
    line_of,
    lines_of,
    name_of,
    own_lines,
    rows_of,
    styles_of,
)
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.drawing.marks import CURRENT_MATCH, MATCH, over
from smtpdiag_tui.tui.model.search import Search

if TYPE_CHECKING:
    from smtpdiag_tui.report.step import Step
    from smtpdiag_tui.report.transcript import Entry


class Conversation(ScrollView, can_focus=True):
    """Draws only the lines in view, so that 100,000 of them stay fluid. Follows the tail until scrolled up."""

    ALLOW_SELECT = True

    def __init__(self) -> None:
        super().__init__(id="conversation", classes="wrapped")
        self.border_title = "Transcript"
        self.search = Search()
        self.wrap = True
        self._lines: list[ConversationLine] = []
        self._rows: list[Row] = []
        self._rows_width = 0
        self._shown: tuple[tuple[str, int], ...] = ()
        self._last: tuple[Entry, ...] = ()
        self._about: str | None = None
        self._title = ""
        self._widest = 0
        self._anchor: int | None = None  # the line to keep at the top; None for the end in view
        self._own = range(0)  # the lines of the phase under the cursor

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
        moved = step_id != self._about
        self._about = step_id
        self._mark(report, steps)
        if _lengths(steps) != self._shown or _last_transcript(steps) != self._last:
            if tuple(step.id for step in steps) == self.steps:
                self._go_on(report, steps)
            else:
                self._begin(report, steps)
        if moved and step_id and report.status.ended and _stands_in_session(step_id, steps):
            self._go_to_phase(report.steps[step_id])

    def _mark(self, report: Report, steps: "list[Step]") -> None:
        """Mark the lines of the step under the cursor, where it is a part of what is shown."""
        own = range(0)
        if self._about is not None and _stands_in_session(self._about, steps):
            own = own_lines(steps[0].transcript, report.steps[self._about])
        if own != self._own:
            self._own = own
            self.refresh()

    def _begin(self, report: Report, steps: "list[Step]") -> None:
        """Show another conversation: that of several steps from its beginning, that of a session at its end."""
        self._draw_whole(report, steps)
        self.search.look_for(self.search.query, self._lines, 0)
        self._title = _title(report, steps)
        self._lay_out()
        if self.search.current is not None:
            self.call_after_refresh(self._to_match)
        elif report.status.ended and len(steps) != 1:
            self._anchor = 0
            self.scroll_to(y=0, animate=False, immediate=True)
        else:  # not at once: new lines count for scrolling only once they are laid out
            self.scroll_end(animate=False, immediate=False, x_axis=False)
        self.refresh()

    def _go_on(self, report: Report, steps: "list[Step]") -> None:
        """Show what became of the conversation in view, and stay at its end if that was in view."""
        at_end = self.is_vertical_scroll_end
        transcript, drawn = _last_transcript(steps), len(self._last)
        if len(steps) == 1 and transcript[:drawn] == self._last:
            self._append([line_of(entry) for entry in transcript[drawn:]])
            self._shown, self._last = _lengths(steps), transcript
        else:
            self._draw_whole(report, steps)
        self.search.update(self._lines)
        self._title = _title(report, steps)
        self._lay_out()
        if at_end:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        self.refresh()

    def _draw_whole(self, report: Report, steps: "list[Step]") -> None:
        self._lines = []
        self._widest = 0
        self._forget_rows()
        self._append(lines_of(report, steps))
        self._shown, self._last = _lengths(steps), _last_transcript(steps)

    def _append(self, lines: list[ConversationLine]) -> None:
        self._lines.extend(lines)
        self._widest = max(self._widest, max((cell_len(line.whole) for line in lines), default=0))

    def _forget_rows(self) -> None:
        self._rows = []
        self._rows_width = 0

    def toggle_wrap(self) -> None:
        """Wrap long lines, or let them run out to the right."""
        self.wrap = not self.wrap
        self.set_class(self.wrap, "wrapped")
        self._forget_rows()
        self.scroll_to(0, animate=False, immediate=True)
        self._lay_out()
        self.refresh()

    def find(self, words: str) -> None:
        """Mark all places where `words` stand, and go to the first one in view or after it."""
        self.search.look_for(words, self._lines, self._line_at(self.scroll_offset.y))
        self._to_match()

    def close_search(self) -> None:
        """Forget what was looked for."""
        self.search.close()
        self.find("")

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
            empty = "  No transcript at this step" if not self._lines and y == 0 else ""
            return Strip([Segment(empty, self.rich_style + DIM)]).extend_cell_length(width, self.rich_style)
        strip = self._strip(row)
        if strip.cell_length > scroll_x + width:  # it is not wrapped: else a line cut would read as a whole one
            sign = Segment(stroke("more"), self.rich_style + DIM)
            strip = Strip([*strip.crop(0, scroll_x + width - sign.cell_length), sign])
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
            self._wrap_to(width)
            self.virtual_size = Size(width, len(self._rows))
        else:
            self.virtual_size = Size(self._widest, len(self._lines))
        count = counted(len(self._lines), "line") if self._lines else ""
        self.border_subtitle = Content(count)
        parts = [part for part in ("Transcript", self._title, self.search.words) if part]
        self.border_title = Content(f" {stroke('dot')} ".join(parts))

    def _wrap_to(self, width: int) -> None:
        """Break the lines that came since into rows; all of them for another width."""
        if width != self._rows_width:
            self._rows, self._rows_width = [], width
        done = self._rows[-1].line + 1 if self._rows else 0
        for number in range(done, len(self._lines)):
            self._rows.extend(rows_of(self._lines[number], number, width))

    def _row(self, number: int) -> Row | None:
        if not self.wrap or not self._rows:
            return Row(number, 0, None) if number < len(self._lines) else None
        return self._rows[number] if number < len(self._rows) else None

    def _line_at(self, number: int) -> int:
        row = self._row(number)
        return row.line if row is not None else 0

    def _go_to_phase(self, step: "Step") -> None:
        """Bring the lines into view that belong to a phase of the session; if it has none, those before it."""
        if step.started is None:
            return  # it never began: the end of the session, which is in view, says why
        if self._own:
            y = self._row_of(self._own[0], 0) - 1
        else:
            before = [number for number, entry in enumerate(self._last) if entry.at < step.started]
            y = self._row_of(max(0, len(before) - 1), 0) + 2 - self.scrollable_content_region.height
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
        coded = max(0, line.coded - row.start)
        before, code, rest = styles_of(line)
        parts = [*self._margin(margin, base + before, own=row.line in self._own)]
        parts += [Segment(text[:coded], base + code), Segment(text[coded:], base + rest)]
        strip = Strip(parts).simplify()  # each part costs bytes on a slow link
        text_start = len(line.margin) - row.start
        for match in self.search.on(row.line):
            style = CURRENT_MATCH if match == self.search.current else MATCH
            strip = _marked(strip, margin + text, text_start + match.start, text_start + match.end, style)
        span = self.text_selection.get_span(row.line) if self.text_selection is not None else None
        if span is None:
            return strip
        start, end = span
        if end == -1:
            end = len(line.whole)
        return _marked(strip, margin + text, start - row.start, end - row.start, self._selected_style())

    def _margin(self, margin: str, style: Style, *, own: bool) -> list[Segment]:
        """Return the columns before a text, with a bar in the first one where the line is the selected step's."""
        if not own:
            return [Segment(margin, style)]
        bar = self.rich_style + Style(bold=True)
        return [Segment(stroke("own"), bar), Segment(margin[1:], style)]

    def _selected_style(self) -> Style:
        return self.screen.get_component_rich_style("screen--selection")


def _lengths(steps: "list[Step]") -> tuple[tuple[str, int], ...]:
    return tuple((step.id, len(step.transcript)) for step in steps)


def _last_transcript(steps: "list[Step]") -> "tuple[Entry, ...]":
    return steps[-1].transcript if steps else ()


def _stands_in_session(step_id: str, steps: "list[Step]") -> bool:
    """Whether what is shown of a step is the conversation of the session above it."""
    return len(steps) == 1 and steps[0].id != step_id


def _title(report: Report, steps: "list[Step]") -> str:
    if len(steps) == 1:
        return name_of(report, steps[0].id)
    return f"{len(steps)} steps" if steps else ""


def _marked(strip: Strip, text: str, start: int, end: int, style: Style) -> Strip:
    """Return a row with its text from `start` to `end` in a style."""
    left, right = cell_len(text[: max(0, start)]), cell_len(text[: max(0, end)])
    if right <= left:
        return strip
    middle = Strip(over(list(strip.crop(left, right)), style))
    return Strip.join([strip.crop(0, left), middle, strip.crop(right, None)])
