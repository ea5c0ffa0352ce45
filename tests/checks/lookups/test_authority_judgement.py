"""Each name server by itself: lame, dead, silent for reasons here, or named by nobody that counts."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.authority_judgement import (
    Standing,
    authoritative,
    counted,
    hostmaster_words,
    judge_authority,
    judge_unresolved,
    standing,
    where_named,
)
from smtpdiag_tui.checks.lookups.name_servers import NameServer, NameServers
from tests.checks.lookups.zone_made import (
    NS,
    answering,
    both,
    parent,
    parent_answer,
    referral,
    seen,
    silent,
    soa,
    view,
)
from tests.checks.making import DOMAIN, answer, codes

REFUSES = answer("SOA", kind=AnswerKind.REFUSED)


def at(one: AuthorityView, address: str) -> AuthorityView:
    return replace(one, address=address)


@pytest.mark.parametrize(
    "lame",
    [
        soa(7, flags=("RD", "RA")),
        REFUSES,
        answer("SOA", kind=AnswerKind.SERVFAIL),
        answer("SOA", kind=AnswerKind.NXDOMAIN),
        answer("SOA", flags=("AA",)),
        answer("SOA", ["a. b. 1 2 3 4 5", "a. b. 2 2 3 4 5"], flags=("AA",)),
    ],
)
def test_a_lame_server(lame: Answer) -> None:
    it = answering(0, lame)
    [found] = judge_authority(seen(it, view(1, 7)), it)
    assert (found.code, found.severity, found.side) == ("soa-lame-server", "warning", "recipient")
    assert "ns1.example [192.0.2.51]" in found.message
    assert it.serial is None


def test_a_server_with_authority_is_not_lame() -> None:
    assert judge_authority(seen(view(0, 7)), view(0, 7)) == ()
    recursive = answering(0, soa(7, flags=("AA", "RA")))
    assert judge_authority(seen(recursive), recursive) == ()


def test_a_silent_server_is_dead_where_others_of_its_family_answer() -> None:
    dead = silent(0)
    [found] = judge_authority(seen(dead, view(1, 7)), dead)
    assert found.code == "soa-lame-server"
    assert "did not answer" in found.message
    assert judge_authority(seen(dead, silent(1)), dead) == ()
    assert codes(judge_authority(seen(dead, delegation=referral(*NS)), dead)) == ["soa-lame-server"]
    assert judge_authority(seen(dead, delegation=parent(parent_answer(kind=AnswerKind.TIMEOUT))), dead) == ()


def test_a_silent_ipv6_address_may_be_silent_for_reasons_here() -> None:
    six = at(silent(0), "2001:db8::51")
    assert standing(seen(six, view(1, 7)), six) is Standing.SILENT
    assert judge_authority(seen(six, view(1, 7)), six) == ()
    both_families = seen(six, view(1, 7), at(view(1, 7), "2001:db8::52"))
    assert codes(judge_authority(both_families, six)) == ["soa-lame-server"]


@pytest.mark.parametrize("kind", [AnswerKind.NO_ROUTE, AnswerKind.NO_SOCKET, AnswerKind.MALFORMED])
def test_no_way_no_socket_and_noise_are_no_silence(kind: AnswerKind) -> None:
    it = answering(0, answer("SOA", kind=kind))
    assert judge_authority(seen(it, view(1, 7)), it) == ()


def test_who_is_inside_is_not_reached_from_everywhere() -> None:
    inside = replace(silent(0), inside=True)
    [found] = judge_authority(seen(inside, view(1, 7)), inside)
    assert found.message == "ns1.example [192.0.2.51] did not answer; its address is not public"
    assert judge_authority(seen(view(0, 7)), replace(view(0, 7), inside=True)) == ()


def test_it_is_told_where_a_lame_server_is_named() -> None:
    lame = AuthorityView("gone.example", "192.0.2.60", both(REFUSES))
    told = seen(view(0, 7), view(1, 7), lame, delegation=referral(*NS, "gone.example"))
    assert where_named(told, "gone.example") == ("named by the parent zone example only",)
    assert where_named(told, "ns1.example") == ()
    [found] = judge_authority(told, lame)
    assert found.message == "gone.example [192.0.2.60] does not serve partner.example (REFUSED)"
    assert found.evidence[0] == "named by the parent zone example only"
    assert "at the registrar" in found.advice


def test_and_where_the_zone_alone_names_it() -> None:
    names = (*NS, "more.example")
    lame = AuthorityView("more.example", "192.0.2.60", both(answer("SOA", kind=AnswerKind.TIMEOUT)))
    told = seen(view(0, 7, ns=names), view(1, 7, ns=names), lame, delegation=referral(*NS))
    [found] = judge_authority(told, lame)
    assert found.message == "more.example [192.0.2.60] did not answer for partner.example"
    assert found.evidence[0] == "named by the zone itself only"
    assert "NS records of partner.example" in found.advice


def test_a_server_that_only_a_resolvers_copy_names_is_nobodys_fault() -> None:
    moved = referral("ns1.example")
    now, before = view(0, 9, ns=["ns1.example"]), answering(1, REFUSES)
    told = seen(now, before, delegation=moved)
    assert standing(told, before) is Standing.COPY
    assert judge_authority(told, before) == ()
    assert counted(told) == authoritative(told) == (now,)


def test_where_none_that_the_parent_names_serves_the_zone_all_count() -> None:
    told = seen(answering(0, REFUSES), view(1, 7), delegation=referral("ns1.example"))
    assert counted(told) == told.authorities
    assert authoritative(told) == (told.authorities[1],)


def test_a_name_server_without_address() -> None:
    lost = NameServers((NameServer("ns1.example", (), "NXDOMAIN for A, NXDOMAIN for AAAA"),))
    [found] = judge_unresolved(seen(view(0, 7), name_servers=lost))
    assert found.code == "soa-lame-server"
    assert found.evidence == ("NXDOMAIN for A, NXDOMAIN for AAAA",)
    assert judge_unresolved(seen(view(0, 7))) == ()


def test_the_hostmaster_is_named_by_the_mailbox_of_the_soa() -> None:
    assert hostmaster_words(seen(view(0, 7))) == f"DNS administrator of {DOMAIN} (hostmaster@example)"
    dotted = answer("SOA", ["ns. j\\.doe.example. 1 2 3 4 5"], flags=("AA",))
    assert "(j.doe@example)" in hostmaster_words(seen(answering(0, dotted)))
    unknown = answer("SOA", kind=AnswerKind.SERVFAIL, soa=None)
    assert hostmaster_words(seen(silent(0), answer=unknown)) == f"DNS administrator of {DOMAIN}"
    monstrous = answer("SOA", [f"ns. {'a' * 300}.example. 1 2 3 4 5"], flags=("AA",))
    assert hostmaster_words(seen(answering(0, monstrous), answer=unknown)) == f"DNS administrator of {DOMAIN}"
