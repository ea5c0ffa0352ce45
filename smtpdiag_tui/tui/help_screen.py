"""All keys, grouped by purpose."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

_GROUPS = {
    "Run": (
        ("Enter", "in a field: run, and go to the steps"),
        ("F5, ctrl+r", "run all"),
        ("r", "run this step again, with what lies below"),
        ("f", "run again what did not pass"),
        ("Escape", "close the overlay; leave the field; cancel the run"),
    ),
    "Look": (
        ("arrows, Enter", "move; open or close a branch"),
        ("n, N", "next, previous problem"),
        ("[, ]", "previous, next session with a mail host"),
        ("v", "explain why the test is made"),
        ("z", "zoom the focused pane, and back"),
        ("Tab", "next pane"),
    ),
    "Take away": (
        ("c", "copy this conversation"),
        ("C", "copy the whole report as Markdown"),
        ("ctrl+c", "copy what the mouse has marked"),
    ),
    "Other": (
        ("x", "swap sender and recipient"),
        ("s", "go to the sender field"),
        ("ctrl+z", "suspend"),
        ("q", "quit"),
    ),
    "Marks": (
        ("✓ ! ✗ ?", "passed, warning, failed, unknown"),
        ("· ● – ×", "to come, running, skipped, cancelled"),
        ("→ ← ·", "we sent, the peer sent, our note; T: under TLS"),
    ),
}


class HelpScreen(ModalScreen[None]):
    """The help overlay."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """Show the groups."""
        with VerticalScroll(id="help") as box:
            box.border_title = "Keys"
            yield Static(_text(), markup=False)


def _text() -> Text:
    text = Text()
    for title, keys in _GROUPS.items():
        text.append(f"{title}\n", "bold")
        for key, words in keys:
            text.append(f"  {key:<14}", "cyan").append(f"{words}\n")
    text.rstrip()
    return text
