"""UDP and TCP side by side: every way the two may end."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind, EdnsTrouble, Pair, Question
from smtpdiag_tui.checks.lookups.transports import judge_server, judge_transport, no_route
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.findings import Side
from tests.checks.making import answer, codes, pair

DATA, TIMEOUT, TRUNCATED = AnswerKind.DATA, AnswerKind.TIMEOUT, AnswerKind.TRUNCATED
MALFORMED, CLOSED = AnswerKind.MALFORMED, AnswerKind.CLOSED


@pytest.mark.parametrize(
    ("udp", "tcp", "at_udp", "at_tcp", "at_server"),
    [
        (DATA, DATA, [], [], []),
        (AnswerKind.NXDOMAIN, AnswerKind.NXDOMAIN, [], [], []),
        (AnswerKind.SERVFAIL, AnswerKind.SERVFAIL, [], [], []),
        (AnswerKind.REFUSED, AnswerKind.REFUSED, [], [], []),
        (TRUNCATED, DATA, [], [], []),
        (DATA, TIMEOUT, [], ["dns-tcp-failed"], []),
        (DATA, CLOSED, [], ["dns-tcp-failed"], []),
        (AnswerKind.SERVFAIL, CLOSED, [], ["dns-tcp-failed"], []),
        (TRUNCATED, CLOSED, [], ["dns-truncated"], []),
        (TRUNCATED, TIMEOUT, [], ["dns-truncated"], []),
        (TIMEOUT, DATA, ["dns-udp-failed"], [], []),
        (CLOSED, AnswerKind.NODATA, ["dns-udp-failed"], [], []),
        (TIMEOUT, TIMEOUT, [], [], ["dns-unreachable"]),
        (CLOSED, TIMEOUT, [], [], ["dns-unreachable"]),
        (MALFORMED, DATA, ["dns-malformed", "dns-udp-failed"], [], []),
        (DATA, MALFORMED, [], ["dns-malformed", "dns-tcp-failed"], []),
        (MALFORMED, MALFORMED, ["dns-malformed"], ["dns-malformed"], []),
        (DATA, AnswerKind.NXDOMAIN, [], [], ["dns-answers-differ"]),
        (AnswerKind.SERVFAIL, DATA, [], [], ["dns-answers-differ"]),
        (TRUNCATED, AnswerKind.NXDOMAIN, [], [], []),
    ],
)
def test_each_way(
    udp: AnswerKind, tcp: AnswerKind, at_udp: list[str], at_tcp: list[str], at_server: list[str]
) -> None:
    pairs = [pair(udp, tcp)]
    assert codes(judge_transport(pairs, Transport.UDP)) == at_udp
    assert codes(judge_transport(pairs, Transport.TCP)) == at_tcp
    assert codes(judge_server(pairs)) == at_server


def test_order_ttl_and_case_make_no_difference() -> None:
    one = pair(["10 a.example.", "20 b.example."], ["20 B.example.", "10 A.EXAMPLE."])
    assert judge_server([one]) == ()


def test_a_difference_is_shown_record_by_record() -> None:
    [found] = judge_server([pair(["10 a.example."], ["10 b.example."])])
    assert found.evidence == (
        "only from 192.0.2.53 over UDP: MX 10 a.example.",
        "only from 192.0.2.53 over TCP: MX 10 b.example.",
    )
    assert found.message == "192.0.2.53 returned different answers for MX partner.example over UDP and TCP"
    assert "Load balancing" not in found.meaning


def test_rotating_addresses_may_be_load_balanced() -> None:
    [found] = judge_server([pair(["192.0.2.1"], ["192.0.2.2"], "A")])
    assert found.meaning == (
        "The answers still differed when the query was repeated. Load balancing may explain it."
    )


@pytest.mark.parametrize(("udp", "tcp", "over"), [(DATA, TIMEOUT, Transport.TCP), (TIMEOUT, DATA, Transport.UDP)])
def test_one_silent_question_among_answered_ones_says_nothing_about_a_transport(
    udp: AnswerKind, tcp: AnswerKind, over: Transport
) -> None:
    assert judge_transport([pair(DATA, DATA), pair(udp, tcp, "A")], over) == ()
    assert judge_transport([pair(udp, tcp, "A")], over, works=True) == ()
    assert judge_transport([pair(udp, tcp, "A")], over) != ()


def test_a_cut_answer_that_tcp_does_not_fetch_is_told_even_if_tcp_works() -> None:
    found = judge_transport([pair(DATA, DATA), pair(TRUNCATED, TIMEOUT, "A")], Transport.TCP, works=True)
    assert codes(found) == ["dns-truncated"]


def test_silence_of_a_server_that_answers_other_questions_is_the_domains() -> None:
    silent = [pair(TIMEOUT, TIMEOUT), pair(TIMEOUT, CLOSED, "A")]
    [found] = judge_server(silent, works=True)
    assert (found.code, found.side) == ("domain-lookup-failed", Side.RECIPIENT)
    assert found.message == "192.0.2.53 did not answer for partner.example; it answered other queries"
    assert all("192.0.2.53" in line for line in found.evidence)
    [found] = judge_server([*silent, pair(DATA, DATA, "AAAA")], side=Side.HERE)
    assert (found.code, found.side) == ("domain-lookup-failed", Side.HERE)
    assert codes(judge_server(silent)) == ["dns-unreachable"]


def test_a_name_server_that_is_dead_is_lame_and_a_resolver_alone_unreachable() -> None:
    authority = Question("partner.example", "SOA", recurse=False)
    dead = pair(TIMEOUT, TIMEOUT, "SOA")
    pairs = [Pair(replace(dead.udp, question=authority), replace(dead.tcp, question=authority))]
    assert codes(judge_server(pairs)) == ["soa-lame-server"]
    assert codes(judge_server(pairs, works=True)) == ["soa-lame-server"]


def test_no_edns_is_noted() -> None:
    old = answer(data=["10 mx.partner.example."], edns_trouble=EdnsTrouble.REFUSED)
    pairs = [Pair(old, answer(data=["10 mx.partner.example."], transport=Transport.TCP))]
    assert codes(judge_transport(pairs, Transport.UDP)) == ["dns-edns-refused"]
    assert judge_transport(pairs, Transport.TCP) == ()


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (EdnsTrouble.DROPPED, "dns-edns-dropped"),
        (EdnsTrouble.TOO_LARGE, "dns-udp-size-limited"),
        (EdnsTrouble.REFUSED, "dns-edns-refused"),
    ],
)
def test_why_an_answer_came_without_edns_is_told_with_its_server(trouble: EdnsTrouble, code: str) -> None:
    troubled = Pair(answer(edns_trouble=trouble), answer(transport=Transport.TCP))
    [found] = judge_transport([troubled, pair(DATA, DATA, "A")], Transport.UDP)
    assert found.code == code
    assert found.evidence[0].startswith("192.0.2.53: MX partner.example")
    assert judge_transport([troubled], Transport.TCP) == ()


def test_no_route_is_no_failure() -> None:
    assert no_route([pair(AnswerKind.NO_ROUTE, AnswerKind.NO_ROUTE)])
    assert not no_route([pair(AnswerKind.NO_ROUTE, DATA)])
    assert not no_route([])
