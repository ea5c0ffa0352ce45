"""This machine as others see it: each finding from an observation that fires and one that stays silent."""

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.routing import Resolution
from smtpdiag_tui.checks.machine.ehlo_name import judge_name
from smtpdiag_tui.checks.machine.identity import (
    AddressIdentity,
    ReverseLookup,
    SeenAddress,
    address_detail,
    address_notes,
    judge_address,
)
from smtpdiag_tui.checks.machine.seen_address import Echo
from tests.checks.machine.identities import (
    NAME,
    OTHER,
    OWN,
    PRIVATE,
    at,
    echo,
    lookup,
    resolution,
    reverse,
    said,
    seen,
)
from tests.checks.making import answer, codes


def test_all_well_is_silent() -> None:
    assert judge_address(at()) == ()
    assert address_detail(at()) == f"PTR {NAME} resolves back"


def test_a_private_source_that_is_seen_as_a_public_one_is_translated() -> None:
    found = judge_address(AddressIdentity(seen(PRIVATE, echo(OWN), echo(OWN, "mx2"), public=False), reverse(NAME)))
    assert codes(found) == ["address-translated"]
    assert found[0].message == (f"Connections from {PRIVATE} are seen as {OWN}")
    assert found[0].evidence[1] == f"mx2.partner.example: 250 mx2 Hello {NAME} [{OWN}]"


def test_a_public_source_that_is_seen_as_another_one_is_rewritten() -> None:
    assert codes(judge_address(AddressIdentity(seen(OTHER, echo(OWN)), reverse(NAME)))) == ["address-rewritten"]
    assert judge_address(AddressIdentity(seen(OWN, echo(OWN)), reverse(NAME))) == ()


def test_a_private_source_that_nobody_speaks_of_is_not_judged() -> None:
    for item in (seen(PRIVATE, public=False), seen(PRIVATE, echo(PRIVATE), public=False)):
        assert item.outside is None
        assert codes(judge_address(AddressIdentity(item))) == ["address-unseen"]
    assert seen(PRIVATE, echo(PRIVATE), echo(PRIVATE), echo(OWN), public=False).outside == OWN


def test_servers_that_differ_are_told_and_the_majority_counts() -> None:
    item = seen(OWN, echo(OTHER), echo(OWN, "mx2"), echo(OWN, "mx3"))
    assert (item.outside, item.translated) == (OWN, False)
    assert codes(judge_address(AddressIdentity(item, reverse(NAME)))) == ["address-varies"]
    assert seen(OWN, echo(OTHER), echo(OWN, "mx2")).outside == OWN


def test_one_server_s_word_does_not_outweigh_a_public_source() -> None:
    weak = Echo(OTHER, "mx1.partner.example [192.0.2.25]", f"220 your IP {OTHER} is logged", strong=False)
    second = Echo(OTHER, "mx1.partner.example [192.0.2.26]", "220 the same host", strong=False)
    for item in (
        SeenAddress(OWN, True, (weak,), 1),
        SeenAddress(OWN, True, (echo(OTHER),), 3),
        SeenAddress(OWN, True, (weak, second), 2),
    ):
        assert (item.outside, item.translated) == (OWN, False)
        [found] = judge_address(AddressIdentity(item, reverse(NAME)))
        assert (found.code, found.severity) == ("address-varies", "info")
        assert found.message == f"One server alone reports {OTHER} for connections from {OWN}"
    assert SeenAddress(OWN, True, (echo(OTHER), echo(OTHER, "mx2")), 3).outside == OTHER
    assert SeenAddress(PRIVATE, False, (weak,), 1).outside == OTHER


@pytest.mark.parametrize("kind", [AnswerKind.NXDOMAIN, AnswerKind.NODATA])
def test_no_name_is_said_from_a_positive_answer_alone(kind: AnswerKind) -> None:
    found = judge_address(at(found=reverse(kind=kind)))
    assert codes(found) == ["ptr-missing"]
    assert str(kind.value).split(maxsplit=1)[0].upper()[:2] in found[0].evidence[0].upper()


@pytest.mark.parametrize("kind", [AnswerKind.SERVFAIL, AnswerKind.TIMEOUT, AnswerKind.REFUSED])
def test_a_lookup_that_fails_is_unknown(kind: AnswerKind) -> None:
    found = judge_address(at(found=reverse(kind=kind)))
    assert codes(found) == ["ptr-lookup-failed"]
    assert found[0].severity == "unknown"
    nobody = ReverseLookup(OWN, Resolution((), ("10.2.0.192.in-addr.arpa",)))
    assert codes(judge_address(at(found=nobody))) == ["ptr-lookup-failed"]


def test_a_name_must_lead_back() -> None:
    found = judge_address(at(found=reverse(NAME, to=(OTHER,))))
    assert codes(found) == ["ptr-mismatch"]
    assert found[0].evidence == (f"{NAME} resolves to {OTHER}",)
    gone = ReverseLookup(OWN, reverse(NAME).ptr, ((NAME, resolution("A", kind=AnswerKind.NXDOMAIN)),))
    assert codes(judge_address(at(found=gone))) == ["ptr-mismatch"]
    circle = ReverseLookup(OWN, reverse(NAME).ptr, ((NAME, Resolution((answer("A"),), (NAME,), looping=True)),))
    assert codes(judge_address(at(found=circle))) == ["ptr-mismatch"]


def test_a_name_that_cannot_be_looked_up_is_no_mismatch() -> None:
    failed = ReverseLookup(OWN, reverse(NAME).ptr, ((NAME, resolution("A", kind=AnswerKind.SERVFAIL)),))
    assert codes(judge_address(at(found=failed))) == ["ptr-lookup-failed"]


def test_a_generic_name_is_told() -> None:
    found = judge_address(at(found=reverse("192-0-2-10.pool.isp.example")))
    assert codes(found) == ["ptr-generic"]
    assert "looks generic (contains the address)" in found[0].message


def test_several_names_are_told_and_each_must_lead_back() -> None:
    assert codes(judge_address(at(found=reverse(NAME, "www.sender.example")))) == ["ptr-several"]
    both = reverse(NAME, "www.sender.example")
    mixed = ReverseLookup(OWN, both.ptr, (both.forward[0], ("www.sender.example", resolution("A", OTHER))))
    found = judge_address(at(found=mixed))
    assert codes(found) == ["ptr-mismatch", "ptr-several"]
    assert "www.sender.example" in found[0].message
    assert NAME not in found[0].message


def test_the_notes_hold_what_was_asked_and_mark_what_is_ours() -> None:
    item = AddressIdentity(seen(PRIVATE, echo(OWN), public=False), reverse(NAME))
    notes = address_notes(item)
    assert f"source address: {PRIVATE}" in notes
    assert f"reported address: {OWN}" in notes
    assert f"PTR name: {NAME}" in notes
    assert any("PTR 10.2.0.192.in-addr.arpa: NOERROR" in line for line in notes)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (AddressIdentity(seen(PRIVATE, public=False)), "public IP address unknown"),
        (at(found=reverse()), "no PTR record"),
        (at(found=reverse(kind=AnswerKind.TIMEOUT)), "PTR record unknown"),
        (at(found=reverse(NAME, to=(OTHER,))), f"PTR {NAME} does not resolve back"),
    ],
)
def test_the_detail_of_an_address(item: AddressIdentity, words: str) -> None:
    assert address_detail(item) == words


def test_a_thousand_names_are_counted_and_some_are_shown() -> None:
    many = [f"n{number}.example" for number in range(1000)]
    ptr = resolution("PTR", *(f"{name}." for name in many), name="10.2.0.192.in-addr.arpa")
    found = ReverseLookup(OWN, ptr, tuple((name, resolution("A", OTHER, name=name)) for name in many[:8]))
    item = AddressIdentity(seen(OWN), found)
    said_of = judge_address(item) + judge_name(said(lookup(OTHER)), [item])
    assert codes(said_of) == ["ptr-mismatch", "ptr-several", "ehlo-name-mismatch"]
    assert "1000 PTR records" in said_of[1].message
    assert max(len(line) for one in said_of for line in (one.message, *one.evidence)) < 500
    assert len(address_notes(item)) < 40


def test_each_fault_of_the_reverse_dns_has_its_headline_and_says_what_to_set() -> None:
    [missing] = judge_address(at(found=reverse()), NAME)
    assert missing.message == f"{OWN} has no PTR record"
    assert missing.advice == f"Ask your provider to set the PTR of {OWN} to {NAME}."
    [unnamed] = judge_address(at(found=reverse()))
    assert unnamed.advice == f"Ask your provider to set the PTR of {OWN} to the full name of this host."
    [wrong] = judge_address(at(found=reverse(NAME, to=(OTHER,))), NAME)
    assert wrong.message == f"PTR name {NAME} does not resolve back to {OWN}"
    [failed] = judge_address(at(found=reverse(kind=AnswerKind.TIMEOUT)), NAME)
    assert failed.message == f"PTR query for {OWN} failed"
    assert [action.who for action in failed.actions] == ["", f"Provider of {OWN}"]


def test_several_names_that_do_not_resolve_back_are_counted_and_each_shown() -> None:
    found = judge_address(at(found=reverse(NAME, "www.sender.example", to=(OTHER,))), NAME)
    assert found[0].message == f"2 PTR names of {OWN} do not resolve back to it"
    assert found[0].evidence == (f"{NAME} resolves to {OTHER}", f"www.sender.example resolves to {OTHER}")


def test_a_generic_name_that_is_the_ehlo_name_is_not_advised_again() -> None:
    name = "192-0-2-10.pool.isp.example"
    [found] = judge_address(at(found=reverse(name)), name)
    assert found.message == f"PTR name {name} looks generic (contains the address)"
    assert "to 192-0-2-10" not in found.advice
