"""The name servers of the recipient's zone: whom a run asks, what it shows, and several faults at once."""

import asyncio

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import Datagrams, DnsScript, Serves
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.events import Event, StepFinished
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import Settings
from tests.engine.delegated import ALL_WELL, DOMAIN, MAIL, PARENT, RESOLVER, Delegated, built, text_of
from tests.engine.resolving import names, put
from tests.engine.running import at, codes, open_files, others, run

A, B = f"soa/a.{DOMAIN}/192.0.2.121", f"soa/b.{DOMAIN}/192.0.2.122"
REFUSES = DnsScript({}, serves=Serves.REFUSES)
BLAMES = {"soa-lame-server", "dns-egress-blocked", "delegation-mismatch", "delegation-stale", "glue-mismatch"}
BLAMES |= {"soa-mx-mismatch", "mx-differ-same-serial", "dns-intercepted", "soa-serial-mismatch"}


async def told(network: Delegated, recipient: str = f"bob@{DOMAIN}", timeout: float = 0.3) -> Report:
    """Run, and see that all ended well inside."""
    report = await run(network, recipient, timeout=timeout)
    assert "internal-error" not in codes(report)
    assert all(step.status.ended for step in report.steps.values())
    return report


async def test_where_all_is_well_nothing_is_said_and_few_questions_are_asked() -> None:
    async with Delegated() as network:
        network.set_up()
        report = await told(network)
    assert not codes(report, "soa") & BLAMES
    assert at(report, "soa").status is Status.PASSED
    assert at(report, A).detail == "serial 7, 1 MX"
    kinds, addresses = ("SOA", "SOA", "NS", "MX"), ("192.0.2.121", "192.0.2.122")
    expected = [(address, kind, DOMAIN) for address in addresses for kind in kinds]
    asked = [question for question in network.asked if question[2] == DOMAIN]
    assert sorted(asked) == sorted([*expected, (PARENT, "NS", DOMAIN)])


async def test_a_domain_without_mx_has_its_addresses_asked_for_too() -> None:
    async with Delegated() as network:
        network.set_up(mail="@ A 192.0.2.21")
        report = await told(network)
    assert at(report, A).detail == "serial 7, no MX"
    assert {("192.0.2.121", "A", DOMAIN), ("192.0.2.121", "AAAA", DOMAIN)} <= set(network.asked)
    assert not codes(report, "soa") & BLAMES


async def test_a_mail_domain_below_its_apex() -> None:
    async with Delegated() as network:
        network.set_up(mail="mail MX 10 mx.partner.example.")
        report = await told(network, f"bob@mail.{DOMAIN}")
    assert at(report, A).detail == "serial 7, 1 MX"
    assert ("192.0.2.121", "MX", f"mail.{DOMAIN}") in network.asked
    assert ("192.0.2.121", "SOA", DOMAIN) in network.asked
    assert not codes(report, "soa") & BLAMES


async def test_a_domain_that_is_an_alias_has_the_mx_asked_for_where_it_leads() -> None:
    async with Delegated() as network:
        network.set_up(mail=f"{MAIL}\nalias CNAME @")
        report = await told(network, f"bob@alias.{DOMAIN}")
    assert ("192.0.2.121", "MX", DOMAIN) in network.asked
    assert not codes(report, "soa") & BLAMES


async def test_parent_and_child_on_one_server_is_no_delegation_to_compare() -> None:
    async with Delegated() as network:
        network.set_up()
        both = {**network.resolvers[PARENT].zones, **network.resolvers["192.0.2.121"].zones}
        network.resolvers[PARENT] = DnsScript(both)
        report = await told(network)
    assert not codes(report, "soa") & BLAMES


async def test_a_name_server_that_the_zone_alone_names_is_asked_too() -> None:
    async with Delegated() as network:
        network.set_up()
        more = text_of(("a", "b", "c"), more=f"{MAIL}\n{ALL_WELL}\nc A 192.0.2.123")
        network.served(("192.0.2.121", "192.0.2.122"), more)
        network.known(text_of(("a", "b"), more=f"{MAIL}\n{ALL_WELL}\nc A 192.0.2.123"))
        network.resolvers["192.0.2.123"] = REFUSES
        report = await told(network)
    step = at(report, f"soa/c.{DOMAIN}/192.0.2.123")
    assert step.findings[0].evidence[0] == "named by the zone itself only"
    assert codes(report, "soa") & BLAMES == {"soa-lame-server", "delegation-mismatch"}


async def test_one_lame_server_and_mail_hosts_that_differ() -> None:
    async with DemoNetwork() as network:
        old = network.resolvers["192.0.2.52"]
        forked = text_of(("ns1.dns.example.", "ns2.dns.example."), 2026112402, "@ MX 10 old.forked.example.")
        zones = {**old.zones, **built("lame.example", forked)}
        for address in ("192.0.2.52", "2001:db8::52"):
            network.resolvers[address] = DnsScript(zones)
        report = await run(network, "bob@lame.example", timeout=0.3)
    assert codes(report, "soa") & BLAMES == {"soa-lame-server", "delegation-mismatch", "mx-differ-same-serial"}
    assert at(report, "soa").status is Status.FAILED
    assert at(report, "soa/ns3.lame.example/192.0.2.115").status is Status.WARNING
    assert report.outcome is Outcome.ACCEPTED


async def test_interception_where_ipv6_is_missing_too() -> None:
    async with Delegated() as network:
        network.intercept((PARENT, "192.0.2.51", "192.0.2.52", "2001:db8::51", "2001:db8::52"))
        network.unrouted = {6}
        report = await told(network, "bob@partner.example")
    assert codes(report, "soa") & BLAMES == {"dns-intercepted"}
    assert at(report, "soa/ns1.dns.example/192.0.2.51").status is Status.UNKNOWN
    assert codes(report, "soa/ns1.dns.example/2001:db8::51") == {"no-ipv6-route"}
    assert report.outcome is Outcome.ACCEPTED


async def test_where_udp_alone_is_intercepted_tcp_tells_the_rest() -> None:
    async with Delegated() as network:
        network.set_up()
        network.led_to_resolver = {Transport.UDP}
        report = await told(network)
    assert codes(report, "soa") & BLAMES == {"dns-intercepted"}
    assert "dns-answers-differ" not in codes(report, "soa")
    assert [at(report, step_id).detail for step_id in (A, B)] == ["serial 7, 1 MX"] * 2


async def test_silence_over_ipv6_alone_blames_no_name_server() -> None:
    async with Delegated() as network:
        for address in ("2001:db8::51", "2001:db8::52"):
            del network.resolvers[address]
        report = await told(network, "bob@partner.example")
    assert not codes(report, "soa") & BLAMES
    step = at(report, "soa/ns1.dns.example/2001:db8::51")
    assert (step.status, step.findings) == (Status.UNKNOWN, ())
    assert step.detail == "no name server answered this host over IPv6"


async def test_a_domain_whose_name_servers_are_somebodys_resolvers_is_lame() -> None:
    async with Delegated() as network:
        network.intercept(("192.0.2.51", "192.0.2.52", "2001:db8::51", "2001:db8::52"))
        report = await told(network, "bob@partner.example")
    assert codes(report, "soa") & BLAMES == {"soa-lame-server"}


async def test_one_lame_server_where_all_others_are_silent_is_no_blocked_way_out() -> None:
    async with Delegated() as network:
        network.set_up()
        del network.resolvers[PARENT], network.resolvers["192.0.2.121"]
        network.resolvers["192.0.2.122"] = REFUSES
        report = await told(network)
    assert codes(report, "soa") & BLAMES == {"soa-lame-server"}
    assert [at(report, step_id).status for step_id in (A, B)] == [Status.WARNING, Status.WARNING]
    assert "did not answer" in at(report, A).findings[0].message
    assert "REFUSED" in at(report, B).findings[0].message


async def test_a_delegation_that_has_moved_is_seen_while_the_resolver_uses_the_old_one() -> None:
    async with Delegated() as network:
        network.set_up()
        new = text_of(("c", "d"), 9, f"{MAIL}\nc A 192.0.2.123\nd A 192.0.2.124")
        network.known(text_of(("a", "b"), 5, f"@ MX 10 mx2.partner.example.\n{ALL_WELL}"))
        network.served(("192.0.2.121", "192.0.2.122"), text_of(("a", "b"), 5, "@ MX 10 mx2.partner.example."))
        network.served(("192.0.2.123", "192.0.2.124"), new)
        network.delegated(("c", "192.0.2.123"), ("d", "192.0.2.124"))
        report = await told(network)
    assert codes(report, "soa") & BLAMES == {"delegation-stale"}
    assert at(report, f"soa/c.{DOMAIN}/192.0.2.123").detail == "serial 9, 1 MX"
    assert at(report, A).detail == "serial 5, 1 MX, named in a resolver's copy only"
    [found] = [item for item in at(report, "soa").findings if item.code == "delegation-stale"]
    assert f"a.{DOMAIN} [192.0.2.121]: serial 5" in found.evidence


async def test_glue_that_leads_elsewhere() -> None:
    async with Delegated() as network:
        network.set_up()
        network.delegated(("a", "192.0.2.125"), ("b", "192.0.2.122"))
        network.resolvers["192.0.2.125"] = REFUSES
        report = await told(network)
    assert codes(report, "soa") & BLAMES == {"glue-mismatch", "soa-lame-server"}
    assert codes(report, f"soa/a.{DOMAIN}/192.0.2.125") == {"soa-lame-server"}


async def test_one_step_runs_again_alone_with_what_is_known_of_the_delegation() -> None:
    async with Delegated() as network:
        network.set_up()
        network.resolvers["192.0.2.122"] = REFUSES
        first = await told(network)
        assert codes(first, B) == {"soa-lame-server"}
        await network.forget()
        network.served(("192.0.2.122",), text_of(("a", "b"), 7))
        network.asked.clear()
        second = await run(network, f"bob@{DOMAIN}", timeout=0.3, only={B}, previous=first)
    assert {address for address, *_ in network.asked} == {"192.0.2.122"}
    assert (at(second, B).status, at(second, "soa").status) == (Status.PASSED, Status.PASSED)
    assert list(second.steps) == list(first.steps)


async def test_a_name_server_that_is_named_no_more_leaves_the_tree() -> None:
    async with Delegated() as network:
        network.set_up()
        first = await told(network)
        assert {A, B} <= set(first.steps)
        await network.forget()
        text = text_of(("a",), 8, f"{MAIL}\na A 192.0.2.121")
        network.known(text)
        network.served(("192.0.2.121",), text)
        network.delegated(("a", "192.0.2.121"))
        second = await run(network, f"bob@{DOMAIN}", timeout=0.3, only={"soa"}, previous=first)
    assert at(second, A).detail == "serial 8, 1 MX"
    assert B not in second.steps
    assert f"soa/b.{DOMAIN}" not in second.steps


async def test_serials_that_differ_and_mail_hosts_that_do_not() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@serial.example")
    assert codes(report, "soa") & BLAMES == {"soa-serial-mismatch"}


async def test_one_lost_datagram_is_no_fault() -> None:
    async with Delegated() as network:
        network.set_up()
        network.losing = {"192.0.2.121", PARENT}
        report = await told(network)
    assert network.losing == set()
    assert not codes(report, "soa") & BLAMES


@pytest.mark.parametrize("recipient", ["bob@servfail.example", "bob@lame.example"])
async def test_a_run_that_is_cancelled_on_the_way_leaves_nothing_open(recipient: str) -> None:
    before = open_files()
    events: list[Event] = []
    async with DemoNetwork() as network:
        task = asyncio.create_task(
            diagnose(network.prepare(Settings("alice@sender.example", recipient)), network, events.append)
        )
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert others() == set()
    assert open_files() == before
    assert Status.CANCELLED in {event.status for event in events if isinstance(event, StepFinished)}


@pytest.mark.parametrize(
    ("changes", "code"), [({"tcp": False}, "dns-tcp-failed"), ({"udp": Datagrams.LOST}, "dns-udp-failed")]
)
async def test_a_transport_that_one_name_server_alone_lacks_is_a_matter_of_its_zone(
    changes: dict[str, object], code: str
) -> None:
    async with Delegated() as network:
        network.set_up()
        put(network, "192.0.2.122", **changes)
        report = await run(network, f"bob@{DOMAIN}", timeout=0.3)
    [found] = [item for step in report.steps.values() for item in step.findings if item.code == code]
    assert found.side is Side.RECIPIENT
    assert "this machine" not in (found.advice or "")


async def test_a_transport_that_all_name_servers_lack_may_be_closed_here() -> None:
    async with Delegated() as network:
        network.set_up()
        for address in ("192.0.2.121", "192.0.2.122"):
            put(network, address, tcp=False)
        report = await run(network, f"bob@{DOMAIN}", timeout=0.3)
    found = [item for step in report.steps.values() for item in step.findings if item.code == "dns-tcp-failed"]
    assert [item.side for item in found] == [Side.HERE] * 2


async def test_name_servers_that_this_host_has_no_route_to_are_not_said_to_fail() -> None:
    servers = ("2001:db8::121", "2001:db8::122")
    async with Delegated() as network:
        network.unrouted = {6}
        network.delegated(*zip(("a", "b"), servers, strict=True))
        put(network, RESOLVER, broken=names(DOMAIN))
        report = await run(network, f"bob@{DOMAIN}", timeout=0.3)
    [found] = [item for item in at(report, "soa").findings if item.code == "dns-server-failure"]
    assert "serves" not in found.meaning
    assert "could not query" in found.meaning


async def test_former_name_servers_with_the_same_serial_and_other_mail_hosts_do_harm() -> None:
    async with Delegated() as network:
        former = text_of(("b",), more="@ MX 10 mx.expired.example.\nb A 192.0.2.122")
        network.known(former)
        network.served(("192.0.2.121",), text_of(("a",), more=f"{MAIL}\na A 192.0.2.121"))
        network.served(("192.0.2.122",), former)
        network.delegated(("a", "192.0.2.121"))
        report = await told(network)
    assert "delegation-stale" in codes(report, "soa")
