"""All keys, grouped by purpose."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from smtpdiag_tui.engine.status import Status
from smtpdiag_tui.transcript import Direction
from smtpdiag_tui.tui.look import ARROWS, GLYPHS

_GROUPS = {
    "Run": (
        ("Enter", "in a field: run, and go to the steps"),
        ("F5, ctrl+r", "run all"),
        ("r", "run this step again, with what lies below"),
        ("f", "run again what did not pass"),
        ("g", "where greylisted: wait, and try the same again"),
        ("Escape", "close the overlay; leave the field; cancel the run"),
    ),
    "Look": (
        ("a", "the answer whole: reasons, and what to do"),
        ("arrows, Enter", "move; open or close a branch"),
        ("n, N", "next, previous problem; match while a search is open"),
        ("[, ]", "previous, next session with a mail host"),
        ("v", "explain why the test is made"),
        ("/", "find in the conversation"),
        ("w", "wrap long lines, or not"),
        ("z", "zoom the focused pane, and back"),
        ("Tab", "next pane"),
    ),
    "Take away": (
        ("c", "copy this conversation"),
        ("C", "copy the whole report as Markdown"),
        ("s", "save either, as Markdown, text or JSON"),
        ("p", "mask names and addresses in what is taken away"),
        ("ctrl+c", "copy what the mouse has marked"),
    ),
    "Other": (
        ("x", "swap sender and recipient"),
        ("e", "go to the sender field"),
        ("o", "settings: port, limits, EHLO name, source, TLS"),
        ("u", "the local mail server's queue: pick a stuck message"),
        ("ctrl+p", "all actions, by name"),
        ("ctrl+z", "suspend"),
        ("q", "quit"),
    ),
}


def _marks() -> tuple[tuple[str, str], ...]:
    """Return the marks as this terminal shows them."""
    ends = (Status.PASSED, Status.WARNING, Status.FAILED, Status.UNKNOWN)
    others = (Status.PENDING, Status.RUNNING, Status.SKIPPED, Status.CANCELLED)
    return (
        (" ".join(GLYPHS[item] for item in ends), "passed, warning, failed, unknown"),
        (" ".join(GLYPHS[item] for item in others), "to come, running, skipped, cancelled"),
        (" ".join(ARROWS[item] for item in Direction), "we sent, the peer sent, our note; T: under TLS"),
    )


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
    for title, keys in {**_GROUPS, "Marks": _marks()}.items():
        text.append(f"{title}\n", "bold")
        for key, words in keys:
            text.append(f"  {key:<14}", "cyan").append(f"{words}\n")
    text.rstrip()
    return text
