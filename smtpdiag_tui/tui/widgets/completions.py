"""The list of known addresses below a field: one of them is taken by key or by mouse."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.widget import Widget

from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.messages import AddressPicked

_MOST_ROWS = 8
_LEAST_WIDTH = 30
_GAP = 2  # columns between an address and what it is about
_TAB = " Tab "


class Completions(Widget):
    """Shows what may be meant; the field above keeps the focus and says what is picked.

    `chosen` is the number of the entry that Enter takes, None while there is none. `tab_takes` tells that Tab
    takes the first.
    """

    DEFAULT_CSS = """
    Completions { layer: cover; position: absolute; display: none; background: $panel; color: $foreground; }
    Completions.open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(id="completions")
        self.entries: tuple[str, ...] = ()
        self.chosen: int | None = None
        self.tab_takes = False
        self._notes: Mapping[str, str] = MappingProxyType({})
        self._top = 0

    @property
    def open(self) -> bool:
        """Whether the list is in view."""
        return self.has_class("open")

    def show(self, entries: Sequence[str], notes: Mapping[str, str], below: Region, screen: Size) -> None:
        """Show entries below a field, as many as there are rows for; none where there is no row."""
        room = min(_MOST_ROWS, screen.height - below.bottom - 1)
        if not entries or room < 1:
            self.close()
            return
        self.entries, self._notes = tuple(entries), notes
        self.chosen, self._top = None, 0
        longest = max(cell_len(visible(self._line(entry))) for entry in self.entries)
        width = min(screen.width, max(_LEAST_WIDTH, below.width, longest + len(_TAB) + 3))
        self.styles.width, self.styles.height = width, min(room, len(self.entries))
        self.styles.offset = (max(0, min(below.x, screen.width - width)), below.bottom)
        self.add_class("open")
        self.refresh()

    def close(self) -> None:
        """Take the list away."""
        self.remove_class("open")
        self.chosen = None

    def move(self, direction: int) -> None:
        """Choose the next or the previous entry; before the first one stands what is typed."""
        here = -1 if self.chosen is None else self.chosen
        place = (here + 1 + direction) % (len(self.entries) + 1) - 1
        self.chosen = place if place >= 0 else None
        rows = max(1, self.size.height)
        if self.chosen is None:
            self._top = 0
        else:
            self._top = min(max(self._top, self.chosen - rows + 1), self.chosen)
        self.refresh()

    def render(self) -> Text:
        """Draw the rows in view."""
        width, rows = self.size.width, self.size.height
        text = Text(no_wrap=True)
        for number in range(self._top, min(self._top + rows, len(self.entries))):
            text.append("\n" if text else "").append_text(self._row(number, width))
        return text

    def _row(self, number: int, width: int) -> Text:
        entry = self.entries[number]
        row = Text(f"{stroke('pipe')} ", "dim")
        tab = _TAB if self.tab_takes and number == 0 and self.chosen is None else ""
        more = len(self.entries) - self._top - self.size.height
        if not tab and more > 0 and number == self._top + self.size.height - 1:
            tab = f" +{more} "
        room = max(1, width - row.cell_len - len(tab))
        address = _fitting(visible(entry), room)
        row.append(address, "bold reverse" if number == self.chosen else "")
        note = self._notes.get(entry, "")
        left = room - cell_len(address) - _GAP
        if note and left > _GAP:
            row.append(" " * _GAP).append(_fitting(visible(note), left), "dim")
        row.append(" " * (width - row.cell_len - len(tab))).append(tab, "dim")
        return row

    def _line(self, entry: str) -> str:
        note = self._notes.get(entry, "")
        return f"{entry}{' ' * _GAP}{note}" if note else entry

    def on_click(self, event: events.Click) -> None:
        """Take the entry that was clicked."""
        event.stop()
        number = self._top + event.y
        if number < len(self.entries):
            self.post_message(AddressPicked(self.entries[number]))


def _fitting(text: str, room: int) -> str:
    if cell_len(text) <= room:
        return text
    return set_cell_size(text, max(0, room - 1)) + stroke("more")
