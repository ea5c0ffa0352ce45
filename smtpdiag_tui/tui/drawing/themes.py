"""The themes: our own, dark and light, and Textual's, each with colours of statuses that can be read on it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from smtpdiag_tui.tui.drawing.contrast import Rgb, dimmed
from smtpdiag_tui.tui.drawing.glyphs import use_colours

if TYPE_CHECKING:  # worked out for themes that are not our own: not before the first frame
    from smtpdiag_tui.tui.drawing.palette import Look

DARK = "smtpdiag-dark"
LIGHT = "smtpdiag-light"

_GROUNDS = ("background", "surface", "panel", "boost")
_PANES = 2  # of these have panes on them
_NAMED = ("primary", "secondary", "accent", "success", "warning", "error")
_HUES = ("red", "green", "yellow", "blue", "magenta", "cyan")  # as terminals number them
# The row of the cursor, what the mouse has marked, and what is selected in a field.
_MARKS = ("block-cursor", "screen-selection", "input-selection")
QUIET = "#808080"  # lines and bars where the ground is the terminal's: it can be seen on dark and on light ones
_ANSI_BARS = {
    "border-blurred": QUIET,
    "scrollbar": QUIET,
    "scrollbar-hover": QUIET,
    "scrollbar-active": QUIET,
    "scrollbar-background": "ansi_default",
    "scrollbar-background-hover": "ansi_default",
    "scrollbar-background-active": "ansi_default",
}
_ANSI_MARKS = {
    True: {
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
    },
    False: {
        "screen-selection-background": "ansi_blue",
        "screen-selection-foreground": "ansi_bright_white",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_bright_white",
    },
}


def _marks(ground: str, text: str) -> dict[str, str]:
    """Return the variables of style sheets that draw what is marked in two colours."""
    colours = {"background": ground, "foreground": text}
    return {f"{mark}-{part}": colour for mark in _MARKS for part, colour in colours.items()}


OWN = (
    Theme(
        name=DARK,
        primary="#5fafd7",
        secondary="#87afaf",
        accent="#ffaf00",
        foreground="#dadada",
        background="#1c1c1c",
        surface="#1c1c1c",
        panel="#262c33",
        boost="#303030",
        success="#87d700",
        warning="#ffd75f",
        error="#ff5f5f",
        dark=True,
        variables=_marks("#5fafd7", "#000000"),
    ),
    Theme(
        name=LIGHT,
        primary="#005f87",
        secondary="#5f5f87",
        accent="#af5f00",
        foreground="#1c1c1c",
        background="#fafaf5",
        surface="#fafaf5",
        panel="#e4e8ea",
        boost="#eeeeea",
        success="#006f00",
        warning="#875f00",
        error="#af0000",
        dark=False,
        variables=_marks("#005f87", "#ffffff"),
    ),
)
# What is worked out for other themes (tests hold it to that): the first frame would have to wait for it.
_OWN_HUES: dict[str, tuple[Rgb, ...]] = {
    DARK: ((254, 95, 95), (134, 215, 0), (254, 215, 95), (125, 174, 255), (211, 144, 231), (74, 186, 187)),
    LIGHT: ((174, 0, 0), (0, 111, 0), (123, 87, 0), (44, 93, 175), (131, 69, 150), (0, 107, 113)),
}


def themes() -> dict[str, str]:
    """Return the names that a user may give, each with the theme it stands for."""
    known = {theme.name: theme.name for theme in (*OWN, *BUILTIN_THEMES.values())}
    return {**known, "dark": DARK, "light": LIGHT, "ansi": "ansi-dark"}


class ThemedApp(App[None]):
    """An app whose themes are Textual's, each with what makes its statuses and marks readable."""

    _begun = False  # until then the theme is one that is never shown: nothing is worked out for it

    def get_theme(self, theme_name: str) -> Theme | None:
        """Return a theme by its name, made readable."""
        theme = super().get_theme(theme_name)
        return adapted(theme) if theme is not None and self._begun else theme

    @property
    def ansi_theme(self) -> TerminalTheme:
        """What the names of colours stand for where the terminal's own are not used."""
        return terminal_theme(self.current_theme, grey=self.no_color) if self._begun else super().ansi_theme

    def watch_theme(self) -> None:
        """Draw statuses as the theme can show them."""
        self.use_theme()

    def use_theme(self) -> None:
        """Let what is drawn from now on be drawn for the theme."""
        theme = self.current_theme
        use_colours(fixed_colours(dark=theme.dark) if theme.ansi else {}, plain=self.no_color)

    def begin_theme(self, name: str) -> None:
        """Give an app that does not run yet our themes, and one to begin with."""
        self._begun = True
        for theme in OWN:
            self.register_theme(theme)
        if name not in (DARK, self.theme):
            self.theme = name
        else:
            # Set in the usual way, a theme has all styles worked out a second time, which delays the first frame.
            # What that would change beside the variables is, for a dark theme as Textual's own, as it is already.
            self.set_reactive(App.theme, name)
            self.set_class(True, f"-theme-{name}", update=False)
            self.stylesheet.set_variables(self.get_css_variables())
        self._refresh_truecolor_filter(
            self.ansi_theme
        )  # that of the default theme was taken when the app was made
        self.use_theme()


# Themes are asked for with each row that is drawn: what is made of one is kept as long as it is the same.
_adapted_themes: dict[str, tuple[Theme, Theme]] = {}
_terminal_themes: dict[tuple[str, bool], tuple[Theme, TerminalTheme]] = {}


def adapted(theme: Theme) -> Theme:
    """Return a theme whose plain text, cursor and marks can be read on its grounds, dimmed text included."""
    kept = _adapted_themes.get(theme.name)
    if kept is None or kept[0] is not theme:
        kept = _adapted_themes[theme.name] = (theme, _adapted(theme))
    return kept[1]


def _adapted(theme: Theme) -> Theme:
    if theme.ansi:
        return replace(theme, variables={**theme.variables, **_ANSI_BARS, **_ANSI_MARKS[theme.dark]})
    if theme in OWN:
        return theme
    from smtpdiag_tui.tui.drawing.palette import palette_of

    palette = palette_of(look_of(theme))
    marks = _marks(_hex(palette.marked_ground), _hex(palette.marked_text))
    return replace(theme, foreground=_hex(palette.foreground), variables={**theme.variables, **marks})


def look_of(theme: Theme) -> "Look":
    """Return the colours that a theme brings. Not for a theme of the terminal's own colours."""
    from smtpdiag_tui.tui.drawing.palette import Look

    generated = theme.to_color_system().generate()
    ground = Color.parse(generated["background"])
    grounds = [(ground + Color.parse(generated[name])).rgb for name in _GROUNDS]
    panes = tuple(grounds[:_PANES])
    colours = {name: Color.parse(generated[name]).rgb for name in _NAMED if getattr(theme, name)}
    foreground = Color.parse(generated["foreground"]).rgb
    return Look(colours, foreground, tuple(dict.fromkeys(grounds)), panes, theme.dark)


def fixed_colours(*, dark: bool) -> dict[str, str]:
    """Return colours by name for a theme whose ground is the terminal's: it is known whether it is dark."""
    from smtpdiag_tui.tui.drawing.palette import Look, palette_of

    grounds: tuple[Rgb, ...] = (
        ((0, 0, 0), (0x30, 0x30, 0x30)) if dark else ((0xFF, 0xFF, 0xFF), (0xEE, 0xE8, 0xD5))
    )
    palette = palette_of(Look({}, (0x80, 0x80, 0x80), grounds, grounds, dark))
    return {name: _hex(getattr(palette, name)) for name in _HUES}


def terminal_theme(theme: Theme, *, grey: bool) -> TerminalTheme:
    """Return what the names of colours stand for in a theme; `grey` for who wants no colour."""
    if theme.ansi:
        theme = BUILTIN_THEMES["textual-dark" if theme.dark else "textual-light"]
    kept = _terminal_themes.get((theme.name, grey))
    if kept is None or kept[0] is not theme:
        made = _own_terminal(theme) if theme in OWN and not grey else _worked_out_terminal(theme, grey=grey)
        kept = _terminal_themes[theme.name, grey] = (theme, made)
    return kept[1]


def _own_terminal(theme: Theme) -> TerminalTheme:
    ground, text = Color.parse(theme.background or ""), Color.parse(theme.foreground or "")
    return _as_terminal(_OWN_HUES[theme.name], ground.rgb, text.rgb)


def _worked_out_terminal(theme: Theme, *, grey: bool) -> TerminalTheme:
    from smtpdiag_tui.tui.drawing.palette import grey_palette, palette_of

    look = look_of(theme)
    palette = grey_palette(look) if grey else palette_of(look)
    hues = tuple(getattr(palette, name) for name in _HUES)
    return _as_terminal(hues, look.grounds[0], palette.foreground)


def _as_terminal(hues: Sequence[Rgb], ground: Rgb, text: Rgb) -> TerminalTheme:
    """Return a terminal's colours: the darkest, those with a hue, the lightest; then all of them once more."""
    return TerminalTheme(ground, text, [ground, *hues, text], [dimmed(text, ground), *hues, text])


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
