"""stdout and stderr, which may be closed, full, or read by nobody."""

import contextlib
import io
import os
import select
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
        raise UnwritableError("cannot print: stdout is closed")


def write(text: str, encoding: str | None = None) -> None:
    """Print `text` on stdout, what its encoding lacks as escapes; raise UnwritableError if not all was taken.

    `encoding` is given for a format that has one of its own, whatever the locale.
    """
    require_stdout()
    try:
        _write_whole(sys.stdout, text.encode(encoding or sys.stdout.encoding or "utf-8", "backslashreplace"))
    except OSError as error:
        _let_go(sys.stdout)
        gone = isinstance(error, BrokenPipeError)
        words = f"cannot print the report: {error.strerror or error}"
        raise UnwritableError("" if gone else words) from error


def _write_whole(stream: TextIO, data: bytes) -> None:
    """Write all of `data`, however little is taken at once; raises OSError.

    An unbuffered stream tells by a number alone that it took less, and one whose reader is slow by None.
    """
    if not hasattr(stream, "buffer"):  # somebody's own, in place of stdout
        stream.write(data.decode(stream.encoding or "utf-8"))
        stream.flush()
        return
    stream.flush()
    raw = getattr(stream.buffer, "raw", stream.buffer)
    rest = memoryview(data)
    while rest:
        taken = raw.write(rest)
        if taken is None:
            _wait_for_room(raw.fileno())
        else:
            rest = rest[taken:]
    raw.flush()
    with contextlib.suppress(io.UnsupportedOperation):  # no file is behind it
        os.close(os.dup(raw.fileno()))  # a file over the network says no more before it is closed


def _wait_for_room(number: int) -> None:
    watch = select.poll()
    watch.register(number, select.POLLOUT)
    watch.poll()


def tell(sentence: str) -> None:
    """Print one sentence on stderr, if that can be written to; what does not print in it becomes visible."""
    if sys.stderr is None or sys.stderr.closed:
        return
    from smtpdiag_tui.report.visible import visible  # the version is told without it

    try:
        sys.stderr.write(f"smtpdiag: {visible(sentence)}\n")
        sys.stderr.flush()
    except OSError:
        _let_go(sys.stderr)


def _let_go(stream: TextIO) -> None:
    """Point a stream that failed at the null device: Python would complain when it closes the stream."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
