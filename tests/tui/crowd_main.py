"""The interface while 120 mail hosts are probed, whose servers run in another process: for the benchmark."""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from smtpdiag_tui.demo.dns_server import DemoDnsServer
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.smtp_server import SmtpServer
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.network.seam import TrustStore
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.runner import World


class Distant(DemoNetwork):
    """A demo whose servers are somewhere else."""

    def __init__(self, found: dict[str, Any]) -> None:
        super().__init__()
        self._found = found
        script = next(iter(self.hosts.values()))
        for address, port in found["smtp"].items():
            self.smtp[address] = server = SmtpServer(script, self._authority.context)
            server.port = port
        for address, (udp, tcp) in found["dns"].items():
            self.dns[address] = resolver = DemoDnsServer(self.resolvers["192.0.2.53"])
            resolver.udp_port, resolver.tcp_port = udp, tcp

    def trust_store(self) -> TrustStore:
        return TrustStore(certificates=(base64.b64decode(self._found["authority"]),))


@asynccontextmanager
async def crowded() -> AsyncIterator[World]:
    command = [sys.executable, "-m", "tests.tui.crowd_servers"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    servers = await asyncio.create_subprocess_exec(*command, **pipes, limit=1 << 20)  # type: ignore[arg-type]
    try:
        assert servers.stdout is not None
        async with Distant(json.loads(await servers.stdout.readline())) as network:
            yield World(network, network.prepare)
    finally:
        servers.kill()
        await servers.wait()


if __name__ == "__main__":
    SmtpDiagApp(Settings(DEFAULT_SENDER, "bob@crowd.example", all_addresses=True), crowded, start=True).run()
