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
    """Start a program without a shell; end it at the end of the block, and those that it started with it.

    One that has ended by then leaves those alone. It has a session of its own: Ctrl-C is ours alone. Raises
    OSError, ValueError for what is no command.
    """
    process = subprocess.Popen(  # noqa: S603 - no shell; callers name the program
        command, stdin=stdin, stdout=stdout, stderr=stderr, env=env, cwd=cwd, start_new_session=True
    )
    try:
        yield process
    finally:
        _end(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


async def ended(process: "subprocess.Popen[bytes]", enough: Callable[[], bool] = lambda: False) -> int | None:
    """Wait for a program's end; return its exit status, negative for a signal, None if `enough` came first."""
    while True:
        status = process.poll()
        if status is not None or enough():
            return status
        await asyncio.sleep(LOOK_EVERY)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(LAST_WAIT)
