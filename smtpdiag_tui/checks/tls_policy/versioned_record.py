"""TXT records of a version and fields behind it (RFC 8461 §3.1, RFC 8460 §3). Pure."""

import re
from collections.abc import Sequence

from smtpdiag_tui.report.visible import visible

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_VALUE = re.compile(r"[!-:<>-~]+")  # printable ASCII without blank, `=` and `;`
_BEGINNING = 40  # characters in which a version must stand
_SHOWN = 60


def of_version(texts: Sequence[bytes], version: str) -> tuple[list[str], list[str]]:
    """Return the records that begin with `version`, such as `v=STSv1`, and all that were meant to be of its kind.

    The second differ in case, blanks, quotes or the number.
    """
    kind = version.rpartition("v")[0].lower()
    whole = [text.decode("latin-1") for text in texts]
    meant = [text for text in whole if re.sub(r'[\s"]', "", text[:_BEGINNING]).lower().startswith(kind)]
    return [text for text in meant if _begins(text, version)], meant


def _begins(text: str, version: str) -> bool:
    return text.startswith(version) and text[len(version) :].lstrip(" \t")[:1] in (";", "")


def not_one(found: Sequence[str], version: str) -> str:
    """Say why there is not one record, though some were meant to be; "" if there is."""
    if len(found) > 1:
        return f"there are {len(found)} records, exactly one is allowed"
    return "" if found else f"the record does not begin with exactly '{version};'"


def fields_of(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return name and value of the fields up to the first that is malformed; then why it is, "" without one."""
    parts = [part.strip(" \t") for part in text.split(";")][1:]
    while parts and not parts[-1]:
        parts.pop()
    fields: list[tuple[str, str]] = []
    for part in parts:
        name, equals, value = part.partition("=")
        name, value = name.rstrip(" \t"), value.lstrip(" \t")
        if not equals or not _NAME.fullmatch(name):
            return tuple(fields), f"the field '{short(part)}' is malformed"
        fields.append((name, value))
    return tuple(fields), ""


def is_value(text: str) -> bool:
    """Whether a field may have this value."""
    return _VALUE.fullmatch(text) is not None


def short(text: str) -> str:
    """Return a part of a record printable, and no longer than a sentence can hold."""
    shown = visible(text.encode("latin-1"))
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def shown(texts: Sequence[str], most: int) -> tuple[str, ...]:
    """Return records printable, of each so many characters."""
    return tuple(visible(text.encode("latin-1")[:most]) for text in texts)
