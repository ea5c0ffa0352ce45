"""Driving the interface: over a run of the tests' own or over the demo, until something is so."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.events import Event
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.runner import Diagnose, RunNetwork
from tests.story_reports import story_told
from tests.tui.fake_engine import Story, nowhere

MakeApp = Callable[..., SmtpDiagApp]
SETTINGS = Settings("a@sender.example", "bob@partner.example")
HOSTILE = "220 [/] [red]x[/red] [@click=app.quit]y[/] \x1b]52;c;SEFDS0VE\x07 \x9b31m \u202e <end>"


def make(story: Story, settings: Settings = SETTINGS, *, start: bool = True) -> SmtpDiagApp:
    return SmtpDiagApp(settings, nowhere, start=start, diagnose=story.diagnose)


@asynccontextmanager
async def demo() -> AsyncIterator[RunNetwork]:
    async with DemoNetwork() as network:
        yield RunNetwork(network, network.prepare)


def told(*recipients: str) -> Diagnose:
    """Return an engine that tells what runs of stories told: for what is shown of them. Fixtures call it."""
    stories = {recipient: story_told(recipient) for recipient in recipients}

    async def diagnose(
        settings: Settings,
        network: Network,
        emit: Callable[[Event], None],
        only: Collection[str] | None = None,
        previous: Report | None = None,
        *,
        second_try: bool = False,
    ) -> Report:
        del network, previous
        assert only is None, "whole runs alone are told"
        assert not second_try
        report, events = stories[settings.recipient]
        assert settings.sender == report.settings.sender
        for number, event in enumerate(events):
            emit(event)
            if number % 50 == 0:
                await asyncio.sleep(0)
        return report

    return diagnose


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait until something is so; the machine may be slow."""
    for _ in range(4000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("it did not come about")


async def ended(app: SmtpDiagApp, pilot: Pilot[None]) -> None:
    """Wait until a run has ended, and is shown. Its widgets are not asked each time what they still have to do."""
    await pilot.pause(0.01)
    for _ in range(4000):
        if app.live.ended and not app.live.running:
            await pilot.pause()
            return
        if app._exception is not None:
            raise app._exception
        await asyncio.sleep(0.01)
    raise AssertionError("the run did not end")
