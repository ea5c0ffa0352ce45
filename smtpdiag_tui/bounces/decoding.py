"""A text out of bytes, whatever is said, or not said, of its character set. Pure."""

import codecs

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 2000  # bytes that are looked at for the zeros of UTF-16
_MOST_CHARSET = 40  # characters of the name of a character set


def text_of(data: bytes, charset: str = "") -> str:
    """Return the text that bytes are: by their mark, as UTF-8, as declared, else in Windows-1252.

    Never raises.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    sample = data[:_SAMPLE]
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        # ASCII in UTF-16 without a mark: every other byte is zero, and no text else is so.
        if len(sample) > 3 and not any(sample[place::2]) and any(sample[1 - place :: 2]):
            return data.decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > 0 and error.start >= len(data) - 3:  # what was cut off in the middle of a character
            return data[: error.start].decode("utf-8", "replace")
        return _declared(data, charset)


def _declared(data: bytes, charset: str) -> str:
    if charset and len(charset) <= _MOST_CHARSET:
        try:
            # Some codecs of Python are none of text, and some fail on what they are given.
            text = codecs.decode(data, charset)
        except (LookupError, ValueError, TypeError, AttributeError):
            text = None
        if isinstance(text, str):
            return text
    return data.decode("cp1252", "replace")
