"""Fields of log lines: `name=value` in the ways in which mail servers write them. Pure."""

import re

_QUOTED = re.compile(r'(?P<key>[A-Za-z_-]{1,20})="(?P<value>[^"\\]{0,3000}(?:\\.[^"\\]{0,3000}){0,100})"')
_STALWART = re.compile(
    r"(?P<key>[A-Za-z]{1,20}) = "
    r"(?:\"(?P<quoted>[^\"\\]{0,3000}(?:\\.[^\"\\]{0,3000}){0,100})\"|(?P<bare>[^\s,\"][^,]{0,300}))"
)


def between(text: str, before: str, behind: str, start: int = 0) -> str | None:
    """Return what stands between two texts, None where one of them is not there."""
    begin = text.find(before, start)
    if begin < 0:
        return None
    begin += len(before)
    end = text.find(behind, begin)
    return None if end < 0 else text[begin:end]


def after(text: str, before: str) -> str | None:
    """Return what stands behind a text up to a comma and a blank, or to the end."""
    begin = text.find(before)
    if begin < 0:
        return None
    begin += len(before)
    end = text.find(", ", begin)
    return text[begin:] if end < 0 else text[begin:end]


def quoted_fields(text: str) -> dict[str, str]:
    """Return the fields whose values stand in double quotes."""
    return {found["key"]: found["value"].replace('\\"', '"') for found in _QUOTED.finditer(text)}


def spaced_fields(text: str) -> dict[str, str]:
    """Return the fields of `key = value, key = "value"`; of one that stands there twice, the last."""
    found = {}
    for match in _STALWART.finditer(text):
        value = match["quoted"] if match["quoted"] is not None else match["bare"]
        found[match["key"]] = value.replace('\\"', '"').strip()
    return found
