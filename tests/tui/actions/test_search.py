"""Searching: where the focus goes meanwhile, and what the footer says of it."""

from textual.widgets import Input

from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import Story
from tests.tui.piloting import ended, make, until


async def test_tab_never_lands_in_the_line_of_a_search_and_n_is_told_as_going_to_matches() -> None:
    app = make(Story())
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        app.query_one(StepTree).focus()
        await pilot.press("slash", *"mx", "enter")
        await until(pilot, lambda: app.focused is app.query_one(StepTree))
        assert app._situation().searching
        for _ in range(4):
            await pilot.press("tab")
            assert not isinstance(app.focused, Input)
