"""The overlay that saves a transcript or the report to a file."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.model.export import FORMATS, WHAT, PathError, SaveRequest, suggested_path, target
from smtpdiag_tui.tui.screens.form import FORM_KEYS, form_words
from smtpdiag_tui.tui.widgets.choice import Choice
from smtpdiag_tui.tui.widgets.plain_input import PlainInput

Save = Callable[[SaveRequest], Awaitable[None]]


class SaveScreen(ModalScreen[SaveRequest | None]):
    """Asks what to save, in which format and where, and saves it; returns that, or None.

    `save` raises PathError where that fails: then the overlay stays, and says why.
    """

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("enter", "save", "Save", show=False),
        *FORM_KEYS,
    ]

    def __init__(self, stem: str, save: Save, *, redacted: bool) -> None:
        super().__init__()
        self._save = save
        self._saving = False
        self._stem = stem
        self._redacted = redacted
        self._warned: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out the two choices and the path."""
        with Vertical(id="save") as box:
            box.border_title = "Save (names masked)" if self._redacted else "Save"
            with Grid(classes="fields"):
                yield Label("Content", markup=False)
                yield Choice(tuple(WHAT.values()), id="what")
                yield Label("Format", markup=False)
                yield Choice(FORMATS, id="format")
                yield Label("File", markup=False)
                field = PlainInput(self._suggestion(0), id="path", compact=True, select_on_focus=False)
                field.cursor_blink = False
                yield field
            yield Label(form_words("save"), classes="words", markup=False)

    def on_mount(self) -> None:
        """Begin with the path: mostly all is right as it stands."""
        self.query_one("#path", Input).focus()

    @on(Choice.Changed)
    def _chosen(self) -> None:
        field = self.query_one("#path", Input)
        if field.value in {self._suggestion(form) for form in range(len(FORMATS))}:  # not the user's own
            field.value = self._suggestion(self.query_one("#format", Choice).chosen)
            field.cursor_position = len(field.value)  # it stood at the end of a name of another length

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Save if the path can be; else say why it cannot."""
        if self._saving:
            return
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
            self._say(f"{path} exists; Enter again: overwrite it")
        else:
            self._saving = True
            self._say(f"Saving{stroke('cut')}")
            self.run_worker(self._write(SaveRequest(what, form, path)), group="save", exit_on_error=False)

    async def _write(self, request: SaveRequest) -> None:
        """Save, and close; where that fails, what was typed stays, and can be changed."""
        try:
            await self._save(request)
        except PathError as error:
            self._say(str(error))
            self.query_one("#path", Input).focus()
        else:
            self.dismiss(request)
        finally:
            self._saving = False

    def _suggestion(self, form: int) -> str:
        return str(suggested_path(self._stem, FORMATS[form]))

    def _say(self, text: str) -> None:
        self.query_one(".words", Label).update(visible(text))
