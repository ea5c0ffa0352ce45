"""The servers of a domain with 120 mail hosts, in a process of their own; their ports go to stdout as JSON."""

import asyncio
import base64
import json
import sys
from typing import Any

from smtpdiag_tui.demo.network import DemoNetwork
from tests.engine.crowd import crowd

HOSTS = 120
DELAY = 1.0  # seconds that each greeting takes


async def ports(network: DemoNetwork) -> dict[str, Any]:
    """Start all servers of a network; return where they listen, and the certificate of its authority."""
    for address in network.hosts:
        await network._serve_smtp(address)
    for address, script in network.resolvers.items():
        await network._serve_dns(address, script)
    return {
        "smtp": {address: server.port for address, server in network.smtp.items()},
        "dns": {address: (server.udp_port, server.tcp_port) for address, server in network.dns.items()},
        "authority": base64.b64encode(network.trust_store().certificates[0]).decode(),
    }


async def serve() -> None:
    async with DemoNetwork() as network:
        crowd(network, hosts=HOSTS, addresses=1, delay=DELAY)
        sys.stdout.write(json.dumps(await ports(network)) + "\n")
        sys.stdout.flush()
        # The pipe from the benchmark closes when it ends.
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
