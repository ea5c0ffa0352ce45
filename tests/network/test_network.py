"""Connections of the real network, against peers that misbehave."""

import asyncio
import errno
import socket
from datetime import UTC
from typing import TYPE_CHECKING, cast

import pytest

from smtpdiag_tui.network.stream import HIGH_WATER, StreamProtocol
from smtpdiag_tui.network.system import SystemNetwork
from tests.hostile_servers import MappedNetwork, connect, open_files, receive_all, reset, tcp_server

if TYPE_CHECKING:
    from smtpdiag_tui.network.seam import ByteStream, Network

    _network: type[Network] = SystemNetwork


async def test_a_connection_carries_bytes_both_ways() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())

    async with tcp_server(echo) as port:
        stream = await connect(port)
        assert stream.local_address == "127.0.0.1"
        assert stream.round_trip is None or 0 < stream.round_trip < 0.1
        assert stream.tls is None
        await stream.send(b"EHLO x\r\n")
        assert await receive_all(stream) == b"EHLO x\r\n"
        assert await stream.receive() == b""
        stream.abort()
        stream.abort()


async def test_the_source_address_is_the_one_asked_for() -> None:
    seen: list[str] = []

    async def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer.get_extra_info("peername")[0])

    async with tcp_server(note) as port:
        stream = await SystemNetwork().connect("127.0.0.1", port, source="127.0.0.77", limit=5)
        assert await stream.receive() == b""
        assert (stream.local_address, seen) == ("127.0.0.77", ["127.0.0.77"])
        stream.abort()


@pytest.mark.parametrize("source", ["192.0.2.1", "::1"])
async def test_a_source_address_that_cannot_be_used_is_told(source: str) -> None:
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the number is what is checked
        await SystemNetwork().connect("127.0.0.1", 9, source=source, limit=5)
    assert caught.value.errno == errno.EADDRNOTAVAIL


async def test_a_refused_connection_is_told_as_refused(unused_tcp_port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        await connect(unused_tcp_port)


async def test_a_name_is_never_looked_up() -> None:
    with pytest.raises(OSError):  # noqa: PT011
        await SystemNetwork().connect("localhost", 25, source=None, limit=5)


async def test_a_subclass_sends_traffic_elsewhere_and_names_the_source() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")

    async with tcp_server(greet) as port:
        network = MappedNetwork({("192.0.2.25", "tcp"): port})
        stream = await network.connect("192.0.2.25", 25, source=None, limit=5)
        assert stream.local_address == "198.51.100.7"
        assert await receive_all(stream) == b"220 x\r\n"
        stream.abort()
        with pytest.raises(OSError) as caught:  # noqa: PT011
            await network.connect("2001:db8::25", 25, source=None, limit=5)
        assert caught.value.errno == errno.ENETUNREACH


async def test_a_peer_that_floods_is_made_to_wait() -> None:
    sent = 0

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        for _round in range(1000):
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    async with tcp_server(flood) as port:
        stream = await connect(port)
        before = -1
        while before != sent:  # until the peer stands still
            before = sent
            await asyncio.sleep(0.05)
        assert sent < 40_000_000  # what the system's own buffers take, far from all of it
        held = len(stream._protocol._buffer)  # type: ignore[attr-defined]
        assert 0 < held <= 65536 + 262144
        total = 0
        while piece := await stream.receive():
            assert len(piece) <= 65536
            total += len(piece)
        assert total == 65_536_000
        stream.abort()


async def test_a_peer_that_does_not_read_makes_send_wait() -> None:
    async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(30)

    async with tcp_server(deaf) as port:
        stream = await connect(port)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await stream.send(b"x" * 30_000_000)
        stream.abort()
        with pytest.raises(ConnectionAbortedError):
            await stream.send(b"x")


async def test_a_reset_is_no_close() -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        reset(writer)

    async with tcp_server(rude) as port:
        stream = await connect(port)
        await stream.send(b"EHLO x\r\n")
        with pytest.raises(ConnectionResetError):
            await stream.receive()
        with pytest.raises(ConnectionResetError):
            await stream.send(b"QUIT\r\n")
        stream.abort()


async def test_after_a_half_close_we_can_still_send() -> None:
    heard: list[bytes] = []

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"421 bye\r\n")
        writer.write_eof()
        heard.append(await reader.readline())

    async with tcp_server(half) as port:
        stream = await connect(port)
        assert await receive_all(stream) == b"421 bye\r\n"
        await stream.send(b"QUIT\r\n")
        await asyncio.sleep(0.05)
        assert heard == [b"QUIT\r\n"]
        stream.abort()


async def test_abort_wakes_whoever_waits() -> None:
    async with tcp_server(lambda reader, _: reader.readline()) as port:  # type: ignore[arg-type, return-value]
        stream = await connect(port)
        waiting = asyncio.create_task(stream.receive())
        await asyncio.sleep(0)
        stream.abort()
        with pytest.raises(ConnectionAbortedError):
            await waiting


async def test_a_cancelled_connect_leaves_no_socket() -> None:
    backlog: list[ByteStream] = []
    with socket.socket() as full:  # nobody accepts: beyond the backlog, connections hang
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        for _ in range(8):
            try:
                backlog.append(await SystemNetwork().connect("127.0.0.1", port, source=None, limit=0.2))
            except TimeoutError:
                break
        else:
            pytest.fail("the backlog never filled")
        before = open_files()
        task = asyncio.create_task(connect(port))
        await asyncio.sleep(0.05)
        assert open_files() == before + 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        assert open_files() == before
        for stream in backlog:
            stream.abort()


async def test_the_clocks_run() -> None:
    network = SystemNetwork()
    before = network.now()
    await network.sleep(0.01)
    assert network.now() > before
    assert network.utc().tzinfo is UTC


class FakeTransport:
    """Notes whether reading is paused."""

    def __init__(self) -> None:
        self.reading = True

    def set_write_buffer_limits(self, high: int) -> None:
        assert high == 0

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def abort(self) -> None:
        pass


async def test_the_wait_of_a_full_buffer_moves_to_the_tls_transport() -> None:
    clear, tls, protocol = FakeTransport(), FakeTransport(), StreamProtocol()
    protocol.connection_made(cast("asyncio.Transport", clear))
    protocol.data_received(b"x" * (HIGH_WATER + 1))
    assert not clear.reading
    protocol.secured(cast("asyncio.Transport", tls))
    assert (clear.reading, tls.reading) == (True, False)
    assert len(await protocol.receive()) == HIGH_WATER
    assert tls.reading


async def test_what_comes_after_abort_is_dropped_and_no_socket_means_no_send() -> None:
    protocol = StreamProtocol()
    with pytest.raises(ConnectionAbortedError):
        await protocol.send(b"x")
    protocol.connection_made(cast("asyncio.Transport", FakeTransport()))
    protocol.abort()
    protocol.data_received(b"late")
    assert protocol.take() == b""
    with pytest.raises(ConnectionAbortedError):
        await protocol.receive()


def test_an_end_for_a_reason_of_our_own_is_still_an_oserror() -> None:
    protocol = StreamProtocol()
    protocol.connection_lost(RuntimeError("inside"))
    with pytest.raises(ConnectionAbortedError, match="inside"):
        asyncio.run(protocol.receive())
