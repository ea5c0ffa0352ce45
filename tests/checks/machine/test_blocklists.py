"""Blocklists: believed once their test addresses are as they must be; errors and strange answers list nothing."""

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.machine.blocklists import (
    FamilyTest,
    ListAnswer,
    ListObservation,
    detail,
    judge,
    notes,
    question_name,
)
from tests.checks.making import answer, codes

OWN, OWN6 = "192.0.2.10", "2001:db8::10"


def said(address: str, *data: str, kind: AnswerKind | None = AnswerKind.NXDOMAIN, reason: str = "") -> ListAnswer:
    found = answer("A", data, kind=None if data else kind, name=question_name(address, "bl.example"))
    why = answer("TXT", [f'"{reason}"'], name=question_name(address, "bl.example")) if reason else None
    return ListAnswer(address, found, why)


def points(
    must: ListAnswer | None = None, must_not: ListAnswer | None = None, family: int = 4
) -> tuple[FamilyTest, ...]:
    held, free = ("127.0.0.2", "127.0.0.1") if family == 4 else ("::ffff:7f00:2", "::ffff:7f00:1")
    return (FamilyTest(family, must or said(held, "127.0.0.2"), must_not or said(free)),)


def of(*answers: ListAnswer, tests: tuple[FamilyTest, ...] | None = None) -> ListObservation:
    return ListObservation("bl.example", tests if tests is not None else points(), answers)


def test_an_address_that_is_not_listed_is_silent() -> None:
    seen = of(said(OWN))
    assert judge(seen) == ()
    assert detail(seen) == f"does not list {OWN}"
    assert judge(of(said(OWN, kind=AnswerKind.NODATA))) == ()


def test_a_listing_is_told_with_its_reason() -> None:
    seen = of(said(OWN, "127.0.0.2", "127.0.0.11", reason="a trap"))
    found = judge(seen)
    assert codes(found) == ["dnsbl-listed"]
    assert "127.0.0.2, 127.0.0.11" in found[0].message
    assert found[0].evidence[1] == 'TXT: "a trap"'
    assert detail(seen) == f"lists {OWN}"
    assert len(notes(seen)) == 3


UNUSABLE = {
    "does not hold the test address": (points(said("127.0.0.2")), "does not hold 127.0.0.2"),
    "holds everything": (points(must_not=said("127.0.0.1", "127.0.0.2")), "also holds 127.0.0.1"),
    "refuses the resolver": (points(said("127.0.0.2", "127.255.255.254")), "refuses questions"),
    "refuses half": (points(must_not=said("127.0.0.1", "127.255.255.255")), "refuses questions"),
    "is for sale": (points(said("127.0.0.2", "203.0.113.1")), "none that a list gives"),
    "fails": (points(said("127.0.0.2", kind=AnswerKind.SERVFAIL), ListAnswer("127.0.0.1", None)), "SERVFAIL"),
    "is silent": (
        points(said("127.0.0.2", kind=AnswerKind.TIMEOUT), ListAnswer("127.0.0.1", None)),
        "no answer comes",
    ),
    "is not asked": (points(ListAnswer("127.0.0.2", None), ListAnswer("127.0.0.1", None)), "no answer comes"),
    "fails the second": (points(must_not=said("127.0.0.1", kind=AnswerKind.SERVFAIL)), "SERVFAIL"),
}


@pytest.mark.parametrize(("tests", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_list_is_believed_after_its_test_alone(tests: tuple[FamilyTest, ...], words: str) -> None:
    seen = of(tests=tests)
    found = judge(seen)
    assert codes(found) == ["dnsbl-unusable"]
    assert words in found[0].message
    assert found[0].severity == "unknown"
    assert detail(seen) == "not believed"


@pytest.mark.parametrize("code", ["127.255.255.252", "127.255.255.254", "127.255.255.255"])
def test_an_error_code_is_no_listing(code: str) -> None:
    found = judge(of(said(OWN, code)))
    assert codes(found) == ["dnsbl-unusable"]
    assert "an error, not a listing" in found[0].message


@pytest.mark.parametrize("kind", [AnswerKind.SERVFAIL, AnswerKind.TIMEOUT])
def test_no_answer_is_unknown_and_never_a_clean_record(kind: AnswerKind) -> None:
    seen = of(said(OWN, kind=kind))
    assert codes(judge(seen)) == ["dnsbl-unusable"]
    assert detail(seen) == "no usable answer"
    assert codes(judge(of(ListAnswer(OWN, None)))) == ["dnsbl-unusable"]


def test_an_answer_outside_127_is_no_listing() -> None:
    assert codes(judge(of(said(OWN, "203.0.113.1")))) == ["dnsbl-unusable"]


def test_a_list_without_ipv6_is_no_broken_one() -> None:
    seen = of(tests=points(said("::ffff:7f00:2"), family=6))
    assert judge(seen) == ()
    assert detail(seen) == "lists no IPv6 addresses"
    assert not seen.tests[0].passed


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.99", "99.2.0.192.bl.example"),
        (OWN6, "0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example"),
        ("::ffff:7f00:2", f"2.0.0.0.0.0.f.7.f.f.f.f{'.0' * 20}.bl.example"),
    ],
)
def test_the_name_asked_for_is_the_address_reversed(address: str, name: str) -> None:
    assert question_name(address, "bl.example") == name


def test_what_is_no_address_is_not_asked_for() -> None:
    with pytest.raises(ValueError, match="no IP address"):
        question_name("mail.example", "bl.example")


def test_an_answer_without_end_is_cut() -> None:
    flood = ListAnswer(OWN, answer("A", ["127.0.0.2"] * 4000), answer("TXT", ['"x"'] * 4000))
    [found] = judge(of(flood))
    assert len(found.message) < 500
    assert len(found.evidence) < 20
