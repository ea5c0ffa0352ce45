"""The demo's network with all its servers in a process of their own: what a run costs is measured without them.

`python -m tests.batch.far_network NUMBER` is that process: it tells the ports and ends with its standard input.
"""

import asyncio
import base64
import json
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.network.seam import TrustStore
from tests.batch.generated import OPERATORS, add_domains


class FarNetwork(DemoNetwork):
    """The demo's network, whose servers run elsewhere, on these ports."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__()
        self._told = told
        for address, port in told["smtp"].items():
            self.hosts.setdefault(address, next(iter(self.hosts.values())))
            self.smtp[address] = SimpleNamespace(port=port)  # type: ignore[assignment]
        for address, (udp, tcp) in told["dns"].items():
            self.dns[address] = SimpleNamespace(udp_port=udp, tcp_port=tcp)  # type: ignore[assignment]

    async def __aexit__(self, *_error: object) -> None:
        self.release()

    def trust_store(self) -> TrustStore:
        return TrustStore(certificates=(base64.b64decode(self._told["authority"]),))


@contextmanager
def far(number: int, operators: int = OPERATORS) -> Iterator[dict[str, Any]]:
    """Start the servers; yield where they listen. When they have ended, `seconds` is the time that they took."""
    command = [sys.executable, "-m", "tests.batch.far_network", str(number), str(operators)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        try:
            yield told
        finally:
            process.stdin.close()
            told["seconds"] = json.loads(process.stdout.readline() or "0")


async def _serve(number: int, operators: int) -> None:
    async with _all_servers(number, operators) as told:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        before = _seconds()
        await asyncio.to_thread(sys.stdin.read)
        sys.stdout.write(f"{_seconds() - before}\n")
        sys.stdout.flush()


@asynccontextmanager
async def _all_servers(number: int, operators: int) -> AsyncIterator[dict[str, Any]]:
    async with DemoNetwork() as network:
        usual = set(network.hosts)
        add_domains(network, number, operators)
        for address in [*(set(network.hosts) - usual), "192.0.2.11", "2001:db8::11"]:
            await network._serve_smtp(address)
        for address, script in network.resolvers.items():
            await network._serve_dns(address, script)
        yield {
            "smtp": {address: server.port for address, server in network.smtp.items()},
            "dns": {address: (server.udp_port, server.tcp_port) for address, server in network.dns.items()},
            "authority": base64.b64encode(network._authority.der).decode(),
        }


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
