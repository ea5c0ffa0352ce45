"""The headline of a refusal: who refused whom and why, in one fact, with no word of the server's."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.session import Phase, SessionObservation
from tests.checks.making import exchange, session

HOST = "mx.partner.example"
WHERE = "mx.partner.example [192.0.2.25]"
CLIENT = "192.0.2.10"


def headline(phase: Phase, *lines: str, seen: SessionObservation | None = None) -> str:
    [found] = judge_refusal(seen or session(source=CLIENT), exchange(phase, *lines))
    return found.message


@pytest.mark.parametrize(
    ("phase", "line", "told"),
    [
        (Phase.RCPT, "550 5.1.1 <bob@partner.example>: user unknown", "rejected the recipient: user unknown"),
        (Phase.RCPT, "450 4.1.1 user unknown", "deferred the recipient: user unknown"),
        (Phase.RCPT, "552 5.2.2 mailbox full", "rejected the recipient: mailbox full"),
        (Phase.RCPT, "451 4.3.0 Internal error", "deferred the message: server fault"),
        (Phase.MAIL, "550 5.7.1 no", "rejected the sender: 550 5.7.1, no reason given"),
        (Phase.GREETING, "421 4.7.0 Error: too many connections from 192.0.2.10",
         "refused this host: too many connections"),
        (Phase.GREETING, "554 no", "refused the connection: 554, no reason given"),
        (Phase.GREETING, "550 no PTR record", "refused this host: reverse DNS (PTR)"),
        (Phase.EHLO, "550 5.7.1 <mail>: Helo command rejected: Host not found",
         "rejected EHLO name mail.sender.example: does not resolve"),
        (Phase.EHLO, "550 invalid HELO", "rejected EHLO name mail.sender.example"),
        (Phase.STARTTLS, "454 4.7.0 TLS not available due to local problem",
         "deferred STARTTLS: TLS not available"),
        (Phase.MAIL, "530 5.7.0 Must issue a STARTTLS command first", "rejected MAIL FROM: TLS required"),
        (Phase.RCPT, "552 5.3.4 message size exceeds fixed limit", "rejected the message: too large"),
        (Phase.RCPT, "550 5.7.1 your IP has a poor reputation", "rejected this host: poor reputation"),
        (Phase.RCPT, "550 5.7.23 SPF validation failed", "rejected the sender: SPF did not pass"),
        (Phase.RCPT, "550 5.7.26 SPF and DKIM did not pass",
         "rejected the sender: SPF, DKIM or DMARC did not pass"),
    ],
)  # fmt: skip
def test_it_says_what_the_server_did_to_whom_and_why(phase: Phase, line: str, told: str) -> None:
    assert headline(phase, line) == f"{HOST} {told}"


def test_greylisting_is_told_as_such_and_a_guess_as_probable() -> None:
    assert headline(Phase.RCPT, "450 4.2.0 Greylisted, try again in 300 seconds") == (
        f"Greylisted by {WHERE}; a retry should be accepted"
    )
    assert headline(Phase.RCPT, "450 later") == f"Probably greylisted by {WHERE}"


def test_a_list_is_told_with_what_is_on_it() -> None:
    listed = "554 5.7.1 Client host [192.0.2.10] blocked using zen.spamhaus.org"
    assert headline(Phase.RCPT, listed) == f"{CLIENT} is listed on zen.spamhaus.org; {HOST} rejected it"
    assert headline(Phase.GREETING, listed) == f"{CLIENT} is listed on zen.spamhaus.org; {HOST} refused it"
    domain = "554 5.7.1 Sender address [alice@sender.example] blocked using dbl.spamhaus.org"
    assert headline(Phase.RCPT, domain) == f"sender.example is listed on dbl.spamhaus.org; {HOST} rejected it"
    helo = "554 5.7.1 Helo command [mail.sender.example] blocked using dbl.spamhaus.org"
    assert headline(Phase.RCPT, helo) == f"{HOST} rejected this host: its name is listed on dbl.spamhaus.org"


def test_a_dead_list_and_a_failed_lookup_do_not_list_this_host() -> None:
    for line, why in (
        ("554 5.7.1 [192.0.2.10] blocked using dnsbl.sorbs.net", "defunct blocklist SORBS"),
        ("554 5.7.1 blocked using zen.spamhaus.org; Error: open resolver", "blocklist lookup failed"),
    ):
        assert headline(Phase.RCPT, line) == f"{HOST} rejected this host: {why}"


def test_ipv6_is_told_as_it_is_written() -> None:
    seen = session(source="2001:db8::10")
    line = "554 5.7.1 Client host [2001:db8::10] blocked using zen.spamhaus.org"
    assert headline(Phase.RCPT, line, seen=seen) == (
        f"2001:db8::10 is listed on zen.spamhaus.org; {HOST} rejected it"
    )


def test_a_proxy_that_the_server_sees_in_place_of_this_host_is_named() -> None:
    seen = session(source="203.0.113.10")
    line = "550 5.7.1 Client host [172.18.0.1] blocked using zen.spamhaus.org"
    assert headline(Phase.RCPT, line, seen=seen) == f"{HOST} took 172.18.0.1 for this host and rejected it"


def test_the_null_sender_is_named() -> None:
    seen = session(source=CLIENT)
    seen = replace(seen, envelope=replace(seen.envelope, sender=""))
    assert headline(Phase.MAIL, "550 no", seen=seen) == f"{HOST} rejected the null sender (MAIL FROM:<>)"


def test_what_a_hostile_server_says_and_is_called_stays_printable_and_short() -> None:
    seen = session(source=CLIENT)
    seen = replace(
        seen,
        target=replace(seen.target, host="mx\x1b[31m.example"),
        envelope=replace(seen.envelope, ehlo="a\x1bb.example"),
    )
    for line in ("550 \x1b[31mno such user " * 200, "550 invalid HELO", "554 blocked using \x07bl.example" * 50):
        told = headline(Phase.RCPT, line, seen=seen)
        assert told.isprintable()
        assert len(told) < 120
