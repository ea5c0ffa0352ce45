"""The session that decided the outcome, and its reply."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.deciding import DecidingReply, deciding_reply, deciding_session, reply_lines
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.report.conclusions import SenderAttempt, SenderResult
from smtpdiag_tui.report.facts import SessionEnd, SessionFacts
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.transcript import Direction
from tests.engine.running import run
from tests.render.made import SESSION, deciding, session_step, with_session
from tests.story_reports import story_report

NOTE, SENT, GOT = Direction.NOTE, Direction.SENT, Direction.RECEIVED
Line = tuple[Direction, str]
OPENED: tuple[Line, ...] = ((NOTE, "connected"), (GOT, "220 mx ESMTP"), (SENT, "EHLO a"), (GOT, "250 mx"))
RCPT: Line = (SENT, "RCPT TO:<bob@partner.example>")
QUIT: tuple[Line, ...] = ((SENT, "QUIT"), (GOT, "221 bye"), (NOTE, "closed"))
REJECTED = SessionFacts(SessionEnd.REJECTED, "550 5.1.1")
DEFERRED = SessionFacts(SessionEnd.DEFERRED, "450 4.2.0")


def reply_of(
    *lines: Line, facts: SessionFacts | None, outcome: Outcome = Outcome.DEFERRED
) -> DecidingReply | None:
    report = with_session(session_step(*lines, facts=facts), outcome)
    reply = deciding_reply(report)
    assert deciding_reply(from_json(to_json(report))) == reply
    return reply


@pytest.mark.parametrize("known", [True, False], ids=["facts", "older file"])
@pytest.mark.parametrize(
    ("lines", "facts", "command", "text"),
    [
        ((*OPENED, RCPT, (GOT, "550 5.1.1 no"), *QUIT), REJECTED, RCPT[1], "550 5.1.1 no"),
        ((*OPENED, RCPT, (GOT, "550 5.1.1 no"), (SENT, "QUIT")), REJECTED, RCPT[1], "550 5.1.1 no"),
        (
            (*OPENED, RCPT, (GOT, "550-5.1.1 a"), (GOT, "550 5.1.1 b")),
            REJECTED,
            RCPT[1],
            "550-5.1.1 a\n550 5.1.1 b",
        ),
        (
            ((NOTE, "connected"), (GOT, "554 5.7.1 no"), (NOTE, "closed")),
            SessionFacts(SessionEnd.GREETING_REFUSED, "554 5.7.1"),
            "connect",
            "554 5.7.1 no",
        ),
        (
            ((NOTE, "connected"), (GOT, "220 mx"), (SENT, "EHLO a"), (GOT, "550 no"), *QUIT),
            SessionFacts(SessionEnd.REJECTED, "550"),
            "EHLO a",
            "550 no",
        ),
        (
            (*OPENED, (SENT, "STARTTLS"), (GOT, "454 4.7.0 not now"), *QUIT),
            SessionFacts(SessionEnd.TLS_MISSING),
            "STARTTLS",
            "454 4.7.0 not now",
        ),
        (
            (*OPENED, RCPT, (GOT, "450 4.2.0 first"), *QUIT, *OPENED, RCPT, (GOT, "450 4.2.0 second"), *QUIT),
            DEFERRED,
            RCPT[1],
            "450 4.2.0 second",
        ),
        (
            (*OPENED, RCPT, (GOT, "450-a"), (NOTE, "1,900 more lines"), (GOT, "450 z"), *QUIT),
            DEFERRED,
            RCPT[1],
            "450-a\n…\n450 z",
        ),
    ],
)
def test_the_reply_that_ended_the_session(
    lines: tuple[Line, ...], facts: SessionFacts, command: str, text: str, known: bool
) -> None:
    reply = reply_of(*lines, facts=facts if known else None)
    assert reply is not None
    assert (reply.command, reply.text, reply.step) == (command, text, SESSION)
    assert (reply.host, reply.address, reply.source) == ("mx.partner.example", "192.0.2.25", "192.0.2.10")


@pytest.mark.parametrize("known", [True, False], ids=["facts", "older file"])
@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (((NOTE, "connecting"), (NOTE, "timed out")), SessionEnd.TIMEOUT),
        (((NOTE, "connected"), (NOTE, "closed")), SessionEnd.CLOSED),
        ((*OPENED, RCPT, (NOTE, "timed out")), SessionEnd.TIMEOUT),
        ((*OPENED, (SENT, "STARTTLS"), (GOT, "454 no"), RCPT, (NOTE, "reset")), SessionEnd.RESET),
        ((*OPENED, RCPT, (GOT, "what?"), (NOTE, "closed")), SessionEnd.NO_SMTP),
        ((*OPENED, (SENT, "STARTTLS"), (GOT, "220 go"), (NOTE, "handshake failed")), SessionEnd.TLS_MISSING),
        ((*OPENED, *QUIT), SessionEnd.SMTPUTF8_MISSING),
        ((*OPENED, *QUIT), SessionEnd.TLS_MISSING),
        ((), SessionEnd.UNUSABLE),
    ],
)
def test_a_session_without_a_reply_that_ended_it_has_none(
    lines: tuple[Line, ...], end: SessionEnd, known: bool
) -> None:
    """A timeout is no rejection, whatever was said before it."""
    assert reply_of(*lines, facts=SessionFacts(end) if known else None) is None


def test_a_reply_to_quit_decides_nothing() -> None:
    lines = (*OPENED, RCPT, (GOT, "450 4.2.0 later"), (SENT, "QUIT"), (GOT, "421 closing"))
    reply = reply_of(*lines, facts=DEFERRED)
    assert reply is not None
    assert reply.text == "450 4.2.0 later"


def test_an_accepting_reply_is_none_of_a_message_that_waits() -> None:
    lines = (*OPENED, RCPT, (GOT, "250 2.1.5 Ok"), *QUIT)
    accepted = SessionFacts(SessionEnd.ACCEPTED, "250 2.1.5")
    assert reply_of(*lines, facts=accepted) is None


def test_the_time_is_the_replys_in_utc_and_dated_on_another_day() -> None:
    report = with_session(session_step(*OPENED, RCPT, (GOT, "450 4.2.0 later"), facts=DEFERRED))
    reply = deciding_reply(report)
    assert reply is not None
    assert reply.at == datetime(2026, 11, 24, 4, 20, 0, 173000, tzinfo=UTC)
    assert (reply.when, reply.dated) == ("04:20:00 UTC", False)
    late = deciding_reply(replace(report, started=datetime(2026, 11, 24, 23, 59, 59, 990_000, tzinfo=UTC)))
    assert late is not None
    assert (late.when, late.dated) == ("2026-11-25 00:00:00 UTC", True)


def test_a_verb_is_what_the_reply_answers() -> None:
    made = deciding_reply(with_session(session_step(RCPT, (GOT, "450 4.2.0 later"), facts=DEFERRED)))
    assert made is not None
    for command, verb in (
        ("connect", "the connection"),
        ("RCPT TO:<bob@partner.example>", "RCPT TO"),
        ("MAIL FROM:<> SMTPUTF8", "MAIL FROM"),
        ("EHLO mail.sender.example", "EHLO"),
        ("EHLO [IPv6:2001:db8::1]", "EHLO"),
        ("HELO [192.0.2.1]", "HELO"),
        ("STARTTLS", "STARTTLS"),
    ):
        assert replace(made, command=command).verb == verb


def test_a_long_reply_is_told_by_its_first_lines() -> None:
    made = deciding_reply(with_session(session_step(RCPT, (GOT, "450 4.2.0 later"), facts=DEFERRED)))
    assert made is not None
    long = replace(made, text="\n".join(f"450-{number}" for number in range(2000)))
    told = reply_lines(long, accepted=False)
    assert (len(told), told[0], told[-1]) == (6, "450-0", "… 1995 more lines (-v)")
    assert reply_lines(long, accepted=True)[-1] == "… 1998 more lines (-v)"
    assert len(reply_lines(long, accepted=True)) == 3
    short = replace(made, text="450-a\n450 b")
    assert reply_lines(short, accepted=True) == ["450-a", "450 b"]
    [line] = reply_lines(replace(made, text="4" * 65_536), accepted=False)
    assert line == "4" * 1000 + " … (64,536 more characters, -v has them)"


def test_of_several_sessions_the_first_one_of_the_cause_decides() -> None:
    first = session_step(*OPENED, RCPT, (GOT, "550 5.1.1 no"), facts=REJECTED)
    other = session_step(facts=SessionFacts(SessionEnd.TIMEOUT), step_id="delivery/a.example/192.0.2.9")
    report = with_session(first)
    report = replace(report, steps={**report.steps, other.id: other})
    assert deciding_session(deciding(report, "soa", f"{other.id}/connect", f"{SESSION}/rcpt-to")) == other
    assert deciding_session(deciding(report, f"{SESSION}/rcpt-to", other.id)) == first
    assert deciding_session(deciding(report, "delivery", "soa")) is None
    assert deciding_session(replace(report, causes=())) is None


def test_a_session_that_is_run_again_decides_nothing_any_more() -> None:
    step = session_step(*OPENED, RCPT, (GOT, "550 5.1.1 no"), facts=REJECTED)
    assert deciding_session(with_session(replace(step, stale=True))) is None
    assert deciding_reply(with_session(replace(step, stale=True))) is None


@pytest.mark.parametrize("stale", [False, True])
def test_an_accepted_message_has_the_reply_of_the_standard_senders_last_address(stale: bool) -> None:
    accepted = SessionFacts(SessionEnd.ACCEPTED, "250 2.1.5")
    step = session_step(*OPENED, RCPT, (GOT, "250 2.1.5 Ok"), *QUIT, facts=accepted)
    tries = (
        SenderAttempt("dead.partner.example", "192.0.2.9", "connection-failed"),
        SenderAttempt("mx.partner.example", "192.0.2.25", "accepted", "250 2.1.5 Ok"),
    )
    senders = (SenderResult("standard", "standard", Outcome.ACCEPTED, "", tries),)
    report = replace(with_session(replace(step, stale=stale), Outcome.ACCEPTED), causes=(), senders=senders)
    reply = deciding_reply(report)
    assert (reply and reply.text) == (None if stale else "250 2.1.5 Ok")
    assert deciding_reply(replace(report, senders=())) is None


def test_a_greylisted_message_that_was_accepted_has_the_reply_of_the_second_try() -> None:
    report = story_report("bob@greylisted.example")
    reply = deciding_reply(report)
    assert reply is not None
    assert (reply.command, reply.text) == ("RCPT TO:<bob@greylisted.example>", "250 2.1.5 Ok")


async def test_a_rerun_of_the_session_has_the_new_reply_at_its_own_time() -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@blocklist.example")
        reply = deciding_reply(first)
        assert reply is not None
        again = await run(network, "bob@blocklist.example", only={reply.step}, previous=first)
    later = deciding_reply(again)
    assert later is not None
    assert (later.text, later.step) == (reply.text, reply.step)
    assert later.at > reply.at
    assert deciding_reply(from_json(to_json(again))) == later
