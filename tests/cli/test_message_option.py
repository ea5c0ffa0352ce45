"""The option --message as a script and a person at a terminal use it."""

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from smtpdiag_tui.cli.main import main
from smtpdiag_tui.masking.own import masked_usage

COMMAND = [sys.executable, "-m", "smtpdiag_tui"]
MESSAGE = b"From: alice@sender.example\r\nSubject: Confidential\r\n\r\nhello\r\n"


def test_a_message_over_standard_input_is_read_and_named_and_not_told() -> None:
    command = [*COMMAND, "--demo", "--report", "json", "--message", "-"]
    done = subprocess.run(command, input=MESSAGE, capture_output=True, check=False, timeout=30)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["settings"]["message"] == {"name": "-", "size": len(MESSAGE)}
    assert b"Confidential" not in done.stdout


def test_with_a_message_over_standard_input_there_is_a_report_and_no_interface() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "--demo", "--message", "-"],
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    assert process.stdin is not None
    process.stdin.write(MESSAGE)
    process.stdin.close()
    shown = b""
    with contextlib.suppress(OSError):  # the end of a pseudo-terminal
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    assert process.wait(timeout=30) == 0
    assert b"ACCEPTED" in shown
    assert b"message from standard input" in shown


def test_nobody_types_a_message_by_hand() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*COMMAND, "--demo", "--message", "-"], stdin=theirs, capture_output=True, check=False, timeout=30
    )
    os.close(theirs)
    os.close(ours)
    words = "smtpdiag: no message on standard input: pipe one in, or give --message FILE\n"
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--demo", "--message", "-"], "empty message '-': must hold a message with its header"),
        (["--message", "-"], "missing sender and recipient: give SENDER and RECIPIENT"),
        (["--message", "-", "--port", "0"], "invalid port '0': must be 1 to 65535"),
    ],
)
def test_what_is_wrong_is_told_before_standard_input_is_read(arguments: list[str], words: str) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", f"smtpdiag: {words}\n")


def test_without_any_standard_input_there_is_no_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["--demo", "--message", "-"]) == 2
    assert "no message on standard input" in capsys.readouterr().err


def test_a_message_in_a_file_is_named_in_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(MESSAGE)
    assert main(["--demo", "--report", "text", "--message", str(path)]) == 0
    shown = capsys.readouterr().out
    assert f"message {path}" in " ".join(shown.split())
    assert "Confidential" not in shown


def test_errors_are_masked_where_the_report_is() -> None:
    words = ["--redact", "--message", "/home/ann/a.eml", "--from", "ann@b.example", "--as-address", "192.0.2.9"]
    told = masked_usage("Not '/home/ann/a.eml' from ann@b.example at 192.0.2.9", words)
    assert told == "Not 'file1' from user1@b.example at own-ipv4-1"
