"""A resolver's word beside the authority's: each reading with what makes it, and what leaves it alone."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Record
from smtpdiag_tui.checks.lookups.arbiter import (
    AuthorityWord,
    Reading,
    ResolverWord,
    Why,
    alike,
    is_foreign,
    is_null,
    responsible,
    rule,
    seconds_left,
    usable_addresses,
)
from smtpdiag_tui.settings import DnsServer
from tests.checks.making import DOMAIN, SERVER, answer

OLD, NEW = "10 old.partner.example.", "10 new.partner.example."
NXDOMAIN, NODATA = AnswerKind.NXDOMAIN, AnswerKind.NODATA
AA = ("AA",)


def truth(data: str | None = NEW, kind: AnswerKind | None = None, last: int = 51) -> Answer:
    return answer(data=[data] if data else (), kind=kind, flags=AA, server=DnsServer(f"192.0.2.{last}"))


def soa(primary: str, serial: int = 7, flags: tuple[str, ...] = ("RD", "RA")) -> Answer:
    return answer("SOA", [f"{primary}. hostmaster.example. {serial} 7200 3600 1209600 300"], flags=flags)


def word(mx: Answer, **more: object) -> ResolverWord:
    return ResolverWord(SERVER, mx, **more)  # type: ignore[arg-type]


def reading(mx: Answer, *truths: Answer, **more: object) -> Reading:
    return rule(DOMAIN, word(mx, **more), AuthorityWord(truths)).reading


@pytest.mark.parametrize(
    ("told", "true", "read"),
    [
        (answer(data=[OLD]), truth(), Reading.STALE),
        (answer(kind=NODATA), truth(), Reading.STALE),
        (answer(kind=NXDOMAIN), truth(), Reading.STALE),
        (answer(data=["0 ."]), truth(), Reading.STALE),
        (answer(data=[OLD]), truth(None, NODATA), Reading.STALE),
        (answer(data=[OLD]), truth(None, NXDOMAIN), Reading.STALE),
        (answer(kind=NXDOMAIN), truth(None, NODATA), Reading.STALE),
        (answer(data=[OLD, NEW]), truth(), Reading.STALE),
        (answer(data=[NEW.upper()]), truth(), Reading.AGREES),
        (answer(kind=NXDOMAIN), truth(None, NXDOMAIN), Reading.AGREES),
        (answer(kind=NODATA), truth(None, NXDOMAIN), Reading.AGREES),
        (answer(kind=AnswerKind.SERVFAIL), truth(), Reading.UNDECIDED),
        (answer(kind=AnswerKind.REFUSED), truth(), Reading.FILTERED),
        (answer(kind=AnswerKind.TIMEOUT), truth(), Reading.UNDECIDED),
    ],
)
def test_a_resolver_that_differs_in_any_shape_is_outdated(told: Answer, true: Answer, read: Reading) -> None:
    assert reading(told, true, replace(true, server=DnsServer("192.0.2.52"))) is read


def test_without_an_authority_nothing_is_outdated() -> None:
    assert reading(answer(data=[OLD])) is Reading.UNDECIDED
    assert reading(answer(kind=NXDOMAIN)) is Reading.UNDECIDED


def test_authorities_that_differ_are_theirs_and_not_the_resolvers() -> None:
    assert reading(answer(data=["10 third.example."]), truth(OLD), truth(NEW)) is Reading.UNDECIDED
    assert reading(answer(data=[OLD]), truth(OLD), truth(NEW)) is Reading.AGREES
    assert reading(answer(kind=NODATA), truth(None, NODATA), truth(NEW)) is Reading.AGREES


def test_no_mx_where_every_authority_has_one_is_outdated_though_they_differ() -> None:
    assert reading(answer(kind=NXDOMAIN), truth(OLD), truth(NEW)) is Reading.STALE
    assert reading(answer(kind=NODATA), truth(OLD), truth(NEW)) is Reading.STALE


def test_serials_do_not_matter() -> None:
    same = {"soa": soa("ns1.example", 7)}
    ruled = rule(DOMAIN, word(answer(data=[OLD]), **same), AuthorityWord((truth(),), (soa("ns1.example", 7),)))
    assert ruled.reading is Reading.STALE


@pytest.mark.parametrize(
    ("more", "why"),
    [({"inside": True}, Why.PRIVATE), ({}, Why.NOTHING)],
)
def test_private_addresses_make_it_a_view_of_its_own(more: dict[str, object], why: Why) -> None:
    ruled = rule(DOMAIN, word(answer(data=[OLD]), **more), AuthorityWord((truth(),)))
    assert (ruled.reading is Reading.OWN_VIEW, ruled.why) == (bool(why), why)


def test_a_resolver_that_answers_with_authority_has_a_view_of_its_own() -> None:
    ruled = rule(DOMAIN, word(answer(data=[OLD], flags=("AA", "RD", "RA"))), AuthorityWord((truth(),)))
    assert (ruled.reading, ruled.why) == (Reading.OWN_VIEW, Why.WITH_AUTHORITY)
    by_soa = word(answer(data=[OLD]), soa=soa("ns1.example", flags=("AA", "RA")))
    assert rule(DOMAIN, by_soa, AuthorityWord((truth(),))).why is Why.WITH_AUTHORITY
    same = rule(DOMAIN, word(answer(data=[NEW], flags=("AA", "RD", "RA"))), AuthorityWord((truth(),)))
    assert same.reading is Reading.AGREES


def test_another_zone_has_another_primary_and_other_name_servers() -> None:
    authority = AuthorityWord((truth(),), (soa("ns1.example", flags=AA),), frozenset({"ns1.example"}))
    inner = word(answer(data=[OLD]), soa=soa("dc1.corp"), name_servers=frozenset({"dc1.corp"}), served_inside=True)
    assert rule(DOMAIN, inner, authority).why is Why.OTHER_ZONE
    only_primary = replace(inner, name_servers=frozenset({"ns1.example", "dc1.corp"}))
    assert rule(DOMAIN, only_primary, authority).reading is Reading.STALE
    moved = replace(inner, served_inside=False)
    assert rule(DOMAIN, moved, authority).reading is Reading.STALE
    only_names = replace(inner, soa=soa("ns1.example"))
    assert rule(DOMAIN, only_names, authority).reading is Reading.STALE


def test_a_zone_that_only_the_parent_denies_is_no_outdated_copy() -> None:
    denied = AuthorityWord((truth(None, NXDOMAIN),), by_parent=True)
    assert rule(DOMAIN, word(answer(data=[OLD])), denied).reading is Reading.UNDECIDED
    assert rule(DOMAIN, word(answer(data=[OLD], flags=AA)), denied).reading is Reading.OWN_VIEW
    assert rule(DOMAIN, word(answer(kind=NXDOMAIN)), denied).reading is Reading.AGREES


@pytest.mark.parametrize("code", [15, 16, 17, 18])
@pytest.mark.parametrize("kind", [NXDOMAIN, NODATA, AnswerKind.REFUSED, AnswerKind.SERVFAIL])
def test_an_extended_error_says_that_it_filters(code: int, kind: AnswerKind) -> None:
    blocked = answer(kind=kind, extended_codes=(code,))
    assert reading(blocked, truth()) is Reading.FILTERED
    assert reading(blocked) is Reading.FILTERED
    assert reading(blocked, truth(OLD), truth(NEW)) is Reading.FILTERED


def test_an_extended_error_beside_the_authoritys_own_answer_is_a_remark() -> None:
    assert reading(answer(kind=NXDOMAIN, extended_codes=(15,)), truth(None, NXDOMAIN)) is Reading.AGREES
    assert reading(answer(data=[NEW], extended_codes=(17,)), truth()) is Reading.AGREES
    assert reading(answer(kind=NXDOMAIN, extended_codes=(22,)), truth()) is Reading.STALE


def test_a_refusal_is_a_filter_only_beside_an_authority() -> None:
    refused = answer(kind=AnswerKind.REFUSED)
    assert reading(refused) is Reading.UNDECIDED
    assert reading(refused, truth(OLD), truth(NEW)) is Reading.FILTERED
    denied = AuthorityWord((truth(None, NXDOMAIN),), by_parent=True)
    assert rule(DOMAIN, word(refused), denied).reading is Reading.UNDECIDED


def test_filtered_comes_before_outdated() -> None:
    null = answer("A", ["0.0.0.0"])
    assert reading(answer(kind=NODATA), truth(), addresses=(null,)) is Reading.FILTERED
    assert reading(answer(kind=NXDOMAIN, soa="policy.local"), truth()) is Reading.FILTERED
    assert reading(answer(kind=NODATA), truth(), emptied=True) is Reading.FILTERED
    assert reading(answer(kind=NODATA), truth(None, NODATA), emptied=True) is Reading.AGREES
    assert reading(answer(data=[OLD]), truth(), emptied=True) is Reading.STALE


def test_rewriting_comes_first_and_only_where_there_is_no_mx() -> None:
    blocked = answer(kind=NODATA, extended_codes=(15,))
    assert reading(blocked, truth(None, NXDOMAIN), rewrites=True) is Reading.REWRITTEN
    assert reading(answer(kind=NODATA), truth(), rewrites=True) is Reading.REWRITTEN
    assert reading(answer(data=[NEW]), truth(), rewrites=True) is Reading.AGREES


@pytest.mark.parametrize("rdtype", ["A", "AAAA", "SOA"])
def test_nxdomain_beside_records_of_the_name_contradicts_itself(rdtype: str) -> None:
    there = answer(rdtype, ["ns1.example. h.example. 1 2 3 4 5" if rdtype == "SOA" else "192.0.2.1"])
    more = {"soa": there} if rdtype == "SOA" else {"addresses": (there,)}
    assert reading(answer(kind=NXDOMAIN), **more) is Reading.CONTRADICTS
    assert reading(answer(kind=NXDOMAIN), truth(None, NXDOMAIN), **more) is Reading.CONTRADICTS
    assert reading(answer(kind=NXDOMAIN), truth(), **more) is Reading.STALE
    assert reading(answer(kind=NODATA), truth(None, NODATA), **more) is Reading.AGREES


def test_records_of_another_name_contradict_nothing() -> None:
    above = answer("SOA", ["ns1.example. h.example. 1 2 3 4 5"], name="example")
    assert reading(answer(kind=NXDOMAIN), soa=above) is Reading.UNDECIDED
    through = answer(kind=NXDOMAIN, aliases=[(DOMAIN, "gone.example")])
    assert reading(through, addresses=(answer("A", ["192.0.2.1"]),)) is Reading.UNDECIDED


def test_an_alias_into_another_zone_is_compared_as_alias() -> None:
    elsewhere = answer(kind=NODATA, aliases=[(DOMAIN, "mail.other.example")], flags=AA, soa=None)
    assert alike(answer(data=["10 mx.other."], aliases=[(DOMAIN, "mail.other.example")]), elsewhere)
    assert not alike(answer(data=["10 mx.other."], aliases=[(DOMAIN, "old.example")]), elsewhere)
    assert not alike(answer(data=["10 mx.other."]), elsewhere)
    inside = answer(data=[NEW], aliases=[(DOMAIN, "a.example")], flags=AA)
    assert alike(answer(data=[NEW]), inside)


def test_a_dname_and_what_it_makes_is_followed() -> None:
    synthesized = answer(data=[NEW], aliases=[(DOMAIN, "partner.new.example")])
    dname = Record("example", "DNAME", 300, "new.example.")
    with_dname = replace(synthesized, answer=(dname, *synthesized.answer))
    assert alike(with_dname, answer(data=[NEW], aliases=[(DOMAIN, "partner.new.example")], flags=AA))


@pytest.mark.parametrize(
    ("told", "left"),
    [
        (answer(data=[OLD]), 300),
        (replace(answer(data=[OLD]), answer=(Record(DOMAIN, "MX", 0, OLD),)), 0),
        (answer(kind=NXDOMAIN), 5),
        (answer(kind=NXDOMAIN, soa=None), None),
    ],
)
def test_what_is_left_of_a_copy(told: Answer, left: int | None) -> None:
    assert seconds_left(told) == left


def test_the_least_ttl_counts_that_of_an_alias_too() -> None:
    told = answer(data=[OLD], aliases=[(DOMAIN, "a.example")])
    first, *rest = told.answer
    assert seconds_left(replace(told, answer=(replace(first, ttl=9), *rest))) == 9


def test_whose_zone_it_is() -> None:
    assert responsible(soa("ns1.example")) == "hostmaster@example"
    dotted = answer("SOA", [r"ns1.example. host\.master.example. 1 2 3 4 5"])
    assert responsible(dotted) == "host.master@example"
    assert responsible(answer("SOA", ["ns1.example. . 1 2 3 4 5"])) is None
    assert responsible(None) is None


@pytest.mark.parametrize(("address", "null"), [("0.0.0.0", True), ("::", True), ("::1", False), ("x", False)])
def test_null_addresses(address: str, null: bool) -> None:
    assert is_null(address) is null


def test_foreign_soas() -> None:
    assert not is_foreign(answer(kind=NXDOMAIN, soa="example"))
    assert not is_foreign(answer(kind=NXDOMAIN, soa="."))
    assert not is_foreign(answer(kind=NXDOMAIN, soa=None))
    assert is_foreign(answer(kind=NXDOMAIN, soa="rpz.local"))
    assert not is_foreign(answer(data=[NEW]))


def test_only_addresses_that_may_be_connected_to_count() -> None:
    told = answer("A", ["0.0.0.0", "192.0.2.1", "127.0.0.1"])
    assert usable_addresses([told]) == {"192.0.2.1"}
