"""The delegation: names and glue of the parent beside the zone's own, and a resolver's old copy."""

from dataclasses import replace

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Record
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.delegation import Delegation
from smtpdiag_tui.checks.lookups.delegation_judgement import judge_delegation
from smtpdiag_tui.checks.lookups.name_servers import NameServer, NameServers
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from tests.checks.lookups.zone_made import (
    NS,
    answering,
    both,
    ns_answer,
    parent,
    parent_answer,
    referral,
    seen,
    silent,
    soa,
    view,
)
from tests.checks.making import answer, codes

NEW = ("new1.example", "new2.example")
REFUSES = answer("SOA", kind=AnswerKind.REFUSED)


def test_a_delegation_that_differs_is_shown_name_by_name() -> None:
    [found] = judge_delegation(seen(view(0, 7), view(1, 7), delegation=referral("ns1.example", "gone.example")))
    assert (found.code, found.severity, found.side) == ("delegation-mismatch", "warning", "recipient")
    assert found.evidence == (
        "only in the parent zone example: gone.example",
        "only in the zone itself: ns2.example",
    )
    many = referral("ns1.example", *(f"n{number}.example" for number in range(3999)))
    [found] = judge_delegation(seen(view(0, 7), view(1, 7), delegation=many))
    assert found.evidence[20:] == (
        "only in the parent zone example: 3979 more",
        "only in the zone itself: ns2.example",
    )
    assert judge_delegation(seen(view(0, 7), view(1, 7), delegation=referral(*NS))) == ()


def test_only_servers_that_the_parent_names_have_a_say_in_it() -> None:
    other = view(1, 7, ns=["other.example"])
    assert judge_delegation(seen(view(0, 7, ns=["ns1.example"]), other, delegation=referral("ns1.example"))) == ()
    lame = answering(0, REFUSES)
    assert judge_delegation(seen(lame, view(1, 7), delegation=referral("ns1.example"))) == ()


def test_a_parent_that_serves_the_zone_itself_tells_no_delegation() -> None:
    own = parent(
        replace(parent_answer(flags=("AA",), kind=AnswerKind.DATA), answer=ns_answer(["x.example"]).answer)
    )
    assert own.names == frozenset()
    assert judge_delegation(seen(view(0, 7), view(1, 7), delegation=own)) == ()


GLUE = [("ns1.example", "192.0.2.51"), ("ns2.example", "192.0.2.52")]


def glued(own: tuple[str, ...], *more: tuple[str, str], views: tuple[AuthorityView, ...] = ()) -> SoaObservation:
    told = referral(*NS, glue=[*GLUE, *more])
    return seen(view(0, 7), view(1, 7), *views, delegation=told, own_addresses=(("ns1.example", own),))


def test_glue_that_the_zone_does_not_give() -> None:
    [found] = judge_delegation(glued(("192.0.2.99",)))
    assert (found.code, found.severity, found.side) == ("glue-mismatch", "warning", "recipient")
    assert found.evidence == ("ns1.example: 192.0.2.51 in the parent zone, 192.0.2.99 in the zone",)
    [found] = judge_delegation(glued(()))
    assert found.evidence[0].endswith("none in the zone")
    assert judge_delegation(glued(("192.0.2.51",))) == ()


def test_glue_that_is_missing_or_of_changing_addresses_is_no_fault() -> None:
    assert judge_delegation(glued(("192.0.2.51", "2001:db8::51"))) == ()
    extra = ("ns1.example", "192.0.2.61")
    serves = replace(view(0, 7), address="192.0.2.61")
    assert judge_delegation(glued(("192.0.2.51",), extra, views=(serves,))) == ()
    dead = replace(silent(0), address="192.0.2.61")
    assert codes(judge_delegation(glued(("192.0.2.51",), extra, views=(dead,)))) == ["glue-mismatch"]


def new(number: int, serial: int = 9) -> AuthorityView:
    told = AuthorityView(NEW[number], f"192.0.2.{71 + number}", both(soa(serial)))
    return replace(told, ns=ns_answer(NEW))


def moved(*old: AuthorityView, ns: Answer | None = None, delegation: Delegation | None = None) -> SoaObservation:
    """Return a zone that has moved to new name servers, while the resolver knows the old ones."""
    copy = ns or replace(
        ns_answer(NS, ("RD", "RA")), answer=tuple(Record("partner.example", "NS", 1234, f"{name}.") for name in NS)
    )
    hosts = tuple(NameServer(one.host, (one.address,)) for one in (*old, new(0), new(1)))
    return seen(
        *old, new(0), new(1), delegation=delegation or referral(*NEW), ns=copy, name_servers=NameServers(hosts)
    )


def test_a_delegation_that_has_moved() -> None:
    for old in ((view(0, 7), view(1, 7)), (answering(0, REFUSES), silent(1))):
        [found] = judge_delegation(moved(*old))
        assert (found.code, found.severity, found.side) == ("delegation-stale", "warning", "here")
        assert found.message == "Resolver 192.0.2.53 uses former name servers of partner.example"
        assert found.advice == (
            "Flush partner.example from the cache of 192.0.2.53, or wait 20 minutes 34 seconds, then rerun."
        )
        assert "the parent zone: new1.example, new2.example" in found.evidence


def test_former_servers_that_hold_the_same_version_do_no_harm() -> None:
    assert judge_delegation(moved(view(0, 9), view(1, 9))) == ()


def test_what_lives_no_second_is_no_copy() -> None:
    records = tuple(Record("partner.example", "NS", 0, f"{name}.") for name in NS)
    passing = replace(ns_answer(NS, ("RD", "RA")), answer=records)
    assert judge_delegation(moved(view(0, 7), view(1, 7), ns=passing)) == ()


def test_a_resolver_that_knows_what_the_zone_itself_names_has_no_old_copy() -> None:
    found = judge_delegation(seen(view(0, 7), view(1, 7), delegation=referral("ns1.example")))
    assert codes(found) == ["delegation-mismatch"]


def test_a_view_of_its_own_is_no_old_copy() -> None:
    old = (view(0, 7), view(1, 7))
    own = ns_answer(NS, ("AA", "RD", "RA"))
    assert judge_delegation(moved(*old, ns=own)) == ()
    inside = tuple(replace(one, address=f"10.0.0.{n}", inside=True) for n, one in enumerate(old))
    assert judge_delegation(moved(*inside)) == ()
    assert judge_delegation(moved()) == ()


def test_where_no_server_that_the_parent_names_answers_nothing_is_known_to_be_old() -> None:
    lame = parent(parent_answer(NEW))
    told = moved(view(0, 7), view(1, 7), delegation=lame)
    dead = [replace(one, pair=both(REFUSES), ns=None) if one.host in NEW else one for one in told.authorities]
    assert judge_delegation(replace(told, authorities=tuple(dead))) == ()
