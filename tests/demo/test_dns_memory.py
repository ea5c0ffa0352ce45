"""What the demo's DNS servers remember: the same octets as anew, and nothing of another network's."""

import asyncio
from dataclasses import replace

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from smtpdiag_tui.demo import dns_memory
from smtpdiag_tui.demo.answers import answer, to_wire
from smtpdiag_tui.demo.dns_memory import DnsMemory, memory_of
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, build_zones, dns_servers
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer

RESOLVER = "192.0.2.53"
QUERIES = [
    dns.message.make_query(name, rdtype, use_edns=edns, payload=payload)
    for name in ("partner.example", "long.example", "nobody.example", "bogus.example", "alias.example", "test")
    for rdtype in ("MX", "A", "TXT")
    for edns, payload in ((False, 0), (0, 512), (0, 1232))
]


def asked(query: dns.message.Message, number: int) -> bytes:
    query.id = number
    return query.to_wire()


@pytest.mark.parametrize("transport", Transport)
@pytest.mark.parametrize("address", dns_servers())
def test_what_is_remembered_is_what_would_be_said_anew(address: str, transport: Transport) -> None:
    script, memory = dns_servers()[address], DnsMemory()
    for query in QUERIES:
        first = memory.said(script, asked(query, 7), transport)
        again = memory.said(script, asked(query, 4711), transport)
        assert first is not None
        assert again is first
        limit = query.payload if query.edns >= 0 else 512
        anew = to_wire(answer(query, script), limit if transport is Transport.UDP else 65535)
        # Records are put in another order each time.
        assert dns.message.from_wire(query.id.to_bytes(2) + again) == dns.message.from_wire(anew)
        assert len(again) + 2 == len(anew)
    assert len(memory.kept) == len(QUERIES)


def test_an_answer_too_long_for_udp_is_truncated_over_udp_alone() -> None:
    memory, query = DnsMemory(), dns.message.make_query("long.example", "MX").to_wire()
    for _ in range(2):
        tcp, udp = (memory.said(dns_servers()[RESOLVER], query, one) for one in (Transport.TCP, Transport.UDP))
        assert tcp is not None
        assert udp is not None
        assert len(udp) < 512 < len(tcp)
        assert dns.message.from_wire(b"\0\0" + udp).flags & dns.flags.TC


def test_silence_is_remembered_too_and_what_is_no_query_is_not() -> None:
    script, memory = dns_servers()[RESOLVER], DnsMemory()
    silent = dns.message.make_query("silent.example", "MX").to_wire()
    plain = dns.message.make_query("example", "A").to_wire()
    edns = dns.message.make_query("example", "A", use_edns=0).to_wire()
    for _ in range(2):
        assert memory.said(script, silent, Transport.TCP) is None
        lossy, small = DnsMemory(), DnsMemory()
        assert lossy.said(replace(script, edns=False), edns, Transport.UDP) is None
        assert lossy.said(replace(script, edns=False), edns, Transport.TCP) is not None
        assert lossy.said(replace(script, edns=False), plain, Transport.UDP) is not None
        assert small.said(replace(script, largest=20), plain, Transport.UDP) is None
        assert small.said(replace(script, largest=20), plain, Transport.TCP) is not None
        for wire in (b"", b"\0", b"\0" * 11, silent[:-1]):
            with pytest.raises(dns.exception.DNSException):
                memory.said(script, wire, Transport.UDP)
    assert memory.kept == {(Transport.TCP, silent[2:]): None}


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_memory, "MAX_KEPT", 3)
    script, memory = dns_servers()[RESOLVER], DnsMemory()
    for number in range(5):
        memory.said(script, dns.message.make_query(f"n{number}.example", "A").to_wire(), Transport.UDP)
    assert len(memory.kept) == 3
    roomy = DnsMemory()
    roomy.said(script, dns.message.make_query("example", "A", use_edns=0, pad=600).to_wire(), Transport.UDP)
    assert roomy.kept == {}


def test_runs_share_it_unless_a_script_is_another() -> None:
    one, two = DemoNetwork(), DemoNetwork()
    assert memory_of(RESOLVER, one.resolvers[RESOLVER]) is memory_of(RESOLVER, two.resolvers[RESOLVER])
    usual = one.resolvers[RESOLVER]
    name = dns.name.from_text("partner.example")
    other = {(name, dns.rdatatype.A): dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.1")}
    for script in (
        replace(usual, zones=dict(usual.zones)),
        replace(usual, tcp=False),
        replace(usual, remark=4),
        replace(usual, more={**usual.more, **other}),
        replace(usual, more={}),
    ):
        own = memory_of(RESOLVER, script)
        assert own is not memory_of(RESOLVER, script)
        own.said(script, QUERIES[0].to_wire(), Transport.UDP)
        assert own.kept == {}, "it may be changed while it is asked"
    assert memory_of("192.0.2.54", one.resolvers["192.0.2.54"]) is not memory_of(RESOLVER, usual)
    assert memory_of("192.0.2.199", usual) is not memory_of("192.0.2.199", usual)


async def _tlsa(network: DemoNetwork) -> str:
    query = dns.message.make_query("_25._tcp.mx1.dane.example", "TLSA")
    reply = await network.exchange(query, DnsServer(RESOLVER), Transport.TCP, 2)
    return reply.message.answer[0].to_text()


async def test_each_network_gives_the_keys_of_its_own_certificates() -> None:
    async with DemoNetwork() as one, DemoNetwork() as two:
        first, second = await asyncio.gather(_tlsa(one), _tlsa(two))
        assert first != second
        assert await _tlsa(one) == first


async def test_a_network_with_other_zones_gives_its_own_answers_after_one_with_the_usual() -> None:
    async def mx(network: DemoNetwork) -> str:
        query = dns.message.make_query("partner.example", "MX")
        reply = await network.exchange(query, DnsServer(RESOLVER), Transport.UDP, 2)
        return reply.message.answer[0].to_text()

    async with DemoNetwork() as usual, DemoNetwork() as other:
        script = other.resolvers[RESOLVER]
        zones = build_zones({"partner.example": "@ MX 5 elsewhere"})
        other.resolvers[RESOLVER] = DnsScript({**script.zones, **zones}, recursive=True)
        assert "elsewhere" not in await mx(usual)
        assert "elsewhere" in await mx(other)
        assert "elsewhere" not in await mx(usual)
