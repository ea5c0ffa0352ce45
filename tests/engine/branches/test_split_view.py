"""Names of this host that its own resolver gives private addresses for: judged as the outside sees them."""

from collections import Counter
from collections.abc import Mapping

import dns.message
import dns.name
import dns.rdatatype

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import RECORDS, DnsScript, build_zones
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DnsServer
from tests.engine.running import at, codes, run

RESOLVER, TARGET, AUTHORITY = "192.0.2.53", "192.0.2.54", "192.0.2.51"
RECIPIENT = "bob@plain.example"
NAME, ADDRESS = "identity/ehlo-name", "identity/ipv4"
SENDER = "@ MX 10 mx\n@ A 192.0.2.10\nmx A 192.0.2.11\n"
INSIDE = SENDER + "mail A 10.0.0.5"


class Counting(DemoNetwork):
    """A network that counts the questions of each server, and where some servers are silent."""

    def __init__(self, inside: Mapping[str, str], *silent: str) -> None:
        super().__init__()
        self.asked: Counter[tuple[str, str, str]] = Counter()
        knows(self, RESOLVER, inside)
        for server in silent:
            knows(self, server, {}, nothing=True)

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        if transport is Transport.UDP:
            question = query.question[0]
            name, rdtype = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
            self.asked[server.address, name, rdtype] += 1
        return await super().exchange(query, server, transport, limit)


def knows(network: DemoNetwork, server: str, records: Mapping[str, str], *, nothing: bool = False) -> None:
    """Have one server hold other versions of zones, or none of them."""
    script = network.resolvers[server]
    zones = {} if nothing else {**script.zones, **build_zones({**RECORDS, **records})}
    if not nothing and server == RESOLVER:
        zones = {**script.zones, **build_zones(records)}
    network.resolvers[server] = DnsScript(zones, script.recursive)


def of(report: Report, step: str, code: str) -> Finding:
    return next(item for item in at(report, step).findings if item.code == code)


async def test_a_private_address_inside_is_no_mismatch_where_the_name_servers_know_a_public_one() -> None:
    async with Counting({"sender.example": INSIDE}) as network:
        report = await run(network, RECIPIENT)
    found = of(report, NAME, "split-view")
    assert (found.severity, found.side) == ("info", Side.HERE)
    assert found.message == "mail.sender.example resolves to 10.0.0.5 inside and to 192.0.2.10 outside"
    assert codes(report, "identity") == {"split-view"}
    assert at(report, NAME).status is at(report, ADDRESS).status is Status.PASSED
    assert at(report, NAME).detail == "mail.sender.example matches"
    assert "10.0.0.5" in at(report, NAME).facts.addresses
    repeated = {key: number for key, number in network.asked.items() if number > 1}
    assert repeated == {}


async def test_an_inside_zone_with_name_servers_of_its_own_does_not_hide_the_outside() -> None:
    async with Counting({"sender.example": INSIDE + "\n@ NS ns\nns A 10.0.0.53"}) as network:
        report = await run(network, RECIPIENT)
    assert codes(report, "identity") == {"split-view"}
    assert network.asked["192.0.2.50", "sender.example", "NS"] == 1


async def test_a_zone_of_the_name_alone_does_not_hide_it_either() -> None:
    async with Counting({"mail.sender.example": "@ A 10.0.0.5"}) as network:
        report = await run(network, RECIPIENT)
    assert codes(report, "identity") == {"split-view"}


async def test_where_nobody_outside_answers_it_is_unknown_and_no_mismatch() -> None:
    silent = (AUTHORITY, "192.0.2.52", "2001:db8::51", "2001:db8::52", "192.0.2.50")
    async with Counting({"sender.example": INSIDE}, *silent) as network:
        report = await run(network, RECIPIENT)
    found = of(report, NAME, "split-view-unknown")
    assert found.severity == "unknown"
    assert found.message == "mail.sender.example resolves to 10.0.0.5 inside; outside could not be determined"
    assert codes(report, "identity") == {"split-view-unknown"}
    assert at(report, NAME).status is at(report, ADDRESS).status is Status.UNKNOWN
    assert report.outcome is Outcome.ACCEPTED


async def test_a_target_server_is_the_outside() -> None:
    async with Counting({"sender.example": INSIDE}) as network:
        report = await run(network, RECIPIENT, dns=(DnsServer(TARGET),))
    found = of(report, NAME, "split-view")
    assert found.message.endswith(" and to 192.0.2.10 outside")
    assert codes(report, "identity") == {"split-view"}
    assert network.asked[AUTHORITY, "mail.sender.example", "A"] == 0
    assert {key: number for key, number in network.asked.items() if number > 1} == {}


async def test_what_the_target_says_is_judged_even_where_the_inside_fits() -> None:
    async with Counting({}) as network:
        other = {"sender.example": SENDER + "mail A 192.0.2.99", "2.0.192.in-addr.arpa": "10 PTR other.example."}
        knows(network, TARGET, other)
        report = await run(network, RECIPIENT, dns=(DnsServer(TARGET),))
    assert codes(report, NAME) == {"ehlo-name-mismatch"}
    assert "ptr-mismatch" in codes(report, ADDRESS)


async def test_a_split_view_does_not_excuse_an_outside_that_does_not_fit() -> None:
    async with Counting({"sender.example": INSIDE}) as network:
        other = {"sender.example": SENDER + "mail A 192.0.2.99", "2.0.192.in-addr.arpa": "10 PTR other.example."}
        knows(network, TARGET, other)
        report = await run(network, RECIPIENT, dns=(DnsServer(TARGET),))
    assert codes(report, NAME) == {"ehlo-name-mismatch", "split-view"}


async def test_a_private_address_that_the_outside_gives_is_a_mismatch() -> None:
    async with Counting({"sender.example": INSIDE}) as network:
        knows(network, TARGET, {"sender.example": INSIDE, "2.0.192.in-addr.arpa": "10 PTR other.example."})
        report = await run(network, RECIPIENT, dns=(DnsServer(TARGET),))
    assert codes(report, NAME) == {"ehlo-name-mismatch"}


async def test_name_servers_that_give_a_private_address_are_the_outside_too() -> None:
    async with Counting({"sender.example": INSIDE, "2.0.192.in-addr.arpa": "10 PTR other.example."}) as network:
        for server in (AUTHORITY, "192.0.2.52", "2001:db8::51", "2001:db8::52"):
            knows(network, server, {"sender.example": INSIDE})
        report = await run(network, RECIPIENT)
    assert codes(report, NAME) == {"ehlo-name-mismatch"}


async def test_a_target_that_does_not_resolve_leaves_the_judgement_to_the_system() -> None:
    async with Counting({}) as network:
        knows(network, AUTHORITY, {}, nothing=True)
        report = await run(network, RECIPIENT, dns=(DnsServer(TARGET), DnsServer(AUTHORITY)))
        alone = await run(network, "bob@[192.0.2.46]", dns=(DnsServer(AUTHORITY),))
    assert codes(report, "identity") == codes(alone, "identity") == set()
    assert at(alone, NAME).detail == "mail.sender.example matches"


async def test_a_split_view_behind_an_address_translator() -> None:
    reverse = {"2.0.192.in-addr.arpa": "70 PTR mail.sender.example."}
    async with Counting({"sender.example": SENDER + "mail A 10.0.0.10", **reverse}) as network:
        for server in (AUTHORITY, "192.0.2.52", "2001:db8::51", "2001:db8::52"):
            knows(network, server, {"sender.example": SENDER + "mail A 192.0.2.70", **reverse})
        report = await run(network, "bob@nat.example")
    assert codes(report, "identity") == {"address-translated", "split-view"}
    assert at(report, ADDRESS).detail == "PTR mail.sender.example resolves back"


async def test_the_inside_address_is_masked_with_the_rest() -> None:
    async with Counting({"sender.example": INSIDE}) as network:
        report = await run(network, RECIPIENT)
    assert "10.0.0.5" in to_json(report)
    assert "10.0.0.5" not in to_json(redact(report))


async def test_a_rerun_of_the_name_alone_comes_to_the_same() -> None:
    async with Counting({"sender.example": INSIDE}) as network:
        first = await run(network, RECIPIENT)
        again = await run(network, RECIPIENT, only=[NAME], previous=first)
    assert codes(again, NAME) == codes(first, NAME) == {"split-view"}
    assert at(again, ADDRESS) == at(first, ADDRESS)


async def test_a_name_that_is_public_everywhere_costs_no_question_more() -> None:
    async with Counting({}) as network:
        report = await run(network, RECIPIENT)
    assert codes(report, "identity") == set()
    assert network.asked[RESOLVER, "mail.sender.example", "A"] == 1
    assert network.asked[RESOLVER, "mail.sender.example", "SOA"] == 0
