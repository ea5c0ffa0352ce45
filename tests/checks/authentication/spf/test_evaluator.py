"""The evaluation of SPF: what it asks and in which order, what it counts, what its trace tells."""

import pytest

from smtpdiag_tui.checks.authentication.spf.model import (
    MOST_LOOKUPS,
    ProblemKind,
    SpfEvaluation,
    SpfRequest,
    SpfScope,
    SpfTermSeen,
    TermState,
)
from smtpdiag_tui.report.authentication import SpfResult
from tests.checks.authentication.spf.driving import ask, record, spf, txt, zones

REQUEST = SpfRequest("203.0.113.10", "alice@sender.example", "mail.sender.example")
TIMES_OUT = {"*": "TIMEOUT"}


def terms(evaluation: SpfEvaluation) -> list[tuple[str, TermState, int]]:
    seen = [item for item in evaluation.trace if isinstance(item, SpfTermSeen)]
    return [(item.term.text, item.state, item.number) for item in seen]


def problem(evaluation: SpfEvaluation) -> ProblemKind | None:
    return evaluation.problem.kind if evaluation.problem is not None else None


def test_what_one_level_needs_is_asked_side_by_side() -> None:
    zone = zones(
        record(
            "a", "mx", "include:one.example", "include:two.example", "exists:%{i}.x.example", "-all", A="192.0.2.1"
        ),
        {"sender.example": {"MX": ["10 mx1.sender.example.", "20 mx2.sender.example."]}},
        txt("one.example", "v=spf1 a:host.one.example include:deep.example -all"),
        txt("two.example", "v=spf1 ptr -all"),
        txt("deep.example", "v=spf1 ip4:192.0.2.9 -all"),
    )
    asked = ask(REQUEST, zone)
    assert [[str(question) for question in batch] for batch in asked.batches[:3]] == [
        ["TXT sender.example"],
        [
            "A sender.example",
            "MX sender.example",
            "TXT one.example",
            "TXT two.example",
            "A 203.0.113.10.x.example",
        ],
        [
            "A mx1.sender.example",
            "A mx2.sender.example",
            "A host.one.example",
            "TXT deep.example",
            "PTR 10.113.0.203.in-addr.arpa",
        ],
    ]
    assert len(asked.batches) == 3
    assert len(set(asked.questions)) == len(asked.questions)


def test_nothing_is_asked_behind_a_term_that_matches_for_certain() -> None:
    zone = record("a", "ip4:203.0.113.0/24", "mx", "exists:x.example", "-all", A="192.0.2.1")
    asked = ask(REQUEST, zone)
    assert asked.questions == ["TXT sender.example", "A sender.example"]
    assert (asked.evaluation.result, asked.evaluation.lookups) == (SpfResult.PASS, 1)


def test_what_was_asked_ahead_and_not_needed_counts_for_nothing() -> None:
    zone = record("a", "a:void1.example", "a:void2.example", "a:void3.example", "-all", A="203.0.113.10")
    asked = ask(REQUEST, zone)
    assert len(asked.questions) == 5
    evaluation = asked.evaluation
    assert (evaluation.result, evaluation.lookups, evaluation.void_lookups) == (SpfResult.PASS, 1, 0)
    assert terms(evaluation) == [("a", TermState.MATCHED, 1)]


def test_a_failure_behind_a_match_is_none() -> None:
    zone = zones(record("a", "include:broken.example", "-all", A="203.0.113.10"), {"broken.example": TIMES_OUT})
    assert spf(zone).result is SpfResult.PASS


@pytest.mark.parametrize("count", [11, 200])
def test_no_more_is_asked_than_could_be_evaluated(count: int) -> None:
    asked = ask(REQUEST, record(*[f"exists:x{number}.example" for number in range(count)], "-all"))
    assert len(asked.questions) == 1 + MOST_LOOKUPS


def test_ten_lookups_in_a_chain_take_as_many_rounds() -> None:
    chain = [txt(f"i{number}.example", f"v=spf1 include:i{number + 1}.example -all") for number in range(9)]
    zone = zones(record("include:i0.example", "-all"), *chain, txt("i9.example", "v=spf1 -all"))
    asked = ask(REQUEST, zone)
    assert (asked.evaluation.result, asked.evaluation.lookups) == (SpfResult.FAIL, 10)
    assert len(asked.batches) <= 13  # 100 ms each are under 1.5 s


def test_ten_lookups_of_a_usual_record_take_few_rounds() -> None:
    zone = zones(
        record("mx", "a", *[f"include:i{number}.example" for number in range(4)], "exp=why.example", "-all"),
        {
            "sender.example": {"MX": ["1 mx.sender.example."], "A": "192.0.2.1"},
            "mx.sender.example": {"A": "192.0.2.2"},
        },
        *[txt(f"i{number}.example", f"v=spf1 include:j{number}.example -all") for number in range(4)],
        *[txt(f"j{number}.example", "v=spf1 ip4:192.0.2.0/24 -all") for number in range(4)],
        txt("why.example", "%{p} may not send"),
    )
    asked = ask(REQUEST, zone)
    assert (asked.evaluation.result, asked.evaluation.lookups) == (SpfResult.FAIL, 10)
    assert asked.evaluation.explanation == "unknown may not send"
    assert len(asked.batches) <= 5


def test_the_trace_tells_every_term_in_order() -> None:
    zone = zones(
        record("a", "include:one.example", "redirect=two.example", "x=y", A="192.0.2.1"),
        txt("one.example", "v=spf1 ip4:192.0.2.0/24 ?all"),
        txt("two.example", "v=spf1 mx ~all"),
    )
    evaluation = spf(zone)
    assert terms(evaluation) == [
        ("a", TermState.NO_MATCH, 1),
        ("include:one.example", TermState.NO_MATCH, 2),
        ("ip4:192.0.2.0/24", TermState.NO_MATCH, 0),
        ("?all", TermState.MATCHED, 0),
        ("redirect=two.example", TermState.FOLLOWED, 3),
        ("mx", TermState.NO_MATCH, 4),
        ("~all", TermState.MATCHED, 0),
    ]
    assert evaluation.result is SpfResult.SOFTFAIL
    assert evaluation.decided is not None
    assert (evaluation.decided.domain, evaluation.decided.term.text) == ("two.example", "~all")
    assert [(item.depth, item.record.domain) for item in evaluation.records] == [
        (0, "sender.example"),
        (1, "one.example"),
        (1, "two.example"),
    ]


def test_void_lookups_are_counted_by_terms() -> None:
    hosts = {f"mx{number}.sender.example": {"A": "192.0.2.1"} for number in range(3)}
    mx = {"sender.example": {"MX": [f"{number} mx{number}.sender.example." for number in range(3)]}}
    evaluation = spf(zones(record("mx", "ip6:2001:db8::10", "-all"), mx, hosts), address="2001:db8::10")
    assert (evaluation.result, evaluation.void_lookups, len(evaluation.void)) == (SpfResult.PASS, 1, 3)


def test_the_third_void_term_is_an_error_and_names_them() -> None:
    evaluation = spf(record("a:x.example", "exists:y.example", "mx:z.example", "+all"))
    assert (evaluation.result, problem(evaluation)) == (SpfResult.PERMERROR, ProblemKind.TOO_MANY_VOID)
    assert [str(item) for item in evaluation.void] == ["A x.example", "A y.example", "MX z.example"]


def test_a_ptr_counts_its_own_question_alone() -> None:
    names = ["one.example.", "two.example.", "three.example."]
    evaluation = spf(zones(record("ptr", "-all"), {"10.113.0.203.in-addr.arpa": {"PTR": names}}))
    assert (evaluation.result, evaluation.void_lookups) == (SpfResult.FAIL, 0)


def test_of_ptr_the_first_ten_names_count() -> None:
    names = [f"n{number}.sender.example." for number in range(11)]
    zone = zones(
        record("ptr", "-all"),
        {"10.113.0.203.in-addr.arpa": {"PTR": names}, "n10.sender.example": {"A": "203.0.113.10"}},
    )
    assert spf(zone).result is SpfResult.FAIL
    zone["n9.sender.example"] = {"A": "203.0.113.10"}
    assert spf(zone).result is SpfResult.PASS


def test_a_ptr_that_fails_does_not_match() -> None:
    assert spf(zones(record("ptr", "-all"), {"10.113.0.203.in-addr.arpa": TIMES_OUT})).result is SpfResult.FAIL


@pytest.mark.parametrize("count", [10, 11])
def test_of_mx_ten_names_are_the_most(count: int) -> None:
    targets = {"sender.example": {"MX": [f"{number} m{number}.example." for number in range(count)]}}
    hosts = {f"m{number}.example": {"A": "192.0.2.1"} for number in range(count)}
    evaluation = spf(zones(record("mx", "-all"), targets, hosts))
    assert problem(evaluation) is (ProblemKind.TOO_MANY_NAMES if count > 10 else None)


def test_mx_targets_are_compared_in_the_order_of_preference() -> None:
    targets = {"sender.example": {"MX": ["20 slow.example.", "10 fast.example."]}}
    zone = zones(record("mx", "-all"), targets, {"slow.example": TIMES_OUT, "fast.example": {"A": "203.0.113.10"}})
    assert spf(zone).result is SpfResult.PASS


@pytest.mark.parametrize("term", ["a", "mx", "exists:x.example", "include:x.example", "redirect=x.example"])
def test_a_failed_lookup_is_a_temperror(term: str) -> None:
    broken = {"sender.example": {"A": "TIMEOUT", "MX": "TIMEOUT"}, "x.example": TIMES_OUT}
    evaluation = spf(zones(record(term), broken))
    assert (evaluation.result, problem(evaluation)) == (SpfResult.TEMPERROR, ProblemKind.DNS)
    assert evaluation.problem is not None
    assert evaluation.problem.why == "timed out"


@pytest.mark.parametrize("target", ["none.example", "%{h}x"])
def test_a_redirect_without_a_record_is_a_permerror(target: str) -> None:
    evaluation = spf(record(f"redirect=%{{d}}.{target}" if "%" not in target else "redirect=%{h}"), ehlo="single")
    assert (evaluation.result, problem(evaluation)) == (SpfResult.PERMERROR, ProblemKind.NO_RECORD)


def test_a_redirect_beside_all_is_not_followed() -> None:
    asked = ask(REQUEST, record("redirect=x.example", "?all"))
    assert asked.evaluation.result is SpfResult.NEUTRAL
    assert asked.evaluation.lookups == 0


def test_two_records_are_a_permerror_whatever_their_case() -> None:
    evaluation = spf(txt("sender.example", "V=SPF1 +all", "unrelated", "v=spf1 -all"))
    assert (evaluation.result, problem(evaluation)) == (SpfResult.PERMERROR, ProblemKind.SEVERAL_RECORDS)
    assert evaluation.problem is not None
    assert evaluation.problem.texts == ("V=SPF1 +all", "v=spf1 -all")


def test_a_syntax_error_counts_wherever_it_stands() -> None:
    evaluation = spf(record("ip4:203.0.113.10", "-all", "moo", "ip4:x"))
    assert (evaluation.result, evaluation.lookups) == (SpfResult.PERMERROR, 0)
    assert evaluation.problem is not None
    assert [item.text for item in evaluation.problem.errors] == ["moo", "ip4:x"]


@pytest.mark.parametrize(
    ("sender", "scope"), [("", SpfScope.MAIL_FROM), ("", SpfScope.EHLO), ("alice@other.example", SpfScope.EHLO)]
)
def test_the_ehlo_name_is_judged_as_postmaster(sender: str, scope: SpfScope) -> None:
    zone = zones(
        record("exists:%{l}.%{o}.%{h}", "-all", domain="mail.sender.example"),
        {"postmaster.mail.sender.example.mail.sender.example": {"A": "127.0.0.2"}},
    )
    evaluation = spf(zone, sender=sender, scope=scope)
    assert (evaluation.domain, evaluation.result) == ("mail.sender.example", SpfResult.PASS)


@pytest.mark.parametrize("ehlo", ["[203.0.113.10]", "[IPv6:2001:db8::10]", "single", "", "a..example", "a" * 300])
def test_a_name_that_can_have_no_record_is_not_asked_for(ehlo: str) -> None:
    asked = ask(SpfRequest("203.0.113.10", "", ehlo), {})
    assert asked.batches == []
    assert (asked.evaluation.result, asked.evaluation.malformed) == (SpfResult.NONE, True)


def test_a_mapped_address_is_an_ipv4_address() -> None:
    zone = record("ip4:203.0.113.10", "-all")
    assert spf(zone, address="::ffff:203.0.113.10").result is SpfResult.PASS
    assert spf(record("ip6:::ffff:203.0.113.10", "-all"), address="::ffff:203.0.113.10").result is SpfResult.FAIL


def test_a_local_part_outside_ascii_matches_no_term_that_holds_it() -> None:
    zone = record("exists:%{l}.x.example", "include:%{s}.y.example", "~all")
    asked = ask(SpfRequest("203.0.113.10", "j\xf6rg@sender.example", "mail.sender.example"), zone)
    assert asked.questions == ["TXT sender.example"]
    assert asked.evaluation.result is SpfResult.SOFTFAIL


@pytest.mark.parametrize("explanation", ["see \x07", "see \xff", "%{x}", "two"])
def test_an_explanation_with_a_fault_is_left_out(explanation: str) -> None:
    texts = [explanation.encode("latin-1"), *([b"more"] if explanation == "two" else [])]
    zone = zones(record("-all", "exp=why.example"), txt("why.example", *texts))
    assert (spf(zone).result, spf(zone).explanation) == (SpfResult.FAIL, "")


def test_an_explanation_is_asked_for_at_a_fail_alone() -> None:
    zone = zones(record("~all", "exp=why.example"), txt("why.example", "because"))
    assert "TXT why.example" not in ask(REQUEST, zone).questions


def test_the_targets_that_were_not_reached_are_looked_at_once() -> None:
    zone = zones(
        record(
            "ip4:203.0.113.10", "include:gone.example", "include:there.example", "include:%{d}.x.example", "-all"
        ),
        txt("there.example", "v=spf1 include:deeper.example -all"),
    )
    asked = ask(REQUEST, zone)
    assert asked.questions == ["TXT sender.example", "TXT gone.example", "TXT there.example"]
    assert [(item.domain, item.target) for item in asked.evaluation.dead] == [("sender.example", "gone.example")]
    assert (asked.evaluation.result, asked.evaluation.lookups) == (SpfResult.PASS, 0)


def test_too_many_lookups_are_counted_term_by_term() -> None:
    zone = zones(
        record("redirect=_spf.sender.example"),
        txt(
            "_spf.sender.example",
            "v=spf1 mx include:small.example include:large.example include:late.example -all",
        ),
        {"_spf.sender.example": {"MX": ["1 mx.example."]}, "mx.example": {"A": "192.0.2.1"}},
        txt("small.example", "v=spf1 exists:a.example -all"),
        txt(
            "large.example", "v=spf1 a:b.example a:b.example a:b.example a:b.example a:b.example a:b.example -all"
        ),
        txt("late.example", "v=spf1 include:later.example -all"),
        txt("later.example", "v=spf1 ptr ptr ?all"),
        {"a.example": {"TXT": "x"}, "b.example": {"A": "192.0.2.1"}},
    )
    evaluation = spf(zone)
    assert (evaluation.result, evaluation.lookups) == (SpfResult.PERMERROR, 10)
    assert [(item.domain, item.term, item.lookups) for item in evaluation.costs] == [
        ("_spf.sender.example", "include:large.example", 7),
        ("_spf.sender.example", "include:late.example", 4),
        ("_spf.sender.example", "include:small.example", 2),
        ("_spf.sender.example", "mx", 1),
    ]
