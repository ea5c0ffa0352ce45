"""Our own themes, dark and light: calm grounds, and colours that differ in lightness as well as in hue."""

from typing import Any

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

DARK = "smtpdiag-dark"
LIGHT = "smtpdiag-light"

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
    ),
)


def themes() -> dict[str, str]:
    """Return the names that a user may give, each with the theme it stands for."""
    known = {theme.name: theme.name for theme in (*OWN, *BUILTIN_THEMES.values())}
    return {**known, "dark": DARK, "light": LIGHT, "ansi": "ansi-dark"}


def begin(app: App[Any], name: str) -> None:
    """Give an app that does not run yet our themes, and one to begin with."""
    for theme in OWN:
        app.register_theme(theme)
    if name != DARK:
        app.theme = name
        return
    # Set in the usual way, a theme has all styles worked out a second time, which delays the first frame. What
    # that would change beside the variables is, for a dark theme, as it is already.
    app.set_reactive(App.theme, name)
    app.set_class(True, f"-theme-{name}", update=False)
    app.stylesheet.set_variables(app.get_css_variables())
