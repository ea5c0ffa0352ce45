"""Side probes in the interface: chosen in the settings, confirmed before they are sent."""

from dataclasses import replace

from textual.widgets import Input, Label

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Probe
from smtpdiag_tui.tui.screens.probes import ProbesScreen, question, sends_probes
from smtpdiag_tui.tui.screens.settings import SettingsScreen
from smtpdiag_tui.tui.widgets.choice import Choice
from tests.tui.fake_engine import Story
from tests.tui.piloting import SETTINGS, ended, make, until

ASKING = replace(SETTINGS, probes=tuple(Probe))


async def test_a_run_with_them_asks_first_and_enter_goes_on() -> None:
    story = Story()
    app = make(story, ASKING)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ProbesScreen))
        await pilot.press("f5")
        assert len(app.screen_stack) == 2
        assert story.calls == []
        await pilot.press("enter")
        await ended(app, pilot)
        assert story.calls[0][0].probes == tuple(Probe)


async def test_escape_runs_nothing_and_says_so() -> None:
    story = Story()
    app = make(story, ASKING)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ProbesScreen))
        await pilot.press("escape")
        await pilot.pause()
        assert story.calls == []
        assert any("Not run; o: choose" in item.message for item in app._notifications)


async def test_they_are_chosen_in_the_settings_and_so_is_the_wait_for_greylisting() -> None:
    story = Story()
    app = make(story)
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("o")
        assert isinstance(app.screen, SettingsScreen)
        app.screen.query_one("#set-probes", Input).focus()
        await pilot.press(*"nul", "enter")
        words = str(app.screen.query_one(".words", Label).content)
        names = "postmaster, null-sender, random-recipient, dane-keys"
        assert words == f"unknown probe 'nul': must be one of {names}"
        await pilot.press(*"l-sender")
        app.screen.query_one("#set-retry_greylisted", Choice).choose(1)
        await pilot.press("enter")
        await pilot.pause()
        assert app.settings.probes == (Probe.NULL_SENDER,)
        assert app.settings.retry_greylisted == 300
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, ProbesScreen))
        await pilot.press("enter")
        await until(pilot, lambda: len(story.calls) == 2)
        assert story.calls[1][0].probes == (Probe.NULL_SENDER,)


async def test_a_part_without_them_asks_nothing() -> None:
    story = Story()
    story.titles["probes"] = "Side probes"
    app = make(story, ASKING)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ProbesScreen))
        await pilot.press("enter")
        await ended(app, pilot)
        await pilot.press("r")
        await until(pilot, lambda: len(story.calls) == 2)
        assert not isinstance(app.screen, ProbesScreen)


def test_the_question_says_what_is_sent_and_to_whom() -> None:
    text = question(ASKING, None)
    assert text.startswith("5 extra sessions with the most preferred MX host of partner.example")
    assert "RCPT TO:<postmaster@partner.example>" in text
    one = question(replace(ASKING, server="192.0.2.25"), ["probes/null-sender"])
    assert one.startswith("1 extra session with 192.0.2.25")


def test_which_runs_hold_them() -> None:
    report = Report(ASKING, steps={"probes": Step("probes", "Side probes")})
    assert sends_probes(ASKING, None, report)
    assert sends_probes(ASKING, ["probes"], report)
    assert sends_probes(ASKING, ["soa", "probes/postmaster"], report)
    assert not sends_probes(ASKING, ["soa"], report)
    assert sends_probes(ASKING, ["soa"], Report(ASKING))
    assert not sends_probes(SETTINGS, None, report)
