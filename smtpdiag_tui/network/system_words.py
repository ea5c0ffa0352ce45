"""The operating system's words for its errors, never those that asyncio puts in their place."""

import errno
import os

_MERGED = "Multiple exceptions"  # asyncio's, for several addresses of one name
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
    """Return the system's words for an error, as strerror(3) has them; an error without a number has its own."""
    # The numbers of OpenSSL's and the resolver's errors are not the system's.
    if error.errno and type(error).__module__ == "builtins":
        return os.strerror(error.errno)
    own_words = str(error.strerror or error)
    if own_words and not own_words.startswith(_MERGED):
        return own_words
    number = next((number for kind, number in _NUMBERS if isinstance(error, kind)), None)
    return os.strerror(number) if number is not None else type(error).__name__


def is_own_limit(error: OSError) -> bool:
    """Whether this machine or process has no socket left: no word about whoever was to be connected to."""
    return error.errno in _EXHAUSTED


def has_no_route(error: OSError) -> bool:
    """Whether this machine has no way to where it was to connect to: nothing was sent."""
    return error.errno in _NO_ROUTE
