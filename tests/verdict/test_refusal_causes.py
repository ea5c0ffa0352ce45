"""Causes that join refusals: what agrees in reason and side, and nothing else."""

import pytest

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Relay, Settings
from smtpdiag_tui.verdict.outcome import Verdict
from tests.verdict.making import MX1, MX2, MX3, causes, refusal, report, session, step, walked

ZEN = ("554 5.7.1 Client host [203.0.113.10] blocked using zen.spamhaus.org;", "554 5.7.1 see https://a.example/")
COP = ("554 5.7.1 Client host [203.0.113.10] blocked using bl.spamcop.net",)
LISTED = refusal(
    Reason.IP_BLOCKLIST,
    *ZEN,
    code="blocklisted",
    meaning="Several lists in one.",
    advice="Look it up.",
    reference="https://check.spamhaus.org/",
)
COPPED = refusal(Reason.IP_BLOCKLIST, *COP, code="blocklisted", advice="Look it up at SpamCop.")
WHOLE_PROVIDER = refusal(Reason.IP_BLOCKLIST, *ZEN, code="blocklisted", side=Side.POLICY)
DEAD = refusal(
    Reason.IP_BLOCKLIST, "554 5.7.1 blocked using bl.spamcannibal.org", code="blocklisted", side=Side.RECIPIENT
)
DOMAIN = refusal(Reason.DOMAIN_BLOCKLIST, "554 5.7.1 blocked using dbl.spamhaus.org", code="blocklisted")
PRIVATE = refusal(Reason.IP_REPUTATION, "554 5.7.1 bad reputation, see our block list", code="blocklisted")
BUSY = refusal(Reason.RATE_LIMIT, "421 4.7.0 too many connections", code="rate-limited", side=Side.POLICY)
TRANSIENT, FAILED = AttemptResult.TRANSIENT, AttemptResult.CONNECTION_FAILED


def test_a_listing_keeps_what_the_finding_knew() -> None:
    [cause] = causes(report(session(MX1, LISTED), session(MX2, LISTED)))
    assert (cause.code, cause.side, cause.reason) == ("blocklisted-here", Side.HERE, Reason.IP_BLOCKLIST)
    assert (cause.meaning, cause.advice) == ("Several lists in one.", "Look it up.")
    assert cause.reference == "https://check.spamhaus.org/"
    assert cause.message == "203.0.113.10 is listed on zen.spamhaus.org; mx1.partner.example rejected it"
    assert cause.evidence == (f"{MX1}/rcpt-to", f"{MX2}/rcpt-to")


def test_of_several_lists_each_is_named_and_looked_up() -> None:
    [cause] = causes(report(session(MX1, LISTED), session(MX2, COPPED)))
    assert cause.message == "203.0.113.10 is listed on 2 blocklists; mx1.partner.example rejected it"
    assert "The lists are zen.spamhaus.org (203.0.113.10), bl.spamcop.net (203.0.113.10)." in cause.meaning
    assert cause.advice == "Look it up. Look it up at SpamCop."


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (DEAD, "mx2.partner.example uses a list that gives no valid answers"),
        (DOMAIN, "mx2.partner.example refused because of a listed domain"),
        (PRIVATE, "mx2.partner.example refused by a reputation of its own"),
    ],
)
def test_a_dead_list_a_private_one_and_one_of_domains_are_not_joined(other, words: str) -> None:  # type: ignore[no-untyped-def]
    made = report(session(MX1, LISTED), session(MX2, other))
    [cause] = causes(made)
    assert cause.evidence == (f"{MX1}/rcpt-to",)
    assert words in cause.meaning
    alone = causes(made, Verdict(Outcome.BOUNCED, "x", MX2))[0]
    assert (alone.code, alone.side, alone.reason) == ("blocklisted", other.side, other.reason)
    assert alone.evidence == (f"{MX2}/rcpt-to",)


def test_a_listed_provider_is_another_side_and_stands_for_itself() -> None:
    made = report(session(MX1, WHOLE_PROVIDER), session(MX2, LISTED))
    [cause] = causes(made)
    assert (cause.code, cause.side, cause.evidence) == ("blocklisted-here", Side.POLICY, (f"{MX1}/rcpt-to",))
    listed = "The network of 203.0.113.10 is listed on zen.spamhaus.org"
    assert cause.message == f"{listed}; mx1.partner.example rejected it"


def test_a_list_that_is_not_named_is_told_in_the_words_of_the_finding() -> None:
    item = refusal(Reason.IP_BLOCKLIST, "554 5.7.1 go away", code="blocklisted")
    [cause] = causes(report(session(MX1, item)))
    assert cause.message == item.message


def test_words_alone_make_no_reason() -> None:
    words = "550 5.1.1 <reverse-dns.blocklist@partner.example> no PTR, blocked using zen.spamhaus.org, rate limit"
    item = refusal(Reason.NO_SUCH_MAILBOX, words, side=Side.RECIPIENT, party=Party.RECIPIENT)
    ptr = step("identity/ipv4", finding("ptr-missing", "203.0.113.10 has no PTR record"))
    [cause] = causes(report(session(MX1, item), ptr))
    assert (cause.code, cause.reason) == ("recipient-rejected", Reason.NO_SUCH_MAILBOX)


def test_other_addresses_stand_behind_the_one_that_told_most() -> None:
    refused = finding("connection-refused", "x")
    grey = refusal(Reason.GREYLISTING, "450 4.2.0 later", code="greylisted", side=Side.POLICY)
    made = report(session(MX1, refused, phase="connect"), session(MX2, grey), session(MX3, BUSY, phase="greeting"))
    verdict = walked((MX1, FAILED), (MX2, TRANSIENT), (MX3, TRANSIENT))
    assert verdict.step == MX2
    assert [(item.code, item.decides) for item in causes(made, verdict)] == [
        ("greylisted", True),
        ("connection-refused", False),
        ("rate-limited-here", False),
    ]


def test_addresses_that_ended_alike_are_one_cause_and_others_are_not() -> None:
    first, again = BUSY, refusal(Reason.RATE_LIMIT, "421 slow down", code="rate-limited", side=Side.POLICY)
    made = report(session(MX1, first), session(MX2, again), session(MX3, again))
    [cause] = causes(made, walked((MX1, TRANSIENT), (MX2, TRANSIENT), (MX3, TRANSIENT)))
    assert cause.evidence == (f"{MX1}/rcpt-to", f"{MX2}/rcpt-to", f"{MX3}/rcpt-to")
    assert cause.message == "2 operators limit this host: partner.example, other.example"
    here = refusal(Reason.RATE_LIMIT, "421 errors from you", code="rate-limited", side=Side.HERE)
    made = report(session(MX1, first), session(MX2, here))
    found = causes(made, walked((MX1, TRANSIENT), (MX2, TRANSIENT)))
    assert [(item.side, item.evidence) for item in found] == [
        (Side.POLICY, (f"{MX1}/rcpt-to",)),
        (Side.HERE, (f"{MX2}/rcpt-to",)),
    ]


def test_a_limit_of_the_senders_domain_is_none_of_this_host() -> None:
    item = refusal(Reason.RATE_LIMIT, "421 too much", code="rate-limited", side=Side.POLICY, party=Party.SENDER)
    [cause] = causes(report(session(MX1, item)))
    assert (cause.code, cause.reason) == ("rate-limited", Reason.RATE_LIMIT)


def test_one_code_for_two_reasons_is_two_causes() -> None:
    full = refusal(Reason.MAILBOX_FULL, "452 full", code="recipient-deferred", side=Side.RECIPIENT)
    trouble = refusal(Reason.SERVER_TROUBLE, "451 disk", code="recipient-deferred", side=Side.RECIPIENT)
    made = report(session(MX1, full), session(MX2, trouble), session(MX3, full))
    found = causes(made, walked((MX1, TRANSIENT), (MX2, TRANSIENT), (MX3, TRANSIENT)))
    assert [(item.reason, item.evidence) for item in found] == [
        (Reason.MAILBOX_FULL, (f"{MX1}/rcpt-to", f"{MX3}/rcpt-to")),
        (Reason.SERVER_TROUBLE, (f"{MX2}/rcpt-to",)),
    ]


def test_mail_that_is_returned_comes_of_one_session() -> None:
    made = report(session(MX1, BUSY), session(MX2, refusal(Reason.SENDER_POLICY, code="sender-rejected")))
    verdict = walked((MX1, TRANSIENT), (MX2, AttemptResult.REJECTED))
    assert verdict.outcome is Outcome.BOUNCED
    assert [item.code for item in causes(made, verdict)] == ["sender-rejected"]


def test_where_mail_is_accepted_what_others_have_in_common_decides_nothing() -> None:
    made = report(session(MX1, BUSY), session(MX2, LISTED), session(MX3, DOMAIN))
    found = causes(made, Verdict(Outcome.ACCEPTED, "x", "delivery/mx9.partner.example/192.0.2.29"))
    assert [(item.code, item.decides) for item in found] == [
        ("rate-limited-here", False),
        ("blocklisted-here", False),
    ]


def test_a_relay_that_takes_nothing_is_ours_to_see_to() -> None:
    settings = Settings("alice@sender.example", "bob@partner.example", relay=(Relay("mx1.partner.example"),))
    verdict = Verdict(Outcome.DEFERRED, "x", MX1, side=Side.HERE)
    [cause] = causes(report(session(MX1, BUSY), settings=settings), verdict)
    assert (cause.code, cause.side) == ("rate-limited-here", Side.HERE)


def test_an_inner_address_is_the_cause_where_nobody_reached_it_and_not_where_somebody_did() -> None:
    inside = finding("mx-address-not-public", "192.0.2.21 is private")
    unreached = session(MX1, finding("connection-timeout", "x"), phase="connect")
    unreached[0] = step(MX1, inside)
    made = report(unreached, session(MX2, finding("connection-timeout", "y"), phase="connect"))
    [cause] = causes(made, walked((MX1, FAILED), inside=[MX1]))
    assert (cause.code, cause.side) == ("mx-address-not-public", Side.RECIPIENT)
    [cause] = causes(made, walked((MX1, FAILED)))
    assert cause.code == "connection-timeout"
    [cause] = causes(made, walked((MX1, FAILED), (MX2, FAILED), inside=[MX1]))
    assert (cause.code, len(cause.evidence)) == ("connection-timeout", 2)
    answered = session(MX1, BUSY)
    answered[0] = step(MX1, inside)
    [cause] = causes(report(answered), walked((MX1, TRANSIENT), inside=[MX1]))
    assert cause.code == "rate-limited-here"
