"""The one place where a peer's bytes become printable text. Pure."""

import re
import unicodedata
from functools import cache

MOST_MARKS = 4  # on one letter; Hebrew with accents comes to that, Thai, Vietnamese and Hindi to less
# Fillers and joiners that count as letters or marks and leave nothing to be seen.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


def visible(value: bytes | str) -> str:
    r"""Return `value` as one printable line: what does not print becomes a visible escape.

    Bytes are read as UTF-8; what is no UTF-8 becomes `\xNN`. Control characters (C0 with TAB, DEL, C1),
    bidirectional overrides, zero-width and other format characters, line separators, unassigned and private
    code points and lone surrogates become `\xNN`, `\uNNNN` or `\UNNNNNNNN`. So do marks without a letter to stand
    on, and more than `MOST_MARKS` on one: they would pile up in a cell, or in somebody else's. What was made
    visible once stays as it is. Nothing here is undone by the reader: exact bytes are kept beside the text where
    they matter.
    """
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    if text.isprintable() and (text.isascii() or not _may_join().search(text)):
        return text
    line: list[str] = []
    room = 0  # for marks on what stands before
    for char in text:
        if not char.isprintable() or char in _INVISIBLE:
            line.append(_escape(ord(char)))
            room = 0
        elif char.isascii() or not _joins(char):
            line.append(char)
            room = 0 if char == " " else MOST_MARKS
        elif room:
            line.append(char)
            room -= 1
        else:
            line.append(_escape(ord(char)))
    return "".join(line)


def _joins(char: str) -> bool:
    """Whether a character is drawn into the cell of the one before it."""
    return unicodedata.category(char).startswith("M") or _joining().match(char) is not None


# Compiled when first needed: nothing before the interface's first frame needs them.
@cache
def _joining() -> re.Pattern[str]:
    """Match what terminals draw into the cell before it besides the marks: jamo, vowels, skin tones."""
    return re.compile("[\u06de\u1160-\u11ff\u19b0-\u19c9\u1cf2\u1cf3\ud7b0-\ud7fb\U0001f3fb-\U0001f3ff]")


@cache
def _may_join() -> re.Pattern[str]:
    """Match the blocks that hold all of these, and some letters: a text without any is looked at no further."""
    return re.compile(
        "[\u0300-\u036f\u0483-\u0489\u0591-\u1dff\u20d0-\u20ff\u2cef-\u2dff\u302a-\u309a\u3164\ua66f-\uabff"
        "\ud7b0-\ufe2f\uffa0\U00010000-\U0001efff\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
    )


def _escape(point: int) -> str:
    if point <= 0xFF:
        return f"\\x{point:02x}"
    if point <= 0xFFFF:
        return f"\\u{point:04x}"
    return f"\\U{point:08x}"
