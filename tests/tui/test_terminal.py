"""The interface in a true terminal: what reaches it byte by byte, and that it ends."""

import fcntl
import os
import signal
import struct
import termios
import time
from pathlib import Path

import pytest

from smtpdiag_tui.render.from_json import read_saved
from smtpdiag_tui.report.status import Status
from tests.interrupting import LIMIT
from tests.tui.piloting import HOSTILE
from tests.tui.pseudo_terminal import terminal


def test_the_outcome_is_on_the_screen_and_quit_restores_the_terminal() -> None:
    with terminal() as shown:
        assert shown.read_until(lambda out: (b"DEFERRED" in out and b"greylisted" in out) or b"later" in out)
        assert shown.read_until_quiet()
        assert "DEFERRED" in shown.screen()
        assert "q Quit" in shown.screen()
        os.write(shown.master, b"q")
        assert shown.read_until(lambda out: b"\x1b[?1049l" in out)
        assert shown.process.wait(LIMIT) == 0


@pytest.mark.parametrize("wait", [0.0, 0.15, 0.3, 0.5])
def test_a_key_pressed_before_the_first_frame_goes_to_no_field(wait: float) -> None:
    addresses = ("--demo", "--no-history", "alice@sender.example", "bob@partner.example")
    with terminal(*addresses, module="smtpdiag_tui") as shown:
        time.sleep(wait)
        os.write(shown.master, b"n")
        assert shown.read_until(lambda out: b"ACCEPTED" in out or b"no @" in out)
        shown.read_until_quiet()
        screen = shown.screen()
    assert "ACCEPTED" in screen
    assert "alice@sender.example" in screen


def test_nothing_is_written_while_nothing_changes() -> None:
    with terminal() as shown:
        assert shown.read_until(lambda out: b"DEFERRED" in out)
        assert shown.read_until_quiet(1.5)
        before = len(shown.out)
        shown.read_until(lambda out: False, limit=1.5)
        assert len(shown.out) == before


def test_a_hostile_banner_stays_text() -> None:
    with terminal(HOSTILE) as shown:
        assert shown.read_until(lambda out: b"DEFERRED" in out)
        os.write(shown.master, b"nv]z")
        assert shown.read_until_quiet(1.0)
        assert b"\x1b]52" not in shown.out
        assert b"\xc2\x9b" not in shown.out
        assert "\u202e".encode() not in shown.out
        assert b"SEFDS0VE" in shown.out


@pytest.mark.parametrize("how", ["hangup", "closed"])
def test_a_lost_terminal_ends_the_program(how: str) -> None:
    with terminal() as shown:
        assert shown.read_until(lambda out: b"DEFERRED" in out)
        if how == "hangup":
            shown.process.send_signal(signal.SIGHUP)
            assert shown.read_until(lambda out: b"\x1b[?1049l" in out), "the terminal was not restored"
        else:
            os.close(shown.master)
            shown.master = -1
        shown.process.wait(LIMIT)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_run_that_is_broken_off_is_kept(number: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    with terminal(str(path), module="tests.tui.kept_main") as shown:
        assert shown.read_until(lambda out: b"RUNNING" in out and b"Greeting" in out)
        time.sleep(1)
        shown.process.send_signal(number)
        shown.process.wait(LIMIT)  # nobody reads: what is still to be drawn must not hold it
    report = read_saved(path)
    assert report.steps["remote"].status is Status.PASSED
    assert report.steps["delivery"].status is Status.CANCELLED


def test_a_terminal_that_is_closed_ends_the_process_and_keeps_the_run(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    with terminal(str(path), module="tests.tui.kept_main") as shown:
        assert shown.read_until(lambda out: b"RUNNING" in out and b"Greeting" in out)
        time.sleep(1)
        os.close(shown.master)
        shown.master = -1
        shown.process.wait(LIMIT)
    assert read_saved(path).steps["remote"].status is Status.PASSED


def test_resizing_in_the_middle_of_a_run_keeps_what_must_be_seen(tmp_path: Path) -> None:
    with terminal(str(tmp_path / "kept.json"), module="tests.tui.kept_main") as shown:
        assert shown.read_until(lambda out: b"RUNNING" in out)
        for rows, columns in ((40, 120), (15, 60), (24, 250), (12, 40), (24, 80)):
            fcntl.ioctl(shown.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.killpg(shown.process.pid, signal.SIGWINCH)
            shown.read_until(lambda _out: False, limit=0.3)  # never quiet: seconds are counted
        assert shown.read_until(lambda out: b"ACCEPTED" in out)
        shown.read_until_quiet(0.4)
        screen = shown.screen()
        assert shown.process.poll() is None
    for needed in ("ACCEPTED", "alice@sender.example", "bob@slow.example", "q Quit"):
        assert needed in screen
