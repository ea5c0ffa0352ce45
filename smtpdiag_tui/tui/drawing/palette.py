"""The colours of a theme by their meaning, derived from it: each can be read, and told from the others. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smtpdiag_tui.tui.drawing.contrast import Rgb, fitted, from_oklch, oklch

_LEAST_CHROMA = 0.10  # below it, hues look alike
_GREY = 0.04  # chroma of what has hardly a hue
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Look:
    """What a theme brings: its colours by name, its grounds, and whether these are dark.

    `panes` are the grounds on which steps and findings stand, where they may be dimmed.
    """

    colours: Mapping[str, Rgb]
    foreground: Rgb
    grounds: Sequence[Rgb]
    panes: Sequence[Rgb]
    dark: bool


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours by meaning, under the names that terminals have for them; text and ground of what is marked."""

    red: Rgb
    green: Rgb
    yellow: Rgb
    blue: Rgb
    magenta: Rgb
    cyan: Rgb
    foreground: Rgb
    marked_text: Rgb
    marked_ground: Rgb


@dataclass(frozen=True, slots=True)
class _Role:
    """Where a colour comes from, and the hues between which it stays what it is called, in degrees."""

    sources: tuple[str, ...]
    first_hue: float
    last_hue: float


_ROLES = {
    "red": _Role(("error",), 14, 30),
    "green": _Role(("success",), 130, 152),
    "yellow": _Role(("warning",), 75, 100),
    "blue": _Role(("secondary", "primary", "accent"), 250, 268),
    "magenta": _Role(("accent", "secondary", "primary"), 305, 325),
    "cyan": _Role(("secondary", "primary", "accent"), 195, 206),
}
_OTHERWISE = {"blue": 260.0, "magenta": 318.0, "cyan": 202.0}  # hues where a theme has none
_SHADES_DARK = {"red": 1.0, "magenta": 0.94, "yellow": 0.88, "cyan": 0.82, "green": 0.78, "blue": 0.72}


def palette_of(look: Look) -> Palette:
    """Return the colours of a theme by their meaning."""
    found = {
        name: fitted(_source(look, role, name), look.grounds, look.panes, lighter=look.dark)
        for name, role in _ROLES.items()
    }
    text, ground = _marked(look)
    return Palette(
        **found,
        foreground=fitted(look.foreground, look.grounds, look.grounds, lighter=look.dark),
        marked_text=text,
        marked_ground=ground,
    )


def grey_palette(look: Look) -> Palette:
    """Return shades alone, for who wants no colour: the graver, the farther from the ground."""
    end, lighter = (_WHITE, True) if look.dark else (_BLACK, False)
    shades = {}
    for name, share in _SHADES_DARK.items():
        level = round(255 * share) if look.dark else round(255 * (1 - share) * 0.8)
        shades[name] = fitted((level, level, level), look.grounds, look.panes, lighter=lighter)
    foreground = shades["green"]
    return Palette(**shades, foreground=foreground, marked_text=look.grounds[0], marked_ground=end)


def _source(look: Look, role: _Role, name: str) -> Rgb:
    """Return the theme's own colour for a role; its hue is moved where it would be taken for another's."""
    candidates = [look.colours[source] for source in role.sources if source in look.colours]
    hued = [colour for colour in candidates if oklch(colour)[1] >= _GREY]
    if name in _OTHERWISE:
        hued = [colour for colour in hued if role.first_hue <= oklch(colour)[2] <= role.last_hue]
    if not hued:
        middle = (role.first_hue + role.last_hue) / 2
        return from_oklch(0.75 if look.dark else 0.5, 0.14, _OTHERWISE.get(name, middle))
    lightness, chroma, hue = oklch(hued[0])
    return from_oklch(lightness, max(chroma, _LEAST_CHROMA), _nearest(hue, role))


def _nearest(hue: float, role: _Role) -> float:
    if role.first_hue <= hue <= role.last_hue:
        return hue
    below, above = (role.first_hue - hue) % 360, (hue - role.last_hue) % 360
    return role.first_hue if below < above else role.last_hue


def _marked(look: Look) -> tuple[Rgb, Rgb]:
    """Return text and ground of what is marked: the theme's first colour as the ground, far from the others."""
    text = _BLACK if look.dark else _WHITE
    first = look.colours.get("primary", look.foreground)
    return text, fitted(first, (*look.panes, text), (text,), lighter=look.dark)
