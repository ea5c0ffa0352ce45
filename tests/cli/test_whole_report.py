"""A report reaches stdout whole, or the exit status is 4 and one sentence says why; however stdout takes it."""

import contextlib
import fcntl
import io
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smtpdiag_tui.cli import streams
from smtpdiag_tui.cli.main import main
from tests.interrupting import LIMIT, interrupt, interruptible

LENGTH = 300_000
PRINT = f"""
import resource, sys
if sys.argv[1:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
from smtpdiag_tui.cli import main as cli
cli._run = lambda argv: cli._answer("x" * {LENGTH - 1} + "\\n")
cli.entry()
"""
UNBUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"])


def printing(stdout: int, unbuffered: str, limit: int | None = None) -> "subprocess.Popen[bytes]":
    """Start a program that prints a long answer; with a `limit` no file of its may grow beyond so many octets."""
    with interruptible():
        return subprocess.Popen(
            [sys.executable, "-c", PRINT, *([] if limit is None else [str(limit)])],
            stdout=stdout,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered, "PYTHONDONTWRITEBYTECODE": "1"},
        )


@UNBUFFERED
@pytest.mark.parametrize("limit", [0, 1, 4096, 8192, 100_001, LENGTH - 1])
def test_a_file_that_may_not_grow_so_far_is_one_sentence(unbuffered: str, limit: int, tmp_path: Path) -> None:
    with (tmp_path / "report").open("wb") as file:
        process = printing(file.fileno(), unbuffered, limit)
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 4
    assert err == b"smtpdiag: cannot print the report: File too large\n"


@UNBUFFERED
def test_a_file_that_just_holds_it_holds_it_whole(unbuffered: str, tmp_path: Path) -> None:
    with (tmp_path / "report").open("wb") as file:
        process = printing(file.fileno(), unbuffered, LENGTH)
        _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err) == (0, b"")
    assert (tmp_path / "report").stat().st_size == LENGTH


@UNBUFFERED
def test_a_full_device_is_one_sentence(unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as file:
        process = printing(file.fileno(), unbuffered)
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 4
    assert err == b"smtpdiag: cannot print the report: No space left on device\n"


@UNBUFFERED
@pytest.mark.parametrize("blocking", [True, False])
@pytest.mark.parametrize("size", [4096, 65536])
def test_a_pipe_whose_reader_is_slow_gets_it_whole(unbuffered: str, blocking: bool, size: int) -> None:
    inward, outward = os.pipe()
    fcntl.fcntl(outward, fcntl.F_SETPIPE_SZ, size)
    os.set_blocking(outward, blocking)
    process = printing(outward, unbuffered)
    os.close(outward)
    time.sleep(0.3)
    with os.fdopen(inward, "rb") as file:
        found = file.read()
    _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err, len(found)) == (0, b"", LENGTH)


@UNBUFFERED
@pytest.mark.parametrize("blocking", [True, False])
def test_a_reader_that_leaves_in_the_middle_is_quiet_and_exit_4(unbuffered: str, blocking: bool) -> None:
    inward, outward = os.pipe()
    os.set_blocking(outward, blocking)
    process = printing(outward, unbuffered)
    os.close(outward)
    assert os.read(inward, 10) == b"x" * 10
    os.close(inward)
    _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err) == (4, b"")


class Grudging(io.RawIOBase):
    """Takes a few octets at a time, and now and then none, as a pipe that blocks not."""

    def __init__(self, descriptor: int) -> None:
        self.taken = bytearray()
        self._turn = 0
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: object) -> int | None:
        self._turn += 1
        if self._turn % 3 == 0:
            return None
        assert isinstance(data, memoryview)
        self.taken += data[:7]
        return min(7, len(data))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "utf-16-le"])
def test_short_writes_are_gone_on_with(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Prüfung ✓ " * 50
    with Path("/dev/null").open("wb") as null:
        raw = Grudging(null.fileno())
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, write_through=True))  # type: ignore[type-var]
        streams.write(text)
        monkeypatch.undo()
    assert bytes(raw.taken) == text.encode(encoding, "backslashreplace")


def test_what_is_said_at_the_close_alone_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(_number: int) -> None:
        raise OSError(122, "Disk quota exceeded")

    with (tmp_path / "report").open("w") as file, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", file)
        patched.setattr(os, "close", refused)
        status = main(["--version"])
    assert status == 4
    assert capsys.readouterr().err == "smtpdiag: cannot print the report: Disk quota exceeded\n"


def test_a_stdout_of_somebodys_own_is_written_to() -> None:
    with contextlib.redirect_stdout(io.StringIO()) as own:
        assert main(["--version"]) == 0
    assert own.getvalue().startswith("smtpdiag ")


def test_a_reader_that_never_comes_can_be_interrupted() -> None:
    inward, outward = os.pipe()
    os.set_blocking(outward, False)
    process = printing(outward, "")
    os.close(outward)
    assert select.select([inward], [], [], LIMIT)[0]  # it writes, until the pipe is full
    interrupt(process)
    _, err = process.communicate(timeout=LIMIT)
    os.close(inward)
    assert (process.returncode, err) == (130, b"smtpdiag: interrupted\n")
