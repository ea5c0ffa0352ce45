"""Taking it away: saving, masking, settings, and what the palette offers."""

import json
import os
import threading
from pathlib import Path

import pytest
from textual.widgets import Input, Label

from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import DEFAULT_BLOCKLISTS, Settings, TlsPolicy
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.glyphs import use_ascii
from smtpdiag_tui.tui.drawing.themes import themes
from smtpdiag_tui.tui.model.export import (
    FORMATS,
    PathError,
    suggested_path,
    suggested_stem,
    target,
    told_path,
    write,
)
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.screens.help import HelpScreen
from smtpdiag_tui.tui.screens.save import SaveScreen
from smtpdiag_tui.tui.screens.settings import SettingsScreen
from smtpdiag_tui.tui.widgets.choice import Choice
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import SETTINGS, ended, make, until


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def words_of(app: SmtpDiagApp) -> str:
    return str(app.screen.query_one(".words", Label).render())


def setting(app: SmtpDiagApp) -> bool:
    return isinstance(app.screen, SettingsScreen)


def saving(app: SmtpDiagApp) -> bool:
    return isinstance(app.screen, SaveScreen)


async def test_s_and_enter_save_the_report_as_markdown_for_the_owner_alone(folder: Path) -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("s")
        assert saving(app)
        await pilot.press("enter")
        await until(pilot, lambda: not saving(app))
    [path] = files(folder)
    assert path.suffix == ".md"
    assert path.read_text().startswith("# ! DEFERRED: `a@sender.example` to `bob@partner.example`")
    assert path.stat().st_mode & 0o777 == 0o600


async def test_the_format_chosen_changes_the_path_and_the_content(folder: Path) -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("s")
        app.screen.query_one("#format", Choice).choose(2)
        await pilot.pause()
        assert app.screen.query_one("#path", Input).value.endswith(".json")
        app.screen.query_one("#path", Input).focus()
        await pilot.press("enter")
        await until(pilot, lambda: not saving(app))
    [path] = files(folder)
    assert json.loads(path.read_text())["schema"] == 1


async def test_an_existing_file_is_overwritten_after_a_second_enter_only(folder: Path) -> None:
    old = folder / "old.md"
    old.write_text("precious")
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("s")
        app.screen.query_one("#path", Input).value = str(old)
        await pilot.press("enter")
        await pilot.pause()
        assert saving(app)
        assert old.read_text() == "precious"
        await pilot.press("enter")
        await until(pilot, lambda: not saving(app))
    assert old.read_text().startswith("# ")


@pytest.mark.parametrize(
    "path",
    [
        *("", "/nowhere/at/all.md", ".", "~nosuch-user/x.md", "x" * 256, "x/" * 3000 + "y", "loop/x"),
        *("fifo", "/dev/null", "loop"),
    ],
)
async def test_a_path_that_cannot_be_is_told_and_nothing_is_lost(path: str, folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    (folder / "loop").symlink_to("loop")
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("s")
        app.screen.query_one("#path", Input).value = path
        await pilot.press("enter")
        await pilot.pause()
        assert saving(app)
        assert app.screen.query_one("#path", Input).value == path
        words = str(app.screen.query_one(".words", Label).render())
        assert not words.endswith(".")
        assert words.isprintable()
        assert not words.startswith("Up/Down")


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), RuntimeError("oops [/]")])
async def test_what_could_not_be_saved_keeps_the_dialog_says_why_and_can_be_tried_again(
    failure: Exception, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [failure]

    def failing(path: Path, text: str) -> int:
        if failures:
            raise failures.pop()
        return write(path, text)

    monkeypatch.setattr("smtpdiag_tui.tui.model.export.write", failing)
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("s")
        app.screen.query_one("#format", Choice).choose(1)
        app.screen.query_one("#path", Input).value = "own.txt"
        await pilot.press("enter")
        await until(pilot, lambda: words_of(app).startswith("Not saved"))
        assert str(failure.args[-1]) in words_of(app)
        assert saving(app)
        assert app.screen.query_one("#path", Input).value == "own.txt"
        assert app.screen.query_one("#format", Choice).chosen == 1
        await pilot.press("enter")
        await until(pilot, lambda: not saving(app))
        [told] = [item.message for item in app._notifications]
        assert "saved: " in told
        assert told.endswith("own.txt")
    assert [path.name for path in files(folder)] == ["own.txt"]


async def test_a_place_that_cannot_be_written_keeps_the_dialog(folder: Path) -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("s")
        app.screen.query_one("#path", Input).value = "/proc/smtpdiag.md"
        await pilot.press("enter")
        await until(pilot, lambda: words_of(app).startswith("Not saved: "))
        assert saving(app)


async def test_a_copy_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(report: Report, *_own: object, **_more: object) -> Report:
        raise RuntimeError("oops")

    monkeypatch.setattr("smtpdiag_tui.masking.redact.redact", failing)
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=Options(redact=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("c")
        await until(
            pilot, lambda: [item.message for item in app._notifications] == ["Not copied: RuntimeError('oops')"]
        )


@pytest.mark.parametrize(("key", "names"), [("s", ["path", "what", "format", "path"]), ("o", [])])
async def test_up_and_down_move_in_forms_and_left_and_right_change_a_choice(key: str, names: list[str]) -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press(key)
        await pilot.pause()
        order = [widget.id for widget in app.screen.focus_chain]
        seen = []
        for _ in range(len(order) + 1):
            assert app.focused is not None
            seen.append(app.focused.id)
            await pilot.press("down")
        start = order.index(seen[0])
        assert seen == [*order[start:], *order[:start], seen[0]]
        assert not names or seen == names
        await pilot.press("up")
        assert app.focused is not None
        assert app.focused.id == seen[0]
        choice = app.screen.query(Choice).first()
        choice.focus()
        await pilot.pause()
        await pilot.press("right")
        assert choice.chosen == 1
        await pilot.press("left")
        assert choice.chosen == 0
        assert words_of(app) == "Up/Down: move · Left/Right: change · Enter: {} · Esc: cancel · F1: help".format(
            "save" if key == "s" else "apply"
        )
        await pilot.press("f1")
        assert isinstance(app.screen, HelpScreen)


def test_a_path_is_told_whole_and_below_home_if_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/bob")
    assert told_path(Path("/home/bob/a.md")) == "~/a.md"
    assert told_path(Path("/home/bobby/a.md")) == "/home/bobby/a.md"
    assert told_path(Path("/tmp/" + "x" * 90 + "/a.md")) == "/tmp/" + "x" * 90 + "/a.md"


async def test_with_the_current_folder_gone_home_is_suggested(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, home = folder / "gone", folder / "home"
    gone.mkdir()
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    os.chdir(gone)
    gone.rmdir()
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("s")
        await pilot.press("enter")
        await until(pilot, lambda: not saving(app))
    assert [path.suffix for path in files(home)] == [".md"]


def test_a_link_is_followed_and_what_is_no_file_is_left_alone(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "file")
    write(folder / "link", "words")
    assert (folder / "link").is_symlink()
    assert (folder / "file").read_text() == "words"
    os.mkfifo(folder / "fifo")
    with pytest.raises(OSError, match="not a regular file"):
        write(folder / "fifo", "words")
    assert (folder / "fifo").is_fifo()


@pytest.mark.parametrize("path", ["a\0b", "\ud800.md"])
def test_a_name_that_no_file_can_have_is_told(path: str) -> None:
    with pytest.raises(PathError, match="Cannot use this path"):
        target(path)


def test_the_longest_name_can_be_saved(folder: Path) -> None:
    name = "x" * 252 + ".md"
    write(target(name), "words")
    assert (folder / name).read_text() == "words"


def test_a_file_is_written_whole_or_not_at_all(folder: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        write(folder / "no" / "file", "x")
    assert write(folder / "f", "x\ud800") > 1
    assert [item.name for item in folder.iterdir()] == ["f"]


def test_the_suggested_name_is_safe_whatever_the_recipient_is() -> None:
    app = make(Story())
    stem = suggested_stem(app.live.report)
    assert "/" not in stem
    assert stem.startswith("smtpdiag-partner.example-")


async def typed(app: SmtpDiagApp, field: str, text: str) -> None:
    app.screen.query_one(f"#set-{field}", Input).value = text


async def test_settings_are_judged_as_typed_and_kept_for_the_session() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("o")
        assert setting(app)
        await typed(app, "port", "70000")
        await pilot.pause()
        assert "65535" in str(app.screen.query_one(".words", Label).render())
        await pilot.press("enter")
        assert setting(app)
        await typed(app, "port", "2525")
        await typed(app, "timeout", "7.5")
        app.screen.query_one("#set-tls", Choice).choose(3)
        await pilot.pause()
        app.screen.query_one("#set-port", Input).focus()
        await pilot.press("enter")
        await pilot.pause()
        assert not setting(app)
        assert (app.settings.port, app.settings.timeout) == (2525, 7.5)
        assert app.settings.tls is TlsPolicy.IMPLICIT


async def test_blocklists_are_named_one_by_one_or_as_the_set() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("o")
        await typed(app, "dnsbl", "bl")
        await pilot.pause()
        assert "blocklist" in str(app.screen.query_one(".words", Label).render())
        await typed(app, "dnsbl", "bl.example, default")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.settings.dnsbl == ("bl.example", *DEFAULT_BLOCKLISTS)
        await pilot.press("o")
        assert app.screen.query_one("#set-dnsbl", Input).value == " ".join(app.settings.dnsbl)
        await typed(app, "dnsbl", "")
        await pilot.press("enter")
        await pilot.pause()
        assert list(app.settings.dnsbl) == []


async def test_the_longest_choice_is_whole_in_the_smallest_terminal() -> None:
    app = make(Story())
    async with app.run_test(size=(60, 18)) as pilot:
        await ended(app, pilot)
        await pilot.press("o")
        await pilot.pause()
        app.screen.query_one("#set-tls", Choice).focus()
        await pilot.press("left")
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        text = " ".join("".join(segment.text for segment in strip._segments).strip("│ ") for strip in strips)
        assert "< implicit: from the first" in text
        assert "byte >  4 of 4" in text


async def test_escape_leaves_the_settings_as_they_were() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("o")
        await typed(app, "port", "2525")
        await pilot.press("escape")
        assert app.settings.port == 25


async def test_the_palette_offers_every_action() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)):
        offered = {command.title for command in app.get_system_commands(app.screen)}
    assert {
        "Run all tests",
        "Swap sender and recipient",
        "Mask names and addresses in copies and files",
    } <= offered
    assert len(offered) >= 17


def test_every_theme_can_be_asked_for() -> None:
    known = themes()
    assert {"dark", "light", "ansi", "nord"} <= set(known)


@pytest.mark.parametrize("theme", sorted(set(themes().values())))
async def test_every_theme_draws(theme: str) -> None:
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=Options(theme=theme))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        assert app.theme == theme


async def test_ascii_alone_is_on_the_screen() -> None:
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=Options(ascii_only=True))
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            await ended(app, pilot)
            await pilot.pause()
            shown = "".join(strip.text for strip in app.screen._compositor.render_strips())
    finally:
        use_ascii(on=False)
    assert {char for char in shown if not char.isascii()} == set()


async def test_a_saved_report_is_shown_and_nothing_runs() -> None:
    story = Story()
    first = make(story)
    async with first.run_test(size=(80, 24)) as pilot:
        await ended(first, pilot)
    saved = from_json(to_json(first.live.report))
    calls = len(story.calls)
    app = SmtpDiagApp(saved.settings, nowhere, diagnose=story.diagnose, options=Options(replay=saved))
    async with app.run_test(size=(80, 24)) as pilot:
        conversation = app.query_one(Conversation)
        await until(pilot, lambda: conversation.line_count > 0)
        assert "DEFERRED" in app.query_one(OutcomeLine).text.plain
        assert len(story.calls) == calls
        await pilot.press("f5")
        await ended(app, pilot)
        assert len(story.calls) == calls + 1


async def test_each_run_is_kept_and_its_addresses_remembered() -> None:
    kept: list[object] = []
    typed_in: list[Settings] = []
    options = Options(keep=kept.append, remember=typed_in.append)
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=options)
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await until(pilot, lambda: bool(kept))
    assert kept == [app.live.report]
    assert typed_in == [SETTINGS]


async def test_keys_can_be_given_to_actions() -> None:
    story = Story()
    app = SmtpDiagApp(SETTINGS, nowhere, diagnose=story.diagnose, options=Options(keys={"run": "f6"}))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f6")
        await ended(app, pilot)
    assert len(story.calls) == 1


async def test_masking_leaves_the_screen_free(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, threads = threading.Event(), list[threading.Thread]()

    def slow(report: Report, *_own: object, **_more: object) -> Report:
        threads.append(threading.current_thread())
        assert held.wait(10)
        return report

    monkeypatch.setattr("smtpdiag_tui.masking.redact.redact", slow)
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=Options(redact=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("s")
        await pilot.press("enter")
        await until(pilot, lambda: bool(threads))
        assert words_of(app) == "Saving…"
        await pilot.press("enter")
        held.set()
        await until(pilot, lambda: not saving(app))
    assert len(files(folder)) == len(threads) == 1
    assert threads[0] is not threading.main_thread()


async def test_the_cursor_stands_behind_the_name_whatever_its_format() -> None:
    app = make(Story())
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        await pilot.press("s")
        await pilot.pause()
        choice, field = app.screen.query_one("#format", Choice), app.screen.query_one("#path", Input)
        for suffix in (".txt", ".json", ".md"):
            choice.focus()
            await pilot.press("right")
            await pilot.pause()
            assert field.value.endswith(suffix)
            field.focus()
            await pilot.press("ctrl+u", *"u1")
            assert field.value == "u1"
            field.value = str(suggested_path(suggested_stem(app.live.report), FORMATS[choice.chosen]))
            await pilot.pause()
