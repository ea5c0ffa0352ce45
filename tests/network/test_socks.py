"""Connections through a SOCKS5 proxy: what its replies come to, and whether it is one at all."""

import asyncio
import errno
import socket

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.network.carrier import CarrierError, NothingThroughError
from smtpdiag_tui.network.seam import NotLetThroughError
from smtpdiag_tui.network.socks import open_socks
from smtpdiag_tui.settings import Via
from tests.network.socks_server import SocksServer

MX = "192.0.2.21"


@pytest.mark.parametrize(
    ("code", "number"),
    [
        (3, errno.ENETUNREACH),
        (4, errno.EHOSTUNREACH),
        (5, errno.ECONNREFUSED),
        (8, errno.EAFNOSUPPORT),
        (6, None),
    ],
)
async def test_a_reply_is_the_error_that_the_system_would_give(code: int, number: int | None) -> None:
    async with SocksServer(replies={MX: bytes([5, code, 0, 1]) + bytes(6)}) as proxy:
        carrier = await open_socks(proxy.via)
        with pytest.raises(OSError, match=r"Errno|TTL expired") as raised:
            await carrier.connect(MX, 25)
    assert raised.value.errno == number
    assert not isinstance(raised.value, NotLetThroughError)


@pytest.mark.parametrize("code", [1, 2, 7])
async def test_a_reply_about_the_proxy_itself_says_nothing_of_the_server(code: int) -> None:
    async with SocksServer(replies={MX: bytes([5, code, 0, 1]) + bytes(6)}) as proxy:
        carrier = await open_socks(proxy.via)
        with pytest.raises(NotLetThroughError, match="not let through by the SOCKS proxy"):
            await carrier.connect(MX, 25)


async def test_a_proxy_that_forbids_all_lets_nothing_through() -> None:
    async with SocksServer(replies={MX: bytes([5, 2, 0, 1]) + bytes(6)}) as proxy:
        carrier = await open_socks(proxy.via)
        await carrier.check()
        for _ in range(2):
            with pytest.raises(NotLetThroughError):
                await carrier.connect(MX, 25)
        with pytest.raises(NothingThroughError, match="the proxy forbids every connection"):
            await carrier.check()


@pytest.mark.parametrize("reply", [b"", b"\x05", b"\x04\x5a", b"\x05\x00\x00\x09" + bytes(6), b"\x05\x63\x00"])
async def test_a_reply_that_is_none_is_a_broken_connection(reply: bytes) -> None:
    async with SocksServer(replies={MX: reply}) as proxy:
        carrier = await open_socks(proxy.via)
        with pytest.raises(ConnectionResetError):
            await carrier.connect(MX, 25)


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (SocksServer(method=0xFF), "the proxy wants a login"),
        (SocksServer(method=0x02), "not a SOCKS5 proxy"),
        (SocksServer(greets=b"220 mx.example ESMTP\r\n"), "not a SOCKS5 proxy"),
        (SocksServer(greets=b"\x04\x00"), "not a SOCKS5 proxy"),
        (SocksServer(greets=b"\x05"), "no answer within"),
        (SocksServer(greets=b""), "no answer within"),
    ],
)
async def test_what_is_no_open_proxy_is_told_so(
    server: SocksServer, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtpdiag_tui.network.socks.OPEN_LIMIT", 0.3)
    async with server as proxy:
        with pytest.raises(CarrierError) as raised:
            await open_socks(proxy.via)
    assert str(raised.value).startswith(f"{proxy.via.label}: {words}")


async def test_nobody_there_is_told_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        via = Via("socks5", "127.0.0.1", taken.getsockname()[1])
        with pytest.raises(CarrierError, match=r"not connected \(connection refused\): check that the proxy runs"):
            await open_socks(via)


async def test_a_name_that_does_not_resolve_is_told_so() -> None:
    with pytest.raises(CarrierError, match="name does not resolve: check the host name"):
        await open_socks(Via("socks5", "nowhere.invalid", 1080))


async def test_a_proxy_that_dies_is_lost_at_the_next_connection() -> None:
    async with DemoNetwork() as network, SocksServer(network) as proxy:
        carrier = await open_socks(proxy.via)
        sock = await carrier.connect(MX, 25)
        sock.close()
        losing = asyncio.ensure_future(carrier.lost())
        await proxy.stop()
        with pytest.raises(ConnectionAbortedError):
            await carrier.connect(MX, 25)
        assert (await losing).endswith("the proxy is gone (Connection refused): check that it runs")
        with pytest.raises(CarrierError):
            await carrier.check()
