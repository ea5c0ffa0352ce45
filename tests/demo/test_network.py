"""The demo's network: its servers, its holes, and that it never leaves the loopback."""

import asyncio
import errno

import dns.message
import dns.rcode
import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer
from tests.engine.running import open_files, others

RESOLVER = DnsServer("192.0.2.53")


async def ask(network: DemoNetwork, name: str, rdtype: str, server: DnsServer = RESOLVER) -> dns.message.Message:
    """Ask over both transports and return what both answer."""
    query = dns.message.make_query(name, rdtype, use_edns=0, payload=1232)
    udp = await network.exchange(query, server, Transport.UDP, 2)
    tcp = await network.exchange(query, server, Transport.TCP, 2)
    assert udp.message.answer == tcp.message.answer
    assert udp.message.rcode() == tcp.message.rcode()
    return udp.message


@pytest.mark.parametrize("address", ["127.0.0.1", "198.51.100.1", "8.8.8.8", "2606:4700::1111", "10.0.0.26"])
async def test_no_way_leads_out(address: str) -> None:
    async with DemoNetwork() as network:
        with pytest.raises(OSError, match="unreachable") as caught:
            await network.connect(address, 25, source=None, limit=1)
        assert caught.value.errno == errno.ENETUNREACH
        with pytest.raises(OSError, match="unreachable"):
            await ask(network, "partner.example", "MX", DnsServer(address))


async def test_addresses_that_nobody_serves_are_black_holes() -> None:
    async with DemoNetwork() as network:
        with pytest.raises(TimeoutError):
            await network.connect("192.0.2.199", 25, source=None, limit=0.05)
        query = dns.message.make_query("partner.example", "MX")
        for transport in Transport:
            with pytest.raises(TimeoutError):
                await network.exchange(query, DnsServer("192.0.2.199"), transport, 0.05)


async def test_a_dead_host_refuses() -> None:
    async with DemoNetwork() as network:
        with pytest.raises(ConnectionRefusedError):
            await network.connect("192.0.2.31", 25, source=None, limit=1)


async def test_the_source_address_must_be_its_own() -> None:
    async with DemoNetwork() as network:
        with pytest.raises(OSError, match="assign") as caught:
            await network.connect("192.0.2.21", 25, source="192.0.2.77", limit=1)
        assert caught.value.errno == errno.EADDRNOTAVAIL
        stream = await network.connect("2001:db8::21", 25, source="2001:db8::10", limit=1)
        assert stream.local_address == "2001:db8::10"
        stream.abort()


async def test_a_resolver_answers_from_all_zones() -> None:
    async with DemoNetwork() as network:
        assert len((await ask(network, "partner.example", "MX")).answer[0]) == 3
        nothing = await ask(network, "partner.example", "A")
        assert (nothing.rcode(), nothing.answer, len(nothing.authority)) == (dns.rcode.NOERROR, [], 1)
        assert (await ask(network, "missing.example", "MX")).rcode() == dns.rcode.NXDOMAIN
        outside = await ask(network, "nosuch.test", "MX")
        assert outside.rcode() == dns.rcode.REFUSED
        assert outside.extended_errors()
        failed = await ask(network, "servfail.example", "MX")
        assert failed.rcode() == dns.rcode.SERVFAIL
        assert failed.extended_errors()


async def test_an_authority_answers_for_its_own_zones_alone() -> None:
    async with DemoNetwork() as network:
        own = await ask(network, "partner.example", "SOA", DnsServer("192.0.2.51"))
        assert "AA" in dns.flags.to_text(own.flags)
        other = await ask(network, "test", "SOA", DnsServer("192.0.2.51"))
        assert other.rcode() == dns.rcode.REFUSED
        referral = await ask(network, "partner.example", "NS", DnsServer("192.0.2.50"))
        assert (referral.answer, len(referral.authority[0])) == ([], 2)


async def test_leaving_closes_everything_also_in_the_middle() -> None:
    before = open_files()
    async with DemoNetwork() as network:
        stream = await network.connect("192.0.2.38", 25, source=None, limit=1)
        await ask(network, "partner.example", "MX")
        await asyncio.sleep(0)
        assert open_files() > before
        stream.abort()
    await asyncio.sleep(0)
    assert others() == set()
    assert open_files() == before
