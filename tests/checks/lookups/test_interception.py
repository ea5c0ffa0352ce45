"""Port 53 intercepted: everybody who should answer with authority answers like a resolver."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair
from smtpdiag_tui.checks.lookups.authority_judgement import (
    Standing,
    judge_authority,
    judge_unresolved,
    judge_unusable,
    standing,
)
from smtpdiag_tui.checks.lookups.interception import intercepted, judge_interception, like_resolver
from smtpdiag_tui.checks.lookups.name_servers import NameServer, NameServers
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.checks.lookups.soa_judgement import egress_blocked, judge
from smtpdiag_tui.network.seam import Transport
from tests.checks.lookups.zone_made import NS, answering, parent, parent_answer, seen, silent, soa, view
from tests.checks.making import answer, codes

FAKE = soa(7, flags=("RA",))
NOT_AUTHORITATIVE = replace(answer("SOA", kind=AnswerKind.REFUSED, flags=()), extended_codes=(20,))
FAKE_PARENT = parent_answer(NS, flags=("RA",), kind=AnswerKind.NODATA)


def fake(*parents: Answer, one: Answer = FAKE) -> SoaObservation:
    return seen(answering(0, one), answering(1, one), delegation=parent(*(parents or (FAKE_PARENT,))))


@pytest.mark.parametrize(
    ("one", "like"),
    [
        (FAKE, True),
        (answer("SOA", kind=AnswerKind.REFUSED, flags=("RA",)), True),
        (answer("SOA", kind=AnswerKind.SERVFAIL, flags=("RA",)), True),
        (NOT_AUTHORITATIVE, True),
        (soa(7, flags=("AA", "RA")), False),
        (answer("SOA", kind=AnswerKind.REFUSED, flags=()), False),
        (answer("SOA", kind=AnswerKind.TIMEOUT), False),
    ],
)
def test_what_answers_like_a_resolver(one: Answer, *, like: bool) -> None:
    assert like_resolver(one) is like


def test_where_all_answer_like_a_resolver_nobody_is_lame() -> None:
    told = fake()
    found = judge(told)
    assert codes(found) == ["dns-intercepted"]
    assert (found[0].severity, found[0].side) == ("warning", "path")
    assert "(IPv4, UDP and TCP)" in found[0].message
    assert len(found[0].evidence) == 3
    assert [judge_authority(told, one) for one in told.authorities] == [(), ()]
    assert standing(told, told.authorities[0]) is Standing.INTERCEPTED


@pytest.mark.parametrize(
    "one", [NOT_AUTHORITATIVE, answer("SOA", kind=AnswerKind.REFUSED, flags=("RA",)), answer("SOA", flags=("RA",))]
)
def test_refusals_and_referrals_of_a_resolver_are_the_same(one: Answer) -> None:
    assert codes(judge_interception(fake(one=one))) == ["dns-intercepted"]


def test_a_parent_that_answers_properly_leaves_a_lame_domain() -> None:
    told = fake(parent_answer(NS))
    assert intercepted(told) == ()
    assert codes(judge_authority(told, told.authorities[0])) == ["soa-lame-server"]
    assert intercepted(fake(FAKE_PARENT, parent_answer(NS))) == ()


def test_without_word_of_the_parent_it_is_not_known() -> None:
    assert intercepted(seen(answering(0, FAKE))) == ()
    assert intercepted(fake(parent_answer(kind=AnswerKind.TIMEOUT))) == ()


def test_one_server_with_authority_shows_that_the_way_is_open() -> None:
    told = seen(answering(0, FAKE), view(1, 7), delegation=parent(FAKE_PARENT))
    assert intercepted(told) == ()
    assert codes(judge_authority(told, told.authorities[0])) == ["soa-lame-server"]


def test_a_parent_that_recurses_is_harmless() -> None:
    own = parent_answer(NS, flags=("AA", "RA"), kind=AnswerKind.DATA)
    assert intercepted(fake(own)) == ()
    assert intercepted(seen(view(0, 7), view(1, 7), delegation=parent(FAKE_PARENT))) == ()


def test_udp_alone_may_be_intercepted_and_tcp_tells_the_serial_then() -> None:
    real = replace(soa(9), transport=Transport.TCP)
    views = [replace(answering(n, FAKE), pair=Pair(FAKE, real)) for n in (0, 1)]
    told = seen(*views, resolver=9, delegation=parent(FAKE_PARENT))
    assert intercepted(told) == ((4, Transport.UDP),)
    assert codes(judge(told)) == ["dns-intercepted"]
    assert judge_authority(told, views[0]) == ()


def test_it_is_no_blocked_way_out_and_addresses_without_route_say_nothing() -> None:
    no_route = replace(answering(1, answer("SOA", kind=AnswerKind.NO_ROUTE)), address="2001:db8::52")
    told = seen(answering(0, FAKE), no_route, delegation=parent(FAKE_PARENT))
    assert codes(judge_interception(told)) == ["dns-intercepted"]
    assert not egress_blocked(told)
    assert judge_authority(told, no_route) == ()
    assert codes(judge_interception(seen(answering(0, FAKE), silent(1), delegation=parent(FAKE_PARENT)))) == [
        "dns-intercepted"
    ]


def test_ipv4_alone_may_be_intercepted() -> None:
    six = replace(view(1, 7), address="2001:db8::52")
    fake_four = answering(0, FAKE)
    told = seen(fake_four, six, delegation=parent(FAKE_PARENT))
    assert codes(judge(told)) == ["dns-intercepted"]
    assert judge(told)[0].message == "Port 53 is intercepted on the network path (IPv4, UDP and TCP)"
    assert len(judge(told)[0].evidence) == 2
    assert judge_authority(told, fake_four) == ()
    assert standing(told, told.authorities[1]) is Standing.SERVES


def test_both_families_may_be_though_the_parent_was_asked_over_one() -> None:
    six = replace(answering(1, FAKE), address="2001:db8::52")
    told = seen(answering(0, FAKE), six, delegation=parent(FAKE_PARENT))
    assert "(IPv4 and IPv6, UDP and TCP)" in judge(told)[0].message
    assert judge_authority(told, six) == ()


def test_nobody_is_called_lame_beside_it() -> None:
    lost = NameServer("ns3.example", (), "NXDOMAIN for A, NXDOMAIN for AAAA")
    told = seen(answering(0, FAKE), silent(1), delegation=parent(FAKE_PARENT), name_servers=NameServers((lost,)))
    assert judge_authority(told, told.authorities[1]) == ()
    assert judge_unresolved(told) == ()
    assert judge_unusable(told, "ns3.example", "127.0.0.1") == ()
    assert "soa-lame-server" not in codes(judge(told))


def test_where_the_walk_ended_there_two_servers_of_the_parent_are_needed() -> None:
    refused = parent_answer(flags=("RA",), kind=AnswerKind.REFUSED)
    lost = {"apex": None, "ns": None, "answer": answer("SOA", kind=AnswerKind.SERVFAIL)}
    one, two = (seen(resolver=None, delegation=parent(*[refused] * n), **lost) for n in (1, 2))
    assert codes(judge(one)) == ["dns-server-failure"]
    assert codes(judge(two)) == ["dns-server-failure", "dns-intercepted"]


def test_servers_inside_are_no_proof() -> None:
    private = replace(FAKE_PARENT, server=replace(FAKE_PARENT.server, address="10.0.0.53"))
    told = fake()
    assert told.zone.delegation is not None
    inside = replace(told.zone.delegation, views=(replace(told.zone.delegation.views[0], answer=private),))
    assert intercepted(replace(told, zone=replace(told.zone, delegation=inside))) == ()
