"""The zone's own addresses of its name servers: asked for only where the parent gives others."""

from dataclasses import replace

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.glue import ask_own_addresses
from smtpdiag_tui.checks.lookups.name_servers import NameServer, NameServers
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.network.seam import Transport
from tests.checks.lookups.authority_told import Authority
from tests.checks.lookups.zone_made import answering, seen, view
from tests.checks.making import answer

NONE = answer("AAAA", flags=("AA",))


def with_glue() -> SoaObservation:
    hosts = (
        NameServer("ns1.example", ("192.0.2.51", "192.0.2.9"), glue=("192.0.2.9",)),
        NameServer("ns2.example", ("192.0.2.52",)),
    )
    return seen(view(0, 7), view(1, 7), name_servers=NameServers(hosts))


async def told(a: Answer, aaaa: Answer = NONE, seen: SoaObservation | None = None) -> tuple[Authority, object]:
    dns = Authority(table={"A": a, "AAAA": aaaa})
    return dns, await ask_own_addresses(dns, seen or with_glue())


async def test_two_servers_are_asked_for_the_name_with_other_glue_alone() -> None:
    dns, own = await told(answer("A", ["192.0.2.51"], flags=("AA",)))
    assert own == (("ns1.example", ("192.0.2.51",)),)
    assert len(dns.asked) == 4
    assert {question.split()[1] for question in dns.asked} == {"ns1.example"}
    assert all(question.endswith(Transport.UDP) for question in dns.asked)


async def test_that_there_is_none_is_an_answer() -> None:
    _, own = await told(answer("A", kind=AnswerKind.NXDOMAIN, flags=("AA",)))
    assert own == (("ns1.example", ()),)


async def test_a_name_of_another_zone_is_left_out() -> None:
    for told_by_it in (answer("A", ["192.0.2.51"], flags=("RA",)), answer("A", kind=AnswerKind.REFUSED)):
        _, own = await told(told_by_it)
        assert own == ()


async def test_nothing_is_asked_where_glue_and_lookups_agree_or_nobody_serves_the_zone() -> None:
    dns, own = await told(NONE, seen=seen(view(0, 7)))
    assert (dns.asked, own) == ([], ())
    lame = replace(with_glue(), authorities=(answering(0, answer("SOA", kind=AnswerKind.REFUSED)),))
    dns, own = await told(NONE, seen=lame)
    assert (dns.asked, own) == ([], ())
