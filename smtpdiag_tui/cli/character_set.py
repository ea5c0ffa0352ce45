"""What a terminal is likely to show, as the locale has it."""

import locale
import os
from collections.abc import Mapping

_PLAIN = ("C", "POSIX")
_COERCED = "C.UTF-8"  # what Python puts into LC_CTYPE where no locale is set


def ascii_alone(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether to keep to ASCII: a locale of C or POSIX, none at all, or one that is not UTF-8.

    Python itself reads and writes UTF-8 there (PEP 538, PEP 540): its word on it would be no evidence.
    """
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    name, value = next(((name, environment[name]) for name in names if environment.get(name)), ("", ""))
    if name == "LC_CTYPE" and value == _COERCED:
        return environment.get("LANG", "C") in ("", *_PLAIN)
    if value in ("", *_PLAIN):
        return True
    return "utf" not in value.lower() and "utf" not in locale.getpreferredencoding(do_setlocale=False).lower()
