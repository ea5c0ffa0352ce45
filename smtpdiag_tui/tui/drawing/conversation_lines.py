"""Transcripts as lines to draw, and lines as rows of a given width. Pure."""

import math
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, split_graphemes
from rich.style import Style
from rich.text import Text

from smtpdiag_tui.render.transcript import entry_margin
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.tui.drawing.glyphs import ARROWS, COLOURS, stroke

if TYPE_CHECKING:
    from collections.abc import Sequence

DIM = Style(dim=True)
_HEADING = Style(bold=True)
_STYLES = {
    Direction.SENT: Style(color="cyan"),
    Direction.RECEIVED: Style(),
    Direction.NOTE: Style(dim=True, italic=True),
}
_TITLED = frozenset({"identity", "probes", "senders"})  # what lies below these has a title that says all
_BY_STANDARD = frozenset({"authentication", "tls-policy"})  # and below these their titles together do
_CODE = re.compile(r"[245]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3}(?![^ ]))?(?=[ -]|$)")
_CLASSES = {"2": Status.PASSED, "4": Status.WARNING, "5": Status.FAILED}
_REFUSES = "45"
_LEAST = 8  # columns that a wrapped text gets at the least
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")  # as visible() writes them
_ESCAPE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """One line as shown: the columns before the text, the text, and how it looks.

    Of a reply, the first `coded` characters are its code, and `digit` is the class of it (RFC 5321 §4.2.1).
    """

    margin: str
    text: str
    style: Style
    coded: int = 0
    digit: str = ""

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
        place = StepId(above)
        if place.kind is not StepKind.PHASE:  # phases belong to the session above them, nothing else looks upwards
            break
        above = place.parent
    return [step for step in report.descendants(step_id) if step.transcript]


def name_of(report: Report, step_id: str) -> str:
    """Return what people call a step that talks: `mx1.partner.example 192.0.2.21`, `SOA 192.0.2.53 udp`."""
    top, *parts = StepId(step_id).parts
    if top == "delivery" and parts:  # a mail host is known by its name
        return " ".join(parts)
    own = report.steps.get(step_id)
    if top in _TITLED and own is not None:
        return own.title
    if top in _BY_STANDARD and parts:
        known = (report.steps.get(key) for key in (*StepId(step_id).above[1:], step_id))
        return " ".join(step.title for step in known if step is not None)
    step = report.steps.get(top)
    return " ".join([step.title if step is not None else top, *parts])


def lines_of(report: Report, steps: list[Step]) -> list[ConversationLine]:
    """Return the lines to show for the transcripts of some steps."""
    rule = stroke("rule")
    lines: list[ConversationLine] = []
    for step in steps:
        if len(steps) > 1:
            lines.append(ConversationLine("", f"{rule} {name_of(report, step.id)} {rule}", _HEADING))
        lines.extend(line_of(entry) for entry in step.transcript)
    return lines


def line_of(entry: Entry) -> ConversationLine:
    """Return the line that shows one entry."""
    margin, style = entry_margin(entry, ARROWS), _STYLES[entry.direction]
    code = _CODE.match(entry.text) if entry.direction is Direction.RECEIVED else None
    if code is None:
        return ConversationLine(margin, entry.text, style)
    return ConversationLine(margin, entry.text, style, code.end(), entry.text[0])


def styles_of(line: ConversationLine) -> tuple[Style, Style, Style]:
    """Return how a line's margin, code and text look: a refusal whole in the colour of its class.

    The colours are those of the theme in use; an acceptance shows its code alone in them.
    """
    if not line.digit:
        return DIM, line.style, line.style
    looks = Style.parse(COLOURS[_CLASSES[line.digit]])
    return looks, line.style + looks, line.style + looks if line.digit in _REFUSES else line.style


def own_lines(entries: "Sequence[Entry]", step: Step) -> range:
    """Return the numbers of the lines that belong to a phase of a session; none for one that was not come to."""
    if step.started is None:
        return range(0)
    end = step.started + step.seconds if step.seconds is not None else math.inf
    first = bisect_left(entries, step.started, key=lambda entry: entry.at)
    return range(first, bisect_right(entries, end, key=lambda entry: entry.at))


def rows_of(line: ConversationLine, number: int, width: int) -> list[Row]:
    """Return the rows that a line takes in `width` columns; those after the first hang below its text."""
    room = max(_LEAST, width - len(line.margin))
    ends = row_ends(line.text, room)
    starts = (0, *ends)
    rows = [Row(number, start, end) for start, end in zip(starts, ends, strict=False)]
    return [*rows, Row(number, starts[-1], None)]


def row_ends(text: str, room: int) -> list[int]:
    """Return where a text of one line breaks into rows of `room` columns: at blanks where there are some.

    A blank at the break belongs to the row before it, where it may stand beyond the last column. A word too long
    for a row breaks anywhere but inside an escape of `visible()` and before a mark. A letter wider than `room`
    has a row of its own. The end of the text is not among the places.
    """
    if text.isascii():
        places: Sequence[int] = range(len(text) + 1)
        columns = places
    elif cell_len(text) <= room:
        return []
    else:
        places, columns = _measured(text)
    ends: list[int] = []
    start = 0
    while columns[-1] > columns[start] + room:
        fits = max(start + 1, bisect_right(columns, columns[start] + room) - 1)
        if places[fits] == len(text):
            break
        start = bisect_left(places, _break(text, places[start], places[fits]))
        if places[start] == len(text):
            break
        ends.append(places[start])
    return ends


def _measured(text: str) -> tuple[list[int], list[int]]:
    """Return the places in a text that stand between two cells, its ends too, and the columns before each."""
    places, columns = [0], [0]
    for _, end, width in split_graphemes(text)[0]:
        places.append(end)
        columns.append(columns[-1] + width)
    return places, columns


def _break(text: str, start: int, end: int) -> int:
    """Return where a row from `start` ends that has no room behind `end`."""
    if text[end] == " ":
        return end + 1
    blank = text.rfind(" ", start, end)
    if blank > start and not text[start:blank].isspace():
        return blank + 1
    for escape in _ESCAPE.finditer(text, max(start, end - _ESCAPE_LENGTH), end + _ESCAPE_LENGTH):
        if start < escape.start() < end < escape.end():
            return escape.start()
    return end


def hanging(text: Text, first: Text, rest: Text, width: int) -> Text:
    """Return a text of one line with `first` before it, broken to `width` columns with `rest` before further rows.

    A width of 0, not known yet, breaks nothing.
    """
    room = max(_LEAST, width - max(first.cell_len, rest.cell_len))
    ends = row_ends(text.plain, room) if width > 0 else []
    whole = Text()
    for number, part in enumerate(text.divide(ends)):
        part.rstrip()
        whole.append_text(rest if number else first).append_text(part).append("\n")
    return whole
