"""Resolvers and their transports are judged over the whole run, over the demo's network."""

from dataclasses import replace
from typing import Any

import dns.name
import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import Datagrams, Serves
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DnsServer
from tests.engine.running import at, codes, others, run

RESOLVER, SECOND = "192.0.2.53", "192.0.2.54"
SERVERS = {"dns-unreachable", "dns-udp-failed", "dns-tcp-failed", "dns-resolver-broken", "dns-infrastructure"}
TWO = (DnsServer(RESOLVER), DnsServer(SECOND))


def names(*domains: str) -> frozenset[dns.name.Name]:
    return frozenset(map(dns.name.from_text, domains))


def put(network: DemoNetwork, address: str = RESOLVER, **changes: Any) -> None:
    """Change how a DNS server of the demo behaves."""
    network.resolvers[address] = replace(network.resolvers[address], **changes)


def finding_at(report: Report, step: str, code: str) -> Side | None:
    [found] = [item for item in at(report, step).findings if item.code == code]
    return found.side


def everything_ended(report: Report) -> None:
    assert "internal-error" not in codes(report)
    assert all(step.status.ended for step in report.steps.values())
    assert others() == set()


async def test_silence_for_the_recipients_domain_is_that_domains_and_mail_waits() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@silent.example", timeout=1)
    everything_ended(report)
    assert (report.outcome, report.side) == (Outcome.DEFERRED, Side.RECIPIENT)
    assert not codes(report) & SERVERS
    assert finding_at(report, f"remote/{RESOLVER}", "domain-lookup-failed") is Side.RECIPIENT
    assert at(report, f"dns-servers/{RESOLVER}").status is Status.PASSED
    assert at(report, "local").status is Status.PASSED
    assert report.causes[0].code == "domain-lookup-failed"
    assert "silent.example" in report.causes[0].message
    assert RESOLVER in report.causes[0].message


async def test_silence_for_the_senders_domain_does_not_keep_the_mail_back() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", sender="alice@silent.example", timeout=1)
    everything_ended(report)
    assert report.outcome is Outcome.ACCEPTED
    assert not codes(report) & SERVERS
    assert finding_at(report, f"local/{RESOLVER}", "domain-lookup-failed") is Side.HERE
    assert "domain-lookup-failed" not in codes(report, "remote")


@pytest.mark.parametrize("how", ["silent", "broken"])
async def test_two_domains_that_are_dead_do_not_condemn_the_resolver_that_knows_the_zone_above(how: str) -> None:
    async with DemoNetwork() as network:
        dead = names("silent.example", "gone.example")
        put(
            network,
            silent=dead if how == "silent" else frozenset(),
            broken=dead if how == "broken" else frozenset(),
        )
        report = await run(network, "bob@silent.example", sender="alice@gone.example", timeout=1)
    everything_ended(report)
    assert report.outcome is Outcome.DEFERRED
    assert not codes(report) & SERVERS
    code = "domain-lookup-failed" if how == "silent" else "dns-server-failure"
    assert code in codes(report, "local") & codes(report, "remote")
    assert at(report, f"dns-servers/{RESOLVER}").status is Status.PASSED


async def test_two_domains_that_are_dead_and_nothing_else_known_is_a_broken_resolver() -> None:
    async with DemoNetwork() as network:
        put(network, broken=names("example"))
        report = await run(network, "bob@partner.example", timeout=1)
    assert report.outcome is Outcome.UNKNOWN
    assert "dns-resolver-broken" in codes(report, "dns-servers")
    assert not codes(report, "remote")


async def test_two_misspelt_domains_are_two_answers() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@missing.example", sender="alice@misspelt.example")
    assert report.outcome is Outcome.BOUNCED
    assert not codes(report) & SERVERS
    assert "domain-not-found" in codes(report, "local") & codes(report, "remote")


async def test_every_server_broken_is_one_fault_of_the_dns_here() -> None:
    async with DemoNetwork() as network:
        put(network, broken=names("example"))
        put(network, SECOND, broken=names("example"))
        report = await run(network, "bob@partner.example", dns=TWO, timeout=1)
    assert report.outcome is Outcome.UNKNOWN
    assert "dns-infrastructure" in codes(report, "dns-servers")


@pytest.mark.parametrize("silent", ["sender.example", "partner.example"])
async def test_tcp_that_is_dead_is_told_though_a_domain_is_dead_too(silent: str) -> None:
    async with DemoNetwork() as network:
        put(network, tcp=False, silent=names(silent))
        report = await run(network, "bob@partner.example", timeout=1)
    everything_ended(report)
    assert "dns-tcp-failed" in codes(report, "dns-servers")
    assert not codes(report) & {"dns-unreachable", "dns-udp-failed", "dns-resolver-broken"}
    assert "domain-lookup-failed" in codes(report)


async def test_udp_that_is_dead_is_told_and_the_route_follows_tcp() -> None:
    async with DemoNetwork() as network:
        put(network, udp=Datagrams.LOST)
        report = await run(network, "bob@partner.example", timeout=1)
    everything_ended(report)
    assert "dns-udp-failed" in codes(report, "dns-servers")
    assert "delivery/mx1.partner.example" in report.steps


@pytest.mark.parametrize("serves", [Serves.REFERS, Serves.REFUSES])
async def test_a_server_that_does_not_resolve_leaves_the_outcome_unknown(serves: Serves) -> None:
    async with DemoNetwork() as network:
        put(network, serves=serves)
        report = await run(network, "bob@partner.example")
    everything_ended(report)
    assert (report.outcome, report.side) == (Outcome.UNKNOWN, Side.HERE)
    assert "dns-no-recursion" in codes(report, "dns-servers")
    assert not codes(report, "remote") & {"no-mail-host", "domain-not-found", "dns-server-failure"}


@pytest.mark.parametrize("serves", [Serves.REFERS, Serves.REFUSES])
async def test_after_a_server_that_does_not_resolve_comes_the_next(serves: Serves) -> None:
    async with DemoNetwork() as network:
        put(network, serves=serves)
        report = await run(network, "bob@partner.example", dns=TWO)
    everything_ended(report)
    assert report.outcome is Outcome.ACCEPTED
    assert finding_at(report, f"dns-servers/{RESOLVER}", "dns-no-recursion") is Side.HERE
    assert "dns-no-recursion" not in codes(report, f"dns-servers/{SECOND}")
    assert "dns-answers-differ" not in codes(report)


async def test_an_authority_that_serves_the_senders_zone_alone_is_no_resolver() -> None:
    async with DemoNetwork() as network:
        zones = network.resolvers[RESOLVER].zones
        own = {name: zone for name, zone in zones.items() if name == dns.name.from_text("sender.example")}
        put(network, zones=own, recursive=False)
        report = await run(network, "bob@partner.example")
    everything_ended(report)
    assert (report.outcome, report.side) == (Outcome.UNKNOWN, Side.HERE)
    assert "dns-no-recursion" in codes(report, "dns-servers")
    assert at(report, "local").status is Status.PASSED


async def test_a_step_that_runs_again_is_judged_by_the_whole_run_too() -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@silent.example", timeout=1)
        again = await run(network, "bob@silent.example", timeout=1, only={"remote"}, previous=first)
        servers = await run(network, "bob@silent.example", timeout=1, only={"dns-servers"}, previous=again)
    for report in (again, servers):
        everything_ended(report)
        assert not codes(report) & SERVERS
        assert report.outcome is Outcome.DEFERRED
    assert at(servers, f"dns-servers/{RESOLVER}").status is Status.PASSED


async def test_a_run_that_goes_well_asks_about_no_other_domain() -> None:
    asked: list[str] = []

    class Counting(DemoNetwork):
        async def exchange(self, query, server, transport, limit):  # type: ignore[no-untyped-def]
            if server.address == RESOLVER:
                asked.append(f"{query.question[0].to_text()} {transport}")
            return await super().exchange(query, server, transport, limit)

    async with Counting() as network:
        await run(network, "bob@partner.example")
    assert len(asked) == len(set(asked))
