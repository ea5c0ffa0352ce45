"""SIGINT: the first calls off what runs, the second leaves at once, whatever holds the process."""

import os
import socket
import subprocess
import sys
import termios
import time

import pytest

from tests.interrupting import LIMIT, interrupt, interruptible
from tests.tui.pseudo_terminal import Terminal, terminal

UP = """
import asyncio, socket, threading, time
import smtpdiag_tui.cli.main as c
up = lambda: print("up", flush=True)"""
ADDRESSES = ("alice@sender.example", "bob@partner.example")


def started(program: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start Python with a program that says when it is up, and wait for that."""
    with interruptible():
        process = subprocess.Popen(
            [sys.executable, "-c", f"{UP}\n{program}", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TERM": "dumb"},
        )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def interrupted(process: "subprocess.Popen[str]", times: int = 1) -> tuple[int, set[str]]:
    """Interrupt some times, and return the exit status and what was said on stderr."""
    for _ in range(times):
        time.sleep(0.2)
        interrupt(process)
    _, err = process.communicate(timeout=LIMIT)
    return process.returncode, set(err.splitlines())


LEFT = (130, {"smtpdiag: interrupted"})


def test_a_name_that_the_system_looks_up_for_ever_holds_nothing() -> None:
    program = "def hang(_name): up(); time.sleep(60)\nsocket.getfqdn = hang\nc.entry()"
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        server = f"127.0.0.1:{silent.getsockname()[1]}"
        assert interrupted(started(program, *ADDRESSES, "-d", server)) == LEFT


DIAGNOSE = """async def diagnose(_arguments):
    up()
    {work}
import smtpdiag_tui.cli.modes.one_run as r
r.diagnosed = diagnose
c.entry()"""
ENDLESS = "while True:\n        try: await asyncio.sleep(60)\n        except asyncio.CancelledError: pass"


@pytest.mark.parametrize(
    "work",
    [
        "await asyncio.to_thread(time.sleep, 60)",  # the loop's end waits for its threads
        "time.sleep(60)",  # the loop does not turn at all
        ENDLESS,
        f"try: await asyncio.sleep(60)\n    finally:\n      {ENDLESS}",
        "threading.Thread(target=time.sleep, args=(60,)).start(); raise KeyboardInterrupt",
    ],
)
def test_a_second_ctrl_c_leaves_whatever_holds_the_first(work: str) -> None:
    assert interrupted(started(DIAGNOSE.format(work=work), *ADDRESSES), times=2) == LEFT


def test_a_run_that_takes_a_ctrl_c_for_nothing_is_interrupted_all_the_same() -> None:
    work = "try: await asyncio.sleep(60)\n    except asyncio.CancelledError: return None"
    assert interrupted(started(DIAGNOSE.format(work=work), *ADDRESSES)) == LEFT


def test_what_is_left_behind_a_report_does_not_hold_it_and_does_not_change_its_status() -> None:
    program = "threading.Thread(target=time.sleep, args=(60,)).start()\nup()\nc.entry()"
    process = started(program, "--version")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("smtpdiag ")
    assert interrupted(process) == (0, set())


def test_who_has_it_ignored_is_not_interrupted() -> None:
    program = "import smtpdiag_tui.cli.main as c; print(1, flush=True); c.entry()"
    script = f"trap '' INT; exec {sys.executable} -c '{program}'"
    process = subprocess.Popen(
        ["sh", "-c", f"{script} --demo --report json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    assert interrupted(process) == (0, set())


def ended(shown: Terminal) -> None:
    """Wait for the end of the program, and read all the while: what nobody reads would hold it."""
    shown.read_until(lambda _out: shown.process.poll() is not None, limit=LIMIT)
    shown.process.wait(LIMIT)
    shown.read_until(lambda _out: False, limit=0.2)


def restored(shown: Terminal, before: list[object]) -> bool:
    """Whether the program has ended, its terminal as it was."""
    ended(shown)
    return b"\x1b[?1049l" in shown.out and termios.tcgetattr(shown.master) == before


@pytest.mark.parametrize("way", ["q, then the key", "the key alone", "the signal alone"])
def test_an_interface_that_cannot_end_is_left_at_once_and_its_terminal_restored(way: str) -> None:
    with terminal(module="tests.tui.stuck_main", controlling=True) as shown:
        before = termios.tcgetattr(shown.master)
        assert shown.read_until(lambda out: b"stuck" in out)
        keys = {"q, then the key": [b"q", b"\x03"], "the key alone": [b"\x03"] * 3}.get(way, [])
        for key in keys:
            os.write(shown.master, key)
            shown.read_until(lambda _out: False, limit=0.4)
        for _ in range(0 if keys else 2):
            interrupt(shown.process)
            shown.read_until(lambda _out: False, limit=0.3)
        assert restored(shown, before)
        assert shown.process.returncode == 130


def test_ctrl_c_twice_exits_the_interface_and_the_first_says_so() -> None:
    with terminal("--demo", "--no-history", module="smtpdiag_tui") as shown:
        before = termios.tcgetattr(shown.master)
        assert shown.read_until(lambda out: b"ACCEPTED" in out)
        os.write(shown.master, b"?\x03")  # in an overlay too
        assert shown.read_until(lambda out: b"Ctrl-C again" in out)
        os.write(shown.master, b"\x03")
        assert restored(shown, before)
        assert shown.process.returncode == 130


@pytest.mark.parametrize("wait", [0.05, 0.1, 0.3, 0.5, 0.8])
def test_a_signal_before_the_first_frame_leaves_a_terminal_as_it_was(wait: float) -> None:
    with terminal("--demo", "--no-history", module="tests.tui.loaded_main") as shown:
        before = termios.tcgetattr(shown.master)
        assert shown.read_until(lambda out: b"loaded" in out)
        time.sleep(wait)
        interrupt(shown.process)
        ended(shown)
        assert termios.tcgetattr(shown.master) == before
        assert (b"\x1b[?1049h" in shown.out) == (b"\x1b[?1049l" in shown.out)
        assert b"Traceback" not in shown.out
        assert shown.process.returncode == 130
