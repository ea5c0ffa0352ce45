"""Finding the zones of mail hosts, and asking there: bounded, and nothing believed without authority."""

from dataclasses import replace

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question
from smtpdiag_tui.checks.lookups.host_views import (
    HostZone,
    at_authority,
    at_resolvers,
    find_host_zone,
    lies_in,
)
from smtpdiag_tui.settings import DnsServer
from tests.checks.lookups.told import Told
from tests.checks.making import OTHER, SERVER, answer

HOST = "mx.mail.example"
AA = ("AA",)
TABLE: dict[tuple[str, str], Answer] = {
    (HOST, "SOA"): answer("SOA", name=HOST, soa="mail.example"),
    ("mail.example", "NS"): answer("NS", ["ns1.mail.example.", "ns2.mail.example."], name="mail.example"),
    ("ns1.mail.example", "A"): answer("A", name="ns1.mail.example"),
    ("ns1.mail.example", "AAAA"): answer("AAAA", name="ns1.mail.example"),
    ("ns2.mail.example", "A"): answer("A", ["192.0.2.51"], name="ns2.mail.example"),
    ("ns2.mail.example", "AAAA"): answer("AAAA", name="ns2.mail.example"),
}


async def test_the_zone_of_a_host_and_the_first_of_its_name_servers_with_an_address() -> None:
    found = await find_host_zone(Told(table=TABLE), [SERVER], HOST)
    assert found is not None
    assert (found.apex, found.server, found.own) == ("mail.example", DnsServer("192.0.2.51"), False)


async def test_a_host_that_does_not_exist_has_a_zone_too() -> None:
    denied = answer("SOA", kind=AnswerKind.NXDOMAIN, name=HOST, soa="mail.example")
    found = await find_host_zone(Told(table={**TABLE, (HOST, "SOA"): denied}), [SERVER], HOST)
    assert found is not None
    assert found.apex == "mail.example"


async def test_no_zone_is_taken_from_an_alias_or_from_elsewhere() -> None:
    alias = answer("SOA", name=HOST, aliases=[(HOST, "other.example")], soa="other.example")
    elsewhere = answer("SOA", name=HOST, soa="victim.example")
    failed = answer("SOA", kind=AnswerKind.SERVFAIL, name=HOST)
    for told in (alias, elsewhere, failed, answer("SOA", name=HOST, soa=None)):
        unknown = answer("SOA", name="mail.example", soa=None)
        table = {**TABLE, (HOST, "SOA"): told, ("mail.example", "SOA"): unknown}
        assert await find_host_zone(Told(table=table), [SERVER], HOST) is None
        above = answer("SOA", ["ns1.mail.example. h.mail.example. 1 2 3 4 5"], name="mail.example")
        table = {**TABLE, (HOST, "SOA"): told, ("mail.example", "SOA"): above}
        found = await find_host_zone(Told(table=table), [SERVER], HOST)
        assert found is not None  # a filter says nothing of the host, and what it says of its zone holds
        assert found.apex == "mail.example"


async def test_at_most_two_name_servers_are_looked_up() -> None:
    many = answer("NS", [f"ns{n}.mail.example." for n in range(3, 60)], name="mail.example")
    dns = Told(table={**TABLE, ("mail.example", "NS"): many})
    found = await find_host_zone(dns, [SERVER], HOST)
    assert found is not None
    assert found.server is None
    assert len({question.name for question in dns.asked if question.rdtype == "A"}) == 2


async def test_only_what_comes_with_authority_is_the_truth() -> None:
    zone = HostZone("mail.example", OTHER)
    a, aaaa = answer("A", ["192.0.2.1"], name=HOST, flags=AA), answer("AAAA", name=HOST, flags=AA)
    table = {(HOST, "A"): a, (HOST, "AAAA"): aaaa}
    assert await at_authority(Told(table=table), zone, HOST) == (a, aaaa)
    lame = {**table, (HOST, "A"): replace(a, flags=("RA",))}
    assert await at_authority(Told(table=lame), zone, HOST) == ()
    failing = {**table, (HOST, "AAAA"): answer("AAAA", kind=AnswerKind.SERVFAIL, name=HOST, flags=AA)}
    assert await at_authority(Told(table=failing), zone, HOST) == ()
    assert await at_authority(Told(table=table), HostZone("mail.example"), HOST) == ()


async def test_resolvers_are_asked_with_recursion_and_authorities_without() -> None:
    dns = Told(table={})
    await at_resolvers(dns, [SERVER, OTHER], HOST)
    await at_authority(dns, HostZone("mail.example", OTHER), HOST)
    asked = [Question(HOST, rdtype) for _ in range(2) for rdtype in ("A", "AAAA")]
    assert dns.asked == [*asked, *(Question(HOST, rdtype, recurse=False) for rdtype in ("A", "AAAA"))]


def test_names_in_zones() -> None:
    assert lies_in("mx.mail.example", "mail.example")
    assert lies_in("mail.example", "mail.example")
    assert lies_in("mail.example", ".")
    assert not lies_in("xmail.example", "mail.example")
