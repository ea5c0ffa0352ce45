"""A resolver that is wrong, from end to end: what is told, whose side it is, and what becomes of the mail."""

import re

import dns.message
import dns.rcode
import dns.rrset
import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import Serves
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DnsServer
from tests.engine.bending import bend, deny, explain, say, with_authority
from tests.engine.delegated import ALL_WELL, DOMAIN, Delegated, text_of
from tests.engine.resolving import put
from tests.engine.running import at, codes, run

RESOLVER, SECOND, PARENT = "192.0.2.53", "192.0.2.54", "192.0.2.50"
AUTHORITIES = ("192.0.2.51", "2001:db8::51", "192.0.2.52", "2001:db8::52")
NULL = "0.0.0.0"
OF_RESOLVER = {"stale-resolver", "answer-filtered", "nxdomain-rewritten"}
RANDOM = re.compile(r"[a-z]{20}\.example")


def found(report: Report, code: str, branch: str = "remote") -> Finding:
    [item] = [one for one in at(report, branch).findings if one.code == code]
    return item


def never_denied(report: Report) -> None:
    """Nothing says that a domain does not exist, or has no mail host, which its authority has."""
    assert not codes(report) & {"domain-not-found", "no-mail-host", "implicit-mx", "internal-error", "null-mx"}
    assert "does not exist" not in report.summary
    assert "does not exist" not in at(report, "delivery").detail + at(report, "remote").detail


async def test_a_healthy_run_asks_no_random_name_and_little_more() -> None:
    names: set[str] = set()

    def listen(name: str, _rdtype: str, _reply: dns.message.Message) -> None:
        names.add(name)

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, listen)
        report = await run(network, "bob@partner.example")
    assert report.status is Status.PASSED
    assert not any(RANDOM.fullmatch(name) for name in names)


async def test_an_outdated_nxdomain_is_told_with_its_end_and_what_the_authority_says() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@forgotten.example")
    never_denied(report)
    assert (report.outcome, report.side) == (Outcome.BOUNCED, Side.HERE)
    told = found(report, "stale-resolver")
    assert told.message == "Resolver 192.0.2.53 returns an outdated NXDOMAIN for forgotten.example"
    assert "10 mx.forgotten.example" in told.meaning
    assert "NXDOMAIN" in told.message
    assert RESOLVER in told.message
    assert re.search(r"expires in 5 minutes, at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", told.meaning)
    assert told.advice is not None
    assert told.advice.startswith(f"Flush forgotten.example from the cache of {RESOLVER}, or wait 5 minutes")
    assert report.causes[0].code == "stale-resolver"
    assert "Flush forgotten.example" in to_text(report)


@pytest.mark.parametrize("shape", ["no mx", "null mx", "other mx", "nxdomain for mx alone"])
async def test_an_outdated_answer_in_any_shape(shape: str) -> None:
    def old(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) != ("partner.example", "MX"):
            return
        if shape == "nxdomain for mx alone":
            deny(reply, "partner.example")
        else:
            say(reply, *{"no mx": (), "null mx": ("0 .",), "other mx": ("10 mx.differ.example.",)}[shape])

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, old)
        report = await run(network, "bob@partner.example")
    never_denied(report)
    assert found(report, "stale-resolver").side is Side.HERE
    assert "soa-serial-match" in codes(report, "soa")  # the serials are equal: that proves nothing
    assert found(report, "stale-resolver").severity == ("warning" if shape == "other mx" else "failure")
    if shape != "other mx":
        assert (report.outcome, report.side) == (Outcome.BOUNCED, Side.HERE)
        assert report.causes[0].code == "stale-resolver"
    else:
        assert report.outcome is Outcome.ACCEPTED
        assert not report.causes[0].decides


async def test_a_ttl_of_zero_is_no_copy_of_that_servers_own() -> None:
    def old(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("partner.example", "MX"):
            say(reply, "10 mx.differ.example.", ttl=0)

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, old)
        report = await run(network, "bob@partner.example")
    told = found(report, "stale-resolver")
    assert "TTL of 0" in told.meaning
    assert "forwards to" in (told.advice or "")
    assert "wait" not in (told.advice or "")


async def test_authorities_that_differ_are_told_and_the_resolver_is_not() -> None:
    def third(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("serialmx.example", "MX"):
            say(reply, "10 mx.differ.example.")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, third)
        report = await run(network, "bob@serialmx.example")
    assert "soa-mx-mismatch" in codes(report, "soa")
    assert not codes(report) & OF_RESOLVER


async def test_a_resolver_with_authority_of_its_own_is_split_horizon() -> None:
    def own(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("partner.example", "MX"):
            say(reply, "10 mx.differ.example.")
            with_authority(reply)

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, own)
        report = await run(network, "bob@partner.example")
    assert not codes(report) & OF_RESOLVER
    told = found(report, "dns-answers-differ")
    assert (told.severity, told.side) == ("warning", Side.HERE)
    assert told.message == "Resolver 192.0.2.53 has its own MX records for partner.example (split DNS)"
    assert report.outcome is Outcome.ACCEPTED


async def test_private_addresses_of_other_mail_hosts_are_split_horizon() -> None:
    def own(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("partner.example", "MX"):
            say(reply, "10 inner.partner.example.")
        elif name == "inner.partner.example":
            say(reply, *(("10.0.0.25",) if rdtype == "A" else ()))

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, own)
        report = await run(network, "bob@partner.example")
    assert not codes(report) & OF_RESOLVER
    assert "private addresses" in found(report, "dns-answers-differ").meaning


async def test_split_view_with_a_target_is_told_once_and_the_target_is_followed() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@split.example")
    assert [item.code for item in at(report, "remote").findings] == ["dns-answers-differ"]
    assert "split DNS" in found(report, "dns-answers-differ").message
    assert not codes(report) & (OF_RESOLVER | {"mail-host-addresses-differ"})


async def test_a_server_that_is_not_followed_may_be_outdated_too() -> None:
    def old(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("partner.example", "MX"):
            deny(reply, "example")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, old)
        report = await run(network, "bob@partner.example", dns=(DnsServer(SECOND),))
    assert report.outcome is Outcome.ACCEPTED
    assert found(report, "stale-resolver").severity == "warning"
    assert RESOLVER in found(report, "stale-resolver").message


async def test_a_blocked_domain_is_told_as_the_resolvers_filter() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@filtered.example")
    never_denied(report)
    assert (report.outcome, report.side) == (Outcome.BOUNCED, Side.HERE)
    told = found(report, "answer-filtered")
    assert "15 blocked (the domain is on the list of this network)" in told.meaning
    assert "10 mx.filtered.example" in told.meaning
    assert [item.code for item in report.causes if item.decides] == ["answer-filtered"]


async def test_a_refusal_that_is_explained_as_a_filter_is_no_fault_of_the_domain() -> None:
    def refuse(name: str, _rdtype: str, reply: dns.message.Message) -> None:
        if name.endswith("partner.example"):
            say(reply)
            reply.set_rcode(dns.rcode.REFUSED)
            explain(reply, 17, "category")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, refuse)
        report = await run(network, "bob@partner.example")
    assert "answer-filtered" in codes(report, "remote")
    assert not codes(report, "remote") & {"dns-server-failure", "domain-not-found"}
    assert not codes(report, "soa") & {"dns-server-failure", "domain-not-found"}
    assert (report.outcome, report.side) == (Outcome.DEFERRED, Side.HERE)


async def test_a_proxy_that_empties_the_mx_of_all_domains_is_a_filter() -> None:
    def empty(_name: str, rdtype: str, reply: dns.message.Message) -> None:
        if rdtype == "MX":
            say(reply)

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, empty)
        report = await run(network, "bob@partner.example")
    never_denied_but_for_the_sender = codes(report, "remote")
    assert "answer-filtered" in never_denied_but_for_the_sender
    assert "no MX record for any domain" in found(report, "answer-filtered").meaning
    assert not codes(report, "remote") & {"stale-resolver", "no-mail-host"}


@pytest.mark.parametrize("how", ["null", "nxdomain", "error"])
async def test_a_mail_host_that_is_nulled_is_filtered_and_the_domain_is_not_to_blame(how: str) -> None:
    def null(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if name != "mx.expired.example":
            return
        if how == "null":
            say(reply, *((NULL,) if rdtype == "A" else ("::",)))
        else:
            deny(reply)
            if how == "error":
                explain(reply, 15, "")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, null)
        report = await run(network, "bob@expired.example")
    host = "delivery/mx.expired.example"
    told = found(report, "answer-filtered", host)
    assert (told.side, told.severity) == (Side.HERE, "failure")
    assert "192.0.2.37" in told.meaning
    assert not codes(report) & {"mx-unresolvable", "mx-none-usable", "stale-resolver"}
    assert report.side is Side.HERE
    assert report.causes[0].code == "answer-filtered"
    sides = {
        item.side for step in report.steps.values() for item in step.findings if item.code == "mx-address-unusable"
    }
    assert sides <= {Side.HERE}


async def test_an_outdated_address_of_a_mail_host_that_nobody_answers_at() -> None:
    def old(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("mx.expired.example", "A"):
            say(reply, "192.0.2.31", ttl=90)

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, old)
        report = await run(network, "bob@expired.example")
    told = found(report, "stale-resolver", "delivery/mx.expired.example")
    assert "192.0.2.31" in told.meaning
    assert "192.0.2.37" in told.meaning
    assert "1 minute 30 seconds" in told.meaning
    assert (report.outcome, report.side) == (Outcome.DEFERRED, Side.HERE)
    assert report.causes[0].code == "stale-resolver"


@pytest.mark.parametrize("old", ["mx A 192.0.2.31", ""])
@pytest.mark.parametrize("serial", [7, 8])
async def test_an_address_that_one_of_the_name_servers_gives_is_no_old_copy(old: str, serial: int) -> None:
    mail = "@ MX 10 mx"
    async with Delegated() as network:
        behind = text_of(("a", "b"), 7, f"{mail}\n{old}\n{ALL_WELL}")
        network.set_up()
        network.known(behind)
        network.served(("192.0.2.121",), text_of(("a", "b"), serial, f"{mail}\nmx A 192.0.2.37\n{ALL_WELL}"))
        network.served(("192.0.2.122",), behind)
        report = await run(network, f"bob@{DOMAIN}", timeout=0.5)
    assert not codes(report) & OF_RESOLVER
    assert report.side is Side.RECIPIENT
    assert not any(cause.side is Side.HERE for cause in report.causes)


async def test_an_address_of_a_foreign_mail_host_that_its_second_name_server_gives_is_no_old_copy() -> None:
    def old(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("mx.expired.example", "A"):
            say(reply, "192.0.2.31", ttl=86400)

    def lasting(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("mx.expired.example", "A"):
            say(reply, "192.0.2.37", ttl=86400)

    async with Delegated() as network:
        network.set_up("@ MX 10 mx.expired.example.")
        for address in (RESOLVER, "192.0.2.52"):
            await bend(network, address, old)
        await bend(network, "192.0.2.51", lasting)
        report = await run(network, f"bob@{DOMAIN}")
    assert not codes(report) & OF_RESOLVER
    assert report.side is Side.RECIPIENT


async def test_an_address_that_takes_the_mail_is_not_called_outdated() -> None:
    def elsewhere(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("mx.expired.example", "A"):
            say(reply, "192.0.2.22")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, elsewhere)
        report = await run(network, "bob@expired.example")
    assert report.outcome is Outcome.ACCEPTED
    assert not codes(report) & OF_RESOLVER


async def test_a_portal_in_place_of_nxdomain_is_not_believed() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@misspelt.example")
    assert (report.outcome, report.side) == (Outcome.BOUNCED, Side.HERE)
    assert not codes(report, "remote") & {"implicit-mx", "no-mail-host", "domain-not-found"}
    assert {item.outcome for item in report.senders} == {Outcome.BOUNCED}
    assert "soa-missing" not in codes(report)
    told = found(report, "nxdomain-rewritten")
    assert any(RANDOM.search(line) for line in told.evidence)
    assert report.causes[0].code == "nxdomain-rewritten"


async def test_a_portal_that_accepts_mail_is_not_believed_either() -> None:
    def portal(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if name == "missing.example" or RANDOM.fullmatch(name):
            say(reply, *(("192.0.2.42",) if rdtype == "A" else ()))
            explain(reply, 29, "synthesized")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, portal)
        report = await run(network, "bob@missing.example")
    assert report.outcome is Outcome.BOUNCED
    assert report.causes[0].code == "nxdomain-rewritten"
    assert "misspelt" not in report.summary


async def test_a_portal_that_answers_everything_itself_is_seen_without_an_authority() -> None:
    def portal(_name: str, rdtype: str, reply: dns.message.Message) -> None:
        say(reply, *(("192.0.2.6",) if rdtype == "A" else ()))

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, portal)
        report = await run(network, "bob@partner.example")
    assert (report.outcome, report.side) == (Outcome.UNKNOWN, Side.HERE)
    assert report.causes[0].code == "nxdomain-rewritten"
    assert "nxdomain-rewritten" in codes(report, "local")
    assert not codes(report) & {"implicit-mx", "no-mail-host", "domain-not-found"}


async def test_a_resolver_that_refuses_one_domain_has_a_rule_of_its_own() -> None:
    def refuse(name: str, _rdtype: str, reply: dns.message.Message) -> None:
        if name.endswith("partner.example"):
            say(reply)
            reply.set_rcode(dns.rcode.REFUSED)

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, refuse)
        report = await run(network, "bob@partner.example")
    assert (report.outcome, report.side) == (Outcome.DEFERRED, Side.HERE)
    assert report.causes[0].code == "answer-filtered"
    assert "dns-server-failure" not in codes(report)


async def test_a_resolver_that_fails_where_all_name_servers_answer_is_at_fault_itself() -> None:
    def fail(name: str, _rdtype: str, reply: dns.message.Message) -> None:
        if name.endswith("partner.example"):
            say(reply)
            reply.set_rcode(dns.rcode.SERVFAIL)

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, fail)
        report = await run(network, "bob@partner.example")
    assert report.outcome is Outcome.DEFERRED
    assert found(report, "dns-server-failure").side is Side.HERE
    assert report.side is Side.HERE


async def test_a_server_that_refuses_everybody_does_not_filter_this_domain() -> None:
    async with DemoNetwork() as network:
        put(network, RESOLVER, serves=Serves.REFUSES)
        report = await run(network, "bob@partner.example", dns=(DnsServer(RESOLVER), DnsServer(SECOND)))
    assert report.outcome is Outcome.ACCEPTED
    assert "dns-no-recursion" in codes(report, "dns-servers")
    assert "answer-filtered" not in codes(report)
    assert not report.causes


async def test_one_domain_at_both_ends_is_judged_by_its_authority_at_both() -> None:
    def denied(name: str, _rdtype: str, reply: dns.message.Message) -> None:
        if name == "partner.example":
            deny(reply, "example")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, denied)
        report = await run(network, "bob@partner.example", sender="alice@partner.example")
    never_denied(report)
    assert found(report, "stale-resolver", "local").side is Side.HERE
    assert (report.outcome, report.side) == (Outcome.BOUNCED, Side.HERE)


@pytest.mark.parametrize(
    ("domain", "code"),
    [("null.example", "null-mx"), ("implicit.example", "implicit-mx"), ("dns.example", "no-mail-host")],
)
async def test_what_the_senders_domain_lacks_is_seen_to_here(domain: str, code: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", sender=f"alice@{domain}")
    assert found(report, code, "local").side is Side.HERE


async def test_a_name_that_is_denied_for_the_soa_alone_is_not_said_to_be_missing() -> None:
    def only_mx(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if name == DOMAIN and rdtype not in ("MX", "NS"):
            deny(reply, "example")

    async with Delegated() as network:
        network.set_up()
        for address in (RESOLVER, "192.0.2.121", "192.0.2.122"):
            await bend(network, address, only_mx)
        report = await run(network, f"bob@{DOMAIN}")
        again = await run(network, f"bob@{DOMAIN}", only={"soa"}, previous=report)
    assert not (codes(report) | codes(again)) & {"domain-not-found"}
    assert "answers-contradict" in codes(again, "soa")
    assert "but records for MX" in found(report, "answers-contradict", "soa").message
    assert report.outcome is Outcome.ACCEPTED


async def test_what_a_server_says_that_is_passed_over_is_no_cause() -> None:
    def refuse(name: str, _rdtype: str, reply: dns.message.Message) -> None:
        if name.endswith("partner.example"):
            say(reply)
            reply.set_rcode(dns.rcode.REFUSED)

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, refuse)
        report = await run(network, "bob@partner.example", dns=(DnsServer(RESOLVER), DnsServer(SECOND)))
    assert report.outcome is Outcome.ACCEPTED
    assert not report.causes


async def test_a_portal_hides_a_domain_that_exists() -> None:
    def portal(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if name == "expired.example" or RANDOM.fullmatch(name):
            say(reply, *(("192.0.2.42",) if rdtype == "A" else ()))

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, portal)
        report = await run(network, "bob@expired.example")
    assert report.outcome is Outcome.UNKNOWN
    assert "instead of its MX records (10 mx.expired.example)" in found(report, "nxdomain-rewritten").meaning


async def test_a_wildcard_of_the_zone_above_is_no_rewriting() -> None:
    def wild(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if RANDOM.fullmatch(name):
            say(reply, *(("192.0.2.42",) if rdtype == "A" else ()))

    async with DemoNetwork() as network:
        for address in (RESOLVER, PARENT):
            await bend(network, address, wild)
        report = await run(network, "bob@implicit.example")
    assert report.outcome is Outcome.ACCEPTED
    assert "implicit-mx" in codes(report, "remote")
    assert not codes(report) & OF_RESOLVER


async def test_nxdomain_beside_an_address_contradicts_itself_and_the_worst_is_told() -> None:
    def broken(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("implicit.example", "MX"):
            deny(reply, "implicit.example")

    async with DemoNetwork() as network:
        for address in (RESOLVER, *AUTHORITIES):
            await bend(network, address, broken)
        report = await run(network, "bob@implicit.example")
    assert "domain-not-found" not in codes(report)
    told = found(report, "answers-contradict")
    assert (told.severity, told.side) == ("warning", Side.RECIPIENT)
    assert "hostmaster@implicit.example" in (told.advice or "")
    assert (report.outcome, report.side) == (Outcome.BOUNCED, Side.RECIPIENT)
    assert "Postfix delivers to the address of implicit.example" in report.causes[0].meaning
    assert "does not exist" not in report.summary


async def test_the_senders_domain_that_contradicts_itself_is_ours() -> None:
    def broken(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("sender.example", "MX"):
            deny(reply, "sender.example")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, broken)
        report = await run(network, "bob@partner.example")
    assert found(report, "answers-contradict", "local").side is Side.HERE
    assert "domain-not-found" not in codes(report)
    assert report.outcome is Outcome.ACCEPTED


async def test_a_cname_at_the_apex_is_told_as_what_hides_the_mx() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@alias.example")
    told = found(report, "cname-at-apex")
    assert (told.severity, told.side) == ("warning", Side.RECIPIENT)
    assert told.message == "The CNAME at the apex of alias.example hides its MX records"
    assert any("10 mx.alias.example" in line for line in told.evidence)
    assert "hostmaster" not in (told.advice or "") or "alias.example" in (told.advice or "")
    assert not codes(report, "remote") & {"mx-through-cname", "implicit-mx", "stale-resolver"}


async def test_a_cname_where_no_zone_begins_is_information() -> None:
    def alias(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if name == "sub.partner.example":
            if rdtype == "MX":
                say(reply, "implicit.example.", rdtype="CNAME")
                mx = dns.rrset.from_text("implicit.example.", 300, "IN", "MX", "10 mx1.partner.example.")
                reply.answer.append(mx)
            else:
                say(reply, "implicit.example.", rdtype="CNAME")

    async with DemoNetwork() as network:
        for address in (RESOLVER, *AUTHORITIES):
            await bend(network, address, alias)
        report = await run(network, "bob@sub.partner.example")
    assert "mx-through-cname" in codes(report, "remote")
    assert "cname-at-apex" not in codes(report)


async def test_hosts_are_compared_between_two_servers_in_use() -> None:
    def inside(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("mx1.partner.example", "A"):
            say(reply, "10.0.0.25")
        if (name, rdtype) == ("mx2.partner.example", "A"):
            say(reply, "192.0.2.23")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, inside)
        report = await run(network, "bob@partner.example", dns=(DnsServer(SECOND),))
    assert report.outcome is Outcome.ACCEPTED
    assert found(report, "mail-host-addresses-differ", "delivery/mx1.partner.example").severity == "warning"
    assert found(report, "mail-host-addresses-differ", "delivery/mx2.partner.example").severity == "info"
    assert at(report, "delivery/mx1.partner.example").status is Status.WARNING
    assert "mail-host-addresses-differ" not in codes(report, "delivery/mx3.partner.example")


class Counting(DemoNetwork):
    """Counts the queries that are sent."""

    def __init__(self) -> None:
        super().__init__()
        self.queries = 0

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        self.queries += 1
        return await super().exchange(query, server, transport, limit)


async def test_a_healthy_run_costs_at_most_twice_the_queries_that_it_would_without_an_arbiter() -> None:
    async with Counting() as network:
        report = await run(network, "bob@partner.example")
    assert report.status is Status.PASSED
    assert network.queries <= 2 * 54


async def test_private_addresses_of_the_resolvers_own_are_not_the_domains() -> None:
    def inside(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("mx.expired.example", "A"):
            say(reply, "10.0.0.99")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, inside)
        report = await run(network, "bob@expired.example", timeout=1)
    host = "delivery/mx.expired.example"
    assert found(report, "dns-answers-differ", host).side is Side.HERE
    assert found(report, "mx-address-not-public", f"{host}/10.0.0.99").side is Side.HERE
    assert report.side is Side.HERE
    assert not codes(report) & OF_RESOLVER


async def test_a_mail_host_in_another_zone_is_asked_for_there() -> None:
    def null(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("serial.example", "MX"):
            say(reply, "10 mx.expired.example.")
        if name == "mx.expired.example":
            say(reply, *((NULL,) if rdtype == "A" else ()))

    def other(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if (name, rdtype) == ("serial.example", "MX"):
            say(reply, "10 mx.expired.example.")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, null)
        for address in AUTHORITIES:
            await bend(network, address, other)
        report = await run(network, "bob@serial.example")
    told = found(report, "answer-filtered", "delivery/mx.expired.example")
    assert "192.0.2.37" in told.meaning
    assert (report.side, report.causes[0].code) == (Side.HERE, "answer-filtered")


async def test_a_registered_domain_that_is_an_alias_has_its_mx_hidden_too() -> None:
    def alias(name: str, rdtype: str, reply: dns.message.Message) -> None:
        if name == "undelegated.example":
            say(reply, "implicit.example.", rdtype="CNAME")
            if rdtype == "MX":
                mx = dns.rrset.from_text("implicit.example.", 300, "IN", "MX", "10 mx1.partner.example.")
                reply.answer.append(mx)

    async with DemoNetwork() as network:
        for address in (RESOLVER, PARENT):
            await bend(network, address, alias)
        report = await run(network, "bob@undelegated.example")
    assert "cname-at-apex" in codes(report, "remote")
    assert "mx-through-cname" not in codes(report, "remote")


async def test_the_senders_domain_that_the_resolver_blocks_is_told_as_that() -> None:
    def block(name: str, _rdtype: str, reply: dns.message.Message) -> None:
        if name == "sender.example":
            deny(reply)
            explain(reply, 16, "by order")

    async with DemoNetwork() as network:
        await bend(network, RESOLVER, block)
        report = await run(network, "bob@partner.example")
    told = found(report, "answer-filtered", "local")
    assert told.side is Side.HERE
    assert "cannot look up the sender domain sender.example" in told.meaning
    assert "domain-not-found" not in codes(report)
    assert report.outcome is Outcome.ACCEPTED
