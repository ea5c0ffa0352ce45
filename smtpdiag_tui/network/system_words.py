"""The operating system's words for its errors, never those that Python or asyncio puts in their place."""

import errno
import os
import re

_UNNAMED = "unknown error"
# What sentences of Python's own hold: about several addresses of one name, a closed transport, a line of a source.
_PYTHON = re.compile(
    r"Multiple exceptions|Connect call failed|Connection lost|\[Errno -?\d|\(_ssl\.c:\d|getaddrinfo\(|\A\(\)\Z"
    r"|error while attempting|unable to perform|<\w{1,40}[ >]|Error\("
)
# This machine, or this process, has no more of what a socket needs.
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
# No route to an address, no address of ours to go there from, or no such family here.
_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
_NUMBERS: tuple[tuple[type[OSError], int], ...] = (
    (ConnectionRefusedError, errno.ECONNREFUSED),
    (ConnectionResetError, errno.ECONNRESET),
    (ConnectionAbortedError, errno.ECONNABORTED),
    (BrokenPipeError, errno.EPIPE),
    (TimeoutError, errno.ETIMEDOUT),
)


def system_words(error: OSError) -> str:
    """Return the system's words for an error, as strerror(3) has them; an error without a number has its own.

    Words of Python's are never returned: the kind of the error stands for them. Of an error of TLS it is OpenSSL's
    reason.
    """
    # The numbers of OpenSSL's and the resolver's errors are not the system's.
    if error.errno and type(error).__module__ == "builtins":
        return os.strerror(error.errno)
    reason = getattr(error, "reason", None)
    if isinstance(reason, str) and reason:
        return f"TLS failed ({reason.lower().replace('_', ' ')})"
    own_words = str(error.strerror or error)
    if own_words and not _PYTHON.search(own_words):
        return own_words
    return _words_of_kind(error)


def _words_of_kind(error: OSError) -> str:
    """Return the system's words for the errors that Python has a class of."""
    for kind, number in _NUMBERS:
        if isinstance(error, kind):
            return os.strerror(number)
    return _UNNAMED


def in_system_words(error: OSError) -> OSError:
    """Return the same error as the system gave it: asyncio writes its own sentence beside the number."""
    return OSError(error.errno, os.strerror(error.errno)) if error.errno else error


def is_own_limit(error: OSError) -> bool:
    """Whether this machine or process has no socket left: no word about whoever was to be connected to."""
    return error.errno in _EXHAUSTED


def has_no_route(error: OSError) -> bool:
    """Whether this machine has no way to where it was to connect to: nothing was sent."""
    return error.errno in _NO_ROUTE
