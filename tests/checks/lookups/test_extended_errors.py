"""Extended errors that judge a domain, and those that are remarks."""

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.extended_errors import is_bogus, judge_bogus, judge_remarks
from smtpdiag_tui.report.findings import Side
from tests.checks.making import answer, codes

DATA = ["10 mx.partner.example."]


@pytest.mark.parametrize(
    ("extended", "bogus"),
    [((6,), True), ((12,), True), ((22, 7), True), ((22,), False), ((5, 13), False), ((), False)],
)
def test_servfail_because_of_signatures(extended: tuple[int, ...], bogus: bool) -> None:
    assert is_bogus(answer(kind=AnswerKind.SERVFAIL, extended_codes=extended)) is bogus
    assert not is_bogus(answer(data=DATA, extended_codes=extended))
    assert not is_bogus(answer(kind=AnswerKind.TIMEOUT))


def test_servfail_that_becomes_an_answer_without_checking() -> None:
    failed = answer(kind=AnswerKind.SERVFAIL)
    assert is_bogus(failed, answer(data=DATA, checking=False))
    assert is_bogus(failed, answer(checking=False))  # NODATA is an answer too
    assert not is_bogus(failed, answer(kind=AnswerKind.SERVFAIL, checking=False))
    [line, without] = judge_bogus(failed, answer(data=DATA, checking=False), Side.HERE).evidence
    assert line.startswith("192.0.2.53: MX partner.example: SERVFAIL")
    assert without.startswith("with checking disabled (CD), 192.0.2.53: MX partner.example: NOERROR")


@pytest.mark.parametrize(
    ("extended", "found"),
    [
        ((3,), ["answer-stale"]),
        ((19,), ["answer-stale"]),
        ((6,), ["dnssec-remark"]),
        ((3, 10), ["answer-stale", "dnssec-remark"]),
        ((15, 16, 17, 18), []),  # judged with what the authority says
        ((1, 22, 23), []),
        ((), []),
    ],
)
def test_what_is_remarked_on_answers(extended: tuple[int, ...], found: list[str]) -> None:
    assert codes(judge_remarks([answer(data=DATA, extended_codes=extended)], None)) == found
    assert codes(judge_remarks([answer(kind=AnswerKind.NXDOMAIN, extended_codes=extended)], None)) == found
    assert judge_remarks([answer(kind=AnswerKind.SERVFAIL, extended_codes=extended)], None) == ()


def test_a_remark_names_the_server_and_the_side_of_the_domain() -> None:
    [found] = judge_remarks([answer(data=DATA, extended_codes=(3,))], Side.HERE)
    assert found.side is Side.HERE
    assert found.evidence[0].startswith("192.0.2.53: ")
    [found] = judge_remarks([answer(data=DATA, extended_codes=(3,))], None)
    assert found.side is Side.RECIPIENT
