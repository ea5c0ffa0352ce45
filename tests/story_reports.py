"""The report of each story of the demo, run once in a process: for tests that read reports and need no run."""

import asyncio
from collections.abc import Callable
from functools import cache

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER, STORIES
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.report.events import Event
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from tests.hurry import hurried

RECIPIENTS = tuple(story.recipient for story in STORIES)


@cache
def story_told(recipient: str) -> tuple[Report, tuple[Event, ...]]:
    """Return the report of a story, from its usual sender, and the events that told of it.

    No event loop may run: tests that take it, or fixtures that do, are sync.
    """
    events: list[Event] = []
    with hurried():
        return asyncio.run(_run(recipient, events.append)), tuple(events)


def story_report(recipient: str) -> Report:
    """Return the report of a story, as `story_told`."""
    return story_told(recipient)[0]


def reports() -> dict[str, Report]:
    """Return the report of every story by its recipient."""
    return {recipient: story_report(recipient) for recipient in RECIPIENTS}


def run_of(recipient: str, **settings: object) -> Report:
    """Run a story with other settings than the usual ones; like `story_told`."""
    with hurried():
        return asyncio.run(_run(recipient, lambda _: None, **settings))


async def _run(recipient: str, emit: Callable[[Event], None], **settings: object) -> Report:
    asked = Settings(DEFAULT_SENDER, recipient, **settings)  # type: ignore[arg-type]
    async with DemoNetwork() as network:
        return await diagnose(network.prepare(asked), network, emit)
