"""The zone and its versions: each rule with what fires it and what leaves it silent."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.name_servers import NameServer, NameServers
from smtpdiag_tui.checks.lookups.soa import SoaObservation, ZoneObservation
from smtpdiag_tui.checks.lookups.soa_judgement import behind, egress_blocked, judge, judge_authority, newest
from tests.checks.lookups.zone_made import NS, answering, both, referral, seen, silent, soa, view, zone
from tests.checks.making import DOMAIN, answer, codes


def test_equal_serials_match() -> None:
    assert codes(judge(seen(view(0, 7), view(1, 7)))) == ["soa-serial-match"]


def test_a_server_behind_is_named_with_the_gap() -> None:
    [found] = judge(seen(view(0, 2026112402), view(1, 2026112307), resolver=2026112402))
    assert found.code == "soa-serial-mismatch"
    assert "ns2.example" in found.message
    assert found.evidence == ("ns2.example [192.0.2.52]: 2026112307, behind by 95",)


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


def test_different_serials_with_equal_mx_do_no_harm_now() -> None:
    found = judge(seen(view(0, 8, ["10 mx.example."]), view(1, 7, ["10 MX.example."]), resolver=8))
    assert codes(found) == ["soa-serial-mismatch"]


def test_different_serials_with_different_mx_are_a_failure() -> None:
    found = judge(seen(view(0, 8, ["10 new.example."]), view(1, 7, ["10 old.example."]), resolver=8))
    assert codes(found) == ["soa-serial-mismatch", "soa-mx-mismatch"]
    assert found[1].severity == "failure"


def test_a_resolver_behind_is_information() -> None:
    found = judge(seen(view(0, 7), view(1, 7), resolver=5))
    assert codes(found) == ["soa-serial-match", "soa-resolver-behind"]
    assert found[1].severity == "info"


def test_a_delegation_that_differs_is_shown_name_by_name() -> None:
    parent = referral("ns1.example", "gone.example")
    [found, *_] = [
        item for item in judge(seen(view(0, 7), view(1, 7), delegation=parent)) if item.code != "soa-serial-match"
    ]
    assert found.code == "delegation-mismatch"
    assert found.evidence == (
        "only in the parent zone example: gone.example",
        "only in the zone itself: ns2.example",
    )
    many = referral("ns1.example", *(f"n{number}.example" for number in range(3999)))
    [found] = [item for item in judge(seen(view(0, 7), view(1, 7), delegation=many)) if "delegation" in item.code]
    assert len(found.evidence) == 20 + 1 + 1
    assert found.evidence[20:] == (
        "only in the parent zone example: 3979 more",
        "only in the zone itself: ns2.example",
    )
    same = referral(*NS)
    assert "delegation-mismatch" not in codes(judge(seen(view(0, 7), view(1, 7), delegation=same)))


@pytest.mark.parametrize(
    "lame",
    [
        soa(7, flags=("RD", "RA")),
        answer("SOA", kind=AnswerKind.REFUSED),
        answer("SOA", kind=AnswerKind.SERVFAIL),
        answer("SOA", kind=AnswerKind.NXDOMAIN),
        answer("SOA", flags=("AA",)),
        answer("SOA", ["a. b. 1 2 3 4 5", "a. b. 2 2 3 4 5"], flags=("AA",)),
    ],
)
def test_a_lame_server(lame: Answer) -> None:
    it = answering(0, lame)
    assert codes(judge_authority(it)) == ["soa-lame-server"]
    assert it.serial is None


def test_a_server_with_authority_is_not_lame_nor_is_a_silent_one() -> None:
    assert judge_authority(view(0, 7)) == ()
    assert judge_authority(silent(0)) == ()


def test_nobody_answers_though_the_resolvers_do() -> None:
    assert egress_blocked(seen(silent(0), silent(1)))
    assert codes(judge(seen(silent(0), silent(1)))) == ["dns-egress-blocked"]
    assert not egress_blocked(seen(silent(0), view(1, 7)))
    assert not egress_blocked(seen(silent(0), silent(1), resolver=None))


def test_who_is_inside_or_was_not_asked_says_nothing_about_the_way_outside() -> None:
    inside, unasked = replace(silent(0), inside=True), silent(1)
    unasked = replace(unasked, pair=both(answer("SOA", kind=AnswerKind.NO_SOCKET)))
    assert not egress_blocked(seen(inside, inside))
    assert not egress_blocked(seen(inside, unasked))
    assert egress_blocked(seen(inside, silent(1)))
    assert "192.0.2.51" not in judge(seen(inside, silent(1)))[0].evidence[0]
    assert codes(judge_authority(inside)) == ["soa-lame-server"]
    assert judge_authority(unasked) == judge_authority(replace(view(0, 7), inside=True)) == ()


def test_a_name_server_without_address_is_lame() -> None:
    lost = replace(
        zone(), name_servers=NameServers((NameServer("ns1.example", (), "NXDOMAIN for A, NXDOMAIN for AAAA"),))
    )
    assert "soa-lame-server" in codes(judge(replace(seen(view(0, 7)), zone=lost)))


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


def test_format_and_timers_of_the_zone_are_nobodys_business() -> None:
    odd = answering(0, answer("SOA", ["a. b. 1 1 1 1 1"], flags=("AA",)))
    assert codes(judge(seen(odd, resolver=1))) == ["soa-serial-match"]
