"""The demo's HTTPS servers: they serve a policy by its name, and leave nothing behind."""

import asyncio
import errno

import pytest

from smtpdiag_tui.demo.https_hosts import HttpsScript, policy
from smtpdiag_tui.demo.network import DemoNetwork
from tests.engine.running import open_files, others

ADDRESS, HOST = "192.0.2.180", "mta-sts.partner.example"
TEXT = b"version: STSv1\r\nmode: enforce\r\nmx: mx1.partner.example\r\nmax_age: 604800\r\n"


async def get(network: DemoNetwork, path: str) -> bytes:
    """Return all that a server answers to one request."""
    stream = await network.connect(ADDRESS, 443, source=None, limit=5)
    await stream.start_tls(HOST, 5)
    await stream.send(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    answer = b""
    while data := await stream.receive():
        answer += data
    stream.abort()
    return answer


def test_a_policy_is_written_line_by_line() -> None:
    assert policy("enforce", "mx1.partner.example") == TEXT


async def test_a_policy_stands_at_its_path_alone() -> None:
    before = open_files()
    async with DemoNetwork() as network:
        network.policy_hosts[ADDRESS] = HttpsScript(HOST, TEXT)
        head, _, body = (await get(network, "/.well-known/mta-sts.txt")).partition(b"\r\n\r\n")
        assert head.splitlines()[0] == b"HTTP/1.1 200 OK"
        assert b"Content-Type: text/plain" in head.splitlines()
        assert body == TEXT
        assert (await get(network, "/")).startswith(b"HTTP/1.1 404 Not Found\r\n")
        assert [request.splitlines()[0] for request in network.https[ADDRESS].requests] == [
            "GET /.well-known/mta-sts.txt HTTP/1.1",
            "GET / HTTP/1.1",
        ]
    await asyncio.sleep(0)
    assert others() == set()
    assert open_files() == before


async def test_leaving_in_the_middle_of_a_request_closes_everything() -> None:
    before = open_files()
    async with DemoNetwork() as network:
        network.policy_hosts[ADDRESS] = HttpsScript(HOST, TEXT)
        waiting = await network.connect(ADDRESS, 443, source=None, limit=5)
        await waiting.start_tls(HOST, 5)
        clear = await network.connect(ADDRESS, 443, source=None, limit=5)
        waiting.abort()
        clear.abort()
    await asyncio.sleep(0)
    assert others() == set()
    assert open_files() == before


async def test_mail_hosts_serve_no_policy_and_policy_hosts_take_no_mail() -> None:
    async with DemoNetwork() as network:
        network.policy_hosts[ADDRESS] = HttpsScript(HOST, TEXT)
        for address, port in (("192.0.2.21", 443), (ADDRESS, 25)):
            with pytest.raises(TimeoutError):
                await network.connect(address, port, source=None, limit=0.05)
        with pytest.raises(OSError, match="unreachable") as caught:
            await network.connect("198.51.100.1", 443, source=None, limit=1)
        assert caught.value.errno == errno.ENETUNREACH
