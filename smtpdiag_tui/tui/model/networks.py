"""The networks that runs go over: the real one, and the demo's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from smtpdiag_tui.tui.runner import RunNetwork


@asynccontextmanager
async def open_system_network() -> AsyncIterator[RunNetwork]:
    """The network that this machine is in."""
    from smtpdiag_tui.network.system import SystemNetwork

    network = SystemNetwork()
    try:
        yield RunNetwork(network, lambda settings: settings)
    finally:
        network.release()


@asynccontextmanager
async def open_demo_network() -> AsyncIterator[RunNetwork]:
    """The embedded internet."""
    from smtpdiag_tui.demo.network import DemoNetwork

    async with DemoNetwork() as network:
        yield RunNetwork(network, network.prepare)
