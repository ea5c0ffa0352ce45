"""The command where its streams are closed, full, or read by nobody; and SIGINT at any time: never a traceback."""

import asyncio
import os
import subprocess
import sys
import time

import pytest

from smtpdiag_tui import __version__, interrupts
from smtpdiag_tui.cli.main import main
from tests.interrupting import LIMIT, interrupt, interruptible

COMMAND = f"{sys.executable} -m smtpdiag_tui"
DEMO = f"{COMMAND} --demo --report json alice@sender.example bob@partner.example"
SLOW = ["--demo", "alice@sender.example", "bob@timeout.example", "--timeout", "30"]


def shell(command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TERM": "dumb"}
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False, timeout=30, env=environment
    )


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        (f"{DEMO} >&-", 4, "stdout is closed"),
        (f"{COMMAND} --version >&-", 4, "stdout is closed"),
        (f"{DEMO} >/dev/full", 4, "No space left"),
        (f"{COMMAND} --help >/dev/full", 4, "No space left"),
        (f"{COMMAND} --version >/dev/full", 4, "No space left"),
        (f"{DEMO} >/dev/full 2>&-", 4, ""),
        (f"{COMMAND} --bogus 2>/dev/full", 2, ""),
        (f"{COMMAND} --bogus 2>&-", 2, ""),
        (f"{COMMAND} --bogus >&- 2>&- <&-", 2, ""),
    ],
)
def test_a_stream_that_takes_nothing_is_no_traceback(command: str, status: int, words: str) -> None:
    done = shell(command)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.count("\n") == bool(words)
    assert words in done.stderr


def test_without_stderr_there_is_a_report() -> None:
    done = shell(f"{DEMO} 2>&-")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("{")


def test_a_caller_without_stderr_gets_an_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["--bogus"]) == 2
    assert main(["--demo"]) == 0
    assert capsys.readouterr().out.startswith("✓ ACCEPTED  alice@sender.example to bob@partner.example\n")


def test_the_version_for_nobody_is_quiet() -> None:
    done = shell(f"{{ sleep 0.1; {COMMAND} --version; }} | true")
    assert (done.stdout, done.stderr) == ("", "")
    assert shell(f"{COMMAND} --version").stdout == f"smtpdiag {__version__}\n"


@pytest.mark.parametrize("delays", [(0.15,), (0.3,), (0.5,), (0.8,), (1.2, 0.0), (1.2, 0.01), (1.2, 0.05)])
def test_ctrl_c_at_any_time_leaves_with_130_and_no_noise(delays: tuple[float, ...]) -> None:
    program = "import smtpdiag_tui.cli.main as c; print('up', flush=True); c.entry()"
    with interruptible():
        process = subprocess.Popen(
            [sys.executable, "-c", program, *SLOW],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TERM": "dumb"},
        )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    for delay in delays:
        time.sleep(delay)
        interrupt(process)
    out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert out == ""
    assert set(err.splitlines()) == {"smtpdiag: interrupted"}


def test_work_that_never_began_is_closed(recwarn: pytest.WarningsRecorder) -> None:
    from smtpdiag_tui.engine.recorder import Recorder
    from smtpdiag_tui.network.system import SystemNetwork
    from smtpdiag_tui.report.report import Report
    from smtpdiag_tui.settings import Settings

    async def run() -> None:
        recorder = Recorder(SystemNetwork(), Report(Settings("", "")), lambda _event: None)
        task = asyncio.create_task(recorder.guard("soa", asyncio.sleep(1)))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    interrupts.run(run())
    assert not recwarn.list


def test_ctrl_c_does_not_reach_the_programs_that_are_run() -> None:
    from smtpdiag_tui.local_mta.programs import run_program

    output = asyncio.run(run_program([sys.executable, "-c", "import os; print(os.getpgid(0))"]))
    assert output.lines
    assert int(output.lines[0]) != os.getpgid(0)
