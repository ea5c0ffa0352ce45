"""`--history` and `--compare`: what they print, what they refuse, and with which exit status."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from smtpdiag_tui.cli import kept_runs as state
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from tests.report.comparison.made import ACCEPTED, DEFERRED, SETTINGS, from_host


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return state.state_folder()


def later(report: Report, minutes: int) -> Report:
    return replace(from_host(report, "mail.sender.example"), started=report.started + timedelta(minutes=minutes))


def out(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    status = main(argv)
    told = capsys.readouterr()
    return status, told.out, told.err


def test_kept_runs_are_listed_the_newest_last(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    state.save_run(later(DEFERRED, 0))
    state.save_run(later(ACCEPTED, 5))
    (home / "run-00000003.json").write_text("nonsense")
    status, told, _ = out(capsys, "--history")
    assert (status, told.splitlines()) == (
        0,
        [
            "  ! 1  2026-11-24 04:20:00  deferred  alice@sender.example to bob@partner.example  greylisting"
            "  mail.sender.example",
            "  ✓ 2  2026-11-24 04:25:00  accepted  alice@sender.example to bob@partner.example             "
            "  mail.sender.example",
            "  ? 3  cannot be read: not a JSON file",
        ],
    )


def test_the_list_as_json_and_masked(capsys: pytest.CaptureFixture[str]) -> None:
    state.save_run(later(DEFERRED, 0))
    told = json.loads(out(capsys, "--history", "--report", "json")[1])
    assert told["runs"][0]["number"] == 1
    assert told["runs"][0]["where"] == "mail.sender.example"
    hidden = out(capsys, "--history", "--report", "json", "--redact")[1]
    assert [word for word in ("alice", "bob@", "mail.sender") if word in hidden] == []
    assert json.loads(hidden)["runs"][0]["file"] == "run-00000001.json"


def test_none_yet(capsys: pytest.CaptureFixture[str]) -> None:
    assert out(capsys, "--history")[:2] == (0, "No saved run yet; each run is kept when it ends.\n")
    assert out(capsys, "--compare", "last")[::2] == (2, "smtpdiag: no saved run yet: run a test first\n")


def test_the_older_run_is_compared_with_the_newest_of_the_same_pair(capsys: pytest.CaptureFixture[str]) -> None:
    state.save_run(later(DEFERRED, 0))
    state.save_run(later(replace(ACCEPTED, settings=replace(SETTINGS, recipient="c@partner.example")), 1))
    state.save_run(later(ACCEPTED, 5))
    for name in ("1", "last", "3"):  # the two change places where the named one is the newer
        status, told, _ = out(capsys, "--compare", name, "--report", "summary")
        assert (status, "Better: accepted, was deferred (greylisting)" in told) == (0, True)
    status, told, _ = out(capsys, "--compare", "3", "1")
    assert status == 1
    assert "Worse: deferred (greylisting), was accepted" in told
    status, told, error = out(capsys, "--compare", "2")
    assert (status, told) == (2, "")
    assert error.startswith("smtpdiag: no other saved run from alice@sender.example to c@partner.example")


def test_files_and_every_format(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name, report in (("old", DEFERRED), ("new", replace(ACCEPTED, outcome=Outcome.BOUNCED))):
        (tmp_path / name).write_text(to_json(report))
    pair = ("--compare", str(tmp_path / "old"), str(tmp_path / "new"))
    for form, begin in (
        ("text", "! DEFERRED"),
        ("markdown", "# ! DEFERRED"),
        ("json", "{"),
        ("summary", "BOUNCED"),
    ):
        status, told, _ = out(capsys, *pair, "--report", form)
        assert (status, told.startswith(begin)) == (3, True)
    assert out(capsys, *pair, "--report", "jsonl")[0] == 2
    masked = out(capsys, *pair, "--redact", "-v")[1]
    assert "user1@sender.example to user2@partner.example" in masked
    assert "alice" not in masked


@pytest.mark.parametrize(
    ("argv", "error"),
    [
        (("--compare", "9"), "no saved run 9 (see --history)"),
        (("--compare", "9" * 200), f"no saved run {'9' * 20} (see --history)"),
        (("--compare", "/nowhere/at-all"), "cannot read '/nowhere/at-all': No such file or directory"),
        (("--compare", "/dev/null"), "cannot read '/dev/null': not a regular file"),
        (("--history", "a@a.example"), "--history lists all saved runs and runs no tests: omit addresses"),
    ],
)
def test_one_clear_sentence(capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], error: str) -> None:
    assert out(capsys, *argv) == (2, "", f"smtpdiag: {error}\n")


def test_a_masked_file_beside_a_run_that_is_not(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    hidden = replace(SETTINGS, sender="user1@sender.example", recipient="user2@partner.example")
    (tmp_path / "old").write_text(to_json(replace(from_host(DEFERRED, "host1.masked"), settings=hidden)))
    state.save_run(later(ACCEPTED, 5))
    told = out(capsys, "--compare", str(tmp_path / "old"), "last")[1]
    assert "Better: accepted, was deferred (greylisting)" in told
    assert "One run is masked" in told


def test_a_run_of_now_is_compared_and_in_the_demo_not_kept(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, home: Path
) -> None:
    (tmp_path / "old").write_text(to_json(DEFERRED))
    argv = ("--compare", str(tmp_path / "old"), "--demo", "alice@sender.example", "nobody@partner.example")
    status, told, _ = out(capsys, *argv, "--report", "json")
    assert (status, json.loads(told)["new"]["recipient"]) == (3, "nobody@partner.example")
    assert list(home.glob("run-*")) == []


def test_what_is_kept_is_bounded_in_size_and_the_newest_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(to_json(later(ACCEPTED, 0)))
    monkeypatch.setattr(state, "MAX_TOTAL", size * 3 + 100)
    for number in range(5):
        state.save_run(later(ACCEPTED, number))
    assert [path.name for path in state.runs()] == [f"run-{number:08}.json" for number in (3, 4, 5)]
    monkeypatch.setattr(state, "MAX_TOTAL", 1)
    state.save_run(later(ACCEPTED, 9))
    assert len(state.runs()) == 1
