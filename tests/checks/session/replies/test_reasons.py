"""Each refusal is told by its words: the right reason and side, whoever says it and however it is written."""

import pytest

from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.replies.reasons import reason_texts
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.reasons import Reason
from tests.checks.making import exchange, session
from tests.checks.session.reason_cases import CLIENT, Case, cases, judged

CASES = cases("cases")
SAMPLES = cases("reason_samples")
NEIGHBOURS = cases("neighbours")


def at(phase: Phase, *lines: str) -> Finding:
    refusing = exchange(phase, *lines)
    [found] = judge_refusal(session(refusing, source=CLIENT), refusing)
    return found


@pytest.mark.parametrize("case", [*CASES, *SAMPLES, *NEIGHBOURS], ids=lambda case: " ".join(case.lines)[:80])
def test_a_reply_is_about_what_its_words_say(case: Case) -> None:
    found = judged(case)
    assert found.reason in case.reasons
    assert not case.sides or found.side in case.sides
    assert found.evidence == case.lines


@pytest.mark.parametrize("case", SAMPLES, ids=lambda case: " ".join(case.lines)[:80])
def test_a_sample_is_about_the_same_on_several_lines_and_with_odd_codes(case: Case) -> None:
    if len(case.lines) > 1:
        return
    code, words = case.lines[0][:3], case.lines[0][4:].split(" ")
    middle = len(words) // 2
    if middle:
        lines = (f"{code}-{' '.join(words[:middle])}", f"{code} {' '.join(words[middle:])}")
        parted = Case(lines, case.phase, case.reasons, (), case.sender)
        assert judged(parted).reason in case.reasons


@pytest.mark.parametrize(
    "line",
    [
        "550 5.1.1 user unknown", "550 #5.1.1 user unknown", "550 5.1.1 : user unknown",
        "550 (5.1.1) user unknown", "550 550 5.1.1 user unknown", "550 user unknown (#5.1.1)",
        "550 name_nsu 5.1.1 user unknown", "550 USER UNKNOWN",
        "550 5.1.1  User   Unknown", "550 5.1.1 <bob@partner.example>: User_unknown",
    ],
)  # fmt: skip
def test_codes_in_odd_forms_are_no_words(line: str) -> None:
    found = at(Phase.RCPT, line)
    assert found.reason is Reason.NO_SUCH_MAILBOX
    assert "user unknown" in found.message.lower().replace("_", " ").replace("   ", " ")


def test_every_reason_has_samples_and_is_told_of() -> None:
    told = {reason for case in [*CASES, *SAMPLES, *NEIGHBOURS] for reason in case.reasons}
    assert told == set(Reason)
    assert set(reason_texts()) == set(Reason)
    for reason in set(Reason) - {Reason.PATH_INTERFERENCE, Reason.SMTPUTF8, Reason.DOMAIN_REPUTATION}:
        assert sum(reason in case.reasons for case in SAMPLES) >= 5, reason


@pytest.mark.parametrize("reason", Reason)
def test_what_is_told_of_a_reason_stands_alone(reason: Reason) -> None:
    text = reason_texts()[reason]
    actions = (*text.actions, *text.actions_now, *text.actions_mx)
    assert text.actions
    for told in (text.meaning, text.meaning_now, *(action.what for action in actions)):
        assert told.endswith(".")
        assert "this machine" not in told
        assert " we " not in told
        assert "!" not in told
    for action in actions:
        first = action.what.lstrip("{")[0]
        assert first.islower() if action.who else first.isupper()
        assert ":" not in action.who
    assert text.name[0].isalpha()
    assert not text.name.endswith(".")
    assert len({other.actions for other in reason_texts().values()}) == len(reason_texts())


def test_advice_names_what_it_is_about() -> None:
    assert "203.0.113.10" in (at(Phase.RCPT, "550 5.7.1 no PTR record").advice or "")
    assert "mail.sender.example" in (at(Phase.RCPT, "550 5.7.1 no PTR record").advice or "")
    assert "sender.example" in (at(Phase.RCPT, "550 5.7.1 SPF fail").advice or "")
    assert "bob@partner.example" in (at(Phase.RCPT, "550 5.1.1 unknown user").advice or "")
    assert "rbl.example" in (at(Phase.RCPT, "550 listed by rbl.example, 203.0.113.10").meaning)
    login = at(Phase.MAIL, "550 5.7.1 authentication required")
    assert (login.reason, login.side) == (Reason.LOGIN_REQUIRED, Side.RECIPIENT)
    assert "MX records of partner.example" in (login.advice or "")


@pytest.mark.parametrize(
    "line",
    [
        "550 5.1.1 <spam@partner.example>: user unknown",
        "550 5.1.1 greylist@partner.example: user unknown",
        "550 5.1.1 <quota-full@partner.example> user unknown",
        "550 5.1.1 user unknown at blocked.example",
        "550 5.1.1 user unknown, see https://www.spamhaus.org/query/ip/203.0.113.10",
        "550 5.1.1 user unknown <spf-dkim-dmarc@blacklist.example>",
    ],
)
def test_names_are_no_words(line: str) -> None:
    assert at(Phase.RCPT, line).reason is Reason.NO_SUCH_MAILBOX


def test_a_blocklist_whose_link_speaks_of_greylisting_is_a_blocklist() -> None:
    found = at(
        Phase.RCPT, "450 4.7.1 Client host [203.0.113.10] blocked using bl.example; https://bl.example/greylist"
    )
    assert (found.code, found.reason) == ("blocklisted", Reason.IP_BLOCKLIST)


@pytest.mark.parametrize(
    "line",
    [
        "450 reject due to policy", "450 4.7.1 temporary failure", "451 lookup failure",
        "450 4.7.1 too many errors",
        "450 4.7.0 your IP has no reverse DNS", "450 4.2.0 mailbox full", "451 4.7.1 SPF temperror",
        "451 4.7.0 TLS required", "450 4.7.1 user unknown", "450 4.7.1 blocked by bl.example",
    ],
)  # fmt: skip
def test_a_wait_with_a_reason_is_no_greylisting(line: str) -> None:
    found = at(Phase.RCPT, line)
    assert found.reason is not Reason.GREYLISTING
    assert found.code != "greylisted"


def test_the_whole_reply_is_evidence_and_the_headline_has_its_code_alone() -> None:
    lines = ("550-5.7.1 first", "550-5.7.1 second", "550 5.7.1 last.")
    found = at(Phase.RCPT, *lines)
    assert found.message == "mx.partner.example rejected the recipient: 550 5.7.1, no reason given"
    assert found.evidence == lines
    long = at(Phase.RCPT, *["550-5.7.1 word word word"] * 200, "550 5.7.1 end")
    assert long.message == found.message
    assert len(long.evidence) < 202


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("421 too many connections from 203.0.113.10", "rate-limited"),
        ("550 5.7.1 too many connections from 203.0.113.10", "recipient-rejected"),
        ("450 4.2.1 the recipient is receiving mail too quickly", "recipient-deferred"),
        ("421 4.7.0 greylisted", "greylisted"),
        ("550 5.7.1 greylisted", "recipient-rejected"),
        ("550 5.7.1 your IP has a poor reputation", "recipient-rejected"),
        ("550 5.7.1 your IP is on our blacklist", "blocklisted"),
        ("550 5.7.1 sender.example is listed by surbl", "blocklisted"),
        ("530 5.7.0 Must issue a STARTTLS command first", "starttls-required"),
    ],
)
def test_the_code_follows_from_reason_and_class(line: str, code: str) -> None:
    assert at(Phase.RCPT, line).code == code


def test_a_reply_that_refuses_at_the_greeting_without_a_word_is_a_closed_door() -> None:
    assert at(Phase.GREETING, "554 mx.partner.example").reason is Reason.SERVER_CLOSED
    bare = at(Phase.GREETING, "421 mx.partner.example")
    assert (bare.code, bare.reason, bare.side) == ("service-unavailable", Reason.UNEXPLAINED, Side.RECIPIENT)
    assert at(Phase.RCPT, "421 4.7.0 x").side is Side.POLICY
    assert at(Phase.GREETING, "554 5.7.1 x").reason is Reason.UNEXPLAINED


def test_a_refused_starttls_has_a_reason_too() -> None:
    found = at(Phase.STARTTLS, "454 4.7.0 TLS not available due to local problem")
    assert (found.reason, found.party) == (Reason.SERVER_TROUBLE, Party.SERVER)
