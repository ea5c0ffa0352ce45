"""Resolvers and their transports are judged over the whole run, over the demo's network."""

import dns.flags
import dns.message
import dns.name
import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import Datagrams, Serves
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DnsServer
from tests.engine.resolving import RESOLVER, SECOND, TWO, everything_ended, finding_at, names, put
from tests.engine.running import at, codes, run

SERVERS = {"dns-unreachable", "dns-udp-failed", "dns-tcp-failed", "dns-resolver-broken", "dns-infrastructure"}


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
        put(network, broken=names("."))
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
        put(network, broken=names("."))
        put(network, SECOND, broken=names("."))
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


async def test_a_run_that_goes_well_asks_nothing_twice_and_nothing_more() -> None:
    asked: list[str] = []

    class Counting(DemoNetwork):
        async def exchange(
            self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
        ) -> DnsReply:
            asked.append(f"{server.address} {query.question[0].to_text()} {transport}")
            assert query.edns == 0
            assert not query.flags & dns.flags.CD
            return await super().exchange(query, server, transport, limit)

    async with Counting() as network:
        await run(network, "bob@partner.example")
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("explains", [True, False])
async def test_a_domain_whose_signatures_do_not_hold(explains: bool) -> None:
    async with DemoNetwork() as network:
        put(network, explains=explains)
        report = await run(network, "bob@bogus.example")
    everything_ended(report)
    assert (report.outcome, report.side) == (Outcome.DEFERRED, Side.RECIPIENT)
    assert report.causes[0].code == "dnssec-bogus"
    assert RESOLVER in report.causes[0].message
    assert ("signature expired" in report.causes[0].message) is explains
    assert not codes(report, "remote") & {"dns-server-failure", "dns-answers-differ"}


async def test_a_senders_domain_whose_signatures_do_not_hold_is_ours() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", sender="alice@bogus.example")
    assert report.outcome is Outcome.ACCEPTED
    assert finding_at(report, "local", "dnssec-bogus") is Side.HERE
    assert "dnssec-bogus" not in codes(report, "remote")


async def test_one_resolver_that_validates_and_one_that_does_not() -> None:
    async with DemoNetwork() as network:
        put(network, SECOND, bogus=frozenset())
        report = await run(network, "bob@bogus.example", dns=TWO)
    everything_ended(report)
    assert report.outcome is Outcome.ACCEPTED
    assert "dnssec-bogus" in codes(report, "remote")
    assert "dns-answers-differ" not in codes(report)


async def test_a_resolver_that_finds_every_signature_wrong_is_broken_itself() -> None:
    async with DemoNetwork() as network:
        put(network, bogus=names("."))
        alone = await run(network, "bob@partner.example")
        second = await run(network, "bob@partner.example", dns=TWO)
    assert alone.outcome is Outcome.UNKNOWN
    assert second.outcome is Outcome.ACCEPTED
    for report in (alone, second):
        assert "dns-resolver-broken" in codes(report, "dns-servers")
        assert "dnssec-bogus" not in codes(report)


async def test_servfail_without_any_answer_unchecked_is_no_matter_of_signatures() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@servfail.example")
    assert "dns-server-failure" in codes(report, "remote")
    assert "dnssec-bogus" not in codes(report)


async def test_data_past_its_time_is_told_and_followed() -> None:
    async with DemoNetwork() as network:
        put(network, remark=3)
        report = await run(network, "bob@partner.example")
    assert report.outcome is Outcome.ACCEPTED
    assert finding_at(report, f"remote/{RESOLVER}", "answer-stale") is Side.RECIPIENT
    assert finding_at(report, f"local/{RESOLVER}", "answer-stale") is Side.HERE


async def test_a_remark_on_signatures_of_what_is_answered_is_a_remark() -> None:
    async with DemoNetwork() as network:
        put(network, remark=9)
        report = await run(network, "bob@partner.example")
    assert report.outcome is Outcome.ACCEPTED
    assert "dnssec-remark" in codes(report, f"remote/{RESOLVER}")
    assert at(report, "remote").status is Status.PASSED


@pytest.mark.parametrize(("how", "code"), [("silent", "domain-lookup-failed"), ("broken", "dns-server-failure")])
async def test_a_resolver_that_fails_for_a_domain_whose_name_servers_all_serve_it_is_at_fault(
    how: str, code: str
) -> None:
    async with DemoNetwork() as network:
        put(network, RESOLVER, **{how: names("partner.example")})
        report = await run(network, "bob@partner.example", timeout=1)
    first = report.causes[0]
    assert (report.outcome, first.code, first.side, report.side) == (
        Outcome.DEFERRED,
        code,
        Side.HERE,
        Side.HERE,
    )
    sides = {item.side for step in report.steps.values() for item in step.findings if item.code == code}
    assert sides == {Side.HERE}
