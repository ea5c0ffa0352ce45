"""The zone and its versions: each rule with what fires it and what leaves it silent."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.authority_judgement import judge_authority
from smtpdiag_tui.checks.lookups.soa import SoaObservation, ZoneObservation
from smtpdiag_tui.checks.lookups.soa_judgement import behind, egress_blocked, judge, newest, zone_detail
from smtpdiag_tui.report.actions import Action
from tests.checks.lookups.zone_made import NS, answering, both, parent, parent_answer, referral, seen, silent, view
from tests.checks.making import DOMAIN, answer, codes


def test_equal_serials_are_no_finding() -> None:
    assert judge(seen(view(0, 7), view(1, 7))) == ()


def test_a_server_behind_is_named_with_the_gap() -> None:
    [found] = judge(seen(view(0, 2026112402), view(1, 2026112307), resolver=2026112402))
    assert found.code == "soa-serial-mismatch"
    assert found.message == "ns2.example is behind on partner.example (newest serial 2026112402)"
    assert found.evidence == ("ns2.example [192.0.2.52]: 2026112307, behind by 95",)
    assert found.actions == (
        Action("", "Rerun after the refresh time of partner.example."),
        Action(
            "DNS administrator of partner.example (hostmaster@example)",
            "repair the zone transfer to ns2.example, if it persists.",
        ),
    )


def test_several_servers_behind_are_counted_and_each_shown() -> None:
    third = replace(view(1, 5), host="ns3.example", address="192.0.2.59")
    [found] = judge(replace(seen(view(0, 9), view(1, 7), third, resolver=9), asked_again=True))
    assert found.message == "2 name servers are behind on partner.example (newest serial 9)"
    assert found.evidence == (
        "ns2.example [192.0.2.52]: 7, behind by 2",
        "ns3.example [192.0.2.59]: 5, behind by 4",
        "queried again after 3 s: still different",
    )


def test_serials_wrap_around() -> None:
    [found] = judge(seen(view(0, 2**32 - 1), view(1, 3), resolver=3))
    assert "ns1.example" in found.message
    assert "behind by 4" in found.evidence[0]


@pytest.mark.parametrize(
    ("serial", "other", "gap"),
    [(1, 2, 1), (2, 1, 0), (7, 7, 0), (2**32 - 1, 0, 1), (0, 2**31 - 1, 2**31 - 1), (0, 2**31 + 1, 0)],
)
def test_serial_number_arithmetic(serial: int, other: int, gap: int) -> None:
    assert behind(serial, other) == gap


def test_the_newest_serial() -> None:
    assert newest([1, 3, 2]) == 3
    assert newest([2**32 - 1, 1]) == 1


def test_a_resolver_behind_is_information() -> None:
    found = judge(seen(view(0, 7), view(1, 7), resolver=5))
    assert codes(found) == ["soa-resolver-behind"]
    assert found[0].severity == "info"
    assert found[0].message == "192.0.2.53 has serial 5 in its cache, 2 behind 7"


def test_nobody_answers_though_the_resolvers_do() -> None:
    assert egress_blocked(seen(silent(0), silent(1)))
    assert codes(judge(seen(silent(0), silent(1)))) == ["dns-egress-blocked"]
    assert not egress_blocked(seen(silent(0), view(1, 7)))
    assert not egress_blocked(seen(silent(0), silent(1), resolver=None))


def test_an_answer_of_the_parent_shows_that_the_way_out_is_open() -> None:
    told = seen(silent(0), silent(1), delegation=referral(*NS))
    assert not egress_blocked(told)
    assert "dns-egress-blocked" not in codes(judge(told))
    shut = parent(parent_answer(kind=AnswerKind.TIMEOUT))
    [found] = judge(seen(silent(0), silent(1), delegation=shut))
    assert found.code == "dns-egress-blocked"
    assert "a.nic.example [192.0.2.100] (zone example)" in found.evidence[0]


def test_who_is_inside_or_was_not_asked_says_nothing_about_the_way_outside() -> None:
    inside, unasked = replace(silent(0), inside=True), silent(1)
    unasked = replace(unasked, pair=both(answer("SOA", kind=AnswerKind.NO_SOCKET)))
    assert not egress_blocked(seen(inside, inside))
    assert not egress_blocked(seen(inside, unasked))
    assert egress_blocked(seen(inside, silent(1)))
    assert "192.0.2.51" not in judge(seen(inside, silent(1)))[0].evidence[0]


def test_a_lame_server_answers_all_the_same() -> None:
    refuses = answering(0, answer("SOA", kind=AnswerKind.REFUSED))
    assert "dns-egress-blocked" not in codes(judge(seen(refuses, silent(1))))


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (answer("SOA", kind=AnswerKind.NXDOMAIN), ["domain-not-found"]),
        (answer("SOA", kind=AnswerKind.SERVFAIL), ["dns-server-failure"]),
        (answer("SOA", soa=None), ["soa-missing"]),
        (answer("SOA", kind=AnswerKind.TIMEOUT), []),
    ],
)
def test_no_zone(one: Answer, found: list[str]) -> None:
    assert codes(judge(SoaObservation(ZoneObservation(DOMAIN, None, one), (), ()))) == found


def failing(kind: AnswerKind = AnswerKind.SERVFAIL) -> dict[str, object]:
    """Return what the walk found of a zone that the resolver fails for."""
    return {"answer": answer("SOA", kind=kind, soa=None), "ns": None, "walked": True, "delegation": referral(*NS)}


def test_a_walk_explains_why_the_resolver_fails() -> None:
    lame = answer("SOA", kind=AnswerKind.REFUSED)
    found = judge(seen(answering(0, lame), silent(1), resolver=None, **failing()))
    assert codes(found) == ["dns-server-failure"]
    assert "No name server that the parent zone names serves partner.example" in found[0].meaning
    assert "192.0.2.53 returned SERVFAIL" in found[0].message
    assert found[0].evidence[1].startswith("a.nic.example [192.0.2.100] (zone example): partner.example")
    assert found[0].evidence[1].endswith("is delegated to ns1.example, ns2.example")
    assert found[0].actions == (
        Action(
            "DNS administrator of partner.example",
            "repair the name servers of partner.example, or its delegation.",
        ),
    )


def test_a_walk_that_finds_all_well_blames_no_name_server() -> None:
    [found] = judge(seen(view(0, 7), view(1, 7), resolver=None, **failing()))
    assert found.code == "dns-server-failure"
    assert "answered this host authoritatively" in found.meaning


def test_what_its_name_servers_serve_exists() -> None:
    nxdomain = failing(AnswerKind.NXDOMAIN)
    assert judge(seen(view(0, 7), resolver=None, **nxdomain)) == ()
    lame = answering(0, answer("SOA", kind=AnswerKind.REFUSED))
    assert codes(judge(seen(lame, resolver=None, **nxdomain))) == ["domain-not-found"]


@pytest.mark.parametrize("kind", [AnswerKind.NODATA, AnswerKind.REFERRAL])
def test_a_walk_after_an_odd_answer_that_finds_the_zone_says_no_more(kind: AnswerKind) -> None:
    assert judge(seen(view(0, 7), resolver=None, **failing(kind))) == ()


def test_what_the_parent_denies_is_shown() -> None:
    denied = parent(parent_answer(kind=AnswerKind.NXDOMAIN, flags=("AA",)))
    one = answer("SOA", kind=AnswerKind.NXDOMAIN)
    [found] = judge(SoaObservation(ZoneObservation(DOMAIN, None, one, delegation=denied), (), ()))
    assert found.code == "domain-not-found"
    assert found.evidence[1] == "a.nic.example [192.0.2.100] (zone example): NXDOMAIN"


def test_a_server_that_only_a_resolvers_copy_names_has_no_say_in_the_serial() -> None:
    moved = referral("ns1.example")
    found = judge(seen(view(0, 9, ns=["ns1.example"]), view(1, 7), resolver=9, delegation=moved))
    assert "soa-serial-mismatch" not in codes(found)


def test_serials_that_differ_are_told_beside_mx_that_are_the_same_and_a_lame_server() -> None:
    lame = replace(answering(1, answer("SOA", kind=AnswerKind.REFUSED)), address="192.0.2.61")
    views = (view(0, 8, ["10 mx.example."]), view(1, 7, ["10 mx.example."]), lame)
    assert codes(judge(seen(*views, resolver=8))) == ["soa-serial-mismatch"]
    assert codes(judge_authority(seen(*views), lame)) == ["soa-lame-server"]


def test_format_and_timers_of_the_zone_are_nobodys_business() -> None:
    odd = answering(0, answer("SOA", ["a. b. 1 1 1 1 1"], flags=("AA",)))
    assert judge(seen(odd, resolver=1)) == ()


def test_the_line_among_the_checks_tells_the_serial_and_at_how_many_addresses() -> None:
    assert zone_detail(seen(view(0, 7), view(1, 7))) == "partner.example, serial 7 on 2 of 2 name server addresses"
    assert zone_detail(seen(view(0, 7))) == "partner.example, serial 7 on 1 of 1 name server address"
    partly = seen(view(0, 7), silent(1))
    assert zone_detail(partly) == "partner.example, serial 7 on 1 of 2 name server addresses"
    older = seen(view(0, 7), view(1, 5))
    assert zone_detail(older) == "partner.example, serials differ: newest 7 on 1 of 2 name server addresses"


def test_an_address_without_route_is_not_counted_in_the_line() -> None:
    six = replace(answering(1, answer("SOA", kind=AnswerKind.NO_ROUTE)), address="2001:db8::52")
    assert zone_detail(seen(view(0, 7), six)) == "partner.example, serial 7 on 1 of 1 name server address"


def test_without_a_serial_the_line_says_why() -> None:
    assert zone_detail(seen(silent(0), silent(1))) == "partner.example, no name server answered"
    lame = answering(0, answer("SOA", kind=AnswerKind.REFUSED))
    assert zone_detail(seen(lame, silent(1))) == "partner.example, no name server serves the zone"
    assert zone_detail(seen()) == "partner.example, no name server address known"
    missing = ZoneObservation(DOMAIN, None, answer("SOA", kind=AnswerKind.NXDOMAIN))
    assert zone_detail(SoaObservation(missing, (), ())) == "partner.example: does not exist (NXDOMAIN)"
    odd = ZoneObservation(DOMAIN, None, answer("SOA", soa=None))
    assert zone_detail(SoaObservation(odd, (), ())) == "partner.example: no zone found"


def test_what_differs_besides_the_serial_is_added_to_the_line() -> None:
    told = seen(view(0, 7, ["10 a.example."]), view(1, 7, ["10 b.example."]))
    assert zone_detail(told, judge(told)) == (
        "partner.example, serial 7 on 2 of 2 name server addresses, MX hosts differ"
    )
