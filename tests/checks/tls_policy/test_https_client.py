"""Fetching a text over HTTPS: whom it connects to, whom it believes, and that it always ends."""

import asyncio
import errno
import ipaddress
from typing import cast

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.routing import HostLookup, MailHost, Resolution
from smtpdiag_tui.checks.tls_policy.fetched import Trouble
from smtpdiag_tui.checks.tls_policy.https_client import fetch, fetch_limit
from smtpdiag_tui.demo.https_hosts import HttpsScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.network.seam import HandshakeError, Network, TlsSession, TrustStore
from smtpdiag_tui.report.transcript import Transcript
from tests.checks.fake_network import FakeNetwork, Peer, Script
from tests.checks.fake_network import run as run_virtually
from tests.checks.making import answer
from tests.checks.tls_policy.policy_hosts import (
    ADDRESS,
    HOST,
    PATH,
    TEXT,
    fetched,
    in_clear,
    settings,
    talking,
)
from tests.engine.running import open_files, others
from tests.hostile_servers import reset


async def test_a_policy_is_fetched_and_told_of() -> None:
    before = open_files()
    async with DemoNetwork() as network:
        network.policy_hosts[ADDRESS] = HttpsScript(HOST, TEXT)
        seen, notes = await fetched(network)
        assert (seen.text, seen.trouble, seen.why) == (TEXT, None, "")
        assert (seen.address, seen.passed_over, seen.unjudged) == (ADDRESS, (), False)
        assert seen.tls is not None
        assert seen.tls.server_name == HOST
        assert notes[0] == f"connecting to {ADDRESS} port 443"
        assert f"GET https://{HOST}{PATH}" in notes
        assert notes[-1] == "status 200, 73 bytes"
    await asyncio.sleep(0)
    assert others() == set()
    assert open_files() == before


REFUSED = {
    "expired": (
        HttpsScript(HOST, TEXT, days=-3),
        Trouble.CERTIFICATE,
        "failed verification: certificate expired 3 days ago",
    ),
    "foreign": (
        HttpsScript(HOST, TEXT, names=("www.partner.example",)),
        Trouble.CERTIFICATE,
        "failed verification: certificate does not match (it names www.partner.example)",
    ),
    "redirect": (
        HttpsScript(HOST, TEXT, status=302, headers=("Location: https://www.partner.example/",)),
        Trouble.REDIRECT,
        "redirected to https://www.partner.example/ (status 302)",
    ),
    "404": (HttpsScript(HOST, TEXT, status=404), Trouble.STATUS, "replied with status 404"),
    "HTML": (
        HttpsScript(HOST, b"<html>", content_type="text/html"),
        Trouble.CONTENT_TYPE,
        "sent Content-Type text/html",
    ),
    "100 KiB": (HttpsScript(HOST, TEXT * 1400), Trouble.SIZE, "sent a text of more than 64 KiB"),
    "header flood": (
        HttpsScript(HOST, reply=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000),
        Trouble.HEADER_SIZE,
        "sent a header of more than 16 KiB",
    ),
    "no HTTP": (
        HttpsScript(HOST, reply=b"220 mx.partner.example ESMTP\r\n"),
        Trouble.NO_HTTP,
        "sent a reply that is not valid HTTP",
    ),
}


@pytest.mark.parametrize(("script", "trouble", "why"), REFUSED.values(), ids=REFUSED)
async def test_what_is_served_otherwise_is_no_policy(script: HttpsScript, trouble: Trouble, why: str) -> None:
    async with DemoNetwork() as network:
        network.policy_hosts[ADDRESS] = script
        seen, notes = await fetched(network)
        assert (seen.text, seen.trouble, seen.why) == (None, trouble, why)
        assert notes[-1] == f"not fetched: {HOST} {why}"
        asked = network.https[ADDRESS].requests
        assert bool(asked) == (trouble is not Trouble.CERTIFICATE), "a stranger is asked nothing"


async def test_an_authority_that_is_not_trusted_is_no_proof() -> None:
    async with DemoNetwork() as network, DemoNetwork() as stranger:
        network.policy_hosts[ADDRESS] = HttpsScript(HOST, TEXT)
        network.trust_store = stranger.trust_store  # type: ignore[method-assign]
        seen, _ = await fetched(network)
        assert (seen.trouble, seen.why) == (
            Trouble.CERTIFICATE,
            "failed verification: certificate not trusted (unknown issuer)",
        )


async def test_without_any_authority_the_certificate_is_not_judged() -> None:
    async with DemoNetwork() as network:
        network.policy_hosts[ADDRESS] = HttpsScript(HOST, TEXT, days=-3)
        network.trust_store = TrustStore  # type: ignore[method-assign]
        seen, notes = await fetched(network)
        assert (seen.text, seen.unjudged) == (TEXT, True)
        assert "certificate not checked, this host trusts no certificate authority" in notes


MAPPED = ipaddress.ip_address("::ffff:127.0.0.1")  # written in another form from Python 3.13 on


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "resolves to 127.0.0.1, a loopback address"),
        ("169.254.169.254", "resolves to 169.254.169.254, a link-local address"),
        ("0.0.0.0", "resolves to 0.0.0.0, an unspecified address"),
        ("::1", "resolves to ::1, a loopback address"),
        ("::ffff:127.0.0.1", f"resolves to {MAPPED}, a loopback address (127.0.0.1)"),
        ("64:ff9b::7f00:1", "resolves to 64:ff9b::7f00:1, a loopback address (127.0.0.1)"),
    ],
)
async def test_addresses_of_this_host_are_never_connected_to(address: str, why: str) -> None:
    network = FakeNetwork([])
    seen, _ = await fetched(cast("Network", network), address)
    assert (seen.trouble, seen.why, network.connected_at) == (Trouble.UNUSABLE, why, [])


async def test_an_address_that_may_not_be_connected_to_does_not_hide_one_that_may() -> None:
    async with DemoNetwork() as network:
        network.policy_hosts[ADDRESS] = HttpsScript(HOST, TEXT)
        seen, _ = await fetched(network, "::1", "127.0.0.1", ADDRESS)
        assert seen.text == TEXT
        assert seen.passed_over == (
            "::1 is a loopback address, not connected",
            "127.0.0.1 is a loopback address, not connected",
        )


async def test_ipv6_comes_first_and_what_is_not_reached_is_passed_over() -> None:
    async with DemoNetwork() as network:
        network.policy_hosts[ADDRESS] = HttpsScript(HOST, TEXT)
        addresses = ("2606:4700::1111", "192.0.2.31", "192.0.2.199", ADDRESS)
        seen, _ = await fetched(network, *addresses, timeout=2)
        # 192.0.2.180 comes before .199 by its number, so nobody waits for that one.
        assert (seen.text, seen.address) == (TEXT, ADDRESS)
        assert seen.passed_over == (
            "2606:4700::1111 no route from this host",
            "192.0.2.31 Connection refused",
        )


@pytest.mark.parametrize(
    ("addresses", "trouble", "why"),
    [
        (("192.0.2.31",), Trouble.CONNECTION, "was not reached at 192.0.2.31 port 443 (Connection refused)"),
        (
            ("192.0.2.199",),
            Trouble.TIMEOUT,
            "was not reached at 192.0.2.199 port 443 (timed out after 0.05 s)",
        ),
        (
            ("2606:4700::1111", "8.8.8.8"),
            Trouble.NO_ROUTE,
            "was not reached at 2606:4700::1111 port 443 (no route from this host)",
        ),
        (
            ("2606:4700::1111", "192.0.2.31"),
            Trouble.CONNECTION,
            "was not reached at 192.0.2.31 port 443 (Connection refused)",
        ),
    ],
)
async def test_nobody_is_reached(addresses: tuple[str, ...], trouble: Trouble, why: str) -> None:
    async with DemoNetwork() as network:
        limit = None if trouble is not Trouble.TIMEOUT else 0.05
        seen, _ = await fetched(network, *addresses, timeout=limit)
    if trouble is Trouble.TIMEOUT and seen.why.startswith("was not reached on"):
        why = "was not reached on port 443 within 0.05 s"  # both limits are over at once
    assert (seen.trouble, seen.why) == (trouble, why)


async def test_only_the_family_that_was_asked_for_is_tried() -> None:
    async with DemoNetwork() as network:
        network.policy_hosts["2001:db8::180"] = HttpsScript(HOST, TEXT)
        seen, _ = await fetched(network, ADDRESS, "2001:db8::180", family=6)
        assert (seen.text, seen.address) == (TEXT, "2001:db8::180")
        seen, _ = await fetched(network, "2001:db8::180", family=4)
        assert (seen.trouble, seen.why) == (
            Trouble.NO_ROUTE,
            "has no IPv4 address, and only IPv4 was requested",
        )


def host_lookup(kind: AnswerKind, *, looping: bool = False) -> HostLookup:
    found = Resolution((answer("A", kind=kind, name=HOST),), (HOST,), looping=looping)
    return HostLookup(MailHost(HOST, None), found, found)


@pytest.mark.parametrize(
    ("found", "trouble", "why"),
    [
        (host_lookup(AnswerKind.NXDOMAIN), Trouble.NO_ADDRESS, "does not resolve"),
        (host_lookup(AnswerKind.NODATA), Trouble.NO_ADDRESS, "does not resolve"),
        (host_lookup(AnswerKind.SERVFAIL), Trouble.LOOKUP, "could not be looked up"),
        (host_lookup(AnswerKind.NODATA, looping=True), Trouble.NO_ADDRESS, "has CNAMEs in a loop"),
    ],
)
async def test_a_host_without_address(found: HostLookup, trouble: Trouble, why: str) -> None:
    network = cast("Network", FakeNetwork([]))
    seen = await fetch(found, PATH, settings(), network, Transcript(network.now, lambda _: None))
    assert (seen.trouble, seen.why) == (trouble, why)


async def test_a_server_without_tls() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with in_clear(greet) as network:
        seen, _ = await fetched(network)
    assert seen.trouble is Trouble.TLS
    assert seen.why.startswith("failed the TLS handshake: server did not speak TLS")


async def test_a_server_that_resets_the_connection() -> None:
    async def early(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reset(writer)

    async with in_clear(early) as network:
        seen, _ = await fetched(network)
    assert seen.trouble in (Trouble.TLS, Trouble.CONNECTION, Trouble.CLOSED)

    async def late(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 99\r\n\r\nversion")
        await writer.drain()
        reset(writer)

    async with talking(late) as network:
        seen, _ = await fetched(network)
    assert seen.trouble is Trouble.CLOSED


async def test_a_server_of_old_tls_is_no_server_of_policies() -> None:
    async def answer_all(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + TEXT)

    async with talking(answer_all) as network:
        connect = network.connect

        async def old(address: str, port: int, **more: object) -> object:
            stream = await connect(address, port, **more)  # type: ignore[arg-type]
            start = stream.start_tls

            async def start_tls(name: str | None, limit: float) -> bytes:
                early = await start(name, limit)
                session = stream.tls
                assert session is not None
                was = TlsSession("TLSv1.1", session.cipher, session.chain, name)
                stream._tls = was  # type: ignore[attr-defined]
                return early

            stream.start_tls = start_tls  # type: ignore[method-assign, assignment]
            return stream

        network.connect = old  # type: ignore[method-assign, assignment]
        seen, _ = await fetched(network)
    assert (seen.trouble, seen.why) == (Trouble.TLS, "negotiated outdated TLSv1.1")


async def test_what_is_cancelled_leaves_nothing_open() -> None:
    before = open_files()
    arrived = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        arrived.set()
        await reader.read()

    async with talking(wait) as network:
        task = asyncio.create_task(fetched(network))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.sleep(0)
    assert others() == set()
    assert open_files() == before


class PolicyNetwork(FakeNetwork):
    """Servers in memory on a clock that jumps; the certificate is not judged."""

    def utc(self) -> object:
        from datetime import UTC, datetime

        return datetime(2026, 11, 27, tzinfo=UTC)

    def trust_store(self) -> TrustStore:
        return TrustStore()


def virtually(
    script: Script | OSError, *more: Script | OSError, timeout: float | None = None
) -> tuple[float, Trouble | None, str]:
    """Fetch from servers that follow scripts; return when it ended, and why."""

    async def whole() -> tuple[float, Trouble | None, str]:
        network = PolicyNetwork([script, *more])
        addresses = [f"192.0.2.{180 + number}" for number in range(1 + len(more))]
        seen, _ = await fetched(cast("Network", network), *addresses, timeout=timeout)
        for peer in network.peers:
            assert peer.stream.aborted
        return network.now(), seen.trouble, seen.why

    return run_virtually(whole())


async def _drip(peer: Peer) -> None:
    await peer.secured.wait()
    for byte in b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 900\r\n\r\n" + b"x" * 900:
        peer.say(bytes([byte]))
        await asyncio.sleep(0.5)


async def _silent(_: Peer) -> None:
    await asyncio.sleep(3600)


async def _hanging(peer: Peer) -> None:
    peer.tls = None
    await asyncio.sleep(3600)


async def _pausing(peer: Peer) -> None:
    await peer.secured.wait()
    peer.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
    await asyncio.sleep(19)
    peer.say(b"Content-Length: 900\r\n\r\nversion: ")
    await asyncio.sleep(3600)


@pytest.mark.parametrize(("timeout", "limit"), [(None, 60), (7, 7), (3600, 60)])
def test_a_server_that_drips_cannot_prolong_the_fetch(timeout: float | None, limit: float) -> None:
    said = f"did not complete the reply within {limit:g} s"
    assert virtually(_drip, timeout=timeout) == (limit, Trouble.TIMEOUT, said)


@pytest.mark.parametrize(
    ("script", "timeout", "limit", "said"),
    [
        (_silent, None, 20, "sent nothing for 20 s"),
        (_silent, 3600, 20, "sent nothing for 20 s"),
        (_silent, 7, 7, "did not complete the reply within 7 s"),
        (_pausing, None, 39, "sent nothing for 20 s"),
        (_hanging, None, 20, "timed out in the TLS handshake"),
        (_hanging, 7, 7, "did not complete the TLS handshake within 7 s"),
    ],
)
def test_a_silent_server_does_not_hold_the_report_for_a_minute(
    script: Script, timeout: float | None, limit: float, said: str | None
) -> None:
    ended, trouble, why = virtually(script, timeout=timeout)
    assert (ended, trouble) == (limit, Trouble.TIMEOUT)
    assert why == said or said is None


def test_one_family_that_leads_nowhere_costs_seconds() -> None:
    """A network that drops what goes to port 443 over IPv6, or IPv6 alone."""

    async def whole() -> tuple[float, tuple[str, ...], str]:
        network = PolicyNetwork([_silent] * 2, connect_seconds=3600)
        seen, _ = await fetched(cast("Network", network), "2001:db8::180", "192.0.2.180")
        return network.now(), seen.passed_over, seen.why

    assert run_virtually(whole()) == (
        14,
        ("2001:db8::180 timed out after 4 s", "192.0.2.180 timed out after 10 s"),
        "was not reached at 2001:db8::180 port 443 (timed out after 4 s)",
    )


def test_a_dead_address_leaves_time_for_the_next() -> None:
    async def whole() -> tuple[float, str | None, Trouble | None]:
        network = PolicyNetwork([TimeoutError(errno.ETIMEDOUT, "Connection timed out"), _drip], connect_seconds=9)
        seen, _ = await fetched(cast("Network", network), "192.0.2.180", "192.0.2.181")
        return network.now(), seen.address, seen.trouble

    assert run_virtually(whole()) == (60, "192.0.2.181", Trouble.TIMEOUT)


def test_each_address_has_its_limit_and_all_have_one_together() -> None:
    async def whole() -> tuple[float, int, Trouble | None]:
        network = PolicyNetwork([_silent] * 64, connect_seconds=3600)
        seen, _ = await fetched(cast("Network", network), *(f"192.0.2.{n}" for n in range(1, 65)))
        return network.now(), len(network.connected_at), seen.trouble

    assert run_virtually(whole()) == (38, 8, Trouble.TIMEOUT)


def test_a_handshake_that_fails_is_told() -> None:
    async def fail(peer: Peer) -> None:
        peer.tls = HandshakeError("server aborted the handshake (tlsv1 alert internal error)")

    _, trouble, why = virtually(fail)
    assert (trouble, why) == (
        Trouble.TLS,
        "failed the TLS handshake: server aborted the handshake (tlsv1 alert internal error)",
    )


def test_the_limit_is_60_seconds_or_less() -> None:
    assert [fetch_limit(settings(timeout)) for timeout in (None, 5, 600)] == [60, 5, 60]
