"""The answer overlay: what it says is gone through, copied, and followed to its step."""

import pytest
from textual.widgets import OptionList

from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.screens.answer import AnswerScreen
from smtpdiag_tui.tui.terminal import clipboard
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import MX1, Story
from tests.tui.piloting import ended, make, until


def rows(app: SmtpDiagApp) -> list[str]:
    listed = app.screen.query_one(OptionList)
    return [str(listed.get_option_at_index(number).prompt) for number in range(listed.option_count)]


async def test_it_uses_the_whole_width_and_escape_closes_it() -> None:
    app = make(Story())
    async with app.run_test(size=(160, 40)) as pilot:
        await ended(app, pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AnswerScreen))
        assert app.screen.query_one("#answer").size.width > 150
        assert "DEFERRED" in rows(app)[0]
        await pilot.press("a")
        await pilot.pause()
        assert not isinstance(app.screen, AnswerScreen)
        await pilot.press("a", "escape")
        await pilot.pause()
        assert not isinstance(app.screen, AnswerScreen)


async def test_enter_goes_to_the_step_and_stays_where_there_is_none() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        app.query_one(StepTree).go_to("syntax")
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AnswerScreen))
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, AnswerScreen)
        place = next(number for number, row in enumerate(rows(app)) if "rcpt-to" in row)
        await pilot.press(*["down"] * place, "enter")
        await until(pilot, lambda: not isinstance(app.screen, AnswerScreen))
        await until(pilot, lambda: app.query_one(StepTree).selected == f"{MX1}/rcpt-to")
        assert isinstance(app.focused, StepTree)


async def test_c_copies_the_line_that_is_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    async def copy(text: str, *_way: object, what: str = "") -> str:
        copied.append(text)
        return "Copied"

    monkeypatch.setattr(clipboard, "copy", copy)
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AnswerScreen))
        await pilot.press("down", "c")
        await until(pilot, lambda: bool(copied))
        assert copied == [app.live.report.headline or app.live.report.summary]
        app.masking = True
        await pilot.press("up", "c")
        await until(pilot, lambda: len(copied) == 2)
        assert "bob@" not in copied[1]
        assert "DEFERRED" in copied[1]


async def test_another_width_keeps_what_was_selected() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AnswerScreen))
        await pilot.press("down", "down")
        await pilot.resize_terminal(120, 30)
        await pilot.pause()
        assert app.screen.query_one(OptionList).highlighted == 2
