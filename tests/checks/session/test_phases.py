"""The conversation, judged reply by reply: what each row of it comes to, and whose side it is on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from smtpdiag_tui.checks.session.attempts import attempt, is_rate_limited
from smtpdiag_tui.checks.session.phases import judge_phase
from smtpdiag_tui.checks.session.refusals import refused
from smtpdiag_tui.checks.session.session import (
    AttemptResult,
    ConnectError,
    Ending,
    Exchange,
    Phase,
    SessionObservation,
)
from smtpdiag_tui.network.seam import TrustStore
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.settings import Relay, Settings
from smtpdiag_tui.smtp.reply import Defect
from tests.checks.making import codes, exchange, session

MACHINE, SENDER, RECIPIENT, SERVER = Party
NOW = datetime(2026, 11, 24, tzinfo=UTC)
READY = exchange(Phase.GREETING, "220 mx.partner.example ESMTP")
OFFERS = exchange(Phase.EHLO, "250-mx.partner.example", "250 STARTTLS", command=b"EHLO x")
PLAIN = exchange(Phase.EHLO, "250-mx.partner.example", "250 SIZE", command=b"EHLO x")
MAIL = exchange(Phase.MAIL, "250 2.1.0 ok")


def judged(seen: SessionObservation, phase: Phase) -> tuple[Finding, ...]:
    return judge_phase(seen, phase, TrustStore(), NOW, ("mx.partner.example",))


def at(phase: Phase, *lines: str, **more: object) -> Finding:
    """Return the one finding that a reply at a phase comes to."""
    [found] = judged(session(READY, PLAIN, exchange(phase, *lines, **more)), phase)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("error", "code", "result"),
    [
        (ConnectError.REFUSED, "connection-refused", AttemptResult.CONNECTION_FAILED),
        (ConnectError.TIMEOUT, "connection-timeout", AttemptResult.CONNECTION_FAILED),
        (ConnectError.UNREACHABLE, "network-unreachable", AttemptResult.CONNECTION_FAILED),
        (ConnectError.RESET, "connection-reset", AttemptResult.CONNECTION_FAILED),
        (ConnectError.NO_ROUTE, "no-ipv6-route", AttemptResult.NO_ROUTE),
    ],
)
def test_ways_of_not_connecting_are_told_apart(error: ConnectError, code: str, result: AttemptResult) -> None:
    seen = session(connect_error=error)
    assert codes(judged(seen, Phase.CONNECT)) == [code]
    assert attempt(seen).result is result


def test_a_connection_is_nothing_to_remark() -> None:
    assert judged(session(READY, source="192.0.2.10"), Phase.CONNECT) == ()


@pytest.mark.parametrize(
    ("line", "code", "result"),
    [
        ("554 5.7.1 no mail from you", "greeting-rejected", AttemptResult.GREETING_REJECTED),
        ("550 go away", "greeting-rejected", AttemptResult.GREETING_REJECTED),
        ("421 4.3.2 not now", "service-unavailable", AttemptResult.TRANSIENT),
        ("450 4.3.2 busy", "service-unavailable", AttemptResult.TRANSIENT),
        ("421 4.7.0 too many connections from you", "rate-limited", AttemptResult.TRANSIENT),
        ("554 5.7.1 blocked using zen.spamhaus.org", "blocklisted", AttemptResult.GREETING_REJECTED),
    ],
)
def test_a_greeting_that_turns_away(line: str, code: str, result: AttemptResult) -> None:
    seen = session(exchange(Phase.GREETING, line))
    assert codes(judged(seen, Phase.GREETING)) == [code]
    assert attempt(seen).result is result


@pytest.mark.parametrize(
    ("seconds", "found"),
    [(0.1, []), (4.9, []), (5.0, ["greeting-slow"]), (30.0, ["greeting-slow"]), (31.0, ["greeting-very-slow"])],
)
def test_a_slow_greeting_is_never_a_failure(seconds: float, found: list[str]) -> None:
    seen = judged(session(exchange(Phase.GREETING, "220 ok", seconds=seconds)), Phase.GREETING)
    assert codes(seen) == found
    assert all(item.severity != "failure" for item in seen)


@pytest.mark.parametrize(
    ("phase", "ending", "code", "result"),
    [
        (Phase.GREETING, Ending.TIMEOUT, "greeting-timeout", AttemptResult.OUR_LIMIT),
        (Phase.GREETING, Ending.RESET, "connection-reset", AttemptResult.TRANSIENT),
        (Phase.GREETING, Ending.CLOSED, "closed-early", AttemptResult.TRANSIENT),
        (Phase.RCPT, Ending.TIMEOUT, "reply-timeout", AttemptResult.OUR_LIMIT),
        (Phase.RCPT, Ending.CLOSED, "closed-early", AttemptResult.TRANSIENT),
        (Phase.RCPT, Ending.RESET, "closed-early", AttemptResult.TRANSIENT),
        (Phase.MAIL, Ending.TOO_LONG, "reply-too-long", AttemptResult.TRANSIENT),
        (Phase.MAIL, Ending.MALFORMED, "reply-malformed", AttemptResult.TRANSIENT),
    ],
)
def test_a_session_that_ends_before_its_reply(
    phase: Phase, ending: Ending, code: str, result: AttemptResult
) -> None:
    seen = (
        session(READY, exchange(phase, ending=ending))
        if phase is not Phase.GREETING
        else session(exchange(phase, ending=ending))
    )
    assert codes(judged(seen, phase)) == [code]
    assert attempt(seen).result is result


def test_a_limit_of_ours_says_what_the_standard_allows() -> None:
    [found] = judged(session(exchange(Phase.GREETING, ending=Ending.TIMEOUT)), Phase.GREETING)
    assert found.message == "mx.partner.example timed out before its greeting after 60 s; RFC 5321 allows 300 s"
    assert found.severity == "unknown"


def test_a_missing_answer_to_quit_is_information() -> None:
    seen = session(READY, PLAIN, MAIL, exchange(Phase.RCPT, "250 ok"), exchange(Phase.QUIT, ending=Ending.CLOSED))
    [found] = judged(seen, Phase.QUIT)
    assert (found.code, found.severity) == ("quit-unanswered", "info")
    assert attempt(seen).result is AttemptResult.ACCEPTED
    answered = session(READY, PLAIN, exchange(Phase.QUIT, "221 bye"))
    assert judged(answered, Phase.QUIT) == ()


def test_ehlo_refused_and_helo_taken_is_information() -> None:
    seen = session(
        READY,
        exchange(Phase.EHLO, "502 what", command=b"EHLO x"),
        exchange(Phase.EHLO, "250 mx", command=b"HELO x"),
    )
    [found] = judged(seen, Phase.EHLO)
    assert (found.code, found.severity) == ("ehlo-rejected", "info")
    assert judged(seen, Phase.STARTTLS) == ()  # an EHLO that was refused says nothing of extensions


def test_both_refused_is_about_this_machines_name() -> None:
    seen = session(
        READY,
        exchange(Phase.EHLO, "550 what", command=b"EHLO x"),
        exchange(Phase.EHLO, "550 no", command=b"HELO x"),
    )
    assert codes(judged(seen, Phase.EHLO)) == ["ehlo-rejected", "helo-rejected"]


def test_the_name_that_this_host_says_is_not_held_against_each_server() -> None:
    seen = session(READY, OFFERS)
    private = SessionObservation(
        seen.target,
        type(seen.envelope)("[10.0.0.1]", "", "b@c.example"),
        Settings("", "b@c.example"),
        exchanges=seen.exchanges,
    )
    assert judged(private, Phase.EHLO) == judged(seen, Phase.EHLO) == ()


def test_mail_that_needs_starttls_first() -> None:
    assert at(Phase.MAIL, "530 5.7.0 Must issue a STARTTLS command first").code == "starttls-required"
    assert at(Phase.MAIL, "530 5.7.1 authentication required").code == "sender-rejected"


@pytest.mark.parametrize(
    ("phase", "line", "auth", "code"),
    [
        (Phase.MAIL, "530 5.7.0 Authentication required", None, "authentication-required"),
        (Phase.MAIL, "530 5.7.1 Client was not authenticated", False, "authentication-required"),
        (Phase.RCPT, "550 5.7.1 SMTP AUTH is required", None, "authentication-required"),
        (Phase.RCPT, "554 5.7.1 <b@c.example>: Relay access denied", True, "authentication-required"),
        (Phase.RCPT, "454 4.7.1 <b@c.example>: Relay access denied", True, "authentication-required"),
        (Phase.RCPT, "554 5.7.1 <b@c.example>: Relay access denied", False, "recipient-rejected"),
        (Phase.RCPT, "550 5.1.1 User unknown", True, "recipient-rejected"),
        (Phase.MAIL, "530 5.7.0 Must issue a STARTTLS command first", True, "starttls-required"),
    ],
)
def test_a_relay_that_wants_a_login(phase: Phase, line: str, auth: bool | None, code: str) -> None:
    settings = Settings("a@b.example", "b@c.example", relay=(Relay("relay.example"),), relay_auth=auth)
    before = [READY, PLAIN] if phase is Phase.MAIL else [READY, PLAIN, MAIL]
    seen = replace(session(*before, exchange(phase, line)), settings=settings)
    assert codes(judged(seen, phase)) == [code]


@pytest.mark.parametrize("code", ["250", "251", "252", "299"])
def test_rcpt_accepts(code: str) -> None:
    seen = session(READY, PLAIN, MAIL, exchange(Phase.RCPT, f"{code} ok"))
    [found] = judged(seen, Phase.RCPT)
    assert found.code == "recipient-accepted"
    assert found.message == "mx.partner.example accepted the recipient"
    assert attempt(seen).result is AttemptResult.ACCEPTED


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("450 4.2.0 Greylisted, see https://example.org", "greylisted"),
        ("451 4.7.1 Please try again later", "greylisted"),
        ("450 4.7.0 temporarily deferred", "greylisted"),
        ("450 please retry", "greylisted"),
        ("451 4.3.0 try again in 300 seconds", "greylisted"),
        ("450 4.1.1 no such user yet", "recipient-deferred"),
        ("452 4.2.2 mailbox full", "recipient-deferred"),
        ("451 4.2.0 quota exceeded", "recipient-deferred"),
        ("451 DNS lookup failed", "recipient-deferred"),
        ("452 too many recipients", "recipient-deferred"),
        ("450 4.7.1 rate limit exceeded", "rate-limited"),
        ("421 4.3.0 closing", "service-unavailable"),
        ("450 4.7.1 listed by zen.spamhaus.org", "blocklisted"),
    ],
)
def test_a_temporary_rejection_at_rcpt(line: str, code: str) -> None:
    found = at(Phase.RCPT, line)
    assert found.code == code
    assert found.severity != "failure" or code == "blocklisted"
    assert line in found.evidence


def test_a_temporary_rejection_at_mail_is_no_greylisting_unless_it_says_so() -> None:
    assert at(Phase.MAIL, "450 4.7.1 later").code == "sender-deferred"
    assert at(Phase.MAIL, "450 4.7.1 greylisted").code == "greylisted"


@pytest.mark.parametrize(
    ("phase", "line", "who"),
    [
        (Phase.GREETING, "554 no", SERVER),
        (Phase.GREETING, "550 no", MACHINE),
        (Phase.EHLO, "550 no", MACHINE),
        (Phase.EHLO, "550 5.1.8 bad sender domain", SENDER),
        (Phase.MAIL, "550 5.7.1 no", SENDER),
        (Phase.MAIL, "550 5.1.8 no", SENDER),
        (Phase.RCPT, "550 5.1.8 sender domain not found", SENDER),
        (Phase.RCPT, "550 5.1.7 bad sender", SENDER),
        (Phase.RCPT, "550 5.1.1 no such user", RECIPIENT),
        (Phase.RCPT, "552 5.2.2 mailbox full", RECIPIENT),
        (Phase.RCPT, "550 no such user", RECIPIENT),
        (Phase.RCPT, "550 5.7.1 not allowed", MACHINE),
        (Phase.RCPT, "550 your IP has a poor reputation", MACHINE),
        (Phase.RCPT, "550 no PTR record", MACHINE),
        (Phase.RCPT, "550 4.7.1 of another class counts not", RECIPIENT),
    ],
)
def test_who_is_refused(phase: Phase, line: str, who: str) -> None:
    assert refused(exchange(phase, line)) == who


@pytest.mark.parametrize(
    ("line", "side", "words"),
    [
        ("550 5.1.1 no such user", Side.RECIPIENT, "spelling"),
        ("552 5.2.2 full", Side.RECIPIENT, "free space in bob@partner.example"),
        ("550 5.7.1 no", Side.POLICY, "postmaster@partner.example"),
        ("550 5.1.8 no", Side.HERE, "sender.example"),
    ],
)
def test_a_rejected_recipient_says_whose_side_and_what_to_do(line: str, side: Side, words: str) -> None:
    found = at(Phase.RCPT, line)
    assert (found.code, found.side) == ("recipient-rejected", side)
    assert words in (found.advice or "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("554 5.7.1 Client host [192.0.2.10] blocked using zen.spamhaus.org", ("zen.spamhaus.org", "192.0.2.10")),
        (
            "550 5.7.1 rejected, see https://www.example.org/lookup/192.0.2.10",
            ("192.0.2.10 is listed on a blocklist",),
        ),
        ("550 Blocked - see https://ipcheck.proofpoint.com/?ip=2001:db8::10", ("2001:db8::10",)),
    ],
)
def test_a_blocklist_is_named_with_the_address(line: str, words: tuple[str, ...]) -> None:
    found = at(Phase.RCPT, line)
    assert (found.code, found.side) == ("blocklisted", Side.HERE)
    assert all(word in found.message for word in words)


@pytest.mark.parametrize(
    "line", ["550 5.1.1 unknown user", "550 5.7.1 relaying denied", "550 mailbox unavailable"]
)
def test_no_blocklist_is_seen_where_none_is(line: str) -> None:
    assert at(Phase.RCPT, line).code == "recipient-rejected"


def test_the_servers_words_are_there_whole() -> None:
    found = at(Phase.RCPT, "550-5.1.1 no such user", "550-5.1.1 \x1b[31m", "550 5.1.1 bye")
    assert found.evidence == ("550-5.1.1 no such user", r"550-5.1.1 \x1b[31m", "550 5.1.1 bye")


def test_how_a_reply_came_is_noted_and_tolerated() -> None:
    odd = frozenset({Defect.CODES_DIFFER, Defect.BARE_LINE_FEED, Defect.EIGHT_BIT, Defect.LONG_LINE})
    seen = session(
        READY, exchange(Phase.EHLO, "250-a", "251 b", command=b"EHLO x", defects=odd, unexpected=b"250 more\r\n")
    )
    assert codes(judged(seen, Phase.EHLO)) == ["reply-codes-differ", "bare-line-feed", "reply-unexpected"]
    assert judged(session(READY, OFFERS), Phase.EHLO) == ()


def test_smtputf8_that_is_not_offered_bounces_without_mail() -> None:
    seen = session(READY, PLAIN, smtputf8_missing=True)
    assert codes(judged(seen, Phase.MAIL)) == ["smtputf8-not-offered"]
    assert attempt(seen).result is AttemptResult.REJECTED
    assert attempt(seen).reply.startswith("5.6.7")


@pytest.mark.parametrize(
    ("exchanges", "result"),
    [
        ((READY, PLAIN, MAIL, exchange(Phase.RCPT, "550 no")), AttemptResult.REJECTED),
        ((READY, PLAIN, exchange(Phase.MAIL, "550 no")), AttemptResult.REJECTED),
        ((READY, PLAIN, exchange(Phase.MAIL, "450 no")), AttemptResult.TRANSIENT),
        ((READY, exchange(Phase.EHLO, "550 no", command=b"HELO x")), AttemptResult.TRANSIENT),
        ((READY, PLAIN, MAIL, exchange(Phase.RCPT, "452 no")), AttemptResult.TRANSIENT),
        (
            (READY, PLAIN, MAIL, exchange(Phase.RCPT, "250 ok"), exchange(Phase.QUIT, "221 bye")),
            AttemptResult.ACCEPTED,
        ),
    ],
)
def test_what_a_standard_sender_takes_from_a_session(
    exchanges: tuple[Exchange, ...], result: AttemptResult
) -> None:
    assert attempt(session(*exchanges)).result is result


def test_rate_limiting_is_seen_at_any_phase() -> None:
    assert is_rate_limited(session(exchange(Phase.GREETING, "421 4.7.0 too many connections")))
    assert is_rate_limited(session(READY, PLAIN, MAIL, exchange(Phase.RCPT, "450 rate limit")))
    assert not is_rate_limited(session(READY, PLAIN, MAIL, exchange(Phase.RCPT, "450 later")))
