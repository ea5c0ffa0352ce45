"""A resolver is judged by all that it answered: broken, well, or none at all for this host."""

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.servers import broken, judge_service, unserved, works_over
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.findings import Side
from tests.checks.making import OTHER, SERVER, answer, codes

WITHOUT_RA = ("RD",)


def refused(name: str = "partner.example", *, flags: tuple[str, ...] = WITHOUT_RA) -> Answer:
    return answer(name=name, kind=AnswerKind.REFUSED, flags=flags)


def referral() -> Answer:
    return answer(kind=AnswerKind.REFERRAL, flags=WITHOUT_RA)


def silence(transport: Transport = Transport.UDP) -> Answer:
    return answer(kind=AnswerKind.TIMEOUT, transport=transport)


DATA = answer(data=["10 mx.partner.example."], name="sender.example")
OWN_ZONE = answer(data=["10 mx.partner.example."], name="sender.example", flags=("AA", "RD"))
SERVFAIL = answer(kind=AnswerKind.SERVFAIL)


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([DATA], []),
        ([DATA, SERVFAIL], []),
        ([DATA, silence()], []),
        ([DATA, refused()], []),  # a rule for one name, of a server that resolves others
        ([SERVFAIL], ["dns-resolver-broken"]),
        ([SERVFAIL, silence()], ["dns-resolver-broken"]),
        ([referral()], ["dns-no-recursion"]),
        ([referral(), SERVFAIL], ["dns-no-recursion"]),
        ([referral(), OWN_ZONE], ["dns-no-recursion"]),
        ([refused(), OWN_ZONE], ["dns-no-recursion"]),
        ([OWN_ZONE], []),
        ([refused()], ["dns-no-recursion"]),
        ([refused(flags=("RD", "RA"))], ["dns-no-recursion"]),  # some set RA even as they refuse
        ([refused(flags=("RD", "RA")), SERVFAIL], ["dns-resolver-broken"]),
    ],
)
def test_a_server_is_judged_by_the_whole_run(answers: list[Answer], found: list[str]) -> None:
    assert codes(judge_service(answers, SERVER)) == found
    assert judge_service(answers, OTHER) == ()


def test_what_is_shown_of_a_server_that_does_not_resolve_names_it() -> None:
    [found] = judge_service([referral()], SERVER)
    assert found.message == "192.0.2.53 does not resolve for this host (referral for MX partner.example)"
    assert (
        found.advice
        == "Allow this host recursion on 192.0.2.53, or remove 192.0.2.53 from the DNS servers in use."
    )
    assert found.side is Side.HERE
    assert found.evidence[0].startswith("192.0.2.53: MX partner.example: NOERROR (referral, no recursion)")


def test_what_a_server_gives_unchecked_does_not_make_it_well() -> None:
    unchecked = answer(data=["10 mx.partner.example."], checking=False)
    assert broken([SERVFAIL, unchecked], SERVER)
    assert not broken([SERVFAIL, DATA], SERVER)
    assert not broken([], SERVER)


def test_a_transport_works_if_it_answers_anything() -> None:
    answers = [silence(Transport.UDP), silence(Transport.TCP), SERVFAIL]
    assert works_over(answers, SERVER, Transport.UDP)
    assert not works_over(answers, SERVER, Transport.TCP)
    assert not works_over(answers, OTHER, Transport.UDP)


def test_a_name_servers_referral_is_its_answer() -> None:
    asked = answer(kind=AnswerKind.REFUSED, flags=(), recurse=False)
    assert unserved([asked], SERVER) == ()
