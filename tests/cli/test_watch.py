"""A watch without the interface: changes on stderr, the last report on stdout, and how it ends."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from smtpdiag_tui.cli.main import main
from smtpdiag_tui.cli.mode_values import parse_watch
from smtpdiag_tui.settings import SettingsError

COMMAND = [sys.executable, "-m", "smtpdiag_tui", "--demo", "alice@sender.example"]


def test_an_accepted_delivery_ends_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "alice@sender.example", "bob@partner.example", "--watch", "--report", "json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["outcome"] == "accepted"
    assert err.splitlines()[0].endswith("ACCEPTED: mx1.partner.example [192.0.2.21] accepted the recipient")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("recipient", "status"), [("bob@full.example", 3), ("bob@greylist.example", 1)])
def test_who_ends_it_gets_the_last_report_and_its_exit_status(
    number: signal.Signals, recipient: str, status: int, tmp_path: Path
) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [*COMMAND, recipient, "--watch", "--report", "summary"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    assert " UTC  " in first
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == status
    assert len(out.splitlines()) == 1
    assert recipient in out
    assert "Traceback" not in err


def test_lines_are_masked_where_the_report_is(capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "--demo",
        "alice@sender.example",
        "bob@greylisted.example",
        "--watch",
        "--redact",
        "--report",
        "summary",
    ]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert "alice" not in out + err
    assert "bob@" not in out + err


@pytest.mark.parametrize("text", ["0", "59", "86401", "-5", "nan", "1e9", "६०", ""])
def test_an_interval_is_bounded(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^invalid interval"):
        parse_watch(text)


def test_a_bad_address_is_told_before_anything_is_tried(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "alice@sender.example", "bob@", "--watch", "--report", "text"]) == 2
    assert capsys.readouterr().out == ""


def test_other_vantage_points_are_not_watched(capsys: pytest.CaptureFixture[str]) -> None:
    pair = ["alice@sender.example", "bob@partner.example"]
    assert main([*pair, "--watch", "--via", "ssh:mx2.example", "--report", "text"]) == 2
    assert "--watch" in capsys.readouterr().err


def test_one_that_is_killed_at_any_moment_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    moments = random.Random(14)
    for _ in range(6):
        process = subprocess.Popen(
            [*COMMAND, "bob@full.example", "--watch", "--report", "summary"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        try:
            process.wait(timeout=moments.uniform(0.1, 4))
        except subprocess.TimeoutExpired:
            process.kill()
        assert process.communicate()[0] == b""
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)  # whom it started is gone too
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
