"""What is kept between runs: for the owner alone, bounded, and never in the way."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from smtpdiag_tui.cli import kept_runs as state
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.cli.modes import one_run as cli
from smtpdiag_tui.render.from_json import read_saved
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.tui.keys import ALLOWED
from tests.render.made import made


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "state" / "smtpdiag-tui"


def test_a_run_is_kept_for_its_owner_alone(folder: Path) -> None:
    path = state.save_run(made())
    assert path.parent == folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_saved(path).summary == made().summary
    assert state.runs() == [path]


def test_a_folder_that_is_open_to_others_is_closed(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    folder.chmod(0o755)
    state.save_run(made())
    assert folder.stat().st_mode & 0o777 == 0o700


def test_only_the_last_100_are_kept_and_strangers_files_are_left_alone(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "notes.json").write_text("mine")
    report = made()
    for number in range(105):
        state.save_run(replace(report, started=report.started + timedelta(seconds=number)))
    kept = state.runs()
    assert len(kept) == state.MAX_RUNS == 100
    newest = report.started + timedelta(seconds=104)
    assert newest - read_saved(kept[-1]).started < timedelta(milliseconds=1)
    assert (folder / "notes.json").exists()


def test_addresses_are_remembered_once_each_newest_last(folder: Path) -> None:
    state.remember("a@b.example", "c@d.example")
    state.remember("a@b.example", "", "bad\x1b@x.example")
    assert state.history() == ["c@d.example", "a@b.example"]
    (folder / "addresses").write_bytes(b"\xff\xfe\n\x1b[2J\nok@x.example\n")
    assert "ok@x.example" in state.history()
    assert all(line.isprintable() for line in state.history())
    state.remember(*(f"n{number}@x.example" for number in range(300)))
    assert len(state.history()) == state.MAX_ADDRESSES


def test_the_last_report_is_printed_without_any_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--last", "--report", "text"]) == 2
    assert capsys.readouterr().err == "smtpdiag: no saved run yet: run a test first\n"
    path = state.save_run(made())
    assert main(["--last", "--report", "text"]) == 3
    assert capsys.readouterr().out.startswith("✗ BOUNCED  alice@sender.example to bob@partner.example\n")
    assert main(["--replay", str(path), "--report", "json", "--redact"]) == 3
    out = capsys.readouterr().out
    assert "alice@" not in out
    assert "user1@sender.example" in out


@pytest.mark.parametrize("text", ["{}", "no json", '{"schema": 99}'])
def test_a_file_that_is_no_report_is_one_sentence_and_exit_2(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    assert main(["--replay", str(path), "--report", "text"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert str(path) in err


def test_a_file_that_is_not_there_is_one_sentence_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--replay", str(tmp_path / "none.json"), "--report", "text"]) == 2
    words = f"cannot read '{tmp_path}/none.json': No such file or directory"
    assert capsys.readouterr().err == f"smtpdiag: {words}\n"


GOOD = """
theme = "nord"
ascii = true
[defaults]
port = 2525
timeout = 5
dns = "192.0.2.54"
ehlo = "mail.sender.example"
[keys]
rerun = "f6"
"""


def configure(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config" / "smtpdiag-tui" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_defaults_come_from_the_file_and_the_command_line_wins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path, GOOD)
    assert main(["--demo", "--report", "text", "--port", "25"]) == 0
    out = capsys.readouterr().out
    assert "Settings: target DNS 192.0.2.54; timeout 5 s; EHLO mail.sender.example" in " ".join(out.split())
    assert out.isascii()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("theme = 3", "invalid 'theme' in PATH: must be a name in quotation marks (see --help)"),
        (
            "colour = 'x'",
            "unknown setting 'colour' in PATH: must be one of ascii, defaults, history, keys, mouse, theme",
        ),
        ("mouse = 'no'", "invalid 'mouse' in PATH: must be true or false"),
        ("[defaults]\nport = 70000", "invalid 'defaults.port' in PATH: must be 1 to 65535"),
        (
            "[defaults]\ntls = 'maybe'",
            "invalid 'defaults.tls' in PATH: must be one of auto, off, require, implicit",
        ),
        (
            "[defaults]\nsender = 'x'",
            "unknown default 'sender' in PATH: must be one of dns, port, timeout, ehlo, source, tls, dnsbl,"
            " as_addresses, header_from, dkim_selectors, via",
        ),
        ("theme = 'nonsense'", "unknown theme 'nonsense' in PATH (see --help)"),
        (
            "[keys]\nrerun = 3",
            'invalid \'keys.rerun\' in PATH: must be one or more keys, such as "f6" or "ctrl+t,f7"',
        ),
        ("[keys]\nrerun = 'foo'", f"unknown key 'foo' for 'keys.rerun' in PATH: must be {ALLOWED}"),
        (
            "[keys]\nrerun = 'f'",
            "invalid [keys] in PATH: key 'f' for 'rerun' belongs to 'failed' (choose another)",
        ),
        (
            "[keys]\nrerun = 'f6'\nzoom = 'f6'",
            "invalid [keys] in PATH: key 'F6' for 'rerun' belongs to 'zoom' (choose another)",
        ),
        (
            "[keys]\nrerun = 'enter'",
            "invalid [keys] in PATH: key 'Enter' for 'rerun' is reserved (choose another)",
        ),
        ("[keys]\nreruns = 'f6'", "invalid [keys] in PATH: unknown action 'reruns' (see --help)"),
        ("keys = 3", "invalid 'keys' in PATH: must be a table [keys]"),
        ("= nonsense", "not a TOML file 'PATH': Invalid statement (at line 1, column 1)"),
    ],
)
def test_a_bad_value_is_one_sentence_with_file_and_key(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = configure(tmp_path, text)
    assert main(["--demo", "--report", "text"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.replace(str(path), "PATH")) == ("", f"smtpdiag: {words}\n")
    assert main(["--help"]) == 0


def test_a_state_folder_that_cannot_be_is_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.parent.mkdir()
    folder.write_text("a file")
    assert main(["--last", "--report", "text"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err == "smtpdiag: cannot read the folder of saved runs: File exists\n"


@pytest.mark.parametrize("name", ["no\x1b]2;OWNED\x07", "a\nb", "a\x00b", "fifo", "\u202e"])
def test_no_sentence_brings_control_characters(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert main(["--replay", f"{tmp_path}/{name}", "--report", "text"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.rstrip("\n").isprintable()


def test_a_key_with_control_characters_is_told_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(tmp_path, '"\\u001b]2;OWNED" = 1\n')
    assert main(["--demo", "--report", "text"]) == 2
    assert capsys.readouterr().err.rstrip("\n").isprintable()


def test_a_config_file_that_is_a_pipe_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = configure(tmp_path, "")
    path.unlink()
    os.mkfifo(path)
    assert main(["--demo", "--report", "text"]) == 2
    assert capsys.readouterr().err == f"smtpdiag: cannot read '{path}': not a regular file\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("timeout = 5.25", "timeout 5.25 s"),
        ("timeout = '5'", "timeout 5 s"),
        ("port = 2525", "port 2525"),
        ("dns = '192.0.2.54, 192.0.2.53'", "target DNS 192.0.2.54, 192.0.2.53"),
        ("dns = ['192.0.2.54', '192.0.2.53']", "target DNS 192.0.2.54, 192.0.2.53"),
    ],
)
def test_natural_ways_to_write_a_default_are_taken(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path, f"[defaults]\n{text}\n")
    main(["--demo", "--report", "text", "alice@sender.example", "bob@null.example"])
    assert f"Settings: {words}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "text",
    ["port = 25.0", "port = true", "timeout = 1234567", "timeout = 1e-9", "dns = []", "dns = [1]", "ehlo = 3"],
)
def test_other_values_of_a_default_are_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path, f"[defaults]\n{text}\n")
    assert main(["--demo", "--report", "text"]) == 2
    assert f"defaults.{text.split(maxsplit=1)[0]}" in capsys.readouterr().err


def test_a_headless_run_is_kept_unless_it_was_the_demos(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def diagnosed(_arguments: object) -> Report:
        return made()

    monkeypatch.setattr(cli, "diagnosed", diagnosed)
    pair = ["alice@sender.example", "bob@partner.example", "--report", "json"]
    assert main([*pair, "--demo"]) == 3
    assert not folder.exists()
    assert main(pair) == 3
    assert len(state.runs(folder)) == 1
    capsys.readouterr()
    assert main(["--last", "--report", "text"]) == 3
    assert capsys.readouterr().out.startswith("✗ BOUNCED  ")


def test_a_home_that_holds_nothing_is_no_matter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, "/dev/null/none")

    async def diagnosed(_arguments: object) -> Report:
        return made()

    monkeypatch.setattr(cli, "diagnosed", diagnosed)
    assert main(["alice@sender.example", "bob@partner.example", "--report", "json"]) == 3
    assert capsys.readouterr().err == ""


def test_a_run_that_is_too_large_is_cut_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = tuple(Entry(float(number), Direction.RECEIVED, f"250-line {number}") for number in range(5000))
    found = finding("reply-unexpected", "x", evidence=tuple(f"line {number}" for number in range(50)))
    step = Step("delivery", "Delivery", Status.PASSED, transcript=entries, findings=(found,))
    report = replace(made(), steps={"delivery": step})
    monkeypatch.setattr(state, "MAX_RUN_SIZE", 20_000)
    path = state.save_run(report)
    assert path.stat().st_size <= 20_000
    kept = read_saved(path).steps["delivery"]
    assert [entry.text for entry in kept.transcript[13:18]] == [
        "250-line 13",
        "250-line 14",
        "4,970 lines cut to keep the report",
        "250-line 4985",
        "250-line 4986",
    ]
    assert kept.transcript[-1].text == "250-line 4999"
    assert kept.findings[0].evidence[-1] == "… (20 lines cut to keep the report)"
    monkeypatch.setattr(state, "MAX_RUN_SIZE", 200)
    with pytest.raises(OSError, match="too large"):
        state.save_run(report)
