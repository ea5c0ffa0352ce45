"""The demo's servers by themselves: what is blocked stays blocked, what is asked is kept, no start leaks."""

import asyncio
import contextlib

import dns.flags
import dns.message
import pytest

from smtpdiag_tui.demo.answers import answer, to_wire
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, build_zones
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer
from tests.engine.running import at, open_files, others, run

UDP_ONLY = DnsServer("192.0.2.55")


async def test_a_resolver_without_tcp_stays_silent_there_after_it_answered_over_udp() -> None:
    query = dns.message.make_query("tcp.example", "MX", use_edns=0)
    async with DemoNetwork() as network:
        assert (await network.exchange(query, UDP_ONLY, Transport.UDP, 2)).message.answer
        with pytest.raises(TimeoutError):
            await network.exchange(query, UDP_ONLY, Transport.TCP, 0.05)


async def test_blocked_tcp_shows_in_every_branch_that_asks_the_target() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@tcp.example", timeout=0.5)
    for branch in ("dns-servers", "soa", "local", "remote"):
        assert at(report, f"{branch}/192.0.2.55/tcp").status == "warning", branch
        assert at(report, f"{branch}/192.0.2.55/udp").status == "passed", branch
        assert at(report, f"{branch}/192.0.2.53/tcp").status == "passed", branch


def test_an_answer_too_long_for_udp_is_truncated_to_the_size_that_edns_allows() -> None:
    records = "\n".join(f"@ MX {n} {'long-host-name' * 3}{n}" for n in range(15))
    script = DnsScript(build_zones({"large.example": records}))
    plain = dns.message.make_query("large.example", "MX")
    reply = answer(plain, script)
    short = dns.message.from_wire(to_wire(reply, 512))
    assert (short.flags & dns.flags.TC, short.answer) == (dns.flags.TC, [])
    extended = dns.message.make_query("large.example", "MX", use_edns=0, payload=1232)
    whole = dns.message.from_wire(to_wire(answer(extended, script), 1232))
    assert whole.edns == 0
    assert len(whole.answer[0]) == 15
    assert not whole.flags & dns.flags.TC


async def test_a_mail_host_remembers_what_it_was_told_and_how_many_were_there_at_once() -> None:
    async with DemoNetwork() as network:
        one = await network.connect("192.0.2.22", 25, source=None, limit=1)
        assert (await one.receive()).startswith(b"220 mx2.partner.example")
        two = await network.connect("192.0.2.22", 25, source=None, limit=1)
        assert (await two.receive()).startswith(b"220 ")
        await one.send(b"DATA\r\n")
        assert (await one.receive()).startswith(b"502 ")
        server = network.smtp["192.0.2.22"]
        assert server.most_at_once == 2
        assert [session.verbs for session in server.sessions] == [["DATA"], []]
        one.abort()
        two.abort()


@pytest.mark.parametrize("turns", range(12))
async def test_cancelling_while_a_server_starts_leaves_nothing_open(turns: int) -> None:
    before = open_files()
    query = dns.message.make_query("partner.example", "MX")
    async with DemoNetwork() as network:
        asked = [
            asyncio.create_task(network.connect("192.0.2.21", 25, source=None, limit=1)),
            asyncio.create_task(network.exchange(query, DnsServer("192.0.2.53"), Transport.UDP, 1)),
        ]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in asked:
            task.cancel()
        for result in await asyncio.gather(*asked, return_exceptions=True):
            if not isinstance(result, BaseException) and hasattr(result, "abort"):
                result.abort()
        with contextlib.suppress(TimeoutError):
            stream = await network.connect("192.0.2.21", 25, source=None, limit=1)
            assert (await stream.receive()).startswith(b"220 ")
            stream.abort()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert others() == set()
    assert open_files() == before
