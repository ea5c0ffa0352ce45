"""A question before something happens that the user may not have meant."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from smtpdiag_tui.tui.drawing.glyphs import stroke


class ConfirmScreen(ModalScreen[bool]):
    """Says what would happen; returns whether it is to. `keys` says what Enter and Escape do."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)", "Yes"),
        Binding("escape,q", "dismiss(False)", "No"),
    ]

    def __init__(self, title: str, words: str, keys: tuple[str, ...]) -> None:
        super().__init__()
        self._title = title
        self._words = words
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Show the question."""
        with Vertical(id="confirm") as box:
            box.border_title = self._title
            yield Static(self._words, markup=False)
            yield Static(f" {stroke('dot')} ".join(self._keys), classes="words", markup=False)
