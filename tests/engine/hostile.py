"""Peers that misbehave at the demo's addresses."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from smtpdiag_tui.demo.dns_server import DemoDnsServer
from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.smtp_server import Session, SmtpServer
from smtpdiag_tui.demo.zones import DnsScript

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Respond = Callable[[bytes], list[bytes]]


class HostileSmtp(SmtpServer):
    """Serves one address by a function of its own."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(SmtpScript("hostile.example"), _no_context)
        self._own = talk

    async def _talk(self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._own(reader, writer)


class HostileDns(DemoDnsServer):
    """Answers datagrams by one function and TCP by another; None is silence, and a closed port over TCP."""

    def __init__(self, udp: Respond, tcp: Respond | None) -> None:
        super().__init__(DnsScript({}))
        self._respond_udp = udp
        self._respond_tcp = tcp

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self._respond_udp), local_addr=("127.0.0.1", 0)
        )
        self.udp_port = self._udp.get_extra_info("sockname")[1]
        if self._respond_tcp is None:
            self.tcp_port = 1  # nobody listens there
            return
        self._tcp = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.tcp_port = self._tcp.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while self._respond_tcp is not None:
                length = int.from_bytes(await reader.readexactly(2))
                for answer in self._respond_tcp(await reader.readexactly(length)):
                    writer.write(len(answer).to_bytes(2) + answer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for answer in self._respond(data):
            self._transport.sendto(answer, addr)  # type: ignore[attr-defined]


async def put_smtp(network: DemoNetwork, address: str, talk: Talk) -> HostileSmtp:
    """Let `talk` serve port 25 of `address`."""
    server = HostileSmtp(talk)
    await server.start()
    network.smtp[address] = server
    return server


async def put_dns(network: DemoNetwork, address: str, udp: Respond, tcp: Respond | None) -> None:
    """Let the two functions serve port 53 of `address`."""
    server = HostileDns(udp, tcp)
    await server.start()
    network.dns[address] = server
    network.resolvers.pop(address, None)


def _no_context(_script: SmtpScript) -> ssl.SSLContext:
    raise NotImplementedError
