"""What the terminal shows already, so that it is not written again: each byte costs on a slow link."""

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

Piece = tuple[int, int, Strip]  # row, first column, and what is written from there


class Shown:
    """Remembers what was written where, row by row.

    What is drawn whole is written whole: so it comes right again, whatever something else wrote to the terminal.
    """

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, tuple[int, str]]] = {}  # by first column: the column after it, the text

    def forget(self) -> None:
        """Know nothing of the terminal any more: something else may have written to it."""
        self._rows.clear()

    def spared(self, update: CompositorUpdate) -> CompositorUpdate:
        """Return an update of the screen that writes no more than is needed. Updates of other kinds stay."""
        return Spared(update, self) if isinstance(update, ChopsUpdate | LayoutUpdate) else update

    def news(self, update: ChopsUpdate | LayoutUpdate, console: Console) -> str:
        """Return what has to be written for an update that is written now, and remember it."""
        if isinstance(update, LayoutUpdate):
            self._rows.clear()
            for row, column, strip in _whole(update):
                self._note(row, column, column + strip.cell_length, strip.render(console))
            return update.render_segments(console)
        written: list[str] = []
        for row, column, strip in _pieces(update):
            text = strip.render(console)
            if self._note(row, column, column + strip.cell_length, text):
                written += [Control.move_to(column, row).segment.text, text]
        return "".join(written)

    def _note(self, row: int, column: int, end: int, text: str) -> bool:
        """Take notice of what is written to some columns; return False if they show it already."""
        there = self._rows.setdefault(row, {})
        if there.get(column) == (end, text):
            return False
        for first in [first for first, (after, _) in there.items() if first < end and after > column]:
            del there[first]
        there[column] = (end, text)
        return True


class Spared(CompositorUpdate):
    """An update of the screen without what the terminal shows already."""

    def __init__(self, update: ChopsUpdate | LayoutUpdate, shown: Shown) -> None:
        self._update = update
        self._shown = shown

    def render_segments(self, console: Console) -> str:
        """Return what has to be written. To be asked once, when it is."""
        return self._shown.news(self._update, console)


def _whole(update: LayoutUpdate) -> list[Piece]:
    """Return the pieces of a whole screen, row by row."""
    pieces: list[Piece] = []
    for row, line in enumerate(update.strips, update.region.y):
        column = update.region.x
        for strip in line:
            pieces.append((row, column, strip))
            column += strip.cell_length
    return pieces


def _pieces(update: ChopsUpdate) -> list[Piece]:
    """Return the pieces of the spans that an update draws anew, cut where a span ends."""
    pieces: list[Piece] = []
    for row, first, last in update.spans:
        for end, (column, strip) in zip(update.chop_ends[row], update.chops[row].items(), strict=False):
            if strip is None or column >= last or end <= first:
                continue
            within = first <= column < last and end <= last
            pieces.append((row, column, strip if within else strip.crop(0, min(end, last) - column)))
    return pieces
