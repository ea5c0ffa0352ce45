"""A mail host's addresses beside those at its authority and at other servers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.arbiter import Reading
from smtpdiag_tui.checks.lookups.host_judgement import Reached, judge_host_view, judge_servers, read_host
from smtpdiag_tui.checks.lookups.host_views import HostView, HostZone
from smtpdiag_tui.settings import DnsServer
from tests.checks.making import DOMAIN, OTHER, SERVER, answer, codes

HOST = f"mx.{DOMAIN}"
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
NXDOMAIN, NODATA = AnswerKind.NXDOMAIN, AnswerKind.NODATA
OWN = HostZone(DOMAIN, own=True)
FOREIGN = HostZone(DOMAIN)
NULL = "0.0.0.0"


def told(
    a: Sequence[str] | AnswerKind = (),
    aaaa: Sequence[str] | AnswerKind = (),
    *,
    server: DnsServer = SERVER,
    **more: object,
) -> tuple[Answer, ...]:
    """Return A and AAAA, each by its addresses or its kind."""
    found = []
    for rdtype, given in (("A", a), ("AAAA", aaaa)):
        data, kind = ((), given) if isinstance(given, AnswerKind) else (given, None)
        more.setdefault("soa", DOMAIN)
        found.append(answer(rdtype, data, kind=kind, name=HOST, server=server, **more))  # type: ignore[arg-type]
    return tuple(found)


def true(
    a: Sequence[str] | AnswerKind = (), aaaa: Sequence[str] | AnswerKind = (), ttl: int = 300
) -> tuple[Answer, ...]:
    answers = told(a, aaaa, server=DnsServer("192.0.2.51"), flags=("AA",))
    return tuple(replace(one, answer=tuple(replace(record, ttl=ttl) for record in one.answer)) for one in answers)


def reading(
    resolver: tuple[Answer, ...],
    truth: tuple[Answer, ...],
    failed: Sequence[str] = (),
    zone: HostZone = OWN,
    **more: object,
) -> Reading:
    view = HostView(HOST, (resolver,), truth, zone, **more)  # type: ignore[arg-type]
    return read_host(view, Reached(frozenset(failed)))


def test_the_same_addresses_agree_in_whatever_order() -> None:
    assert reading(told(["192.0.2.1", "192.0.2.2"]), true(["192.0.2.2", "192.0.2.1"])) is Reading.AGREES
    assert reading(told(), true()) is Reading.AGREES
    assert reading(told(NXDOMAIN, NXDOMAIN), true(NXDOMAIN, NXDOMAIN)) is Reading.AGREES


def test_without_an_authority_nothing_is_known() -> None:
    assert reading(told(["192.0.2.1"]), ()) is Reading.UNDECIDED
    assert reading(told(NXDOMAIN, NXDOMAIN, soa=None), ()) is Reading.UNDECIDED
    assert reading(told(NXDOMAIN, NXDOMAIN, extended_codes=(15,)), ()) is Reading.FILTERED


@pytest.mark.parametrize(
    ("failed", "zone", "ttl", "read"),
    [
        (["192.0.2.1"], OWN, 300, Reading.STALE),
        ([], OWN, 300, Reading.AGREES),
        (["192.0.2.1"], FOREIGN, 300, Reading.AGREES),  # large providers answer by place
        ([], OWN, 3600, Reading.STALE),
        ([], FOREIGN, 86400, Reading.STALE),
        (["192.0.2.9"], OWN, 300, Reading.AGREES),
    ],
)
def test_another_address_is_outdated_where_it_fails_or_ought_to_last(
    failed: list[str], zone: HostZone, ttl: int, read: Reading
) -> None:
    assert reading(told(["192.0.2.1"]), true(["192.0.2.2"], ttl=ttl), failed, zone) is read


def test_one_of_several_that_is_no_more() -> None:
    both, one = told(["192.0.2.1", "192.0.2.2"]), true(["192.0.2.2"], ttl=86400)
    assert reading(both, one, ["192.0.2.1"]) is Reading.STALE
    assert reading(both, one) is Reading.AGREES


@pytest.mark.parametrize("null", [told([NULL], ["::"]), told([NULL]), told(NXDOMAIN, NXDOMAIN, soa=None)])
def test_a_host_that_is_nulled_is_filtered(null: tuple[Answer, ...]) -> None:
    assert reading(null, true(["192.0.2.2"])) is Reading.FILTERED
    assert reading(null, true(NXDOMAIN, NXDOMAIN)) is Reading.AGREES


def test_an_absence_from_the_zones_own_cache_is_outdated() -> None:
    assert reading(told(NXDOMAIN, NXDOMAIN), true(["192.0.2.2"])) is Reading.STALE
    assert reading(told(NODATA, NODATA), true(["192.0.2.2"])) is Reading.STALE
    assert reading(told(NXDOMAIN, NXDOMAIN, soa="rpz.local"), true(["192.0.2.2"])) is Reading.FILTERED


def test_an_address_that_only_this_site_has_is_a_view_of_its_own() -> None:
    assert reading(told(["10.0.0.1"]), true(["192.0.2.2"]), ["10.0.0.1"]) is Reading.OWN_VIEW
    assert reading(told(["10.0.0.1"]), true(["10.0.0.2"]), ["10.0.0.1"]) is Reading.STALE
    by_itself = told(["192.0.2.1"], flags=("AA", "RA"))
    assert reading(by_itself, true(["192.0.2.2"]), ["192.0.2.1"]) is Reading.OWN_VIEW


def test_an_address_that_is_made_for_nat64_is_not_outdated() -> None:
    made = told(["192.0.2.2"], ["64:ff9b::c000:202"])
    assert reading(made, true(["192.0.2.2"], ttl=86400), ["64:ff9b::c000:202"]) is Reading.AGREES
    other = told(["192.0.2.2"], ["64:ff9b::c000:203"])
    assert reading(other, true(["192.0.2.2"], ttl=86400), ["64:ff9b::c000:203"]) is Reading.STALE


def test_a_made_up_address_of_a_host_that_does_not_exist() -> None:
    assert reading(told(["192.0.2.6"]), true(NXDOMAIN, NXDOMAIN), rewrites=True) is Reading.REWRITTEN
    assert reading(told(["192.0.2.6"]), true(["192.0.2.2"]), rewrites=True) is not Reading.REWRITTEN


def test_a_lookup_that_fails_is_no_word_about_the_host() -> None:
    assert (
        reading(told(["192.0.2.1"], AnswerKind.SERVFAIL), true(["192.0.2.2"]), ["192.0.2.1"]) is Reading.UNDECIDED
    )


def test_what_is_told_of_each() -> None:
    stale = HostView(HOST, (told(["192.0.2.1"]),), true(["192.0.2.2"]), OWN)
    [found] = judge_host_view(stale, Reached(frozenset({"192.0.2.1"})), NOW)
    assert (found.code, found.severity) == ("stale-resolver", "warning")
    assert "at 2026-11-27 12:00:05 UTC" in found.meaning or "5 seconds" in found.meaning
    nulled = HostView(HOST, (told([NULL]),), true(["192.0.2.2"]), OWN)
    [found] = judge_host_view(nulled, Reached(), NOW)
    assert (found.code, found.severity) == ("answer-filtered", "failure")
    assert found.message == f"Resolver 192.0.2.53 withholds the addresses of {HOST}"
    assert NULL in found.meaning
    gone = HostView(HOST, (told(["192.0.2.6"]),), true(NXDOMAIN, NXDOMAIN), OWN, rewrites=True)
    assert codes(judge_host_view(gone, Reached(), NOW)) == ["nxdomain-rewritten"]
    own = HostView(HOST, (told(["10.0.0.1"]),), true(["192.0.2.2"]), OWN)
    assert codes(judge_host_view(own, Reached(), NOW)) == ["dns-answers-differ"]
    assert judge_host_view(HostView(HOST, ()), Reached(), NOW) == ()


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        (told(["192.0.2.1"]), told(["192.0.2.1"], server=OTHER), None),
        (told(["192.0.2.1"]), told(["192.0.2.2"], server=OTHER), "info"),
        (told(["192.0.2.1"]), told(["10.0.0.1"], server=OTHER), "warning"),
        (told([NULL]), told(["192.0.2.1"], server=OTHER), "warning"),
        (told(["192.0.2.1"]), told(NXDOMAIN, NXDOMAIN, server=OTHER), "warning"),
        (told(["192.0.2.1"]), told(AnswerKind.REFUSED, AnswerKind.REFUSED, server=OTHER), "warning"),
        (told(["192.0.2.1"]), told(AnswerKind.TIMEOUT, AnswerKind.TIMEOUT, server=OTHER), None),
        (told(NXDOMAIN, NXDOMAIN), told(NODATA, NODATA, server=OTHER), None),
        (told(["10.0.0.1"]), told(["10.0.0.2"], server=OTHER), "info"),
    ],
)
def test_servers_in_use_are_compared(
    first: tuple[Answer, ...], second: tuple[Answer, ...], severity: str | None
) -> None:
    found = judge_servers(HostView(HOST, (first, second)))
    assert [item.severity for item in found] == ([severity] if severity else [])
    assert codes(found) == (["mail-host-addresses-differ"] if severity else [])
    assert judge_servers(HostView(HOST, (first,))) == ()
