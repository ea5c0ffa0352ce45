"""A watch by one key: attempts, changes, bell and title, and how it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import OptionList

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui import app as app_module
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.runner import RunNetwork
from smtpdiag_tui.tui.screens.watch import WatchScreen
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from tests.tui.piloting import until

FULL, MX = "bob@full.example", "mx.full.example"
MINUTE = 60  # seconds that one of the test's stands for


class World:
    """The demo, some times quicker still, whose one host can be mended."""

    def __init__(self) -> None:
        self.network: DemoNetwork | None = None
        self.waits: list[float] = []

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[RunNetwork]:
        world = self

        class Quick(DemoNetwork):
            def pace(self, seconds: float) -> float:
                if seconds > 1:
                    world.waits.append(seconds)
                return seconds / MINUTE

        async with Quick() as network:
            self.network = network
            yield RunNetwork(network, lambda settings: settings)

    def mend(self) -> None:
        assert self.network is not None
        [address] = [key for key, script in self.network.hosts.items() if script.host == MX]
        script = replace(self.network.hosts[address], rcpt=b"250 2.1.5 Ok\r\n", recipients={})
        self.network.hosts[address] = self.network.smtp[address].script = script


class Bells(SmtpDiagApp):
    """An app that counts how often it rings, and keeps what it writes to the terminal."""

    CSS_PATH = Path(app_module.__file__).with_name("app.tcss").as_posix()
    rung = 0
    written = ""

    def bell(self) -> None:
        self.rung += 1

    def _to_terminal(self, sequence: str) -> None:
        self.written += sequence


def app_of(world: World, kept: list[Report], recipient: str = FULL, watch: float | None = None) -> Bells:
    options = Options(keep=kept.append, watch=watch)
    return Bells(Settings(DEFAULT_SENDER, recipient), world.opened, start=True, options=options)


def attempts(app: SmtpDiagApp) -> int:
    return app.watched.attempts if app.watched is not None else 0


async def test_it_goes_on_until_the_outcome_is_accepted_and_rings() -> None:
    world, kept = World(), list[Report]()
    app = app_of(world, kept, watch=60)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await until(pilot, lambda: attempts(app) >= 2)
        assert app.watching
        assert app.rung == 0
        assert "\x1b[22;2t" in app.written
        world.mend()
        await until(pilot, lambda: not app.watching)
        assert app.live.report.outcome is Outcome.ACCEPTED
        assert app.rung >= 1
        assert "smtpdiag: accepted" in app.written
        assert app.watched is not None
        words = [change.words for change in app.watched.changes]
        assert words[0].startswith("BOUNCED: ")
        assert any(text.startswith("ACCEPTED: ") and text.endswith("(was bounced)") for text in words)
        await until(pilot, lambda: len(kept) == 2)
        assert [report.outcome for report in kept] == [Outcome.BOUNCED, Outcome.ACCEPTED]
        await pilot.press("W")
        assert isinstance(app.screen, WatchScreen)
        assert app.screen.query_one(OptionList).option_count == len(words)
    assert min(world.waits) >= 60


async def test_the_key_begins_it_and_escape_ends_it() -> None:
    world = World()
    app = app_of(world, [])
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: app.live.report.outcome is not None)
        assert app.watched is None
        await pilot.press("W")
        await until(pilot, lambda: attempts(app) >= 2)
        await until(pilot, lambda: not app.live.running)
        assert "next attempt in" in app.query_one(OutcomeLine).text.plain
        await pilot.press("escape")
        seen = attempts(app)
        await pilot.pause(0.5)
        assert attempts(app) == seen
        assert not app.watching
        assert "next attempt in" not in app.query_one(OutcomeLine).text.plain


async def test_what_is_accepted_already_is_not_watched() -> None:
    app = app_of(World(), [], "bob@partner.example")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: app.live.report.outcome is not None)
        await pilot.press("W")
        assert not app.watching
        assert any("Already accepted" in item.message for item in app._notifications)


async def test_a_run_of_something_else_ends_it() -> None:
    app = app_of(World(), [], watch=60)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: attempts(app) >= 1)
        app._inputs.field("recipient").put("bob@partner.example")
        app.action_run()
        await until(pilot, lambda: app.live.report.outcome is Outcome.ACCEPTED)
        assert not app.watching


async def test_an_attempt_can_be_had_at_once_and_the_watch_ended_from_its_list() -> None:
    world = World()
    app = app_of(world, [], watch=86_400)
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: attempts(app) == 1)
        await pilot.press("W", "enter")
        await until(pilot, lambda: attempts(app) == 2)
        await pilot.press("W", "x")
        assert not app.watching


async def test_all_tests_run_again_by_hand_go_on_with_it() -> None:
    app = app_of(World(), [], watch=86_400)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: attempts(app) == 1)
        await pilot.press("f5")
        await until(pilot, lambda: attempts(app) == 2)
        assert app.watching
        assert app.watched is not None
        await until(pilot, lambda: app.watched is not None and app.watched.due is not None)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_it_shows_at_every_size(size: tuple[int, int]) -> None:
    app = app_of(World(), [], watch=86_400)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: attempts(app) == 1)
        await pilot.press("W")
        assert isinstance(app.screen, WatchScreen)
        await pilot.press("escape")
        assert app.watching  # Escape closes the list first
