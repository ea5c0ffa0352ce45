"""One address of a name server: what it is asked, and what of its answers counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair, Question
from smtpdiag_tui.checks.lookups.authority import AuthorityView, observe_again, observe_authority
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer
from tests.checks.lookups.zone_made import both, ns_answer, soa
from tests.checks.making import DOMAIN, answer

ADDRESS = "192.0.2.51"
MX = answer("MX", ["10 mx.example."], flags=("AA",))
NO_MX = answer("MX", flags=("AA",))
A = answer("A", ["192.0.2.7"], flags=("AA",))


@dataclass
class Authority(DnsClient):
    """Answers as one name server by type; `again` holds other answers for who asks again."""

    network: object = None  # type: ignore[assignment]
    settings: object = None  # type: ignore[assignment]
    table: dict[str, Answer] = field(default_factory=dict)
    tcp: dict[str, Answer] = field(default_factory=dict)
    again: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def pair(self, server: DnsServer, question: Question) -> Pair:
        udp = await self.ask(server, question, Transport.UDP)
        return Pair(udp, await self.ask(server, question, Transport.TCP))

    async def ask(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        assert not question.recurse
        self.asked.append(f"{question} {transport}")
        table = self.tcp if transport is Transport.TCP and question.rdtype in self.tcp else self.table
        return replace(table[question.rdtype], transport=transport)

    async def ask_again(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        self.asked.append(f"{question} {transport} again")
        return replace((self.again or self.table)[question.rdtype], transport=transport)

    async def first_usable(self, servers: Sequence[DnsServer], question: Question) -> Answer | None:
        return await self.ask(servers[0], question, Transport.UDP)


def told(**table: Answer) -> Authority:
    return Authority(table={"SOA": soa(7), "NS": ns_answer(["ns1.example"]), "MX": MX, **table})


async def observe(dns: Authority) -> AuthorityView:
    return await observe_authority(dns, "ns1.example", ADDRESS, DOMAIN, DOMAIN)


async def test_the_mail_hosts_are_asked_for_beside_the_serial_in_four_questions() -> None:
    dns = told()
    view = await observe(dns)
    assert (view.serial, view.mx, view.a, view.aaaa) == (7, replace(MX), None, None)
    assert sorted(dns.asked) == [f"MX {DOMAIN} udp", f"NS {DOMAIN} udp", f"SOA {DOMAIN} tcp", f"SOA {DOMAIN} udp"]


async def test_addresses_are_asked_for_where_there_is_no_mx() -> None:
    view = await observe(told(MX=NO_MX, A=A, AAAA=answer("AAAA", flags=("AA",))))
    assert [one.question.rdtype for one in view.mail] == ["MX", "A", "AAAA"]


@pytest.mark.parametrize(
    "mx",
    [
        answer("MX", flags=("RA",)),
        answer("MX", kind=AnswerKind.NXDOMAIN, flags=("AA",)),
        answer("MX", kind=AnswerKind.SERVFAIL),
        answer("MX", aliases=[(DOMAIN, "elsewhere.example")], flags=("AA",)),
    ],
)
async def test_and_nowhere_else(mx: Answer) -> None:
    view = await observe(told(MX=mx))
    assert view.mail == (mx,)


async def test_who_is_lame_is_asked_for_the_mail_hosts_too_and_who_is_silent_for_nothing() -> None:
    refused = await observe(told(SOA=answer("SOA", kind=AnswerKind.REFUSED)))
    assert refused.lame
    assert (refused.ns, refused.mx) == (None, MX)
    dns = told(SOA=answer("SOA", kind=AnswerKind.TIMEOUT))
    assert (await observe(dns)).mail == ()
    assert len(dns.asked) == 2


async def test_where_only_tcp_gives_the_zone_the_mail_hosts_are_asked_over_tcp() -> None:
    dns = told(SOA=soa(9, flags=("RA",)))
    dns.tcp = {"SOA": soa(7), "MX": answer("MX", ["10 real.example."], flags=("AA",))}
    view = await observe(dns)
    assert (view.serial, view.lame) == (7, False)
    assert view.mx is not None
    assert view.mx.records[0].data == "10 real.example."


async def test_asked_again_what_it_says_then_counts() -> None:
    dns = told()
    first = await observe(dns)
    dns.again = {"SOA": soa(8), "MX": answer("MX", ["10 new.example."], flags=("AA",))}
    second = await observe_again(dns, first, DOMAIN)
    assert (second.serial, second.unsteady, second.ns) == (8, True, first.ns)
    dns.again = {}
    assert not (await observe_again(dns, first, DOMAIN)).unsteady


async def test_silence_when_asked_again_takes_nothing_back() -> None:
    dns = told()
    first = await observe(dns)
    dns.again = {"SOA": answer("SOA", kind=AnswerKind.TIMEOUT)}
    assert await observe_again(dns, first, DOMAIN) == first
    dns.again = {"SOA": soa(7), "MX": answer("MX", kind=AnswerKind.TIMEOUT)}
    assert (await observe_again(dns, first, DOMAIN)).mx == first.mx


def test_two_soa_records_or_another_owner_are_no_service() -> None:
    two = answer("SOA", ["a. b. 1 2 3 4 5", "a. b. 2 2 3 4 5"], flags=("AA",))
    assert AuthorityView("ns1.example", ADDRESS, both(two)).lame
