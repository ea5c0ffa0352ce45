"""What is asked first: starting again during a run, and meeting servers for a saved report."""

import asyncio
from dataclasses import replace

from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.screens.confirm import ConfirmScreen
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.render.made import SETTINGS as SAVED
from tests.render.made import made as saved_report
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import ended, make, until


def asked(app: SmtpDiagApp) -> bool:
    return isinstance(app.screen, ConfirmScreen)


async def test_f5_during_a_run_asks_and_escape_lets_it_finish() -> None:
    story = Story(hold=asyncio.Event())
    app = make(story)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.live.running)
        await pilot.press("f5", "f5")
        await until(pilot, lambda: asked(app))
        assert len(app.screen_stack) == 2
        await pilot.press("escape")
        await pilot.pause()
        assert app.live.running
        assert len(story.calls) == 1
        await pilot.press("f5")
        await until(pilot, lambda: asked(app))
        await pilot.press("enter")
        await until(pilot, lambda: len(story.calls) == 2)
        assert story.hold is not None
        story.hold.set()
        await ended(app, pilot)


async def test_bad_fields_are_told_before_anything_is_asked() -> None:
    story = Story(hold=asyncio.Event())
    app = make(story)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.live.running)
        app._inputs.field("recipient").value = "bob"
        await pilot.press("f5")
        await pilot.pause()
        assert not asked(app)
        assert app.live.running


def replayed(story: Story) -> SmtpDiagApp:
    replay = replace(saved_report(), run=0)
    return SmtpDiagApp(SAVED, nowhere, diagnose=story.diagnose, options=Options(replay=replay))


async def test_a_saved_report_says_so_and_meets_no_server_unasked() -> None:
    story = Story()
    app = replayed(story)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "saved 2026-11-24 04:20:00 UTC" in app.query_one(OutcomeLine).text.plain)
        await until(pilot, lambda: app.query_one(StepTree).selected is not None)
        for key in ("r", "f", "F"):
            await pilot.press(key)
            await until(pilot, lambda: asked(app))
            await pilot.press("escape")
            await until(pilot, lambda: not asked(app))
        assert story.calls == []
        await pilot.press("g")
        await pilot.pause()
        assert not asked(app)


async def test_a_saved_report_that_is_confirmed_runs_whole_and_is_no_longer_saved() -> None:
    story = Story()
    app = replayed(story)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.query_one(StepTree).selected is not None)
        await pilot.press("r")
        await until(pilot, lambda: asked(app))
        await pilot.press("enter")
        await ended(app, pilot)
        assert [only for _, only in story.calls] == [None]
        await until(pilot, lambda: "saved" not in app.query_one(OutcomeLine).text.plain)
        assert "was bounced" in app.query_one(OutcomeLine).text.plain
