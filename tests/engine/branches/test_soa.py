"""The zone of a domain that the resolvers fail for: found from the zones above, and shown."""

from dataclasses import replace

import dns.message
import dns.name
import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, Serves
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from tests.engine.bending import bend, deny
from tests.engine.delegated import ALL_WELL, DOMAIN, MAIL, PARENT, RESOLVER, Delegated, built, text_of
from tests.engine.resolving import names, put
from tests.engine.running import at, codes, run

A, B = f"soa/a.{DOMAIN}/192.0.2.121", f"soa/b.{DOMAIN}/192.0.2.122"


class Failing(Delegated):
    """The resolver fails for the domain, whose name servers are well."""

    def __init__(self) -> None:
        super().__init__()
        self.set_up()
        script = self.resolvers[RESOLVER]
        self.resolvers[RESOLVER] = replace(script, broken=frozenset({dns.name.from_text(DOMAIN)}))


async def told(network: Delegated, recipient: str = f"bob@{DOMAIN}") -> Report:
    """Run, and see that all ended well inside."""
    report = await run(network, recipient, timeout=0.3)
    assert "internal-error" not in codes(report)
    assert all(step.status.ended for step in report.steps.values())
    return report


async def test_the_name_servers_of_a_domain_that_fails_are_shown() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@servfail.example", timeout=0.3)
    assert codes(report, "soa") == {"dns-server-failure", "soa-lame-server"}
    assert at(report, "soa/ns1.servfail.example/192.0.2.116").status is Status.WARNING
    assert at(report, "soa/ns2.servfail.example/192.0.2.204").status is Status.WARNING
    assert at(report, "soa").detail == "servfail.example, no name server serves the zone; 192.0.2.53: SERVFAIL"
    assert report.outcome is Outcome.DEFERRED


async def test_silence_looks_the_same_at_a_name_server_and_over_both_transports() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@silent.example", timeout=0.3)
    for server in ("192.0.2.53", "ns1.silent-dns.example/192.0.2.203"):
        below = {step.status for step in report.children(f"soa/{server}")}
        assert below == {at(report, f"soa/{server}").status}
    assert at(report, "soa/192.0.2.53").status is Status.FAILED
    assert at(report, "soa").status is Status.FAILED  # no server at all knows the zone


async def test_a_server_that_refers_elsewhere_is_useless_for_the_zone_as_for_the_domains() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@referral.example", timeout=0.3)
    assert at(report, "soa/192.0.2.50").status is at(report, "remote/192.0.2.50").status is Status.UNKNOWN
    assert at(report, "soa/192.0.2.50").detail == at(report, "remote/192.0.2.50").detail
    assert at(report, "soa").status is Status.WARNING


async def test_name_servers_that_are_well_are_shown_with_their_mail_hosts() -> None:
    async with Failing() as network:
        report = await told(network)
    assert [at(report, step_id).detail for step_id in (A, B)] == ["serial 7, 1 MX"] * 2
    assert codes(report, "soa") == {"dns-server-failure"}
    [found] = [item for item in at(report, "soa").findings if item.code == "dns-server-failure"]
    assert "answered this host authoritatively" in found.meaning
    assert at(report, "soa").status is Status.FAILED


async def test_the_zone_is_found_for_a_mail_domain_below_it() -> None:
    async with Failing() as network:
        report = await told(network, f"bob@mail.eu.{DOMAIN}")
    assert at(report, "soa").detail == f"{DOMAIN}, serial 7 on 2 of 2 name server addresses; 192.0.2.53: SERVFAIL"
    assert ("192.0.2.121", "MX", f"mail.eu.{DOMAIN}") in network.asked
    assert at(report, A).detail == "serial 7, NXDOMAIN for MX"


async def test_the_walk_goes_on_to_a_zone_below() -> None:
    async with Failing() as network:
        sub = f"sub.{DOMAIN}"
        cut = f"{MAIL}\n{ALL_WELL}\nsub NS ns.sub\nns.sub A 192.0.2.123"
        network.served(("192.0.2.121", "192.0.2.122"), text_of(("a", "b"), 7, cut))
        network.served(("192.0.2.123",), text_of(("ns",), 9, f"{MAIL}\nns A 192.0.2.123"), sub)
        report = await told(network, f"bob@{sub}")
    assert at(report, "soa").detail == f"{sub}, serial 9 on 1 of 1 name server address; 192.0.2.53: SERVFAIL"
    assert at(report, f"soa/ns.{sub}/192.0.2.123").detail == "serial 9, 1 MX"


async def test_what_a_resolver_denies_and_the_parent_delegates_is_not_said_to_be_missing() -> None:
    async with Delegated() as network:
        network.set_up()
        script = network.resolvers[RESOLVER]
        hidden = {name: zone for name, zone in script.zones.items() if name != dns.name.from_text(DOMAIN)}
        network.resolvers[RESOLVER] = replace(script, zones=hidden)
        report = await told(network)
    assert at(report, A).detail == "serial 7, 1 MX"
    assert "domain-not-found" not in codes(report, "soa")


async def test_a_name_below_an_apex_that_the_resolver_alone_denies_is_outdated_there() -> None:
    sub = f"sub.{DOMAIN}"

    def denied(name: str, _rdtype: str, reply: dns.message.Message) -> None:
        if name == sub:
            deny(reply, DOMAIN)

    async with Delegated() as network:
        network.set_up("sub MX 10 mx1.partner.example.")
        await bend(network, RESOLVER, denied)
        report = await told(network, f"bob@{sub}")
    assert at(report, A).detail == "serial 7, 1 MX"
    assert "domain-not-found" not in codes(report)
    assert (report.outcome, report.side) == (Outcome.BOUNCED, Side.HERE)
    assert report.causes[0].code == "stale-resolver"


async def test_a_zone_that_the_parents_servers_serve_too_is_found_without_a_referral() -> None:
    def denied(name: str, _rdtype: str, reply: dns.message.Message) -> None:
        if name == DOMAIN:
            deny(reply, "example")

    async with Delegated() as network:
        text = text_of(("a",), more=f"{MAIL}\na A {PARENT}")
        script = network.resolvers[PARENT]
        network.resolvers[PARENT] = replace(script, zones={**script.zones, **built(DOMAIN, text)})
        network.known(text)
        await bend(network, RESOLVER, denied)
        report = await told(network)
    assert at(report, f"soa/a.{DOMAIN}/{PARENT}").detail == "serial 7, 1 MX"
    assert "domain-not-found" not in codes(report)
    assert report.causes[0].code == "stale-resolver"


async def test_a_resolver_that_leaves_out_the_soa_does_not_hide_the_zone() -> None:
    def short(_name: str, _rdtype: str, reply: dns.message.Message) -> None:
        reply.authority = []

    async with Delegated() as network:
        network.set_up("sub MX 10 mx1.partner.example.")
        await bend(network, RESOLVER, short)
        report = await told(network, f"bob@sub.{DOMAIN}")
    assert at(report, "soa").detail == f"{DOMAIN}, serial 7 on 2 of 2 name server addresses"
    assert at(report, "soa").status is Status.PASSED


async def test_what_does_not_exist_is_confirmed_by_the_parent_and_by_nobody_below() -> None:
    async with Delegated() as network:
        report = await told(network, "bob@missing.example")
    assert network.asked == [(PARENT, "NS", "missing.example")]
    [found] = [item for item in at(report, "soa").findings if item.code == "domain-not-found"]
    assert "a.nic.example [192.0.2.50] (zone example): NXDOMAIN" in found.evidence
    assert report.outcome is Outcome.BOUNCED


async def test_silence_for_one_domain_alone_leads_to_its_dead_name_servers() -> None:
    async with Delegated() as network:
        report = await run(network, "bob@silent.example", timeout=0.3)
    for step_id in ("soa/ns1.silent.example/192.0.2.205", "soa/ns2.silent.example/192.0.2.206"):
        assert codes(report, step_id) == {"soa-lame-server"}
    assert not codes(report) & {"dns-unreachable", "dns-egress-blocked"}


async def test_silence_for_both_domains_leads_to_the_name_servers_too() -> None:
    async with Delegated() as network:
        network.set_up()
        put(network, RESOLVER, silent=names(DOMAIN, "sender.example"))
        report = await told(network)
    assert at(report, A).detail == "serial 7, 1 MX"
    assert (report.outcome, report.side) == (Outcome.DEFERRED, Side.HERE)


@pytest.mark.parametrize("serves", [Serves.REFUSES, Serves.REFERS])
async def test_where_the_resolver_serves_nobody_there_is_no_walk(serves: Serves) -> None:
    async with Delegated() as network:
        network.set_up()
        network.resolvers[RESOLVER] = replace(network.resolvers[RESOLVER], serves=serves)
        report = await told(network)
    assert network.asked == []
    assert "soa-lame-server" not in codes(report)


async def test_the_walk_that_is_intercepted_calls_nobody_lame() -> None:
    async with Failing() as network:
        parents = text_of(("a.nic", "b.nic"), more="a.nic A 192.0.2.50\nb.nic A 192.0.2.126")
        network.known(parents, "example")
        network.intercept((PARENT, "192.0.2.126", "192.0.2.121", "192.0.2.122"))
        for address in (PARENT, "192.0.2.126"):
            network.resolvers[address] = replace(
                network.resolvers[address], broken=frozenset({dns.name.from_text(DOMAIN)})
            )
        report = await told(network)
    assert codes(report, "soa") == {"dns-server-failure", "dns-intercepted"}


async def hostile(zone_text: str, cut: str = "example") -> tuple[Report, Delegated]:
    """Run where the parent serves this zone under the name of `example`."""
    async with Failing() as network:
        network.resolvers[PARENT] = DnsScript(built(cut, zone_text))
        report = await told(network)
    return report, network


HEAD = "@ SOA a.nic hostmaster.nic 1 2 3 4 5\n@ NS a.nic\n"


async def test_a_referral_to_thousands_of_name_servers_is_bounded() -> None:
    many = "\n".join(f"{DOMAIN}. NS n{n}.example.\nn{n}.example. A 198.51.100.{n % 250 + 1}" for n in range(600))
    report, network = await hostile(HEAD + many)
    assert len({address for address, *_ in network.asked}) <= 40
    assert len([step for step in report.steps if step.startswith("soa/")]) < 200
    assert report.outcome is Outcome.DEFERRED


async def test_glue_that_nobody_may_be_asked_at_is_not_asked() -> None:
    report, network = await hostile(f"{HEAD}{DOMAIN}. NS x.{DOMAIN}.\nx.{DOMAIN}. A 127.0.0.1")
    assert {address for address, *_ in network.asked} == {PARENT}
    assert "was not queried" in at(report, f"soa/x.{DOMAIN}/127.0.0.1").findings[0].message


async def test_a_referral_upwards_ends_the_walk() -> None:
    async with Failing() as network:
        network.resolvers[PARENT] = DnsScript({}, serves=Serves.REFERS)
        report = await told(network)
    assert codes(report, "soa") == {"dns-server-failure"}
    assert len(network.asked) == 1


async def test_name_servers_that_refer_to_each_other_end_it_too() -> None:
    async with Failing() as network:
        for address in ("192.0.2.121", "192.0.2.122"):
            network.resolvers[address] = network.resolvers[PARENT]
        report = await told(network)
    assert codes(report, A) == {"soa-lame-server"}
    assert len(network.asked) < 20


async def test_a_resolver_that_returned_servfail_is_not_green_below_what_failed_for_it() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@bogus.example", timeout=0.3)
    for branch in ("soa", "remote"):
        server = f"{branch}/192.0.2.53"
        statuses = [at(report, key).status for key in (branch, server, f"{server}/udp", f"{server}/tcp")]
        assert statuses == [Status.FAILED] * 4
    assert at(report, "soa/192.0.2.53").detail == "SERVFAIL for SOA"
    assert at(report, "remote/192.0.2.53").detail == "SERVFAIL for MX"
    assert at(report, "dns-servers/192.0.2.53").status is Status.PASSED  # it answered, over both transports
    assert at(report, "soa/ns1.dns.example").status is Status.PASSED
    assert at(report, "local/192.0.2.53").status is Status.PASSED
