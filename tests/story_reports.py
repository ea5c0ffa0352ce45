"""The report of each story of the demo, run once in a process: for tests that read reports and need no run."""

import asyncio
from functools import cache

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.report.report import Report
from tests.engine.running import run
from tests.hurry import hurried

RECIPIENTS = tuple(story.recipient for story in STORIES)


@cache
def story_report(recipient: str) -> Report:
    """Return the report of a story, from its usual sender. No event loop may run: tests that take it are sync."""
    with hurried():
        return asyncio.run(_run(recipient))


def reports() -> dict[str, Report]:
    """Return the report of every story by its recipient."""
    return {recipient: story_report(recipient) for recipient in RECIPIENTS}


async def _run(recipient: str) -> Report:
    async with DemoNetwork() as network:
        return await run(network, recipient)
