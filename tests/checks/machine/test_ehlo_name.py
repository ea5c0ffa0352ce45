"""The name said in EHLO: each finding from an observation that fires and one that stays silent."""

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.routing import Resolution
from smtpdiag_tui.checks.machine.ehlo_name import (
    NameIdentity,
    ehlo_literal,
    is_qualified,
    judge_name,
    judge_names,
    name_notes,
)
from smtpdiag_tui.checks.machine.identity import AddressIdentity, SeenAddress
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
from tests.checks.making import codes


def test_a_name_that_leads_to_the_address_that_is_seen_is_silent() -> None:
    assert judge_name(said(lookup(OWN)), [at()]) == ()


@pytest.mark.parametrize(
    "name",
    ["mailserver", "localhost", "mail_1.sender.example", "192.0.2.10", "a..b", "-a.example", "[x]", "mx.lan"],
)
def test_a_name_that_is_not_fully_qualified(name: str) -> None:
    found = None if not is_qualified(name) else lookup(OWN)
    assert codes(judge_name(NameIdentity(name, ehlo_literal(name), found), [at()])) == ["ehlo-name-not-fqdn"]


def test_a_name_without_an_address() -> None:
    found = judge_name(said(lookup()), [at()])
    assert codes(found) == ["ehlo-name-unresolvable"]
    assert len(found[0].evidence) == 2


def test_a_name_that_cannot_be_looked_up_is_unknown() -> None:
    failed = lookup(a=resolution("A", kind=AnswerKind.SERVFAIL))
    assert codes(judge_name(said(failed), [at()])) == ["ehlo-name-lookup-failed"]
    nobody = lookup(a=Resolution((), (NAME,)), aaaa=Resolution((), (NAME,)))
    assert codes(judge_name(said(nobody), [at()])) == ["ehlo-name-lookup-failed"]


def test_a_name_that_belongs_to_another_address() -> None:
    found = judge_name(said(lookup(OTHER)), [at(found=reverse("other.example"))])
    assert codes(found) == ["ehlo-name-mismatch"]
    assert found[0].evidence == (f"{NAME} resolves to {OTHER}", f"{OWN} has the PTR name other.example")


def test_a_name_fits_that_is_the_addresss_own_or_where_that_is_not_known() -> None:
    assert judge_name(said(lookup(OTHER)), [at(found=reverse(NAME))]) == ()
    assert judge_name(said(lookup(OTHER)), [at(found=reverse(kind=AnswerKind.SERVFAIL))]) == ()
    assert judge_name(said(lookup(OTHER)), []) == ()
    half = lookup("2001:db8::10", a=resolution("A", kind=AnswerKind.TIMEOUT))
    assert judge_name(said(half), [at(found=reverse("other.example"))]) == ()
    assert judge_name(said(lookup(OTHER)), [AddressIdentity(seen(PRIVATE, public=False))]) == ()


def test_each_family_must_fit() -> None:
    six = AddressIdentity(SeenAddress("2001:db8::10", public=True))
    assert codes(judge_name(said(lookup(OWN)), [at(), six])) == ["ehlo-name-mismatch"]
    assert judge_name(said(lookup(OWN, "2001:db8::10")), [at(), six]) == ()


def test_an_address_literal_is_judged_apart() -> None:
    literal = NameIdentity(f"[{OWN}]", OWN)
    assert codes(judge_name(literal, [at()])) == ["ehlo-name-literal"]
    assert codes(judge_name(literal, [])) == ["ehlo-name-literal"]
    private = NameIdentity(f"[{PRIVATE}]", PRIVATE)
    item = AddressIdentity(seen(PRIVATE, echo(OWN), public=False), reverse(NAME))
    assert codes(judge_name(private, [item])) == ["ehlo-name-mismatch"]
    six = AddressIdentity(SeenAddress("2001:db8::10", public=True))
    assert codes(judge_name(literal, [six])) == ["ehlo-name-literal"]


def is_public(address: str) -> bool:
    return not address.startswith(("10.", "fd"))


def test_private_literals_are_one_problem_of_this_host_however_many_there_are() -> None:
    names = [NameIdentity(f"[{PRIVATE}]", PRIVATE), NameIdentity("[IPv6:fd00::5]", "fd00::5")]
    item = AddressIdentity(seen(PRIVATE, echo(OTHER), public=False), reverse(NAME))
    [found] = judge_names(names, [item], is_public)
    assert found.code == "ehlo-name-private"
    assert found.message == (
        "EHLO name is the private literal [10.0.0.10] and [IPv6:fd00::5]; this host has no FQDN"
    )
    assert found.evidence == (f"public IP address {OTHER}",)
    [alone] = judge_names(names[:1], [], is_public)
    assert alone.message == "EHLO name is the private literal [10.0.0.10]; this host has no FQDN"
    assert alone.evidence == ()


def test_a_literal_that_was_given_or_is_public_is_judged_as_it_stands() -> None:
    private, public = NameIdentity(f"[{PRIVATE}]", PRIVATE), NameIdentity(f"[{OWN}]", OWN)
    item = AddressIdentity(seen(PRIVATE, echo(OWN), public=False), reverse(NAME))
    assert codes(judge_names([private], [item], is_public, private.name)) == ["ehlo-name-mismatch"]
    assert codes(judge_names([public], [at()], is_public)) == ["ehlo-name-literal"]
    assert codes(judge_names([private, public], [], is_public)) == ["ehlo-name-private", "ehlo-name-literal"]
    assert judge_names([], [], is_public) == ()


@pytest.mark.parametrize(
    ("text", "address"),
    [("[192.0.2.10]", OWN), ("[IPv6:2001:DB8::10]", "2001:db8::10"), ("192.0.2.10", None), ("[mail]", None)],
)
def test_an_address_literal_is_known(text: str, address: str | None) -> None:
    assert ehlo_literal(text) == address


def test_the_notes_hold_the_name_and_its_addresses() -> None:
    assert f"resolves to: {OWN}" in name_notes(said(lookup(OWN)))
    assert name_notes(NameIdentity(f"[{OWN}]", OWN)) == (f"EHLO literal: {OWN}",)
    hostile = name_notes(NameIdentity("a\x1b[31m", None))
    assert hostile == (r"EHLO name: a\x1b[31m",)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        (NameIdentity(f"[{OWN}]", OWN), False, f"EHLO name is the literal [{OWN}]; this host has no FQDN"),
        (NameIdentity(f"[{OWN}]", OWN), True, f"EHLO name is the literal [{OWN}]"),
        (NameIdentity(f"[{OTHER}]", OTHER), False, f"EHLO literal [{OTHER}] is not the public IP {OWN}"),
        (NameIdentity("host"), False, "EHLO name 'host' is not fully qualified"),
        (NameIdentity("mx.lan", None, lookup(OWN)), False, "EHLO name mx.lan is not in the public DNS"),
        (said(lookup()), False, f"EHLO name {NAME} does not resolve"),
        (
            said(lookup(a=resolution("A", kind=AnswerKind.SERVFAIL))),
            False,
            f"Address query for EHLO name {NAME} failed",
        ),
    ],
)
def test_each_fault_of_the_name_has_its_headline(name: NameIdentity, given: bool, message: str) -> None:
    [found] = judge_name(name, [at()], given=given)
    assert found.message == message
    assert found.actions


def test_a_mismatch_names_the_public_address_or_counts_them() -> None:
    [one] = judge_name(said(lookup(OTHER)), [at(found=reverse("other.example"))])
    assert one.message == f"EHLO name {NAME} does not resolve to public IP {OWN}"
    assert one.advice == f"Make {NAME} resolve to {OWN}, or use the PTR name of {OWN} as EHLO name."
    both = [at(found=reverse("a.example")), at("192.0.2.11", found=reverse("b.example"))]
    [several] = judge_name(said(lookup(OTHER)), both)
    assert several.message == f"EHLO name {NAME} does not resolve to 2 public IP addresses"
