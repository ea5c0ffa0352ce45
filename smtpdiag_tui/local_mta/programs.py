"""Runs the programs of a local mail server: no shell, no input, bounded in time and output."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.transcript import visible

LIMIT = 5.0  # seconds
MAX_OUTPUT = 1024 * 1024  # octets
MAX_QUEUE = 8 * 1024 * 1024  # octets
_LAST_WAIT = 1.0  # seconds for a program that was killed to be gone
_PATH = (*(os.environ.get("PATH") or os.defpath).split(os.pathsep), "/usr/sbin", "/usr/local/sbin", "/sbin")
# Where Postfix looks for its configuration, if it was moved, is what the administrator's shell says.
_KEPT = ("MAIL_CONFIG",)


@dataclass(frozen=True, slots=True)
class Output:
    """What a program printed, whole lines without line endings, printable; `cut` if there was more."""

    status: int | None
    lines: tuple[str, ...]
    errors: tuple[str, ...] = ()
    cut: bool = False


class Runner(Protocol):
    """Runs one program."""

    async def __call__(self, command: Sequence[str], most: int = MAX_OUTPUT) -> Output:
        """Run `command` and return its output, at most `most` octets of it; raises LocalMtaError."""


def find_program(name: str) -> str | None:
    """Return the path of a program in PATH or where system programs lie, None if it is not installed."""
    return shutil.which(name, path=os.pathsep.join(dict.fromkeys(_PATH)))


async def run_program(command: Sequence[str], most: int = MAX_OUTPUT, limit: float = LIMIT) -> Output:
    """Run a program to its end, for at most `limit` seconds; raises LocalMtaError.

    One that prints more than `most` octets is ended there, and what came so far is returned.
    """
    program = find_program(command[0])
    if program is None:
        raise LocalMtaError(f"The program {command[0]} is not installed.")
    environment = {"PATH": os.pathsep.join(_PATH), "LC_ALL": "C"}
    environment |= {name: os.environ[name] for name in _KEPT if name in os.environ}
    loop = asyncio.get_running_loop()
    collected = _Collected(most, loop.create_future())
    try:
        transport, _ = await loop.subprocess_exec(
            lambda: collected,
            program,
            *command[1:],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            cwd="/",
            start_new_session=True,  # Ctrl-C is ours alone: it is ended, and waited for, below
        )
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or "it is no command"
        raise LocalMtaError(f"{command[0]} cannot be run: {words}.") from error
    try:
        async with asyncio.timeout(limit):
            await collected.done
    except TimeoutError:
        raise LocalMtaError(f"{command[0]} did not answer within {limit:g} s.") from None
    finally:
        transport.close()  # ends a program that still runs
        await asyncio.wait([collected.gone], timeout=_LAST_WAIT)
    return collected.output(transport.get_returncode())


class _Collected(asyncio.SubprocessProtocol):
    """What a program prints. `done` is settled when it has ended, or has printed enough."""

    def __init__(self, most: int, done: "asyncio.Future[None]") -> None:
        self.done = done
        self.gone: asyncio.Future[None] = done.get_loop().create_future()
        self._most = most
        self._data = {1: bytearray(), 2: bytearray()}
        self._cut = False

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take in what fits."""
        kept = self._data[fd]
        kept += data[: self._most - len(kept)]
        if len(kept) >= self._most:
            self._cut = True
            self._settle(self.done)

    def process_exited(self) -> None:
        """Let who waits for its end know."""
        self._settle(self.gone)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Both pipes are read to their ends, and the program has ended."""
        self._settle(self.done)
        self._settle(self.gone)

    def output(self, status: int | None) -> Output:
        """Return what was printed, by lines; a last line that was cut is left out."""
        lines, errors = (bytes(self._data[fd]).split(b"\n") for fd in (1, 2))
        if self._cut:
            del lines[-1:]
        return Output(
            status,
            tuple(visible(line.removesuffix(b"\r")) for line in lines if line.strip()),
            tuple(visible(line.strip()) for line in errors if line.strip()),
            self._cut,
        )

    @staticmethod
    def _settle(future: "asyncio.Future[None]") -> None:
        if not future.done():
            future.set_result(None)


def sentence(program: str, output: Output) -> str:
    """Return one sentence about a program that failed, with its own last words."""
    words = output.errors[-1].rstrip(".") if output.errors else f"exit status {output.status}"
    words = words.removeprefix(f"{program}: ").removeprefix("fatal: ")
    return f"{program} says: {words:.200}."
