"""What this run heard from a blocklist stands beside what a reply says of it."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.machine.blocklists import FamilyTest, ListAnswer, ListObservation
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.reasons import Reason
from tests.checks.making import answer
from tests.engine.running import run
from tests.verdict.making import MX1, MX2, causes, refusal, report, session, step

ZEN = "zen.spamhaus.org"
STEP = f"identity/dnsbl/{ZEN}"
LISTED = refusal(
    Reason.IP_BLOCKLIST,
    f"554 5.7.1 Client host [203.0.113.10] blocked using {ZEN}",
    code="blocklisted",
    meaning="They use a list.",
    advice="Look it up.",
)


def said(address: str, *codes: str, kind: AnswerKind | None = None) -> ListAnswer:
    return ListAnswer(address, answer("A", codes, kind=kind, name=f"x.{ZEN}"))


PASSED = FamilyTest(4, said("127.0.0.2", "127.0.0.2"), said("127.0.0.1", kind=AnswerKind.NXDOMAIN))
FAILED = FamilyTest(4, said("127.0.0.2", "127.255.255.254"), said("127.0.0.1", kind=AnswerKind.NXDOMAIN))
ABSENT = ListObservation(ZEN, (PASSED,), (said("203.0.113.10", kind=AnswerKind.NXDOMAIN),))
HELD = ListObservation(ZEN, (PASSED,), (said("203.0.113.10", "127.0.0.4"),))

ASK_THEM = (
    "Rerun in an hour: an outdated answer expires. MX administrator of mx1.partner.example: check why"
    f" mx1.partner.example still finds 203.0.113.10 on {ZEN}; the listing has ended."
)


@pytest.mark.parametrize(
    ("seen", "meaning", "advice"),
    [
        (
            ABSENT,
            f"{ZEN} did not list 203.0.113.10 when this run asked it:",
            ASK_THEM,
        ),
        (HELD, f"They use a list. This run found 203.0.113.10 on {ZEN}.", "Look it up."),
        (replace(ABSENT, tests=(FAILED,)), "They use a list. This run could not determine it:", "Look it up."),
        (replace(ABSENT, answers=()), "They use a list.", "Look it up."),
        (
            replace(ABSENT, answers=(said("198.51.100.7", kind=AnswerKind.NXDOMAIN),)),
            "They use a list.",
            "Look it up.",
        ),
        (
            replace(ABSENT, answers=(said("203.0.113.10", kind=AnswerKind.SERVFAIL),)),
            "They use a list.",
            "Look it up.",
        ),
        (None, "They use a list.", "Look it up."),
    ],
)
def test_a_list_that_was_asked(seen: ListObservation | None, meaning: str, advice: str) -> None:
    made = report(session(MX1, LISTED), step(STEP, observation=seen))
    [cause] = causes(made)
    assert cause.code == "blocklisted-here"
    assert cause.meaning.startswith(meaning)
    if meaning == "They use a list.":
        assert "run" not in cause.meaning
    assert cause.advice.startswith(advice)
    # What is not listed any more is told as what they say, and has nothing to be removed.
    ended = f"mx1.partner.example rejected 203.0.113.10; {ZEN} does not list it"
    listed = f"203.0.113.10 is listed on {ZEN}; mx1.partner.example rejected it"
    assert cause.message == (ended if seen is ABSENT else listed)
    assert cause.contradicted is (seen is ABSENT)
    assert ("Look it up." in cause.advice) is (seen is not ABSENT)


def test_one_list_that_has_ended_leaves_the_other_to_be_looked_up() -> None:
    other = refusal(
        Reason.IP_BLOCKLIST, "554 blocked using bl.spamcop.net", code="blocklisted", advice="At SpamCop."
    )
    made = report(session(MX1, LISTED), session(MX2, other), step(STEP, observation=ABSENT))
    [cause] = causes(made)
    assert cause.advice == f"{ASK_THEM} Look it up. At SpamCop."


def test_whoever_names_a_list_is_told_of_it() -> None:
    words = "554 blocked using bl.spamcop.net"
    other = refusal(Reason.IP_BLOCKLIST, words, code="blocklisted", advice="At SpamCop.")
    made = report(session(MX1, other), session(MX2, LISTED), step(STEP, observation=ABSENT))
    [cause] = causes(made)
    assert "mx2.partner.example holds an old answer" in cause.meaning


def test_what_both_say_is_one_cause() -> None:
    made = report(session(MX1, LISTED), step(STEP, finding("dnsbl-listed", "x"), observation=HELD))
    [cause] = causes(made)
    assert cause.evidence == (f"{MX1}/rcpt-to", STEP)


@pytest.mark.parametrize(
    "words",
    [
        "Client host [192.0.2.10] blocked using bl.example; see https://bl.example/query/ip/192.0.2.10",
        "Client host [192.0.2.10] blocked using bl.example",
        "192.0.2.10 is listed at bl.example",
    ],
)
async def test_a_list_that_is_named_and_asked_in_a_run(words: str) -> None:
    reply = f"554 5.7.1 {words}\r\n".encode()
    async with DemoNetwork() as network:
        network.hosts["192.0.2.43"] = replace(network.hosts["192.0.2.43"], rcpt=reply)
        made = await run(network, "bob@blocklist.example", dnsbl=("bl.example",))
    assert made.causes[0].code == "blocklisted-here"
    assert "This run found 192.0.2.10 on bl.example." in made.causes[0].meaning
    assert "identity/dnsbl/bl.example" in made.causes[0].evidence
    assert made.headline == "192.0.2.10 is listed on bl.example; mx.blocklist.example rejected it"


def test_a_list_goes_by_its_zone_not_by_a_word_of_the_reply() -> None:
    words = "554 5.7.1 rejected: 203.0.113.10 found in rbl.lists.example, see https://zen.spamhaus.org/query"
    [cause] = causes(report(session(MX1, refusal(Reason.IP_BLOCKLIST, words, code="blocklisted"))))
    assert cause.message == "203.0.113.10 is listed on rbl.lists.example; mx1.partner.example rejected it"
