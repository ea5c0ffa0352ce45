"""The raw conversation of the selected step, as a scrollable transcript."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from smtpdiag_tui.engine.report import Report, Step, parent_id
from smtpdiag_tui.transcript import Direction, Entry

_MARKS = {Direction.SENT: "→", Direction.RECEIVED: "←", Direction.NOTE: "·"}
_STYLES = {
    Direction.SENT: Style(color="cyan"),
    Direction.RECEIVED: Style(),
    Direction.NOTE: Style(dim=True, italic=True),
}
_HEADING = Style(bold=True)
_DIM = Style(dim=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One line as shown: the column before the text, the text, and how it looks."""

    margin: str
    text: str
    style: Style

    @property
    def whole(self) -> str:
        """The line as it is selected and copied."""
        return self.margin + self.text


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
            lines.append(Line("", f"── {step.id} ──", _HEADING))
        lines.extend(_line(entry) for entry in step.transcript)
    return lines


def _line(entry: Entry) -> Line:
    tls = "T" if entry.tls else " "
    return Line(f"{entry.at:7.2f} {tls}{_MARKS[entry.direction]} ", entry.text, _STYLES[entry.direction])


class Conversation(ScrollView, can_focus=True):
    """Draws only the lines in view, so that 100,000 of them stay fluid. Follows the tail until scrolled up."""

    ALLOW_SELECT = True

    def __init__(self) -> None:
        super().__init__(id="conversation")
        self.border_title = "Conversation"
        self._lines: list[Line] = []
        self._shown: tuple[tuple[str, int], ...] = ()
        self._last: tuple[Entry, ...] = ()
        self._width = 0
        self._about: str | None = None

    @property
    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join(line.whole for line in self._lines)

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def show(self, report: Report, step_id: str | None) -> None:
        """Show the conversation of a step; nothing happens if it is in view already."""
        steps = conversation_of(report, step_id) if step_id else []
        shown = tuple((step.id, len(step.transcript)) for step in steps)
        last = steps[-1].transcript if steps else ()
        if shown == self._shown and last == self._last:
            return
        same = [key for key, _ in shown] == [key for key, _ in self._shown]
        tail = not same or self.is_vertical_scroll_end
        if same and len(steps) == 1 and last[: len(self._last)] == self._last:
            new = [_line(entry) for entry in last[len(self._last) :]]
            self._lines.extend(new)
        else:
            new = self._lines = lines_of(steps)
            self._width = 0
        self._shown, self._last = shown, last
        self._width = max(self._width, max((cell_len(line.whole) for line in new), default=0))
        self.virtual_size = Size(self._width, len(self._lines))
        self.border_title = Content(f"Conversation · {_title(steps)}" if steps else "Conversation")
        self.border_subtitle = f"{len(self._lines)} lines" if self._lines else ""
        if not same and report.status.ended:
            self.scroll_home(animate=False, immediate=True)
        elif tail:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line in view."""
        scroll_x, scroll_y = self.scroll_offset
        number, width = scroll_y + y, self.size.width
        if number >= len(self._lines):
            empty = "  No conversation here." if not self._lines and y == 0 else ""
            return Strip([Segment(empty, self.rich_style + _DIM)]).extend_cell_length(width, self.rich_style)
        strip = self._strip(number)
        return strip.crop_extend(scroll_x, scroll_x + width, self.rich_style).apply_offsets(scroll_x, number)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is marked."""
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        """Draw the marks anew."""
        self.refresh()

    def _strip(self, number: int) -> Strip:
        line, base = self._lines[number], self.rich_style
        strip = Strip([Segment(line.margin, base + _DIM), Segment(line.text, base + line.style)])
        span = self.text_selection.get_span(number) if self.text_selection is not None else None
        if span is None:
            return strip
        start, end = span[0], len(line.whole) if span[1] == -1 else span[1]
        left, right = cell_len(line.whole[:start]), cell_len(line.whole[:end])
        marked = strip.crop(left, right).apply_style(self.screen.get_component_rich_style("screen--selection"))
        return Strip.join([strip.crop(0, left), marked, strip.crop(right, None)])


def _title(steps: list[Step]) -> str:
    return steps[0].id if len(steps) == 1 else f"{len(steps)} steps"
