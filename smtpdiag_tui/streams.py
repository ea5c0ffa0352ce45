"""stdout and stderr, which may be closed, full, or read by nobody."""

import contextlib
import os
import sys
from typing import TextIO


class UnwritableError(Exception):
    """stdout takes nothing more; the text is one sentence, empty where its reader has left."""


def keep_descriptors() -> None:
    """Put the null device in place of closed standard streams, so that no socket gets their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free


def require_stdout() -> None:
    """Raise UnwritableError if stdout is closed: nothing is tested for a report that cannot be printed."""
    if sys.stdout is None or sys.stdout.closed:
        raise UnwritableError("Nothing can be printed: stdout is closed.")


def write(text: str) -> None:
    """Print `text` on stdout, what its encoding lacks as escapes; raise UnwritableError if that fails."""
    require_stdout()
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except OSError as error:
        _let_go(sys.stdout)
        gone = isinstance(error, BrokenPipeError)
        words = f"The report cannot be printed: {error.strerror or error}."
        raise UnwritableError("" if gone else words) from error


def tell(sentence: str) -> None:
    """Print one sentence on stderr, if that can be written to."""
    if sys.stderr is None or sys.stderr.closed:
        return
    try:
        sys.stderr.write(f"smtpdiag: {sentence}\n")
        sys.stderr.flush()
    except OSError:
        _let_go(sys.stderr)


def _let_go(stream: TextIO) -> None:
    """Point a stream that failed at the null device: Python would complain when it closes the stream."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
