"""Running the engine over the demo's network, and reading what came of it."""

import asyncio
from collections.abc import Collection
from pathlib import Path

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.report.events import Event
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings

# Steps that the first story has nothing for: no message is given, and its receiver has published no requirements.
NOT_GIVEN = frozenset({"authentication/message", "authentication/receivers"})


def ignore(_event: Event) -> None:
    """Nobody looks on."""


async def run(
    network: DemoNetwork,
    recipient: str,
    *,
    sender: str = DEFAULT_SENDER,
    only: Collection[str] | None = None,
    previous: Report | None = None,
    **settings: object,
) -> Report:
    """Run over `network`, with what the recipient's story needs."""
    asked = Settings(sender, recipient, **settings)  # type: ignore[arg-type]
    return await diagnose(network.prepare(asked), network, ignore, only, previous)


def codes(report: Report, branch: str = "") -> set[str]:
    """Return the codes of all findings at and below `branch`."""
    return {item.code for step in report.steps.values() if step.id.startswith(branch) for item in step.findings}


def at(report: Report, step_id: str) -> Step:
    """Return one step."""
    return report.steps[step_id]


def open_files() -> int:
    """Return how many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def others() -> set[asyncio.Task[object]]:
    """Return the tasks that are pending beside the test's own."""
    return asyncio.all_tasks() - {asyncio.current_task()}
