"""Values of a saved report, each judged as it is read: the file is hostile until shown otherwise."""

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from smtpdiag_tui.report.visible import visible

MAX_TEXT = 5_000  # characters of a sentence
E = TypeVar("E", bound=StrEnum)


class SavedReportError(ValueError):
    """The file is not a saved report; the text says why, in one line."""


def object_in(found: Any, what: str) -> dict[str, Any]:
    """Return a value that is an object; `what` names it. Raises SavedReportError."""
    if not isinstance(found, dict):
        raise SavedReportError(f"{what} is not a JSON object")
    return found


def list_in(found: dict[str, Any], key: str, *, optional: bool = False, most: int | None = None) -> list[Any]:
    """Return the list at a key, of at most `most` items. Raises SavedReportError."""
    value = found.get(key, [] if optional else None)
    if not isinstance(value, list):
        raise SavedReportError(f"{key!r} is not a list")
    if most is not None and len(value) > most:
        raise SavedReportError(f"{len(value):,} {key} in one place, more than a report can have")
    return value


def line_in(value: Any, key: str) -> str:
    """Return a value that is a text, printable. Raises SavedReportError."""
    if not isinstance(value, str):
        raise SavedReportError(f"{key!r} is not text")
    return visible(value)


def text_in(found: dict[str, Any], key: str, *, optional: bool = False) -> str:
    """Return the text at a key, printable. Raises SavedReportError."""
    return line_in(found.get(key, "" if optional else None), key)


def sentence_in(found: dict[str, Any], key: str, *, optional: bool = False) -> str:
    """Return the text at a key, cut to what is laid out at once. Raises SavedReportError."""
    return cut(text_in(found, key, optional=optional))


def cut(text: str) -> str:
    """Return a text that is laid out at once; a peer's line in it, of 64 KiB at most, stands elsewhere whole."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


def optional_text_in(found: dict[str, Any], key: str) -> str | None:
    """Return the text at a key, None for null. Raises SavedReportError."""
    return None if found.get(key) is None else text_in(found, key)


def lines_in(found: dict[str, Any], key: str) -> str:
    """Return the text at a key, whose line ends are kept. Raises SavedReportError."""
    value = found.get(key, "")
    if not isinstance(value, str):
        raise SavedReportError(f"{key!r} is not text")
    return "\n".join(visible(line) for line in value.split("\n"))


def number_in(found: dict[str, Any], key: str) -> float | None:
    """Return the number of seconds at a key, None for null. Raises SavedReportError."""
    value = found.get(key)
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or abs(value) > 1e9  # first: a whole number may be too great for what follows
        or not math.isfinite(value)
    ):
        raise SavedReportError(f"{key!r} is not a number of seconds")
    return float(value)


def duration_in(found: dict[str, Any]) -> float | None:
    """Return the duration, in seconds, None for null. Raises SavedReportError."""
    value = number_in(found, "seconds")
    if value is not None and value < 0:
        raise SavedReportError("'seconds' is negative")
    return value


def enum_in(kind: Callable[[str], E], found: dict[str, Any], key: str) -> E:
    """Return the value at a key as one of an enumeration. Raises SavedReportError."""
    try:
        return kind(text_in(found, key))
    except ValueError as error:
        raise SavedReportError(f"invalid {key!r}") from error


def optional_enum_in(kind: Callable[[str], E], found: dict[str, Any], key: str) -> E | None:
    """Return the value at a key as one of an enumeration, None for null. Raises SavedReportError."""
    return None if found.get(key) is None else enum_in(kind, found, key)


def whole_in(found: dict[str, Any], key: str) -> int | None:
    """Return the whole number at a key, None for null. Raises SavedReportError."""
    value = found.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or abs(value) > 1e9):
        raise SavedReportError(f"{key!r} is not a whole number")
    return value
