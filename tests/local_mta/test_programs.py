"""Programs are bounded in time and output, and leave nothing behind."""

import asyncio
import os
from pathlib import Path

import pytest

from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.local_mta.programs import Output, find_program, last_words, run_program


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a script that is to be written."""
    path = tmp_path / "tool"
    monkeypatch.setattr("smtpdiag_tui.local_mta.programs._PATH", (str(tmp_path), *os.defpath.split(":")))
    return path


def write(path: Path, text: str, head: bytes = b"#!/bin/sh\n") -> None:
    path.write_bytes(head + text.encode() + b"\n")
    path.chmod(0o755)


async def test_output_is_lines_and_printable(program: Path) -> None:
    write(program, r"""printf 'a\n\033[31mb\r\n\n'; printf 'no\377\n' >&2; exit 3""")
    assert await run_program(("tool",)) == Output(3, ("a", "\\x1b[31mb"), ("no\\xff",))


async def test_no_shell_no_input_and_a_plain_environment(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("MAIL_CONFIG", "/elsewhere")
    write(program, 'echo "$1|$LC_ALL|$SECRET|$MAIL_CONFIG|$(pwd)"; cat')
    done = await run_program(("tool", "$(id) ; x"))
    assert done.lines == ("$(id) ; x|C||/elsewhere|/",)


async def test_one_that_does_not_end_is_ended(program: Path) -> None:
    write(program, "exec sleep 300")  # longer than a test may take
    with pytest.raises(LocalMtaError, match=r"^tool timed out after 0\.2 s$"):
        await run_program(("tool",), limit=0.2)


async def test_one_that_ignores_signals_and_leaves_a_child_does_not_hold_us(program: Path) -> None:
    write(program, "trap '' TERM INT; sleep 300 & sleep 300")  # longer than a test may take
    with pytest.raises(LocalMtaError):
        await run_program(("tool",), limit=0.2)


async def test_endless_output_is_cut(program: Path) -> None:
    write(program, "exec yes 0123456789")
    done = await run_program(("tool",), most=1000)
    assert done.cut
    assert set(done.lines) == {"0123456789"}
    assert len(done.lines) == 90


async def test_it_can_be_cancelled(program: Path) -> None:
    write(program, "exec sleep 30")
    task = asyncio.create_task(run_program(("tool",)))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_cannot_be_run_is_one_sentence(program: Path) -> None:
    with pytest.raises(LocalMtaError, match=r"^no-such-tool is not installed$"):
        await run_program(("no-such-tool",))
    write(program, "nonsense", b"\x7fELF")
    with pytest.raises(LocalMtaError, match=r"^cannot run tool: Exec format error$"):
        await run_program(("tool",))
    with pytest.raises(LocalMtaError):
        await run_program(("sh", "a\0b"))


def test_system_programs_are_found_without_their_folder_in_path() -> None:
    assert find_program("sh")


def test_the_last_words_of_a_program() -> None:
    assert last_words("x", Output(1, (), ("x: fatal: no queue.",))) == "no queue"
    assert last_words("x", Output(7, ())) == "exit status 7"
