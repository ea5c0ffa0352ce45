"""All keys, grouped by purpose."""

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.transcript import Direction
from smtpdiag_tui.tui.drawing.conversation_lines import hanging
from smtpdiag_tui.tui.drawing.glyphs import ARROWS, GLYPHS, stroke
from smtpdiag_tui.tui.keys import ACTIONS, shown_key

_KEYS = 14  # columns
_WIDE = 110  # columns of the terminal from which there are two columns of keys
_NARROW_BOX, _WIDE_BOX = 76, 108
_BORDER = 4  # columns of the box around the text
_FIXED = {
    "Run": (("Enter", "In a field: run"),),
    "View": (
        ("Arrows, Enter", "Move, open or close a branch"),
        ("Tab", "Go to the next pane; in a field: to the next field"),
    ),
    "Copy and save": (("ctrl+c", "Copy the text selected with the mouse"),),
    "Other": (
        ("ctrl+p", "Run any action by name"),
        ("ctrl+z", "In a field: undo (ctrl+y: redo)"),
        ("Down, Tab", "In a field: pick or complete an address"),
        ("Escape", "In a field: restore its text and leave it"),
    ),
}
_LEGEND = "Legend"
_COLUMNS = (("Run", "View"), ("Copy and save", "Other", _LEGEND))


def _legend() -> tuple[tuple[str, str], ...]:
    """Return what the signs mean, as this terminal shows them."""
    ends = (Status.PASSED, Status.WARNING, Status.FAILED, Status.UNKNOWN)
    others = (Status.PENDING, Status.SKIPPED, Status.CANCELLED)
    moving = "".join(stroke("spinner"))
    times = stroke("times")
    return (
        (" ".join(GLYPHS[status] for status in ends), "passed, warning, failed, unknown"),
        (" ".join(GLYPHS[status] for status in others), "pending, skipped, cancelled"),
        (f"{GLYPHS[Status.RUNNING]} {moving}", "running"),
        (f"{times}13", "first of 13 places with the same problem"),
        (stroke("own"), "transcript line of the selected step"),
        (" ".join(ARROWS[direction] for direction in Direction), "sent, received, note; T: inside TLS"),
    )


class HelpScreen(ModalScreen[None]):
    """The help overlay; `keys` is action id to the keys in force."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,f1,q", "dismiss", "Close")]

    def __init__(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Show the groups, side by side where there is room."""
        wide = self.app.size.width >= _WIDE
        box_width = min(_WIDE_BOX if wide else _NARROW_BOX, self.app.size.width)
        with VerticalScroll(id="help") as box:
            box.border_title = "Keys"
            box.border_subtitle = "Esc: close"
            box.styles.width = box_width
            if wide:
                with Horizontal(classes="columns"):
                    for groups in _COLUMNS:
                        yield Static(self._text(groups, (box_width - _BORDER) // 2 - 1), markup=False)
            else:
                width = box_width - _BORDER - 1  # a scrollbar may come
                yield Static(self._text((*_COLUMNS[0], *_COLUMNS[1]), width), markup=False)

    def on_mount(self) -> None:
        """Say so where there is more than fits."""
        self.call_after_refresh(self._tell_more)

    def on_resize(self) -> None:
        """Say so where there is more than fits."""
        self.call_after_refresh(self._tell_more)

    def _tell_more(self) -> None:
        box = self.query_one("#help", VerticalScroll)
        box.border_subtitle = f"Up/Down: scroll {stroke('dot')} Esc: close" if box.max_scroll_y else "Esc: close"

    def _rows(self, group: str) -> tuple[tuple[str, str], ...]:
        if group == _LEGEND:
            return _legend()
        rows = tuple(
            (", ".join(map(shown_key, self._keys[action.id])), action.words)
            for action in ACTIONS
            if action.group == group
        )
        return _FIXED[group] + rows

    def _text(self, groups: tuple[str, ...], width: int) -> Text:
        text = Text()
        for group in groups:
            text.append(f"{group}\n", "bold")
            for key, words in self._rows(group):
                first = Text(f"  {key:<{_KEYS}}", "cyan")
                rest = Text(" " * first.cell_len)
                text.append_text(hanging(Text(words), first, rest, width))
        text.rstrip()
        return text
