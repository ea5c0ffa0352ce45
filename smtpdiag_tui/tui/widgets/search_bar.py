"""The line in which one types what to look for."""

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from smtpdiag_tui.tui.messages import SearchChanged, SearchEnded
from smtpdiag_tui.tui.widgets.plain_input import PlainInput


class SearchBar(PlainInput):
    """Looks while one types; Enter keeps what was found, Escape forgets it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "Done"),
        Binding("escape", "drop", "Close search"),
        Binding("down", "walk(1)", "Next match", show=False),
        Binding("up", "walk(-1)", "Previous match", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="search", placeholder="find in the transcript")
        self.begin_compact()
        self.cursor_blink = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(SearchChanged(event.value))

    def action_keep(self) -> None:
        """Go back to the conversation; n and N walk through the matches."""
        self.post_message(SearchEnded(keep=True))

    def action_drop(self) -> None:
        """Close the search."""
        self.post_message(SearchEnded(keep=False))

    def action_walk(self, direction: int) -> None:
        """Go to the next or the previous match."""
        self.post_message(SearchChanged(self.value, direction))
