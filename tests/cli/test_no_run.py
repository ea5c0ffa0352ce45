"""Ways of using the command that make no run refuse what only a run heeds, in one line."""

import json
import os
import threading
from pathlib import Path

import pytest

from smtpdiag_tui.batch import lines
from smtpdiag_tui.batch.lines import InputError, Source
from smtpdiag_tui.cli.main import main

PAIR = ("alice@sender.example", "bob@partner.example")
REPLY = ("--explain", "550 5.1.1 user unknown", "--report", "text")
OF_A_RUN = (
    ("--timeout", "3"),
    ("-d", "192.0.2.1"),
    ("--via", "ssh:host.invalid"),
    ("--all-addresses",),
    ("--probe", "postmaster"),
    ("--retry-greylisted",),
    ("--as-local-mta",),
    ("-4",),
    PAIR,
)


@pytest.fixture
def kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    path = tmp_path / "run.json"
    assert main(["--demo", "--report", "json"]) == 0
    path.write_text(capsys.readouterr().out)
    return str(path)


@pytest.mark.parametrize("more", OF_A_RUN)
@pytest.mark.parametrize("way", [("--history",), ("--completion", "bash"), REPLY])
def test_what_a_run_alone_heeds_is_refused(
    way: tuple[str, ...], more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*more, *way]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert ": omit " in told.err


def test_two_saved_runs_are_compared_without_settings_of_a_run(
    kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--compare", kept, kept, "--timeout", "3"]) == 2
    assert "omit --timeout" in capsys.readouterr().err
    assert main(["--compare", kept, "--via", "ssh:host.invalid"]) == 2
    assert "omit --via" in capsys.readouterr().err
    assert main(["--compare", kept, kept, "-v", "--report", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("--history", "--demo"), "omit --demo"),
        (("--completion", "zsh", "--report", "json"), "omit --report"),
        (("--queue", "--report", "jsonl"), "no jsonl report"),
        (("--compare", "", *PAIR), "empty value for --compare"),
    ],
)
def test_a_contradiction_is_one_sentence(
    line: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert words in told.err


def test_the_settings_of_the_users_file_are_no_contradiction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "smtpdiag-tui"
    folder.mkdir()
    (folder / "config.toml").write_text("[defaults]\ntimeout = 3\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(REPLY) == 3
    assert "BOUNCED" in capsys.readouterr().out


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PIPE_WAIT", 0.1)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="nobody writes to this pipe"):
        Source(str(tmp_path / "pipe"))


@pytest.mark.parametrize("text", [b"", b"alice@sender.example bob@partner.example\n", b"x\n" * 100_000])
async def test_a_pipe_is_read_from_its_beginning_to_its_end(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(text,))
    writer.start()
    source = Source(str(path))
    try:
        got = [line.text async for line in source.lines()]
    finally:
        writer.join()
        source.close()
    assert "".join(f"{line}\n" for line in got).encode() == text
