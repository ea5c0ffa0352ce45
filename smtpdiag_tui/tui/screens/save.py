"""The overlay that saves a conversation or the report to a file."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.tui.model.export import FORMATS, WHAT, PathError, SaveRequest, suggested_path, target
from smtpdiag_tui.tui.widgets.choice import Choice
from smtpdiag_tui.tui.widgets.plain_input import PlainInput

_WORDS = "Tab goes on, left and right choose. Enter saves, Escape closes."


class SaveScreen(ModalScreen[SaveRequest | None]):
    """Asks what to save, in which format and where; returns that, or None."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close"),
        Binding("enter", "save", "Save", show=False),
    ]

    def __init__(self, stem: str, *, redacted: bool) -> None:
        super().__init__()
        self._stem = stem
        self._redacted = redacted
        self._warned: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out the two choices and the path."""
        with Vertical(id="save") as box:
            box.border_title = "Save, names masked" if self._redacted else "Save"
            with Grid(classes="fields"):
                yield Label("What", markup=False)
                yield Choice(tuple(WHAT.values()), id="what")
                yield Label("As", markup=False)
                yield Choice(FORMATS, id="format")
                yield Label("To the file", markup=False)
                field = PlainInput(self._suggestion(0), id="path", compact=True, select_on_focus=False)
                field.cursor_blink = False
                yield field
            yield Label(_WORDS, classes="words", markup=False)

    def on_mount(self) -> None:
        """Begin with the path: mostly all is right as it stands."""
        self.query_one("#path", Input).focus()

    @on(Choice.Changed)
    def _chosen(self) -> None:
        field = self.query_one("#path", Input)
        if field.value in {self._suggestion(form) for form in range(len(FORMATS))}:  # not the user's own
            field.value = self._suggestion(self.query_one("#format", Choice).chosen)

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Return what to save if the path can be; else say why it cannot."""
        what = tuple(WHAT)[self.query_one("#what", Choice).chosen]
        form = FORMATS[self.query_one("#format", Choice).chosen]
        text = self.query_one("#path", Input).value.strip()
        try:
            path = target(text)
        except PathError as error:
            self._say(str(error))
            return
        if path.exists() and self._warned != text:
            self._warned = text
            self._say(f"{path} exists: Enter again overwrites it.")
        else:
            self.dismiss(SaveRequest(what, form, path))

    def _suggestion(self, form: int) -> str:
        return str(suggested_path(self._stem, FORMATS[form]))

    def _say(self, text: str) -> None:
        self.query_one(".words", Label).update(visible(text))
