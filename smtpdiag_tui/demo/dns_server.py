"""A DNS server on the loopback, over UDP and TCP, that answers by a script."""

import asyncio
import contextlib
import struct
from typing import cast

import dns.exception

from smtpdiag_tui.demo.dns_memory import DnsMemory
from smtpdiag_tui.demo.zones import DnsScript
from smtpdiag_tui.network.seam import Transport

# A task that ends as cancelled makes the stream server's own callback fail in Python 3.11.
_ENDINGS = (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, dns.exception.DNSException)


class DemoDnsServer:
    """Serves one address of the demo on two ephemeral ports of 127.0.0.1."""

    def __init__(self, script: DnsScript, memory: DnsMemory | None = None) -> None:
        self.script = script
        self._memory = memory or DnsMemory()
        self.udp_port = 0
        self.tcp_port = 0
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the ports."""
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self.script, self._memory), local_addr=("127.0.0.1", 0)
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
                    query = await reader.readexactly(length)
                    said = self._memory.said(self.script, query, Transport.TCP)
                    if said is None:
                        continue
                    wire = query[:2] + said
                    writer.write(struct.pack("!H", len(wire)) + wire)
                    await writer.drain()
        finally:
            self._tasks.discard(task)
            writer.transport.abort()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, script: DnsScript, memory: DnsMemory) -> None:
        self._script = script
        self._memory = memory
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            said = self._memory.said(self._script, data, Transport.UDP)
        except dns.exception.DNSException:
            return
        if said is not None and self._transport is not None:
            self._transport.sendto(data[:2] + said, addr)
