"""A SOCKS5 proxy on the loopback (RFC 1928), whose far side is the demo's internet."""

import asyncio
import contextlib
import errno
import ipaddress
from types import TracebackType
from typing import Self

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.settings import Via

CODES = {errno.ECONNREFUSED: 5, errno.EHOSTUNREACH: 4, errno.ENETUNREACH: 3}
LIMIT = 5.0


class SocksServer:
    """A proxy. `method` is what it answers the greeting with; `replies` gives the reply for an address instead of
    a connection; `greets` is what it sends in the place of any SOCKS. `stop` ends it with all its connections.
    """

    def __init__(
        self,
        network: DemoNetwork | None = None,
        *,
        method: int = 0,
        replies: dict[str, bytes] | None = None,
        greets: bytes | None = None,
    ) -> None:
        self.network = network
        self.method = method
        self.replies = replies or {}
        self.greets = greets
        self.asked: list[tuple[str, int]] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        self.via = Via("socks5", "127.0.0.1", self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._converse(reader, writer)
        finally:
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.greets is not None:
            writer.write(self.greets)
            await reader.read()
            return
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        writer.write(bytes([5, self.method]))
        if self.method == 0xFF:
            return
        *_, kind = await reader.readexactly(4)
        address = str(ipaddress.ip_address(await reader.readexactly({1: 4, 4: 16}[kind])))
        port = int.from_bytes(await reader.readexactly(2))
        self.asked.append((address, port))
        if address in self.replies:
            writer.write(self.replies[address])
            await writer.drain()
            return
        try:
            far = await self._open(address, port)
        except OSError as error:
            writer.write(bytes([5, CODES.get(error.errno or 0, 1), 0, 1]) + bytes(6))
            await writer.drain()
            return
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        try:
            await asyncio.gather(_copy(reader, far[1]), _copy(far[0], writer))
        finally:
            far[1].transport.abort()

    async def _open(self, address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        assert self.network is not None
        if port == 53:
            script = self.network.resolvers.get(address)
            if script is None or not script.tcp:
                await asyncio.sleep(LIMIT)
                raise OSError(errno.EHOSTUNREACH, "")
            await self.network._serve_dns(address, script)
        else:  # the demo starts a server when it is first connected to
            (await self.network.connect(address, port, source=None, limit=LIMIT)).abort()
        return await asyncio.open_connection(*self.network.endpoint(address, port, "tcp"))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
