"""What is pasted into a field: it prints, whatever it is."""

import pytest
from textual.events import Paste
from textual.widgets import Input

from smtpdiag_tui.tui.widgets.inputs import AddressInput
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.plain_input import PlainInput
from tests.tui.fake_engine import Story
from tests.tui.piloting import ended, make

HOSTILE = "a\x9b31m\u202e\u200b\x1b]2;x\x07@x.example"
SHOWN = r"a\x9b31m\u202e\u200b\x1b]2;x\x07@x.example"


async def test_what_does_not_print_is_shown_as_an_escape_and_refused() -> None:
    story = Story()
    app = make(story)
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        runs = len(story.calls)
        sender = app.query_one("#sender", AddressInput)
        sender.focus()
        sender.value = ""
        sender.post_message(Paste(HOSTILE))
        await pilot.pause()
        assert sender.value == SHOWN
        assert sender.cursor_position == len(SHOWN)
        await pilot.press("enter")
        await pilot.pause()
        assert len(story.calls) == runs
        assert "sender" in str(app.query_one(OutcomeLine).problem).lower()


async def test_what_is_pasted_over_a_selection_and_a_tab_with_it() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        sender = app.query_one("#sender", AddressInput)
        sender.focus()
        sender.select_all()
        sender.post_message(Paste("\ta@x.example\u202e\t\nnext"))
        await pilot.pause()
        assert sender.value == r" a@x.example\u202e "
        sender.post_message(Paste("b" * 100_000))
        await pilot.pause()
        assert len(sender.value) < 3_000


@pytest.mark.parametrize("key", ["s", "o", "slash"])
async def test_every_field_is_such_a_one(key: str) -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press(key)
        await pilot.pause()
        fields = [*app.screen.query(Input), *app.screen_stack[0].query(Input)]
        assert fields
        for field in fields:
            assert isinstance(field, PlainInput)
            field.value = HOSTILE
            assert field.value == SHOWN
