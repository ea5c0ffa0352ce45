"""The lines of a file or of standard input, as they come: nothing but the present one is held."""

import asyncio
import contextlib
import os
import select
import stat
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from queue import SimpleQueue

MAX_LINE = 4096  # octets; two addresses have 510 at most
PIPE_WAIT = 5.0  # seconds for somebody who writes to a named pipe
_LOOK_EVERY = 0.02  # seconds
_CHUNK = 65536
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_COUNTED = 256 * 1024 * 1024  # octets of a file whose lines are counted beforehand
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class InputError(Exception):
    """What was to be read cannot be; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its ending; `long`: it is cut after 4,096 octets."""

    number: int
    text: str
    long: bool = False


class Splitter:
    """Makes lines of octets, whatever they are cut into."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._long = False
        self._number = 0

    def feed(self, data: bytes) -> Iterator[Line]:
        """Yield the lines that are whole now."""
        *whole, rest = data.split(b"\n")
        for part in whole:
            self._take(part)
            yield self._line()
        self._take(rest)

    def end(self) -> Iterator[Line]:
        """Yield the last line, if it has no ending."""
        if self._rest or self._long:
            yield self._line()

    def _take(self, part: bytes) -> None:
        room = MAX_LINE - len(self._rest)
        self._long = self._long or len(part.rstrip(b"\r")) > room
        self._rest += part[:room]

    def _line(self) -> Line:
        self._number += 1
        data, long = bytes(self._rest).rstrip(b"\r"), self._long
        self._rest.clear()
        self._long = False
        if self._number == 1:
            data = data.removeprefix(b"\xef\xbb\xbf")
        return Line(self._number, _decoded(data), long)


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


class Source:
    """A file that is read in a thread of its own: a pipe may be silent for hours, and a disk may hang.

    Use as a context manager. Raises InputError for what cannot be read.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._standard = name == "-"
        try:
            self._handle = 0 if self._standard else os.open(name, _FLAGS)
            self._mode = os.fstat(self._handle).st_mode
            self._first = b"" if self._standard else self._begun()
        except OSError as error:
            raise InputError(self._cannot(error.strerror or str(error))) from error
        except ValueError as error:  # a NUL in the name
            raise InputError(self._cannot(str(error))) from error
        if stat.S_ISDIR(self._mode):
            self.close()
            raise InputError(self._cannot("is a directory"))

    def _begun(self) -> bytes:
        """Wait until somebody writes to a pipe; return what was read of it. Raises InputError, OSError.

        Until then it is at its end all the time, and to open it in the usual way would wait without a word.
        """
        if not stat.S_ISFIFO(self._mode):
            os.set_blocking(self._handle, True)
            return b""
        data = b""
        end = time.monotonic() + PIPE_WAIT
        with contextlib.suppress(BlockingIOError):  # who writes is there, and silent yet
            while not (data := os.read(self._handle, _CHUNK)) and not self._hung_up():
                if time.monotonic() > end:
                    self.close()
                    raise InputError(self._cannot("nobody writes to this pipe"))
                time.sleep(_LOOK_EVERY)
        os.set_blocking(self._handle, True)
        return data

    def _hung_up(self) -> bool:
        """Whether somebody wrote to the pipe, and has closed it."""
        looking = select.poll()
        looking.register(self._handle, select.POLLIN)
        return any(event & select.POLLHUP for _, event in looking.poll(0))

    def close(self) -> None:
        """Close the file."""
        if not self._standard:
            with contextlib.suppress(OSError):
                os.close(self._handle)

    async def count(self) -> int | None:
        """Return how many lines there are that ask for something; None where that cannot be known beforehand."""
        if self._standard or not stat.S_ISREG(self._mode) or os.fstat(self._handle).st_size > _COUNTED:
            return None
        return await asyncio.to_thread(self._count)

    def _count(self) -> int | None:
        number, place, splitter = 0, 0, Splitter()
        try:
            while chunk := os.pread(self._handle, _CHUNK, place):
                place += len(chunk)
                number += sum(map(_asks, splitter.feed(chunk)))
        except OSError:
            return None
        return number + sum(map(_asks, splitter.end()))

    async def lines(self) -> AsyncIterator[Line]:
        """Yield each line."""
        splitter, first = Splitter(), True
        reader = _Reader(self._handle)
        try:
            while chunk := self._first or await reader.chunk():
                self._first = b""
                if first and chunk.startswith(_UTF_16):
                    raise InputError(self._cannot("it is UTF-16: save it as UTF-8"))
                first = False
                for line in splitter.feed(chunk):
                    yield line
        except OSError as error:
            raise InputError(self._cannot(error.strerror or str(error))) from error
        finally:
            reader.stop()
        for line in splitter.end():
            yield line

    def _cannot(self, words: str) -> str:
        what = "standard input" if self._standard else f"'{self.name}'"
        return f"cannot read {what}: {words[:1].lower()}{words[1:]}"


def _asks(line: Line) -> bool:
    return bool(line.text.strip()) and not line.text.lstrip().startswith("#")


class _Reader:
    """Reads a descriptor in a thread, one chunk each time it is asked.

    The thread ends with the process: one that waits in a pool, or holds Python's own stdin, would keep it.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._wanted: SimpleQueue[asyncio.Future[bytes] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, name="batch input", daemon=True).start()

    async def chunk(self) -> bytes:
        """Return what comes next, b"" at the end; raises OSError."""
        future: asyncio.Future[bytes] = self._loop.create_future()
        self._wanted.put(future)
        return await future

    def stop(self) -> None:
        """Read no more."""
        self._wanted.put(None)

    def _run(self) -> None:
        while (future := self._wanted.get()) is not None:
            found: bytes | OSError
            try:
                found = os.read(self._handle, _CHUNK)
            except OSError as error:
                found = error
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(_settle, future, found)


def _settle(future: "asyncio.Future[bytes]", found: bytes | OSError) -> None:
    if future.done():
        return
    if isinstance(found, OSError):
        future.set_exception(found)
    else:
        future.set_result(found)
