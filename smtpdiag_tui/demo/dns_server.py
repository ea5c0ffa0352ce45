"""A DNS server on the loopback, over UDP and TCP, that answers by a script."""

import asyncio
import contextlib
import struct
from typing import cast

import dns.exception
import dns.message

from smtpdiag_tui.demo.answers import answer, is_silent, to_wire
from smtpdiag_tui.demo.zones import DnsScript

# A task that ends as cancelled makes the stream server's own callback fail in Python 3.11.
_ENDINGS = (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, dns.exception.DNSException)


class DemoDnsServer:
    """Serves one address of the demo on two ephemeral ports of 127.0.0.1."""

    def __init__(self, script: DnsScript) -> None:
        self.script = script
        self.udp_port = 0
        self.tcp_port = 0
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the ports."""
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self.script), local_addr=("127.0.0.1", 0)
        )
        self.udp_port = self._udp.get_extra_info("sockname")[1]
        self._tcp = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.tcp_port = self._tcp.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the ports and all connections."""
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._tcp is not None:
            await self._tcp.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._tasks.add(task)
        try:
            with contextlib.suppress(*_ENDINGS):
                while True:
                    (length,) = struct.unpack("!H", await reader.readexactly(2))
                    query = dns.message.from_wire(await reader.readexactly(length))
                    if is_silent(query, self.script):
                        continue
                    wire = to_wire(answer(query, self.script), 65535)
                    writer.write(struct.pack("!H", len(wire)) + wire)
                    await writer.drain()
        finally:
            self._tasks.discard(task)
            writer.transport.abort()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, script: DnsScript) -> None:
        self._script = script
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return
        if is_silent(query, self._script) or (query.edns >= 0 and not self._script.edns):
            return
        limit = query.payload if query.edns >= 0 else 512
        wire = to_wire(answer(query, self._script), limit)
        if self._transport is not None and len(wire) <= self._script.largest:
            self._transport.sendto(wire, addr)
