"""The guard that keeps tests on the loopback does guard, and lets asyncio be."""

import asyncio
import socket

import pytest


@pytest.mark.parametrize("address", [("192.0.2.25", 25), ("mx.partner.example", 25)])
def test_a_connection_to_the_outside_is_refused(address: tuple[str, int]) -> None:
    with socket.socket() as sock, pytest.raises(AssertionError, match="loopback only"):
        sock.connect(address)


def test_a_datagram_to_the_outside_is_refused() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock, pytest.raises(AssertionError):
        sock.sendto(b"?", ("2001:db8::53", 53))


async def test_asyncio_cannot_reach_the_outside_either() -> None:
    with pytest.raises(AssertionError, match="loopback only"):
        await asyncio.open_connection("192.0.2.25", 25)


async def test_asyncio_reaches_the_loopback() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await reader.read() == b"220 here\r\n"
        writer.close()
        await writer.wait_closed()
