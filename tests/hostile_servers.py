"""Small servers on the loopback that misbehave to order, and a network that finds them by mapping addresses."""

import asyncio
import contextlib
import errno
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Literal, cast

import dns.message

from smtpdiag_tui.network.seam import ByteStream
from smtpdiag_tui.network.system import SystemNetwork

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
DatagramAnswers = Callable[[bytes], list[bytes]]


class MappedNetwork(SystemNetwork):
    """The real network with documentation addresses sent to loopback ports."""

    def __init__(self, ports: dict[tuple[str, str], int] | None = None) -> None:
        super().__init__()
        self.ports = ports or {}

    def endpoint(self, address: str, port: int, kind: Literal["udp", "tcp"]) -> tuple[str, int]:
        if address.startswith(("127.", "::1")):
            return address, port
        if (address, kind) not in self.ports:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return "127.0.0.1", self.ports[address, kind]

    def local_name(self, address: str, remote: str) -> str:
        return "198.51.100.7" if address == "127.0.0.1" else address


@contextlib.asynccontextmanager
async def tcp_server(handler: Handler) -> AsyncIterator[int]:
    """Serve every connection by `handler`, closed when it returns; yield the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(cast("asyncio.Task[None]", task))
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await handler(reader, writer)
        finally:
            writer.transport.abort() if writer.transport.is_closing() else writer.close()
            tasks.discard(cast("asyncio.Task[None]", task))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, answers: DatagramAnswers) -> None:
        self.answers = answers
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self.transport is not None
        for answer in self.answers(data):
            self.transport.sendto(answer, addr)


@contextlib.asynccontextmanager
async def udp_server(answers: DatagramAnswers) -> AsyncIterator[int]:
    """Send back what `answers` makes of each datagram; yield the port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(answers), local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.abort()
        await asyncio.sleep(0)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection by RST."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def read_query(reader: asyncio.StreamReader) -> dns.message.Message:
    """Read one question as TCP frames it."""
    size = int.from_bytes(await reader.readexactly(2))
    return dns.message.from_wire(await reader.readexactly(size))


def framed(wire: bytes) -> bytes:
    """Return a message as TCP frames it."""
    return len(wire).to_bytes(2) + wire


def answer_to(query: dns.message.Message, text: str = "mx1.example.net.") -> bytes:
    """Return a well-formed answer with one MX record."""
    response = dns.message.make_response(query)
    name = query.question[0].name
    response.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", f"10 {text}"))
    return response.to_wire()


class Counting:
    """A TCP server that answers each question by `answers` and counts connections and questions."""

    def __init__(self, answers: Callable[[bytes], bytes], per_connection: int | None = None) -> None:
        self.answers = answers
        self.per_connection = per_connection
        self.connections = 0
        self.questions = 0
        self.closed = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        left = self.per_connection
        try:
            while left is None or left > 0:
                query = await read_query(reader)
                self.questions += 1
                left = None if left is None else left - 1
                writer.write(framed(self.answers(query.to_wire())))
                await writer.drain()
        finally:
            self.closed += 1


async def connect(port: int, network: SystemNetwork | None = None) -> ByteStream:
    return await (network or SystemNetwork()).connect("127.0.0.1", port, source=None, limit=5)


async def receive_all(stream: ByteStream) -> bytes:
    data = b""
    while piece := await stream.receive():
        data += piece
    return data


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
