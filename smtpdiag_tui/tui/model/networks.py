"""The networks that runs go over: the real one, and the demo's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from smtpdiag_tui.tui.runner import World


@asynccontextmanager
async def system_world() -> AsyncIterator[World]:
    """The network that this machine is in."""
    from smtpdiag_tui.network.system import SystemNetwork

    network = SystemNetwork()
    try:
        yield World(network, lambda settings: settings)
    finally:
        network.release()


@asynccontextmanager
async def demo_world() -> AsyncIterator[World]:
    """The embedded internet."""
    from smtpdiag_tui.demo.network import DemoNetwork

    async with DemoNetwork() as network:
        yield World(network, network.prepare)
