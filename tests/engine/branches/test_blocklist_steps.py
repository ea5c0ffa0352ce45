"""Blocklists in whole runs: a resolver that filters their answers, closed lists, words of trust, and reruns."""

import dns.message
import dns.rcode
import dns.rdatatype

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import RECORDS, DnsScript, build_zones
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DnsServer
from tests.engine.running import at, codes, run

RECIPIENT = "bob@plain.example"
LIST = "identity/dnsbl/bl.example"
HELD = '2.0.0.127 A 127.0.0.2\n2.0.0.127 TXT "test"\n10.2.0.192 A {}'


class Filtering(DemoNetwork):
    """A network whose resolver removes answers within 127.0.0.0/8, as protection against DNS rebinding does."""

    def __init__(self, rcode: dns.rcode.Rcode = dns.rcode.NOERROR, *, but: str = "no such list") -> None:
        super().__init__()
        self.rcode = rcode
        self.but = but
        self.asked: list[tuple[str, str, Transport]] = []

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        self.asked.append((name, dns.rdatatype.to_text(question.rdtype), transport))
        reply = await super().exchange(query, server, transport, limit)
        inside = any(data.to_text().startswith("127.") for rrset in reply.message.answer for data in rrset)
        if inside and not name.endswith(self.but):
            reply.message.answer.clear()
            reply.message.set_rcode(self.rcode)
        return reply


def with_zone(network: DemoNetwork, domain: str, records: str) -> None:
    zones = build_zones({**RECORDS, domain: records})
    for key, script in network.resolvers.items():
        network.resolvers[key] = DnsScript({**script.zones, **zones}, script.recursive)


def only_finding(report: Report, step: str) -> tuple[str, Side | None, str]:
    [found] = at(report, step).findings
    return found.code, found.side, found.message


async def test_a_resolver_that_filters_is_told_and_nothing_is_said_of_the_address() -> None:
    for rcode in (dns.rcode.NOERROR, dns.rcode.REFUSED, dns.rcode.NXDOMAIN):
        async with Filtering(rcode) as network:
            report = await run(network, RECIPIENT, dnsbl=("bl.example",))
        code, side, message = only_finding(report, LIST)
        assert (code, side) == ("dnsbl-filtered", Side.HERE)
        assert message == "Resolver 192.0.2.53 removes answers within 127.0.0.0/8"
        assert at(report, LIST).status is Status.UNKNOWN
        assert report.outcome is Outcome.ACCEPTED
        udp = [(name, rdtype) for name, rdtype, transport in network.asked if transport is Transport.UDP]
        assert [item for item in udp if item[0].endswith("bl.example") and udp.count(item) > 1] == []


async def test_one_list_that_answers_shows_that_nothing_is_filtered() -> None:
    async with DemoNetwork() as network:
        with_zone(network, "empty.example", "@ A 192.0.2.1")
        report = await run(network, RECIPIENT, dnsbl=("empty.example", "bl.example"))
    assert only_finding(report, "identity/dnsbl/empty.example")[0] == "dnsbl-unusable"
    assert codes(report, LIST) == {"dnsbl-listed"}


async def test_a_list_alone_without_its_test_address_is_probably_filtered() -> None:
    async with DemoNetwork() as network:
        with_zone(network, "empty.example", "@ A 192.0.2.1")
        report = await run(network, RECIPIENT, dnsbl=("empty.example",))
    code, _, message = only_finding(report, "identity/dnsbl/empty.example")
    assert (code, "probably removes" in message) == ("dnsbl-filtered", True)


async def test_a_filter_may_let_one_list_through() -> None:
    async with Filtering(but="bl.example") as network:
        with_zone(network, "zen.spamhaus.example", HELD.format("127.0.0.2"))
        report = await run(network, RECIPIENT, dnsbl=("zen.spamhaus.example", "bl.example"))
    assert codes(report, "identity/dnsbl") == {"dnsbl-filtered", "dnsbl-listed"}


async def test_a_list_run_again_remembers_that_another_answered() -> None:
    async with DemoNetwork() as network:
        with_zone(network, "empty.example", "@ A 192.0.2.1")
        lists = ("empty.example", "bl.example")
        first = await run(network, RECIPIENT, dnsbl=lists)
        step = "identity/dnsbl/empty.example"
        again = await run(network, RECIPIENT, dnsbl=lists, only=[step], previous=first)
    assert only_finding(again, step) == only_finding(first, step)
    assert at(again, LIST) == at(first, LIST)


async def test_a_word_of_trust_and_127_0_0_1_warn_of_nothing() -> None:
    async with DemoNetwork() as network:
        with_zone(network, "wl.trust.example", HELD.format("127.0.9.3"))
        with_zone(network, "odd.example", HELD.format("127.0.0.1"))
        report = await run(network, RECIPIENT, dnsbl=("wl.trust.example", "odd.example"))
    assert codes(report, "identity/dnsbl") == {"dnswl-listed"}
    assert at(report, "identity/dnsbl").status is Status.PASSED
    assert at(report, "identity/dnsbl/odd.example").detail == "192.0.2.10 not listed"


async def test_the_step_above_the_lists_tells_what_all_come_to() -> None:
    async with DemoNetwork() as network:
        for name in ("a.example", "b.example"):
            with_zone(
                network, name, HELD.format("127.0.0.2") if name == "a.example" else HELD.partition("10.2")[0]
            )
        report = await run(network, RECIPIENT, dnsbl=("a.example", "b.example", "closed.example"))
    assert at(report, "identity/dnsbl").detail == (
        "192.0.2.10 listed on a.example, not listed on 1 list, 1 list not usable"
    )
