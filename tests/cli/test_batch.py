"""`--batch` as the command has it."""

import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smtpdiag_tui.cli.main import main
from tests.interrupting import interruptible

SENDER = "alice@sender.example"
COMMAND = [sys.executable, "-m", "smtpdiag_tui", "--demo", "--batch"]


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs"
    path.write_text(f"{SENDER} bob@full.example\nnull.example\n", encoding="ascii")
    return path


def test_lines_on_stdout_and_a_table_on_stderr(pairs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "--batch", str(pairs), "--sender", SENDER]) == 0
    told = capsys.readouterr()
    values = {value["recipient"]: value for value in map(json.loads, told.out.splitlines())}
    full, null = values["bob@full.example"], values["postmaster@null.example"]
    assert (full["line"], full["sender"], full["outcome"], full["reason"]) == (
        1,
        SENDER,
        "bounced",
        "mailbox-full",
    )
    assert (null["line"], null["cause"], null["addresses"]) == (2, "null-mx", [])
    assert [item["address"] for item in full["addresses"]] == ["192.0.2.81"]
    assert "steps" not in full
    assert told.err.splitlines()[0].split() == ["outcome", "reason", "pairs"]
    assert "bounced  mailbox-full      1" in told.err


def test_verbose_lines_hold_the_whole_report_and_can_be_masked(
    pairs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--demo", "--batch", str(pairs), SENDER, "-v", "--redact"]) == 0
    told = capsys.readouterr().out
    assert "alice" not in told
    assert "bob" not in told
    assert all(json.loads(line)["steps"] for line in told.splitlines())


def test_a_summary_is_a_line_of_text(pairs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pairs.open("a", encoding="ascii") as file:
        file.write("what is this?\n")
    assert main(["--demo", "--batch", str(pairs), "--sender", SENDER, "--report", "summary"]) == 4
    lines = sorted(capsys.readouterr().out.splitlines())
    assert [line.split()[0] for line in lines] == ["BOUNCED", "BOUNCED", "ERROR"]


def test_one_run_as_one_line_is_the_object_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    values = []
    for form in ("json", "jsonl"):
        assert main(["--demo", SENDER, "bob@null.example", "--report", form]) == 3
        values.append(capsys.readouterr().out)
    assert values[1].count("\n") == 1
    whole, line = map(json.loads, values)
    assert list(whole) == list(line)
    assert [step["id"] for step in whole["steps"]] == [step["id"] for step in line["steps"]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--batch", "missing"], "cannot read 'missing': no such file or directory"),
        (["--batch", "{}", "--report", "json"], "--batch prints jsonl or summary, not json"),
        (["--batch", "{}", "--resume", "{}"], "holds something else in line 1"),
        (["--batch", "{}", "--resume", "{}.out", "--redact"], "--resume and --redact conflict"),
        (["--batch", "{}", "--resume", "{}.out", "--report", "summary"], "--resume and --report summary conflict"),
        (["--batch", "{}", "--sender", "a@@b.example"], "a@@b.example"),
        (["--batch", "{}", "--sender", ""], "empty sender"),
        (["--batch", "{}", SENDER, "bob@full.example"], "too many addresses"),
        (["--batch", "{}", SENDER, "--sender", SENDER], "too many addresses"),
        (["--sender", SENDER], "--sender needs --batch"),
        (["--batch", "{}", "--via", "ssh:host"], "--batch and --via conflict"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    arguments: list[str], words: str, pairs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--demo", *(item.format(pairs) for item in arguments)]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert not pairs.with_suffix(".out").exists()


def test_standard_input_is_read_as_it_comes() -> None:
    command = [*COMMAND, "-", "--sender", SENDER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for name in ("null.example", "full.example"):
            process.stdin.write(f"{name}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["recipient"] == f"postmaster@{name}"
        process.stdin.close()
        assert process.wait(30) == 0


def test_interrupted_it_says_how_far_it_came_and_goes_on_later(tmp_path: Path) -> None:
    pairs, out = tmp_path / "pairs", tmp_path / "out"
    pairs.write_text(f"{SENDER} bob@null.example\n{SENDER} bob@slow.example\n", encoding="ascii")
    command = [*COMMAND, str(pairs), "--resume", str(out)]
    with interruptible(), subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 30
        while time.monotonic() < end and not (out.exists() and out.stat().st_size):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.endswith("smtpdiag: interrupted\n")
    assert "1 run in" in err
    assert out.read_bytes().count(b"\n") == 1


def test_a_file_that_is_done_gives_the_same_table_and_exit_status_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs, out = tmp_path / "pairs", tmp_path / "out"
    pairs.write_text(f"{SENDER} bob@null.example\nwhat?\n", encoding="ascii")
    told = []
    for _ in range(2):
        assert main(["--demo", "--batch", str(pairs), "--resume", str(out)]) == 4
        told.append(capsys.readouterr().err.splitlines())
    table = ["outcome       reason   pairs", "bounced       null-mx      1", "invalid line  -            1"]
    assert [lines[:-1] for lines in told] == [table, table]
    assert told[1][-1].endswith("; 2 already in the file")
    assert out.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("content", ["", "# nothing\n\n"])
def test_nothing_to_run_is_no_error(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pairs"
    file.write_text(content, encoding="ascii")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert main(["--demo", "--batch", str(file)]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "0 run in 0 s\n")
