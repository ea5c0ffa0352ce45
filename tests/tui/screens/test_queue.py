"""The queue overlay: filtered, grouped, and the selected reason explained."""

from textual.pilot import Pilot
from textual.widgets import Input, Label, OptionList, Static

from smtpdiag_tui.demo.local_mta import DemoMta
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.screens.queue import QueueScreen
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import SETTINGS, until


def made(story: Story) -> SmtpDiagApp:
    return SmtpDiagApp(SETTINGS, nowhere, diagnose=story.diagnose, options=Options(local=DemoMta()))


async def opened(app: SmtpDiagApp, pilot: Pilot[None]) -> None:
    app.set_focus(None)
    await pilot.press("u")
    await until(pilot, lambda: isinstance(app.screen, QueueScreen) and "Reading" not in words(app))


def words(app: SmtpDiagApp) -> str:
    return str(app.screen.query_one(".words", Label).render())


def reason(app: SmtpDiagApp) -> str:
    return str(app.screen.query_one("#queue-reason Static", Static).render())


def rows(app: SmtpDiagApp) -> list[str]:
    listed = app.screen.query_one(OptionList)
    return [str(listed.get_option_at_index(number).prompt) for number in range(listed.option_count)]


async def test_a_newcomer_sees_why_messages_wait_and_what_to_do() -> None:
    app = made(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert words(app) == "8 entries in the Postfix queue."
        await until(pilot, lambda: "Greylisted" in reason(app))
        assert "450 4.2.0" in reason(app)
        assert all(len(row) <= 78 for text in rows(app) for row in text.split("\n"))
        await pilot.press("down", "down")
        await until(pilot, lambda: "Rate limit exceeded" in reason(app))
        assert "mx.busy.example" in reason(app)


async def test_tab_groups_by_destination_and_by_reason_and_enter_opens_a_group() -> None:
    app = made(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("tab")
        await pilot.pause()
        assert "grouped by destination" in words(app)
        assert rows(app)[0].startswith("> greylist.example  2 messages, oldest 4 min\n  greylisted")
        await pilot.press("enter")
        await pilot.pause()
        assert rows(app)[0].startswith("v greylist.example")
        assert "erin@greylist.example" in rows(app)[2]
        await pilot.press("tab")
        await pilot.pause()
        assert "grouped by reason" in words(app)
        assert any(row.startswith("> DNS lookup failed  2 messages") for row in rows(app))
        await pilot.press("enter", "down", "enter")
        await pilot.pause()
        assert not isinstance(app.screen, QueueScreen)
        assert app.query_one("#recipient", Input).value == "bob@greylist.example"


async def test_a_filter_is_typed_kept_and_dropped() -> None:
    app = made(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("slash", *"timeout")
        await pilot.pause()
        assert words(app) == "2 of 8 match"
        assert len(rows(app)) == 2
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.focused, OptionList)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, QueueScreen)
        assert len(rows(app)) == 8
        await pilot.press("slash", *"xyz")
        await pilot.pause()
        assert words(app) == "0 of 8 match"
        assert reason(app) == ""
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert not isinstance(app.screen, QueueScreen)


async def test_a_selected_message_stays_selected_in_another_grouping_width_or_filter() -> None:
    app = made(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("down", "down", "slash", *"sender")
        await pilot.pause()
        assert "bob@busy.example" in rows(app)[app.screen.query_one(OptionList).highlighted or 0]
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert "bob@busy.example" in rows(app)[app.screen.query_one(OptionList).highlighted or 0]
