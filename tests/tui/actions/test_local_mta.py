"""The local mail server in the interface: its settings offered, its queue to pick from."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Label, OptionList

from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.local_mta.facts import LocalFacts
from smtpdiag_tui.local_mta.queue import Queue, Queued
from smtpdiag_tui.settings import Relay, Settings
from smtpdiag_tui.tui.actions import local_mta as module
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.runner import RunNetwork
from smtpdiag_tui.tui.screens.queue import QueueScreen
from smtpdiag_tui.tui.screens.settings import SettingsScreen
from smtpdiag_tui.tui.widgets.choice import Choice
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from tests.tui.fake_engine import Story
from tests.tui.piloting import SETTINGS, ended, until

FACTS = LocalFacts("Postfix", ehlo="out.sender.example", relay=(Relay("relay.example", 587),), lines=("a fact",))
STUCK = (
    Queued("1A", "carol@sender.example", "dave@partner.example", 7200.0, "connect: timed out"),
    Queued("2B", "", "eve@partner.example", None, "[red]said\\x1b[31m[/]"),
)


class FakeMta:
    """A local mail server that says what it is told to."""

    def __init__(self, queue: Queue | None = None, problem: str = "", *, wait: bool = False) -> None:
        self._queue = queue or Queue("Postfix", STUCK)
        self._problem = problem
        self._wait = wait

    async def facts(self, sender: str, recipient: str) -> LocalFacts:
        await self._think()
        return FACTS

    async def queue(self) -> Queue:
        await self._think()
        return self._queue

    async def host_name(self) -> str | None:
        return "mail.sender.example"

    async def _think(self) -> None:
        if self._wait:
            await asyncio.sleep(30)
        if self._problem:
            raise LocalMtaError(self._problem)


class OwnAddresses:
    """All that the settings of a local server are checked against."""

    def is_own(self, address: str) -> bool:
        return True


def made(story: Story, local: FakeMta | None, settings: Settings = SETTINGS) -> SmtpDiagApp:
    @asynccontextmanager
    async def world() -> AsyncIterator[RunNetwork]:
        network: Any = OwnAddresses()
        yield RunNetwork(network, lambda item: item)

    return SmtpDiagApp(settings, world, diagnose=story.diagnose, options=Options(local=local))


def listing(app: SmtpDiagApp) -> bool:
    return isinstance(app.screen, QueueScreen)


def words(app: SmtpDiagApp) -> str:
    return str(app.screen.query_one(".words", Label).render())


async def opened(app: SmtpDiagApp, pilot: Pilot[None]) -> None:
    app.set_focus(None)
    await pilot.press("u")
    await until(pilot, lambda: listing(app) and "Reading" not in words(app))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_AFTER", 0.01)


async def test_a_stuck_message_fills_in_its_addresses_and_starts_nothing() -> None:
    story = Story()
    app = made(story, FakeMta())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert words(app) == "2 entries in the Postfix queue."
        await pilot.press("enter")
        await pilot.pause()
        assert not listing(app)
        assert app.query_one("#sender", Input).value == "carol@sender.example"
        recipient = app.query_one("#recipient", Input)
        assert recipient.value == "dave@partner.example"
        assert app.focused is recipient
        assert story.calls == []
        await pilot.press("enter")
        await ended(app, pilot)
        assert story.calls[0][0].recipient == "dave@partner.example"


async def test_hostile_words_are_shown_as_they_are() -> None:
    app = made(Story(), FakeMta())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        option = app.screen.query_one(OptionList).get_option_at_index(1)
        assert "[red]said\\x1b[31m[/]" in str(option.prompt)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.query_one("#sender", Input).value == "<>"


@pytest.mark.parametrize(
    ("local", "said"),
    [
        (FakeMta(Queue("Exim")), "The Exim queue is empty."),
        (FakeMta(problem="smtpctl says: need root privileges."), "smtpctl says: need root privileges."),
    ],
)
async def test_nothing_to_list_is_one_sentence_and_escape_closes(local: FakeMta, said: str) -> None:
    app = made(Story(), local)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert words(app) == said
        await pilot.press("enter", "escape")
        await pilot.pause()
        assert not listing(app)
        assert app.query_one("#recipient", Input).value == SETTINGS.recipient


async def test_a_server_that_does_not_answer_can_be_left() -> None:
    app = made(Story(), FakeMta(wait=True))
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_focus(None)
        await pilot.press("u")
        await until(pilot, lambda: listing(app))
        assert words(app) == "Reading the queue of the local mail server…"
        await pilot.press("escape")
        await pilot.pause()
        assert not listing(app)


async def test_a_thousand_messages_are_listed() -> None:
    queue = Queue("Postfix", STUCK * 500, more=True)
    app = made(Story(), FakeMta(queue))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert app.screen.query_one(OptionList).option_count == 1000
        assert words(app) == "First 1,000 entries of the Postfix queue; more not shown."


async def test_in_the_demo_there_is_none() -> None:
    app = made(Story(), None)
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_focus(None)
        await pilot.press("u")
        await pilot.pause()
        assert not listing(app)
        await pilot.press("o")
        await pilot.pause()
        assert not app.screen.query("#set-as_local_mta")


async def test_its_settings_are_offered_and_a_run_takes_them() -> None:
    story = Story()
    app = made(story, FakeMta())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.local_name == "Postfix")
        told = "Postfix found on this host; o: use its settings"
        await until(pilot, lambda: told in [item.message for item in app._notifications])
        app.set_focus(None)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        choice = app.screen.query_one("#set-as_local_mta", Choice)
        assert choice.chosen == 0
        choice.focus()
        await pilot.press("right", "enter")
        await pilot.pause()
        assert app.settings.as_local_mta == ""
        await pilot.press("f5")
        await ended(app, pilot)
        asked = story.calls[0][0]
        assert (asked.as_local_mta, asked.ehlo, asked.relay) == ("Postfix", "out.sender.example", FACTS.relay)
        assert app.settings.ehlo is None


async def test_a_no_leaves_nothing_of_it() -> None:
    settings = replace(
        SETTINGS,
        as_local_mta="Postfix",
        relay=FACTS.relay,
        local_facts=("a fact",),
        local_hosts=("smart.example",),
        source4="192.0.2.10",
    )
    app = made(Story(), None, settings)
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_focus(None)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        app.screen.query_one("#set-as_local_mta", Choice).choose(0)
        app.screen.query_one("#set-port", Input).focus()
        await pilot.press("enter")
        await pilot.pause()
        assert app.settings == SETTINGS


async def test_a_local_server_that_is_gone_is_told_and_nothing_runs() -> None:
    story = Story()
    app = made(story, FakeMta(problem="No local mail server is found."), replace(SETTINGS, as_local_mta=""))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: "No local mail server" in app.query_one(OutcomeLine).text.plain)
        assert story.calls == []
        assert app.local_name is None
