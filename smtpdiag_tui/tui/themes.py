"""Our own themes, dark and light: calm grounds, and colours that differ in lightness as well as in hue."""

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
