"""The overlay with all settings that have no field of their own in the main screen."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Chosen, Option, Typed, defaults_of
from smtpdiag_tui.settings import Settings, SettingsError
from smtpdiag_tui.tui.screens.form import FORM_KEYS, form_words
from smtpdiag_tui.tui.widgets.choice import Choice
from smtpdiag_tui.tui.widgets.plain_input import PlainInput


class SettingsScreen(ModalScreen[Settings | None]):
    """Shows the settings, judges each as it is typed, and returns the new ones, or None."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("enter", "apply", "Apply", show=False),
        *FORM_KEYS,
    ]

    def __init__(self, settings: Settings, local: str | None = None) -> None:
        """`local` names the mail server of this host, None if none is known."""
        super().__init__()
        self._settings = settings
        self._defaults = defaults_of(settings)
        self._local = local

    def compose(self) -> ComposeResult:
        """Lay out one field for each setting: those to type into, then those to choose from."""
        with Vertical(id="settings") as box:
            box.border_title = "Settings"
            with Grid(classes="fields"):
                for option, typed in _typed():
                    yield Label(typed.label, markup=False)
                    yield self._input(option, typed)
                for option, chosen in _chosen():
                    choices = chosen.choices(self._settings, self._local)
                    if choices:
                        yield Label(chosen.label, markup=False)
                        values = [value for value, _ in choices]
                        number = values.index(getattr(self._settings, option.name))
                        yield Choice(tuple(words for _, words in choices), number, id=f"set-{option.name}")
            yield Label(form_words("apply"), classes="words", markup=False)

    def _input(self, option: Option, typed: Typed) -> PlainInput:
        text = self._text(option, typed)
        field = PlainInput(text, placeholder=typed.placeholder, id=f"set-{option.name}", compact=True)
        field.cursor_blink = False
        return field

    def _text(self, option: Option, typed: Typed) -> str:
        """Return what stands in a field at first."""
        value = getattr(self._settings, option.name)
        return "" if value == self._defaults[option.name] else typed.show(value)

    def on_mount(self) -> None:
        """Begin with the first field."""
        self.query(Input).first().focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._read()

    @on(Input.Submitted)
    def action_apply(self) -> None:
        """Return the settings if all of them can be used."""
        read = self._read()
        if read is not None:
            self.dismiss(read)

    def _read(self) -> Settings | None:
        """Return what stands in the fields; mark the first that cannot be used and say why."""
        words = self.query_one(".words", Label)
        self.query(Input).remove_class("bad")
        read: dict[str, Any] = {}
        for option, typed in _typed():
            field = self.query_one(f"#set-{option.name}", Input)
            try:
                read[option.name] = self._value(option, typed, field.value.strip())
            except SettingsError as error:
                field.add_class("bad")
                words.update(str(error))
                return None
        words.update(form_words("apply"))
        for option, chosen in _chosen():
            choices = chosen.choices(self._settings, self._local)
            if choices:
                read[option.name], _ = choices[self.query_one(f"#set-{option.name}", Choice).chosen]
        return replace(self._without_local(read), **read)

    def _value(self, option: Option, typed: Typed, text: str) -> Any:
        """Return the value that a text stands for, the default for none; raises SettingsError."""
        if not text:
            return self._defaults[option.name]
        before = getattr(self._settings, option.name)
        if before != self._defaults[option.name] and typed.kept(before) and text == typed.show(before):
            return before
        return option.read(text) if typed.parse is None else typed.parse(text)

    def _without_local(self, read: dict[str, Any]) -> Settings:
        """Return the settings, without what was read off the local mail server if it is no longer wanted."""
        before = self._settings.as_local_mta
        if before is None or read.get("as_local_mta", before) is not None:
            return self._settings
        from_local = [option.name for option in table.OPTIONS if not option.flags]
        return replace(self._settings, **{name: self._defaults[name] for name in from_local})


def _typed() -> Iterator[tuple[Option, Typed]]:
    """Yield the settings to type in."""
    for option in table.OPTIONS:
        if isinstance(option.form, Typed):
            yield option, option.form


def _chosen() -> Iterator[tuple[Option, Chosen]]:
    """Yield the settings to choose, in their order."""
    chosen = [(option, option.form) for option in table.OPTIONS if isinstance(option.form, Chosen)]
    yield from sorted(chosen, key=lambda pair: pair[1].place)
