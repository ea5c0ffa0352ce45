"""What is told above the footer is told whole."""

import pytest

from tests.tui.fake_engine import Story
from tests.tui.piloting import ended, make


@pytest.mark.parametrize("length", [*range(56, 62), 100, *range(150, 160), 250])
async def test_the_path_that_something_was_saved_to_is_shown_whole(length: int) -> None:
    app = make(Story())
    path = f"/tmp/{'x' * (length - 13)}/last.md"
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ended(app, pilot)
        app.say(f"131 lines saved to {path}")
        await pilot.pause(0.1)
        strips = app.screen._compositor.render_strips()
        rows = ["".join(segment.text for segment in strip._segments) for strip in strips]
        assert path in "".join(row.strip() for row in rows)
        assert "q Quit" in rows[-1]
