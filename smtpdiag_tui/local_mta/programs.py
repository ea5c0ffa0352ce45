"""Runs the programs of a local mail server: no shell, no input, bounded in time and output."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.processes import child, ended
from smtpdiag_tui.report.visible import visible

LIMIT = 5.0  # seconds
MAX_OUTPUT = 1024 * 1024  # octets
MAX_QUEUE = 8 * 1024 * 1024  # octets
_CHUNK = 64 * 1024  # octets
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


class RunProgram(Protocol):
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
        raise LocalMtaError(f"{command[0]} is not installed")
    environment = {"PATH": os.pathsep.join(_PATH), "LC_ALL": "C"}
    environment |= {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        with child(
            (program, *command[1:]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd="/",
        ) as process:
            collected = _Collected(process, most)
            async with asyncio.timeout(limit):
                await collected.whole()
    except TimeoutError:
        raise LocalMtaError(f"{command[0]} timed out after {limit:g} s") from None
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or "not a command"
        raise LocalMtaError(f"cannot run {command[0]}: {words}") from error
    return collected.output(process.returncode)


class _Collected:
    """What a program prints, at most `most` octets of stdout and of stderr."""

    def __init__(self, process: "subprocess.Popen[bytes]", most: int) -> None:
        self._process = process
        self._most = most
        self._data = {pipe.fileno(): bytearray() for pipe in (process.stdout, process.stderr) if pipe is not None}
        self._cut = False
        for number in self._data:
            os.set_blocking(number, False)

    async def whole(self) -> None:
        """Read until the program has ended, or has printed enough; what it left behind is not waited for."""
        loop = asyncio.get_running_loop()
        for number in self._data:
            loop.add_reader(number, self._read, number)
        try:
            await ended(self._process, lambda: self._cut)
        finally:
            for number in self._data:
                loop.remove_reader(number)
        for number in self._data:
            while self._read(number):
                pass

    def _read(self, number: int) -> bool:
        """Take in what has come and fits; return whether more may be there."""
        kept = self._data[number]
        try:
            data = os.read(number, min(_CHUNK, self._most - len(kept)))
        except BlockingIOError:
            return False
        kept += data
        if len(kept) >= self._most:
            self._cut = True
        elif not data:
            asyncio.get_running_loop().remove_reader(number)
        return bool(data) and not self._cut

    def output(self, status: int | None) -> Output:
        """Return what was printed, by lines; a last line that was cut is left out."""
        lines, errors = (bytes(data).split(b"\n") for data in self._data.values())
        if self._cut:
            del lines[-1:]
        return Output(
            status,
            tuple(visible(line.removesuffix(b"\r")) for line in lines if line.strip()),
            tuple(visible(line.strip()) for line in errors if line.strip()),
            self._cut,
        )


def last_words(program: str, output: Output) -> str:
    """Return what a program that failed said last, its exit status where it said nothing."""
    words = output.errors[-1].rstrip(".") if output.errors else f"exit status {output.status}"
    words = words.removeprefix(f"{program}: ").removeprefix("fatal: ")
    return f"{words:.200}"
