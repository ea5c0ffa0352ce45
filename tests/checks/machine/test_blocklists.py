"""Blocklists: believed once their test addresses are as they must be; errors and strange answers list nothing."""

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.machine.blocklist_judgement import detail, judge, notes
from smtpdiag_tui.checks.machine.blocklists import FamilyTest, ListAnswer, ListObservation, question_name
from smtpdiag_tui.report.findings import Side
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
    assert detail(seen) == f"{OWN} not listed"
    assert judge(of(said(OWN, kind=AnswerKind.NODATA))) == ()


def test_a_listing_is_told_with_its_reason() -> None:
    seen = of(said(OWN, "127.0.0.2", "127.0.0.11", reason="a trap"))
    found = judge(seen)
    assert codes(found) == ["dnsbl-listed"]
    assert "127.0.0.2, 127.0.0.11" in found[0].message
    assert found[0].evidence[1] == 'TXT: "a trap"'
    assert detail(seen) == f"{OWN} listed"
    assert len(notes(seen)) == 3


UNUSABLE = {
    "does not hold the test address": (
        points(said("127.0.0.2")),
        "bl.example cannot be used (it does not list 127.0.0.2, as every list must)",
    ),
    "holds everything": (
        points(must_not=said("127.0.0.1", "127.0.0.2")),
        "bl.example cannot be used (it lists 127.0.0.1, as no list may)",
    ),
    "refuses the resolver": (points(said("127.0.0.2", "127.255.255.254")), "refuses queries"),
    "refuses half": (points(must_not=said("127.0.0.1", "127.255.255.255")), "refuses queries"),
    "is for sale": (points(said("127.0.0.2", "203.0.113.1")), "outside 127.0.0.0/8"),
    "fails": (points(said("127.0.0.2", kind=AnswerKind.SERVFAIL), ListAnswer("127.0.0.1", None)), "SERVFAIL"),
    "is silent": (
        points(said("127.0.0.2", kind=AnswerKind.TIMEOUT), ListAnswer("127.0.0.1", None)),
        "bl.example cannot be used (no answer)",
    ),
    "is not asked": (
        points(ListAnswer("127.0.0.2", None), ListAnswer("127.0.0.1", None)),
        "bl.example cannot be used (no answer)",
    ),
    "fails the second": (points(must_not=said("127.0.0.1", kind=AnswerKind.SERVFAIL)), "SERVFAIL"),
}


@pytest.mark.parametrize(("tests", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_list_is_believed_after_its_test_alone(tests: tuple[FamilyTest, ...], words: str) -> None:
    seen = of(tests=tests)
    found = judge(seen)
    assert codes(found) == ["dnsbl-unusable"]
    assert words in found[0].message
    assert found[0].severity == "unknown"
    assert detail(seen) == "not usable"


@pytest.mark.parametrize("code", ["127.255.255.252", "127.255.255.254", "127.255.255.255"])
def test_an_error_code_is_no_listing(code: str) -> None:
    found = judge(of(said(OWN, code)))
    assert codes(found) == ["dnsbl-unusable"]
    assert found[0].message == f"bl.example refused the query for {OWN} ({code})"
    assert found[0].meaning != ""
    assert "bl.example" in (found[0].advice or "")


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
    with pytest.raises(ValueError, match="not an IP address"):
        question_name("mail.example", "bl.example")


def test_an_answer_without_end_is_cut() -> None:
    flood = ListAnswer(OWN, answer("A", ["127.0.0.2"] * 4000), answer("TXT", ['"x"'] * 4000))
    [found] = judge(of(flood))
    assert len(found.message) < 500
    assert len(found.evidence) < 20


@pytest.mark.parametrize("code", ["127.0.0.1"])
def test_127_0_0_1_for_the_own_address_is_no_listing(code: str) -> None:
    seen = of(said(OWN, code))
    assert judge(seen) == ()
    assert detail(seen) == f"{OWN} not listed"
    assert codes(judge(of(said(OWN, code, "127.0.0.2")))) == ["dnsbl-listed"]


def test_a_resolver_that_answers_127_0_0_1_for_every_name_is_told() -> None:
    [found] = judge(of(tests=points(must_not=said("127.0.0.1", "127.0.0.1"))))
    assert (found.code, found.message) == (
        "dnsbl-unusable",
        "bl.example cannot be used (it answers 127.0.0.1 for names that it does not list)",
    )


def known(name: str, *data: str) -> ListObservation:
    return ListObservation(name, points(), (said(OWN, *data),))


def test_the_lists_of_a_combined_zone_are_told_apart() -> None:
    [both] = judge(known("zen.spamhaus.org", "127.0.0.4", "127.0.0.10"))
    assert both.message == f"{OWN} is listed on zen.spamhaus.org (XBL, PBL)"
    assert both.meaning.startswith("XBL: ")
    assert both.meaning.count("PBL: ") == 1
    assert both.advice is not None
    assert [action.what for action in both.actions] == [
        f"Look up {OWN} at https://check.spamhaus.org/ to see why it is listed.",
        f"Find the infected host, allow outbound port 25 for the mail server only, then remove {OWN} at Spamhaus.",
        f"Send through your provider's relay, or ask your provider to remove {OWN} from its PBL range.",
    ]


def test_a_policy_is_no_word_of_spam() -> None:
    [found] = judge(known("zen.spamhaus.org", "127.0.0.10"))
    assert found.message == f"{OWN} is listed on zen.spamhaus.org (PBL)"
    assert "this does not mean that it sent spam" in found.meaning
    assert "relay" in (found.advice or "")


def test_a_code_that_is_not_known_is_a_listing_all_the_same() -> None:
    [found] = judge(known("zen.spamhaus.org", "127.0.0.77"))
    assert found.message == f"{OWN} is listed on zen.spamhaus.org (127.0.0.77)"
    [found] = judge(known("bl.spamcop.net", "127.0.0.2", "127.0.0.77"))
    assert found.message == f"{OWN} is listed on bl.spamcop.net (SpamCop)"


@pytest.mark.parametrize(
    ("zone", "code"),
    [
        ("list.dnswl.org", "127.0.10.2"),
        ("list.dnswl.org", "127.0.77.7"),
        ("swl.spamhaus.org", "127.0.2.2"),
        ("iadb.isipp.com", "127.0.0.1"),
        ("ips.whitelisted.org", "127.0.0.10"),
        ("wl.mailspike.net", "127.0.0.19"),
        ("wl.unknown.example", "127.0.0.2"),
        ("whitelist.unknown.example", "127.0.0.5"),
        ("hostkarma.junkemailfilter.com", "127.0.0.1"),
    ],
)
def test_an_allow_list_is_good_news(zone: str, code: str) -> None:
    seen = known(zone, code)
    [found] = judge(seen)
    assert (found.code, found.severity) == ("dnswl-listed", "info")
    assert "refuse" not in found.meaning + found.message + (found.advice or "")
    assert detail(seen).startswith("allow-list")


@pytest.mark.parametrize(
    ("zone", "code"), [("hostkarma.junkemailfilter.com", "127.0.0.3"), ("rep.mailspike.net", "127.0.0.15")]
)
def test_a_neutral_word_is_silent(zone: str, code: str) -> None:
    assert judge(known(zone, code)) == ()


@pytest.mark.parametrize(
    ("zone", "code"),
    [("list.dnswl.org", "127.0.0.255"), ("multi.uribl.com", "127.0.0.1"), ("dbl.spamhaus.org", "127.0.1.255")],
)
def test_a_lists_own_error_is_no_listing(zone: str, code: str) -> None:
    [found] = judge(known(zone, code))
    assert (found.code, found.severity) == ("dnsbl-unusable", "unknown")
    assert code in found.message
    [tested] = judge(ListObservation(zone, points(said("127.0.0.2", code), said("127.0.0.1", code))))
    assert (tested.code, tested.meaning) == ("dnsbl-unusable", found.meaning)


def test_a_list_that_is_known_to_have_closed_is_told_as_that() -> None:
    gone = points(said("127.0.0.2"), said("127.0.0.1"))
    for tests in (gone, points(must_not=said("127.0.0.1", "127.0.0.2"))):
        [found] = judge(ListObservation("bl.spamcannibal.org", tests))
        assert (found.code, found.message) == ("dnsbl-unusable", "bl.spamcannibal.org has closed (2018)")


SOA = answer("SOA", ["ns1.bl.example. hostmaster.bl.example. 1 2 3 4 5"], name="bl.example")
NO_SOA = answer("SOA", name="bl.example", kind=AnswerKind.NXDOMAIN)
TEXT = answer("TXT", ['"test"'], name=question_name("127.0.0.2", "bl.example"))
NO_TEXT = answer("TXT", name=question_name("127.0.0.2", "bl.example"), kind=AnswerKind.NXDOMAIN)


def untested(
    kind: AnswerKind, *, soa: Answer | None = SOA, text: Answer | None = NO_TEXT, others: bool = False
) -> ListObservation:
    must = said("127.0.0.2", kind=kind)
    return ListObservation("bl.example", (FamilyTest(4, must, said("127.0.0.1"), soa, text),), (), others)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (untested(AnswerKind.NODATA), "192.0.2.53 removes answers within 127.0.0.0/8"),
        (untested(AnswerKind.NODATA, others=True), "192.0.2.53 removes answers within 127.0.0.0/8"),
        (untested(AnswerKind.REFUSED), "192.0.2.53 removes answers within 127.0.0.0/8"),
        (untested(AnswerKind.NXDOMAIN, text=TEXT), "192.0.2.53 removes answers within 127.0.0.0/8"),
        (untested(AnswerKind.NXDOMAIN), "192.0.2.53 probably removes answers within 127.0.0.0/8"),
    ],
    ids=["no data", "another list answers", "refused", "the text is there", "nothing but the zone"],
)
def test_a_resolver_that_filters_is_told_and_no_list_is_called_closed(seen: ListObservation, words: str) -> None:
    [found] = judge(seen)
    assert (found.code, found.severity, found.side) == ("dnsbl-filtered", "unknown", Side.HERE)
    assert words in found.message
    assert "rebind" in (found.advice or "")
    assert detail(seen) == "answers removed by the resolver"
    assert any(line.startswith("192.0.2.53 over UDP: SOA bl.example") for line in notes(seen))


@pytest.mark.parametrize(
    "seen",
    [
        untested(AnswerKind.NXDOMAIN, soa=NO_SOA),
        untested(AnswerKind.NXDOMAIN, soa=None, text=None),
        untested(AnswerKind.NXDOMAIN, others=True),
        untested(AnswerKind.SERVFAIL),
        untested(AnswerKind.TIMEOUT),
    ],
    ids=["the list is gone", "not asked", "another list answers", "a failure", "silence"],
)
def test_what_no_filter_explains_is_the_lists_fault(seen: ListObservation) -> None:
    assert codes(judge(seen)) == ["dnsbl-unusable"]


def test_a_filter_shows_in_ipv6_by_the_text_alone() -> None:
    must = said("::ffff:7f00:2", kind=AnswerKind.NODATA)
    free = said("::ffff:7f00:1")
    assert judge(ListObservation("bl.example", (FamilyTest(6, must, free, SOA, NO_TEXT),))) == ()
    assert codes(judge(ListObservation("bl.example", (FamilyTest(6, must, free, SOA, TEXT),)))) == [
        "dnsbl-filtered"
    ]


def test_one_family_may_be_filtered_while_the_other_is_listed() -> None:
    six = FamilyTest(6, said("::ffff:7f00:2", "127.0.0.2"), said("::ffff:7f00:1"))
    four = untested(AnswerKind.NODATA).tests[0]
    seen = ListObservation("zen.spamhaus.org", (four, six), (said(OWN6, "127.0.0.3"),))
    assert codes(judge(seen)) == ["dnsbl-filtered", "dnsbl-listed"]
