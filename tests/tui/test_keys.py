"""Keys and themes that a user may give, and that what is shown is what is in force."""

import pytest
from textual.keys import _normalize_key_list

from smtpdiag_tui.cli.help_text import help_text
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.theme_names import THEMES, theme_problem
from smtpdiag_tui.tui.drawing.themes import themes
from smtpdiag_tui.tui.keys import ACTIONS, key_name, key_problem, keys_in_force, keys_of, shown_key
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.screens.help import HelpScreen
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import SETTINGS, ended, make


def test_the_list_of_themes_is_the_one_that_can_be_drawn() -> None:
    assert set(themes()) == THEMES


def test_a_name_that_no_theme_has_is_told_and_help_lists_those_that_there_are() -> None:
    assert theme_problem("nonsense") == "unknown theme 'nonsense'"
    listed = help_text().partition("themes (")[2].partition("\n\n")[0].partition(":\n")[2].replace("\n", " ")
    assert [name.strip() for name in listed.split(",")] == sorted(THEMES)
    assert [theme_problem(name) for name in THEMES] == [None] * len(THEMES)


def test_each_action_has_keys_of_its_own_named_as_textual_does() -> None:
    for action in ACTIONS:
        assert ",".join(keys_of(action.keys)) == _normalize_key_list(action.keys)
        assert key_problem({}, action.id) is None
    assert set(keys_in_force({})) == {action.id for action in ACTIONS}


@pytest.mark.parametrize(
    ("text", "name", "shown"),
    [
        ("?", "question_mark", "?"),
        ("f6", "f6", "F6"),
        ("ctrl+T", "ctrl+t", "ctrl+t"),
        ("comma", "comma", ","),
        ("R", "R", "R"),
        ("insert", "insert", "Insert"),
    ],
)
def test_keys_have_names(text: str, name: str, shown: str) -> None:
    assert key_name(text) == name
    assert shown_key(name) == shown


@pytest.mark.parametrize("text", ["", "foo", "f25", "ctrl+ctrl+a", "hyper+a", "strg+a", "\x1b", "ctrl+"])
def test_what_is_no_key_has_no_name(text: str) -> None:
    assert key_name(text) is None


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"rerun": "f"}, "key 'f' for 'rerun' belongs to 'failed' (choose another)"),
        ({"rerun": "f6", "failed": "f6"}, "key 'F6' for 'rerun' belongs to 'failed' (choose another)"),
        ({"rerun": "enter"}, "key 'Enter' for 'rerun' is reserved (choose another)"),
        ({"nonsense": "f6"}, "unknown action 'nonsense' (see --help)"),
    ],
)
def test_keys_that_clash_are_refused(keys: dict[str, str], words: str) -> None:
    assert key_problem(keys, next(iter(keys))) == words
    assert key_problem({"rerun": "f", "failed": "r"}, "rerun") is None


async def test_help_palette_and_footer_show_the_keys_in_force() -> None:
    options = Options(keys={"rerun": "f6", "answer": "f7", "quit": "ctrl+t"})
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=options)
    async with app.run_test(size=(140, 50)) as pilot:
        await ended(app, pilot)
        offered = {command.title: command.help for command in app.get_system_commands(app.screen)}
        assert offered["Show the whole answer: cause, action, reply"] == "key F7"
        shown = {key.description: key.key_display for key in app.query("FooterKey").results()}  # type: ignore[attr-defined]
        assert (shown["Rerun"], shown["Quit"]) == ("F6", "ctrl+t")
        await pilot.press("question_mark")
        await pilot.pause()
        screen = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "F7            Show the whole answer" in screen
        assert "ctrl+t        Quit" in screen


async def test_f1_opens_the_help_from_a_field() -> None:
    app = make(Story(), start=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = {key.key_display for key in app.query("FooterKey").results()}  # type: ignore[attr-defined]
        assert {"Enter", "Escape", "F1", "F5"} <= shown
        assert not [key for key in shown if len(key) == 1]
        await pilot.press("f1")
        assert isinstance(app.screen, HelpScreen)
        await pilot.pause()
        assert "scroll" in str(app.screen.query_one("#help").border_subtitle)
