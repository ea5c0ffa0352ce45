"""Child processes beside the event loop: ended with whoever waits for them, also while the loop itself ends.

asyncio's subprocesses are not used. One that is cancelled while it starts is waited for until its pipes are
closed, and a loop that ends has not connected them: it waits for ever. Nothing is awaited here to clear up.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

LOOK_EVERY = 0.005  # seconds
LAST_WAIT = 1.0  # seconds for one that was killed to be gone: what is set-uid may not be killed by us
Stream = int | IO[bytes]


def start(
    command: Sequence[str],
    *,
    stdin: Stream = subprocess.DEVNULL,
    stdout: Stream = subprocess.DEVNULL,
    stderr: Stream = subprocess.DEVNULL,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program without a shell, in a session of its own: Ctrl-C is ours alone. `kill` ends it.

    Raises OSError, ValueError for what is no command.
    """
    return subprocess.Popen(  # noqa: S603 - no shell; callers name the program
        command, stdin=stdin, stdout=stdout, stderr=stderr, env=env, cwd=cwd, start_new_session=True
    )


@contextlib.contextmanager
def child(
    command: Sequence[str],
    *,
    stdin: Stream = subprocess.DEVNULL,
    stdout: Stream = subprocess.DEVNULL,
    stderr: Stream = subprocess.DEVNULL,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program as `start` does; end it at the end of the block, and those that it started with it.

    One that has ended by then leaves those alone.
    """
    process = start(command, stdin=stdin, stdout=stdout, stderr=stderr, env=env, cwd=cwd)
    try:
        yield process
    finally:
        kill(process)


async def ended(
    process: "subprocess.Popen[bytes]", enough: Callable[[], bool] = lambda: False, limit: float | None = None
) -> int | None:
    """Wait for a program's end; return its exit status, negative for a signal.

    None if `enough` came first, or `limit` seconds had passed.
    """
    loop = asyncio.get_running_loop()
    end = None if limit is None else loop.time() + limit
    while True:
        status = process.poll()
        if status is not None or enough() or (end is not None and loop.time() >= end):
            return status
        await asyncio.sleep(LOOK_EVERY)


class Reading:
    """What a program writes into a pipe, taken out as it comes, without waiting."""

    AT_ONCE = 1024 * 1024  # octets

    def __init__(self, pipe: IO[bytes] | None) -> None:
        if pipe is None:
            raise ValueError("the program has no such pipe")
        self._handle = pipe.fileno()
        self.ended = False
        os.set_blocking(self._handle, False)

    def read(self) -> bytes:
        """Return what has come since, at most 1 MiB of it; b"" for nothing, `ended` tells the end."""
        parts: list[bytes] = []
        size = 0
        while not self.ended and size < self.AT_ONCE:
            try:
                part = os.read(self._handle, 65536)
            except BlockingIOError:
                break
            except OSError:
                part = b""
            self.ended = not part
            parts.append(part)
            size += len(part)
        return b"".join(parts)


class Writing:
    """What a program is to read from a pipe, given as it takes it, without waiting; the pipe stays open."""

    def __init__(self, pipe: IO[bytes] | None, data: bytes) -> None:
        if pipe is None:
            raise ValueError("the program has no such pipe")
        self._handle = pipe.fileno()
        self._rest = memoryview(data)
        os.set_blocking(self._handle, False)

    def write(self) -> None:
        """Give what is taken now; who reads no more gets no more."""
        while self._rest:
            try:
                self._rest = self._rest[os.write(self._handle, self._rest[:65536]) :]
            except BlockingIOError:
                return
            except OSError:
                self._rest = memoryview(b"")


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a program that runs in a session of its own, and those that it started with it; close its pipes."""
    _end(process)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(LAST_WAIT)
