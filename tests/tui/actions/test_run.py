"""Where a run takes the cursor, and where it leaves it."""

import asyncio

from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import MX1, Story
from tests.tui.piloting import ended, make, until


async def test_the_cursor_goes_to_the_first_conversation_that_begins() -> None:
    app = make(Story(hold=asyncio.Event()))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.query_one(StepTree).selected == MX1)
        assert app.live.running


async def test_the_cursor_stays_where_the_user_has_gone() -> None:
    story = Story(hold=asyncio.Event())
    app = make(story)
    async with app.run_test(size=(120, 40)) as pilot:
        tree = app.query_one(StepTree)
        await until(pilot, lambda: tree.selected == MX1)
        await pilot.press("home")
        await until(pilot, lambda: tree.selected == "syntax")
        assert story.hold is not None
        story.hold.set()
        await ended(app, pilot)
        assert tree.selected == "syntax"


async def test_a_part_that_runs_again_leaves_open_what_the_user_opened() -> None:
    story = Story()
    app = make(story)
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        tree = app.query_one(StepTree)
        passed = tree._by_id["dns-servers"]
        assert not passed.is_expanded
        passed.expand()
        await pilot.press("F")
        await until(pilot, lambda: len(story.calls) == 2 and app.live.ended)
        await pilot.pause()
        assert passed.is_expanded
