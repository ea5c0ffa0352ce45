"""The file that a batch appends to: each line whole or not there, whatever ends the process and when."""

import asyncio
import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from smtpdiag_tui.batch.done import Done, read_line

BEGINNING = b'{"line": '  # of each line
SYNC_EVERY = 2.0  # seconds: without power no more than these are lost
_CHUNK = 1024 * 1024
MAX_LINE = 64 * 1024 * 1024  # octets


class OutError(Exception):
    """The file cannot be used, or takes nothing more; the text is one sentence."""


class Sink(Protocol):
    """Takes the lines of a batch."""

    async def put(self, line: bytes) -> None:
        """Take one line, with its ending; raises OutError, or what else ends the batch."""


class OutFile:
    """Lines in a file of which this process alone is the writer.

    A line is one write at the end of the file, and what was written in part is cut off again, at once or by who
    next opens the file. `done` is what stands there. Raises OutError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done = Done()
        self._end = 0
        self._synced = time.monotonic()
        flags = os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        try:
            self._handle = os.open(path, flags, 0o600)
        except OSError as error:
            raise OutError(self._cannot("write", error)) from error
        except ValueError as error:  # a NUL in the name
            raise OutError(f"cannot write '{path}': {error}") from error
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        if not stat.S_ISREG(os.fstat(self._handle).st_mode):
            raise OutError(f"cannot append to '{self.path}': not a regular file")
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutError(f"'{self.path}' is in use by another smtpdiag") from error
        except OSError as error:
            raise OutError(self._cannot("lock", error)) from error
        try:
            self._read()
        except OSError as error:
            raise OutError(self._cannot("read", error)) from error

    def _read(self) -> None:
        """Take in what stands there, and see to it that the last line is whole."""
        for number, line in enumerate(self._lines(), 1):
            if line.endswith(b"\n"):
                self._take(number, line)
                self._end += len(line)
            else:
                self._repair(number, line)
                return  # what it wrote is not to be read

    def _repair(self, number: int, torn: bytes) -> None:
        """Complete a last line that lacks its ending alone, or cut it off; nothing foreign is cut."""
        if read_line(torn) is not None:
            self._take(number, torn)
            self._end += len(torn)
            self.append(b"\n")
        elif _is_torn(torn) or (number > 1 and not torn.strip(b"\0")):  # a disk without power leaves zeros
            os.ftruncate(self._handle, self._end)
        else:
            raise OutError(self._foreign(number))

    def _take(self, number: int, line: bytes) -> None:
        told = read_line(line)
        if told is None:
            raise OutError(self._foreign(number))
        self.done.add(told)

    def _lines(self) -> Iterator[bytes]:
        """Yield each line with its ending, the last one perhaps without."""
        if os.pread(self._handle, 1, 0) not in (b"", BEGINNING[:1]):
            raise OutError(self._foreign(1))
        with os.fdopen(os.dup(self._handle), "rb", buffering=_CHUNK) as file:
            file.seek(0)
            while line := file.readline(MAX_LINE):
                yield line

    def append(self, data: bytes) -> None:
        """Write one line at the end. Raises OutError, and leaves nothing of it behind then."""
        try:
            written = os.pwrite(self._handle, data, self._end)
            if written < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, self._end)
            raise OutError(self._cannot("write", error)) from error
        self._end += len(data)

    async def put(self, line: bytes) -> None:
        """Write one line at the end, and have the disk hold it soon; raises OutError."""
        self.append(line)
        if time.monotonic() - self._synced >= SYNC_EVERY:
            await asyncio.to_thread(self.sync)
            self._synced = time.monotonic()

    def sync(self) -> None:
        """Have the disk hold what was written. Raises OutError, also where the file was moved away."""
        try:
            os.fsync(self._handle)
            mine, there = os.fstat(self._handle), self.path.stat()
        except OSError as error:
            raise OutError(self._cannot("write", error)) from error
        if (mine.st_dev, mine.st_ino) != (there.st_dev, there.st_ino):
            raise OutError(
                f"'{self.path}' was replaced while the batch ran; its lines are in the file that was moved"
            )

    def close(self) -> None:
        """Close the file and give it free."""
        with contextlib.suppress(OSError):
            os.close(self._handle)

    def _cannot(self, verb: str, error: OSError) -> str:
        return f"cannot {verb} '{self.path}': {(error.strerror or str(error)).lower()}"

    def _foreign(self, number: int) -> str:
        return (
            f"'{self.path}' holds something else in line {number}: give a file of an earlier batch, or a new one"
        )


def _is_torn(line: bytes) -> bool:
    """Whether a line without ending begins as one of a batch does, as far as it goes."""
    return line.startswith(BEGINNING) or BEGINNING.startswith(line)
