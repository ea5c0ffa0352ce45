"""One of several values, in as many rows as it takes: left and right change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static


class Choice(Static, can_focus=True):
    """Shows `< value >`; the arrows, the blank and a click go on to the next."""

    DEFAULT_CSS = "Choice:nocolor:focus { text-style: reverse; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Before", show=False),
        Binding("right,space", "turn(1)", "Next", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another value was chosen."""

        choice: "Choice"

    def __init__(self, values: Sequence[str], chosen: int = 0, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__("", id=id, classes="choice", markup=False)
        self._values = tuple(values)
        self.chosen = chosen

    def on_mount(self) -> None:
        """Show the value chosen."""
        self._draw()

    def action_turn(self, direction: int) -> None:
        """Go to the next or the previous value, around the end."""
        self.choose((self.chosen + direction) % len(self._values))

    def choose(self, number: int) -> None:
        """Choose a value by its number."""
        self.chosen = number
        self._draw()
        self.post_message(self.Changed(self))

    def on_click(self) -> None:
        """Go on to the next value."""
        self.action_turn(1)

    def _draw(self) -> None:
        place = f"{self.chosen + 1} of {len(self._values)}"
        self.update(Text.assemble("< ", (self._values[self.chosen], "bold"), " >  ", (place, "dim")))
