"""Colours that can be read and told apart: contrast by WCAG 2.1 §1.4.3, likeness and hue in OKLCH. Pure."""

import math
from collections.abc import Iterable

Rgb = tuple[int, int, int]

TEXT = 4.5  # the least contrast of text
NOTE = 3.0  # and of what is dimmed
DIMMED = 0.66  # how much of a colour is left of it where it is dimmed; the rest is the ground's
_STEP = 0.01
_BISECTIONS = 12


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def dimmed(colour: Rgb, ground: Rgb) -> Rgb:
    """Return a colour as it is drawn dimmed on a ground."""
    red, green, blue = (int(low + (high - low) * DIMMED) for high, low in zip(colour, ground, strict=True))
    return red, green, blue


def difference(one: Rgb, other: Rgb) -> float:
    """Return how far apart two colours look: 0.02 can hardly be told, 0.1 cannot be mistaken."""
    return math.dist(_oklab(one), _oklab(other))


def readable(colour: Rgb, grounds: Iterable[Rgb], grounds_dimmed: Iterable[Rgb]) -> bool:
    """Whether a text in this colour can be read on some grounds, and dimmed on some."""
    plain = all(contrast(colour, ground) >= TEXT for ground in grounds)
    return plain and all(contrast(dimmed(colour, ground), ground) >= NOTE for ground in grounds_dimmed)


def fitted(colour: Rgb, grounds: Iterable[Rgb], grounds_dimmed: Iterable[Rgb], *, lighter: bool) -> Rgb:
    """Return the colour, made lighter or darker by as little as it takes to be read on all grounds."""
    grounds, grounds_dimmed = tuple(grounds), tuple(grounds_dimmed)
    lightness, chroma, hue = oklch(colour)
    while not readable(colour, grounds, grounds_dimmed):
        lightness += _STEP if lighter else -_STEP
        if not 0 <= lightness <= 1:
            return (255, 255, 255) if lighter else (0, 0, 0)
        colour = from_oklch(lightness, chroma, hue)
    return colour


def oklch(colour: Rgb) -> tuple[float, float, float]:
    """Return lightness (0 to 1), chroma (0 for grey) and hue (degrees) of a colour."""
    lightness, a, b = _oklab(colour)
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def from_oklch(lightness: float, chroma: float, hue: float) -> Rgb:
    """Return the colour; where there is none so strong, the strongest of that lightness and hue."""
    angle = math.radians(hue)
    channels = _linear(lightness, chroma * math.cos(angle), chroma * math.sin(angle))
    if not _exists(channels):
        least, most = 0.0, chroma
        for _ in range(_BISECTIONS):
            middle = (least + most) / 2
            channels = _linear(lightness, middle * math.cos(angle), middle * math.sin(angle))
            least, most = (middle, most) if _exists(channels) else (least, middle)
        channels = _linear(lightness, least * math.cos(angle), least * math.sin(angle))
    red, green, blue = (_encoded(channel) for channel in channels)
    return red, green, blue


def _exists(channels: tuple[float, float, float]) -> bool:
    return all(-0.0005 <= channel <= 1.0005 for channel in channels)


def _encoded(channel: float) -> int:
    channel = min(1.0, max(0.0, channel))
    value = 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055
    return round(255 * value)


def _decoded(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _luminance(colour: Rgb) -> float:
    red, green, blue = map(_decoded, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklab(colour: Rgb) -> tuple[float, float, float]:
    red, green, blue = map(_decoded, colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _linear(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
