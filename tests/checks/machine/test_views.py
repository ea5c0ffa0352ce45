"""Two views of one name: what the inside says is told, and what the outside says is judged."""

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.routing import Resolution
from smtpdiag_tui.checks.machine.ehlo_name import NameIdentity, fits, judge_name
from smtpdiag_tui.checks.machine.identity import AddressIdentity, ReverseLookup, judge_address
from smtpdiag_tui.checks.machine.identity_facts import address_facts, name_facts
from smtpdiag_tui.checks.machine.views import NameView, Views, judge_views, look_outside
from smtpdiag_tui.settings import DnsServer
from tests.checks.lookups.told import Told
from tests.checks.machine.identities import NAME, OTHER, OWN, PRIVATE, at, lookup, resolution, reverse, seen
from tests.checks.making import SERVER, answer, codes

INSIDE = resolution("A", PRIVATE)


def view(found: Resolution, *, known: bool = True) -> NameView:
    return NameView(NAME, found, INSIDE, known)


@pytest.mark.parametrize(
    ("outside", "words"),
    [
        (resolution("A", OWN), OWN),
        (resolution("A"), "no address"),
        (resolution("A", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"), "192.0.2.1 and 3 more"),
    ],
)
def test_both_views_are_told(outside: Resolution, words: str) -> None:
    [found] = judge_views([view(outside)])
    assert (found.code, found.severity) == ("split-view", "info")
    assert found.message == f"{NAME} resolves to {PRIVATE} inside and to {words} outside"


def test_one_view_is_nothing_to_tell() -> None:
    assert judge_views([NameView(NAME, resolution("A", OWN))]) == ()


def test_a_name_is_told_once_for_both_families() -> None:
    six = NameView(NAME, resolution("AAAA", "2001:db8::10"), resolution("AAAA", "fd00::10"))
    assert codes(judge_views([view(resolution("A", OWN)), six])) == ["split-view"]


def test_where_the_outside_is_not_known_nothing_is_held_against_the_name() -> None:
    hidden = view(INSIDE, known=False)
    name = NameIdentity(NAME, None, lookup(a=INSIDE, aaaa=resolution("AAAA")), (hidden,))
    other = at(found=reverse("other.example"))
    assert (hidden.seen, fits(name, other)) == (INSIDE, None)
    assert codes(judge_name(name, [other])) == ["split-view-unknown"]
    found = ReverseLookup(OWN, reverse(NAME).ptr, ((NAME, INSIDE),), (hidden,))
    assert codes(judge_address(AddressIdentity(seen(OWN), found))) == ["split-view-unknown"]
    plain = ReverseLookup(OWN, reverse(NAME).ptr, ((NAME, INSIDE),))
    assert codes(judge_address(AddressIdentity(seen(OWN), plain))) == ["ptr-mismatch"]


def test_a_wrong_answer_outside_is_a_mismatch_beside_the_split_view() -> None:
    outside = resolution("A", OTHER)
    name = NameIdentity(NAME, None, lookup(a=outside, aaaa=resolution("AAAA")), (view(outside),))
    assert codes(judge_name(name, [at(found=reverse("other.example"))])) == ["ehlo-name-mismatch", "split-view"]
    nothing = resolution("A", kind=AnswerKind.NXDOMAIN)
    name = NameIdentity(NAME, None, lookup(a=nothing, aaaa=resolution("AAAA")), (view(nothing),))
    assert codes(judge_name(name, [at()])) == ["ehlo-name-unresolvable", "split-view"]


def test_the_inside_address_is_among_the_facts() -> None:
    outside = resolution("A", OWN)
    name = NameIdentity(NAME, None, lookup(a=outside, aaaa=resolution("AAAA")), (view(outside),))
    assert set(name_facts(name).addresses) == {OWN, PRIVATE}
    item = AddressIdentity(seen(OWN), ReverseLookup(OWN, reverse(NAME).ptr, ((NAME, outside),), (view(outside),)))
    assert set(address_facts(item).addresses) == {OWN, PRIVATE}


async def test_targets_alone_are_believed_whatever_they_say() -> None:
    told = Told(table={(NAME, "A"): answer("A", [PRIVATE], name=NAME)})
    found = await look_outside(told, Views((SERVER,), (), lambda address: address != PRIVATE), NAME, "A")
    assert (found.inside, found.known) == (None, True)
    assert len(told.asked) == 1


async def test_a_public_answer_is_looked_for_no_further() -> None:
    told = Told(table={(NAME, "A"): answer("A", [PRIVATE, OWN], name=NAME)})
    found = await look_outside(told, Views((), (SERVER,), lambda address: address != PRIVATE), NAME, "A")
    assert (found.inside, len(told.asked)) == (None, 1)


async def test_without_any_name_server_outside_the_view_is_not_known() -> None:
    told = Told(table={(NAME, "A"): answer("A", [PRIVATE], name=NAME)})
    found = await look_outside(told, Views((), (SERVER,), lambda address: address != PRIVATE), NAME, "A")
    assert not found.known
    assert found.inside is found.seen


async def test_the_targets_answer_counts_where_both_are_asked() -> None:
    target = DnsServer("192.0.2.54")
    told = Told(table={(NAME, "A"): answer("A", [OWN], name=NAME, server=target)})
    found = await look_outside(told, Views((target,), (SERVER,), lambda _: True), NAME, "A")
    assert found == NameView(NAME, found.seen)
    assert found.seen.last is not None
    assert found.seen.last.server == target
