"""The outcome is that of a mail server on this host, which asks as the C library's resolver does."""

from dataclasses import replace

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import Datagrams, build_zones
from smtpdiag_tui.network.seam import SystemResolver
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DnsServer
from tests.engine.resolving import RESOLVER, SECOND, TWO, everything_ended, names, put
from tests.engine.running import at, codes, run

LONG = "bob@long.example"
HOST = "delivery/mx01-mailcluster-eu.long.example"


class Configured(DemoNetwork):
    """The demo's network with a resolver configuration of its own."""

    def __init__(self, resolver: SystemResolver) -> None:
        super().__init__()
        self._resolver = resolver

    def system_resolver(self) -> SystemResolver:
        return self._resolver


HERE = (DnsServer(RESOLVER),)
ONE = SystemResolver((DnsServer(RESOLVER),))
BOTH = SystemResolver(TWO)


async def test_a_long_answer_without_tcp_makes_mail_wait_though_edns_got_it_through() -> None:
    async with DemoNetwork() as network:
        put(network, tcp=False)
        report = await run(network, LONG, dns=HERE, timeout=1)
    everything_ended(report)
    assert (report.outcome, report.side) == (Outcome.DEFERRED, Side.HERE)
    assert report.causes[0].code == "answer-needs-tcp"
    assert RESOLVER in report.causes[0].message
    assert "answer-needs-tcp" in codes(report, "remote")
    assert at(report, HOST).status is Status.PASSED  # sessions are held all the same
    assert at(report, "delivery").status is Status.FAILED
    assert {sender.outcome for sender in report.senders} == {Outcome.DEFERRED}


async def test_a_long_answer_with_tcp_and_a_short_one_without_are_no_obstacle() -> None:
    async with DemoNetwork() as network:
        long = await run(network, LONG, dns=HERE)
        put(network, tcp=False)
        short = await run(network, "bob@partner.example", timeout=1)
    for report in (long, short):
        everything_ended(report)
        assert report.outcome is Outcome.ACCEPTED
        assert "answer-needs-tcp" not in codes(report)


async def test_another_server_that_gives_the_long_answer_is_turned_to() -> None:
    async with DemoNetwork() as network:
        put(network, tcp=False)
        report = await run(network, LONG, dns=TWO, timeout=1)
    assert report.outcome is Outcome.ACCEPTED
    assert "answer-needs-tcp" not in codes(report)


async def test_a_long_answer_without_tcp_where_edns_is_dropped_too() -> None:
    async with DemoNetwork() as network:
        put(network, tcp=False, edns=False)
        report = await run(network, LONG, dns=HERE, timeout=1)
    everything_ended(report)
    assert report.outcome is Outcome.DEFERRED
    assert {"dns-edns-dropped", "dns-truncated"} <= codes(report, "remote")


async def test_edns_that_is_dropped_does_not_keep_the_mail_back() -> None:
    async with DemoNetwork() as network:
        put(network, edns=False)
        report = await run(network, "bob@partner.example", timeout=1)
    everything_ended(report)
    assert report.outcome is Outcome.ACCEPTED
    assert "dns-edns-dropped" in codes(report, f"dns-servers/{RESOLVER}")
    assert not codes(report) & {"dns-udp-failed", "dns-unreachable", "dns-edns-refused"}


async def test_large_datagrams_that_are_lost_are_no_dead_udp() -> None:
    async with DemoNetwork() as network:
        put(network, largest=512)
        report = await run(network, LONG, dns=HERE, timeout=1)
    everything_ended(report)
    assert report.outcome is Outcome.ACCEPTED
    assert "dns-udp-size-limited" in codes(report, f"remote/{RESOLVER}/udp")
    assert not codes(report) & {"dns-udp-failed", "answer-needs-tcp", "dns-edns-dropped"}


@pytest.mark.parametrize("udp", [Datagrams.REFUSED, Datagrams.LOST])
async def test_without_udp_mail_waits_though_tcp_is_followed(udp: Datagrams) -> None:
    async with DemoNetwork() as network:
        put(network, udp=udp)
        report = await run(network, "bob@partner.example", timeout=1)
    everything_ended(report)
    assert (report.outcome, report.side) == (Outcome.DEFERRED, Side.HERE)
    assert (report.causes[0].code, report.causes[0].decides) == ("resolver-broken", True)
    assert "over TCP, but not over UDP" in report.causes[0].message
    assert at(report, "delivery/mx1.partner.example").status is Status.PASSED
    assert "MX" in at(report, f"remote/{RESOLVER}/tcp").detail


async def test_without_udp_at_the_first_server_the_next_is_turned_to() -> None:
    async with DemoNetwork() as network:
        put(network, udp=Datagrams.REFUSED)
        report = await run(network, "bob@partner.example", dns=TWO, timeout=1)
    assert report.outcome is Outcome.ACCEPTED
    assert "dns-udp-failed" in codes(report, f"dns-servers/{RESOLVER}")


async def test_a_domain_that_is_not_found_over_tcp_alone_is_not_returned() -> None:
    async with DemoNetwork() as network:
        put(network, udp=Datagrams.LOST)
        report = await run(network, "bob@missing.example", timeout=1)
    assert report.outcome is Outcome.DEFERRED


async def test_where_tcp_alone_is_used_udp_is_not_needed() -> None:
    async with Configured(replace(ONE, use_vc=True)) as network:
        put(network, udp=Datagrams.LOST)
        report = await run(network, "bob@partner.example", timeout=1)
    everything_ended(report)
    assert report.outcome is Outcome.ACCEPTED
    assert "dns-udp-failed" not in codes(report)
    assert any("use-vc" in entry.text for entry in at(report, "dns-servers").transcript)


async def test_where_tcp_alone_is_used_mail_waits_without_it() -> None:
    async with Configured(replace(ONE, use_vc=True)) as network:
        put(network, tcp=False)
        report = await run(network, "bob@partner.example", timeout=1)
    assert (report.outcome, report.side) == (Outcome.DEFERRED, Side.HERE)
    assert report.causes[0].code == "resolver-broken"
    assert (
        "did not answer over TCP, only over UDP" in at(report, f"dns-servers/{RESOLVER}/tcp").findings[0].message
    )


@pytest.mark.parametrize("how", ["dead", "broken", "silent for the domain"])
async def test_what_the_systems_own_servers_would_have_done_is_said(how: str) -> None:
    async with DemoNetwork() as network:
        if how == "dead":
            put(network, udp=Datagrams.LOST, tcp=False)
        elif how == "broken":
            put(network, broken=names("."))
        else:
            put(network, silent=names("partner.example"))
        report = await run(network, "bob@partner.example", dns=(DnsServer(SECOND),), timeout=1)
    everything_ended(report)
    assert report.outcome is Outcome.ACCEPTED
    [told] = [item for item in at(report, "remote").findings if item.code == "system-resolver-fails"]
    assert told.message == f"The DNS servers of this host failed for partner.example ({RESOLVER})"


async def test_the_systems_own_servers_that_answer_are_not_mentioned() -> None:
    async with DemoNetwork() as network:
        well = await run(network, "bob@partner.example", dns=(DnsServer(SECOND),))
        split = await run(network, "bob@split.example")
    for report in (well, split):
        assert "system-resolver-fails" not in codes(report)
        assert "defers the message" not in report.summary


async def test_servers_beyond_the_third_are_told_and_not_asked() -> None:
    async with Configured(replace(ONE, ignored=(DnsServer(SECOND),), invalid=("none",))) as network:
        report = await run(network, "bob@partner.example")
    told = [item.message for item in at(report, "dns-servers").findings if item.code == "dns-server-ignored"]
    assert len(told) == 2
    assert SECOND in told[0]
    assert f"dns-servers/{SECOND}" not in report.steps
    assert at(report, "dns-servers").status is Status.PASSED


async def test_without_a_configured_server_this_host_itself_is_asked() -> None:
    async with Configured(SystemResolver((DnsServer("127.0.0.1"),), assumed=True)) as network:
        report = await run(network, "bob@partner.example", timeout=1)
    everything_ended(report)
    assert report.outcome is Outcome.UNKNOWN
    assert "no-dns-servers" in codes(report, "dns-servers")


async def test_servers_that_differ_and_take_turns_are_told() -> None:
    async with Configured(replace(BOTH, rotate=True)) as network:
        report = await run(network, "bob@split.example", dns=TWO)
        plain = await run(network, "bob@partner.example", dns=TWO)
    assert "dns-answers-rotate" in codes(report, "remote")
    assert "dns-answers-rotate" not in codes(plain)


MANY = "\n".join(f"mx A 198.51.100.{number}" for number in range(1, 40))


@pytest.mark.parametrize(
    ("more", "outcome"), [("", Outcome.DEFERRED), ("@ MX 20 mx1.partner.example.", Outcome.ACCEPTED)]
)
async def test_a_mail_host_with_more_addresses_than_a_datagram_holds(more: str, outcome: Outcome) -> None:
    async with DemoNetwork() as network:
        zone = build_zones({"crowd.example": f"@ MX 10 mx\nmx A 192.0.2.21\n{MANY}\n{more}"})
        put(network, zones={**network.resolvers[RESOLVER].zones, **zone}, tcp=False)
        report = await run(network, "bob@crowd.example", timeout=1)
    everything_ended(report)
    assert report.outcome is outcome
    assert "answer-needs-tcp" in codes(report, "delivery")


async def test_a_step_that_runs_again_keeps_what_the_stub_meets() -> None:
    async with DemoNetwork() as network:
        put(network, tcp=False)
        first = await run(network, LONG, dns=HERE, timeout=1)
        again = await run(network, LONG, dns=HERE, timeout=1, only={HOST}, previous=first)
        put(network, tcp=True)
        mended = await run(network, LONG, dns=HERE, timeout=1, only={"remote"}, previous=again)
    assert (again.outcome, again.causes[0].code) == (Outcome.DEFERRED, "answer-needs-tcp")
    assert mended.outcome is Outcome.ACCEPTED
