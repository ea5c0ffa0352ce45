"""Child processes end with whoever waits for them, also where the event loop itself ends."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smtpdiag_tui.local_mta.programs import run_program
from smtpdiag_tui.processes import child, ended
from smtpdiag_tui.tui.terminal.clipboard import copy

SLEEPER = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")


def gone(number: int) -> bool:
    """Whether no such process is there within a second, a zombie of somebody else's aside."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("turns", range(8))
def test_a_program_that_starts_while_the_loop_ends_holds_nothing(turns: int) -> None:
    async def forsake() -> None:
        task = asyncio.create_task(run_program(("sh", "-c", "sleep 60 & sleep 60")))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.add_done_callback(lambda _task: None)

    asyncio.run(forsake())  # the loop's own end cancels it, at each stage of its start


@pytest.mark.parametrize("turns", range(6))
def test_a_copy_that_begins_while_the_loop_ends_holds_nothing(turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtpdiag_tui.tui.terminal.clipboard._COPY", "import time; time.sleep(60)")

    async def forsake() -> None:
        task = asyncio.create_task(copy("text", lambda _text: None, {"DISPLAY": ":9"}))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.add_done_callback(lambda _task: None)

    asyncio.run(forsake())


def test_one_that_is_left_is_ended_with_those_it_started() -> None:
    with child(("sh", "-c", "sleep 60 & echo $!; exec sleep 60"), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        below = int(process.stdout.readline())
    assert process.returncode == -signal.SIGKILL
    assert gone(below)


async def test_one_that_has_ended_leaves_those_it_started_alone() -> None:
    with child(("sh", "-c", "sleep 60 >&- & echo $!"), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        below = int(process.stdout.readline())
        assert await ended(process) == 0
    try:
        os.kill(below, 0)
    finally:
        os.kill(below, signal.SIGKILL)


def test_one_that_may_not_be_killed_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_number: int, _signal: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("smtpdiag_tui.processes.LAST_WAIT", 0.05)
    with monkeypatch.context() as patched:
        patched.setattr(os, "killpg", refused)
        with child(SLEEPER) as process:
            pass
    assert process.returncode is None
    process.kill()
    assert process.wait() == -signal.SIGKILL


async def test_what_a_program_left_behind_to_hold_its_output_is_not_waited_for() -> None:
    output = await run_program(("sh", "-c", "echo said; sleep 60 & exit 3"), limit=30)
    assert (output.status, output.lines) == (3, ("said",))


async def test_whole_output_is_read_from_one_that_ends_at_once() -> None:
    output = await run_program(
        (sys.executable, "-c", "print('x' * 999 + '\\n', end='') ; print('y\\n' * 200_000)")
    )
    assert len(output.lines) == 200_001
