"""The interface over a demo with 120 mail hosts that take their time: for the benchmark."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.runner import World
from tests.engine.test_run import crowd


@asynccontextmanager
async def crowded() -> AsyncIterator[World]:
    async with DemoNetwork() as network:
        crowd(network, hosts=120, addresses=1, delay=1.0)
        yield World(network, network.prepare)


if __name__ == "__main__":
    SmtpDiagApp(Settings(DEFAULT_SENDER, "bob@crowd.example", all_addresses=True), crowded, start=True).run()
