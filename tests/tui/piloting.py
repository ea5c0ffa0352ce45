"""Driving the interface: over a run of the tests' own or over the demo, until something is so."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.runner import RunNetwork
from tests.tui.fake_engine import Story, nowhere

SETTINGS = Settings("a@sender.example", "bob@partner.example")
HOSTILE = "220 [/] [red]x[/red] [@click=app.quit]y[/] \x1b]52;c;SEFDS0VE\x07 \x9b31m \u202e <end>"


def make(story: Story, settings: Settings = SETTINGS, *, start: bool = True) -> SmtpDiagApp:
    return SmtpDiagApp(settings, nowhere, start=start, diagnose=story.diagnose)


@asynccontextmanager
async def demo() -> AsyncIterator[RunNetwork]:
    async with DemoNetwork() as network:
        yield RunNetwork(network, network.prepare)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait until something is so; the machine may be slow."""
    for _ in range(4000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("it did not come about")


async def ended(app: SmtpDiagApp, pilot: Pilot[None]) -> None:
    """Wait until a run has ended, and is shown."""
    for _ in range(4000):
        await pilot.pause(0.01)
        if app.live.ended and not app.live.running:
            await pilot.pause()
            return
    raise AssertionError("the run did not end")
