"""What overlays have in common that list lines over the whole screen."""

from collections.abc import Sequence
from typing import TypeVar

from rich.text import Text
from textual import events
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

FRAME = 5  # columns that border, padding and scrollbar take
LEAST = 20  # columns of a line, however narrow the screen is
Result = TypeVar("Result")


class LinesScreen(ModalScreen[Result]):
    """An overlay with one list, whose lines are broken for the width of the screen."""

    CSS_PATH = "overlays.tcss"

    def texts(self, width: int) -> Sequence[Text]:
        """Return the lines, broken to so many columns."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Begin at the top."""
        self._fill(self.app.size.width)
        self.query_one(OptionList).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines for another width; what was selected stays so."""
        self._fill(event.size.width)

    def _fill(self, width: int) -> None:
        listed = self.query_one(OptionList)
        here = listed.highlighted or 0
        texts = self.texts(max(LEAST, width - FRAME))
        listed.clear_options()
        listed.add_options([Option(text) for text in texts])
        listed.highlighted = min(here, len(texts) - 1)


def spaced(text: Text, *, first: bool) -> Text:
    """Return a line as it is listed: a section begins behind an empty row."""
    return Text("\n").append_text(text) if first else text
