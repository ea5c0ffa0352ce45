"""This machine's addresses and names as data: the same that the remarks tell."""

from smtpdiag_tui.checks.machine.ehlo_name import NameIdentity, name_notes
from smtpdiag_tui.checks.machine.identity import AddressIdentity, address_notes
from smtpdiag_tui.checks.machine.identity_facts import address_facts, name_facts
from smtpdiag_tui.report.facts import StepFacts
from tests.checks.machine.identities import NAME, OTHER, OWN, PRIVATE, at, echo, lookup, reverse, said, seen


def told(lines: tuple[str, ...], *what: str) -> set[str]:
    """Return what remarks tell behind some words."""
    return {line.removeprefix(words) for words in what for line in lines if line.startswith(words)}


def test_an_address_with_its_names() -> None:
    found = at(found=reverse(NAME, to=(OWN, OTHER)))
    facts = address_facts(found)
    assert facts == StepFacts(sources=(OWN,), names=(NAME,), addresses=(OWN, OTHER))
    assert told(address_notes(found), "PTR name: ") == set(facts.names)
    assert told(address_notes(found), "resolves to: ") == set(facts.addresses)


def test_an_address_behind_a_translator() -> None:
    found = AddressIdentity(seen(PRIVATE, echo(OTHER), public=False))
    facts = address_facts(found)
    assert facts == StepFacts(sources=(PRIVATE,), seen_as=(OTHER,))
    assert told(address_notes(found), "source address: ", "reported address: ") == {*facts.sources, *facts.seen_as}


def test_the_name_said_in_ehlo() -> None:
    found = said(lookup(OWN))
    facts = name_facts(found)
    assert facts == StepFacts(ehlo=NAME, names=(NAME,), addresses=(OWN,))
    assert told(name_notes(found), "EHLO name: ") == set(facts.names)


def test_a_literal_and_a_name_without_domain() -> None:
    literal = NameIdentity(f"[{OWN}]", OWN)
    assert name_facts(literal) == StepFacts(ehlo=f"[{OWN}]", addresses=(OWN,))
    assert name_facts(NameIdentity("host")) == StepFacts(ehlo="host", names=("host",))
