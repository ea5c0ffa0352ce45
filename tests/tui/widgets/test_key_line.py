"""The footer goes by what is going on."""

import asyncio

from textual.pilot import Pilot
from textual.widgets._footer import FooterKey

from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.widgets.key_line import KeyLine
from tests.tui.fake_engine import Story
from tests.tui.piloting import ended, make, until


def keys(app: SmtpDiagApp) -> dict[str, str]:
    return {key.key_display: key.description for key in app.query_one(KeyLine).query(FooterKey)}


async def shows(app: SmtpDiagApp, pilot: Pilot[None], key: str, label: str | None) -> None:
    await until(pilot, lambda: keys(app).get(key) == label and bool(keys(app)))


async def test_cancel_is_offered_during_a_run_alone() -> None:
    story = Story(hold=asyncio.Event())
    app = make(story)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.live.running)
        await shows(app, pilot, "Escape", "Cancel")
        assert story.hold is not None
        story.hold.set()
        await ended(app, pilot)
        await shows(app, pilot, "Escape", None)


async def test_waiting_out_greylisting_is_offered_where_there_is_some() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await shows(app, pilot, "g", "Greylisted")
    app = make(Story(failing={}, outcome=Outcome.ACCEPTED))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await shows(app, pilot, "g", None)


async def test_n_goes_through_matches_while_a_search_is_open() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await shows(app, pilot, "n", "Problem")
        app.conversation.search.open = True
        app._draw()
        await shows(app, pilot, "n", "Match")


async def test_what_the_situation_wants_is_shown_however_narrow_it_is() -> None:
    app = make(Story())
    async with app.run_test(size=(60, 15)) as pilot:
        await ended(app, pilot)
        await shows(app, pilot, "g", "Greylisted")


async def test_nothing_is_offered_that_has_nothing_to_act_on() -> None:
    app = make(Story(), start=False)
    async with app.run_test(size=(120, 40)) as pilot:
        app.set_focus(None)
        await shows(app, pilot, "F5", "Run")
        assert not {"f", "n", "t", "a", "r", "y"} & keys(app).keys()
    app = make(Story(failing={}, outcome=Outcome.ACCEPTED))
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        await shows(app, pilot, "t", "Hosts")
        assert not {"f", "n", "!"} & keys(app).keys()


async def test_a_field_offers_the_help_by_the_key_that_types_nothing() -> None:
    app = make(Story())
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        await pilot.press("i")
        await shows(app, pilot, "F1", "Help")
        assert "?" not in keys(app)


async def test_watch_bounce_and_history_are_found_where_the_terminal_is_small() -> None:
    app = make(Story(failing={}, outcome=Outcome.ACCEPTED))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await shows(app, pilot, "b", "Bounce")
        assert keys(app)["h"] == "History"
        assert "W" not in keys(app)  # nothing to watch
    app = make(Story(outcome=Outcome.BOUNCED))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await shows(app, pilot, "W", "Watch")
    app = make(Story(), start=False)
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_focus(None)
        await shows(app, pilot, "b", "Bounce")
        assert keys(app)["h"] == "History"
        assert "W" not in keys(app)
