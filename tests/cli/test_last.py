"""The order of kept runs, whatever the clock, the names and other processes do; and what a kill leaves behind."""

import fcntl
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.cli import kept_runs as state
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.render.from_json import read_saved
from tests.render.made import made

EARLIER = "run-20261127-130134-000001.json"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "state" / "smtpdiag-tui"


def save(summary: str, **changes: object) -> Path:
    return state.save_run(replace(made(), summary=summary, **changes))  # type: ignore[arg-type]


def summaries() -> list[str]:
    return [read_saved(path).summary for path in state.runs()]


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(".new-*"))


def test_a_clock_set_back_changes_no_order_and_deletes_no_new_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MAX_RUNS", 20)
    for number in range(25):
        save(str(number), started=made().started - timedelta(days=number))
    assert summaries() == [str(number) for number in range(5, 25)]


def test_two_runs_of_one_moment_are_both_kept() -> None:
    save("one")
    save("two")
    assert summaries() == ["one", "two"]


def test_runs_of_earlier_versions_come_before_and_go_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MAX_RUNS", 20)
    folder.mkdir(parents=True)
    path = save("old")
    for day in range(10, 28):
        (folder / f"run-209911{day}-130134-000001.json").write_text(path.read_text())
    path.unlink()
    save("new")
    assert state.runs()[-1].name == "run-00000001.json"
    assert summaries().count("old") == 18
    for number in range(19):
        save(str(number))
    assert summaries() == ["new", *(str(number) for number in range(19))]


NAMES = st.one_of(
    st.from_regex(r"\Arun-[0-9]{1,110}\.json\Z"),
    st.from_regex(r"\Arun-[0-9]{8}-[0-9]{6}-[0-9]{6}\.json\Z"),
    st.integers(0, 60).map(lambda number: f"run-{number:08}.json"),
    st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=20).map(
        lambda t: f"x{t}"
    ),
)


@settings(max_examples=60, deadline=None)
@given(names=st.lists(NAMES, max_size=40, unique=True))
def test_whatever_is_there_a_new_run_is_the_newest_and_strangers_files_stay(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", home)
        patched.setattr(state, "MAX_RUNS", 20)
        folder = state.state_folder()
        for name in names:
            (folder / name).write_text("junk")
        runs = [path.name for path in state.runs()]
        strangers = {*names} - {*runs}
        path = save("new")
        kept = [item.name for item in state.runs()]
        assert len(kept) == min(len(runs) + 1, state.MAX_RUNS)
        assert read_saved(path).summary == "new"
        assert {item.name for item in folder.iterdir()} == {*kept, *strangers, path.name, ".lock"}
        if re.fullmatch(r"run-[0-9]{8,100}\.json", path.name):
            assert kept == [*runs, path.name][-state.MAX_RUNS :]


def unreadable(how: str, path: Path) -> None:
    """Spoil a run that was kept."""
    text = path.read_text()
    path.unlink()
    if how == "pipe":
        os.mkfifo(path)
    elif how == "folder":
        path.mkdir()
    elif how == "too large":
        with path.open("wb") as file:
            file.truncate(65 * 1024 * 1024)
    elif how == "another version":
        path.write_text(json.dumps({**json.loads(text), "schema": 2}))
    else:
        path.write_text(text[:-100] if how == "broken" else "")


@pytest.mark.parametrize("how", ["pipe", "folder", "too large", "another version", "broken", "empty"])
def test_the_last_run_is_not_replaced_by_an_older_one(
    how: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only = save("one")
    unreadable(how, only)
    assert main(["--last", "--report", "text"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert f"cannot show the last run '{only}'" in err
    assert "earlier" not in err
    newest = save("two")
    assert main(["--last", "--report", "text"]) == 3
    unreadable(how, newest)
    capsys.readouterr()
    assert main(["--last", "--report", "text"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert f"'{newest}'" in err
    assert err.endswith("; show an earlier one with --replay FILE\n")
    assert folder.exists()


def test_what_a_kill_left_is_removed_but_not_while_another_writes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("one")
    (folder / ".new-killed").write_text("half")
    (folder / ".new-folder").mkdir()
    with state.locked(folder):
        assert leftovers(folder) == [".new-folder"]
        (folder / ".new-being-written").write_text("half")
        with monkeypatch.context() as patched:
            patched.setattr(state, "LOCK_WAIT", 0.05)
            save("two")  # by somebody who waits no longer
        assert ".new-being-written" in leftovers(folder)
    with (folder / ".new-being-written").open() as other:  # by one that has waited in vain
        fcntl.flock(other, fcntl.LOCK_EX)
        state.remember("a@b.example")
        assert ".new-being-written" in leftovers(folder)
    state.remember("a@b.example")
    assert leftovers(folder) == [".new-folder"]
    assert summaries() == ["one", "two"]


@pytest.mark.parametrize("what", ["folder", "link", "unreadable", "no locks", "no links", "neither"])
def test_a_folder_without_locks_or_links_keeps_runs_all_the_same(
    what: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir(parents=True)
    if what == "folder":
        (folder / ".lock").mkdir()
    elif what == "link":
        (folder / ".lock").symlink_to("/dev/full")

    def refused(*_arguments: object) -> None:
        raise OSError(95, "Operation not supported")

    if what in ("no locks", "neither"):
        monkeypatch.setattr(fcntl, "flock", refused)
    if what in ("no links", "neither"):
        monkeypatch.setattr(os, "link", refused)
    save("one")
    save("two")
    state.remember("a@b.example")
    state.remember("c@d.example")
    assert summaries() == ["one", "two"]
    assert state.history() == ["a@b.example", "c@d.example"]
    assert leftovers(folder) == []


WRITER = """
import sys
from dataclasses import replace
from smtpdiag_tui.cli import kept_runs as state
from tests.render.made import made
report = made()
print("up", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    state.remember(f"{sys.argv[1]}-{number}@x.example")
    state.save_run(replace(report, summary=f"{sys.argv[1]}-{number}"))
"""


def writers(count: int, each: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Start processes that write, all at one time."""
    found = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(name), str(each)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for name in range(count)
    ]
    for process in found:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
    for process in found:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        yield process


def test_several_processes_that_write_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    state.remember("before@x.example")
    for process in list(writers(4, 5)):
        process.communicate()
        assert process.returncode == 0
    wanted = [f"{name}-{number}" for name in range(4) for number in range(5)]
    assert sorted(summaries()) == wanted
    assert sorted(state.history()) == sorted(["before@x.example", *(f"{item}@x.example" for item in wanted)])
    for name in range(4):  # each process's own are in its order
        assert [item for item in summaries() if item.startswith(f"{name}-")] == wanted[name * 5 : name * 5 + 5]


def test_writers_that_are_killed_leave_whole_files_alone(folder: Path) -> None:
    random.seed(9)
    for _ in range(4):
        for process in list(writers(3, 10_000)):
            time.sleep(random.uniform(0.02, 0.25))
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert len(summaries()) <= state.MAX_RUNS + 3  # one that is killed before it takes the oldest away
        assert all(re.fullmatch(r"[0-2]-\d+@x\.example", item) for item in state.history())
    save("last")
    assert summaries()[-1] == "last"
    assert len(summaries()) <= state.MAX_RUNS
    assert leftovers(folder) == []
