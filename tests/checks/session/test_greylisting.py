"""Greylisting: how long to wait, and what the second try came to."""

import pytest

from smtpdiag_tui.checks.session.attempts import attempt
from smtpdiag_tui.checks.session.greylisting import greylisted, judge_second_try, told_window, window
from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.session import Ending, Phase, SessionObservation
from tests.checks.making import codes, exchange, reply, session

QUIT = exchange(Phase.QUIT, "221 bye")


def answered(*lines: str, waited: float | None = None) -> SessionObservation:
    return session(exchange(Phase.RCPT, *lines), QUIT, greylisted_for=waited)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("450 4.2.0 Greylisted, please try again in 300 seconds", 300),
        ("450 4.2.0 Greylisted for 5 minutes", 300),
        ("451 4.7.1 Please try again in 4 minutes and 30 seconds", 270),
        ("451 4.7.1 Greylisting in action, please come back in 00:04:59", 299),
        ("450 4.7.1 try again after 2min", 120),
        ("451 greylisted, come back in 1 hour", 3600),
        ("450 4.2.0 Greylisted, see http://postgrey.example/help/bob.html", None),
        ("450 4.2.0 try later", None),
        ("450 4.2.0 Greylisted, try again in 5 minutes (300 seconds)", 300),
        ("451 4.7.1 Greylisted for 300 seconds, retry in 299 s", 299),
        ("450 4.7.1 greylisted at 00:20:15, try again in 300 seconds", 300),
        ("450 4.7.1 [2001:db8:0:10:20::5] greylisted, come back in 300 seconds", 300),
        ("450 4.7.1 [2001:db8::10:20:15] greylisted", None),
        ("450 4.7.1 Greylisted for 5 minutes; expires after 4 hours", 300),
        ("450 4.7.1 Greylisted, come back in 5 minutes; expires after 4 hours", 300),
        ("450 4.7.1 Greylisted; expires after 4 hours", None),
        ("450 4.7.1 Greylisted, please try again after 5 minutes and within 12 hours", 300),
        ("450 4.7.1 Greylisted, try again within 4 hours", None),
        ("450 4.7.1 greylisted at 00:20:15", None),
        ("451 4.7.1 Greylisting in action, please come back in 00:05:00", 300),
        ("451 4.7.1 Greylisted, please try again in 5m 30s", 330),
        ("451 4.7.1 Greylisted, please wait 300 seconds", 300),
        ("451 4.7.1 Greylisted, please wait at least 5 minutes before trying again", 300),
        ("451 Resources restricted, please come back in 1 hours 2 minutes and 3 seconds", 3723),
        ("450 4.2.0 <300s@partner.example>: Recipient address rejected: Greylisted", None),
        ("450 4.2.0 Greylisted, retry in: 299 seconds", 299),
        ("450 4.2.0 Greylisted for 300 s (id 10 s)", 300),
        ("450 4.7.1 Greylisted, try again in 5 minutes 30 seconds", 330),
        ("450 4.7.1 Greylisted, retry in 1 hour", 3600),
        ("450 4.7.1 Greylisting, come back in 00:04:58", 298),
        ("450 4.7.1 Greylisted, try again after 2026-11-27 12:00", None),
        ("450-4.7.1 Greylisted, try again\n450 4.7.1 in 15 min", 900),
        ("450 4.7.1 Greylisting: bitte versuchen Sie es in 5 Minuten erneut", 300),
        ("450 4.7.1 Greylisting: reessayez dans 3 minutes, retry in 3 minutes", 180),
    ],
)
def test_the_time_that_a_server_names(text: str, seconds: float | None) -> None:
    assert told_window(reply(*text.split("\n"))) == seconds


@pytest.mark.parametrize(
    ("text", "asked", "seconds", "told"),
    [
        ("450 4.2.0 Greylisted", None, 300, False),
        ("450 4.2.0 Greylisted", 120, 120, False),
        ("450 4.2.0 Greylisted, try again in 180 seconds", 120, 180, True),
        ("450 4.2.0 Greylisted, try again in 3600 s", None, 3600, True),
        ("450 4.2.0 Greylisted, try again in 3601 s", None, 300, False),
        ("450 4.2.0 Greylisted, try again in 60 s", None, 61, True),
        ("450 4.2.0 Greylisted, try again in 10 s", 120, 11, True),
        ("450 4.2.0 Greylisted, try again in 0 s", None, 300, False),
    ],
)
def test_the_servers_number_counts_within_bounds(text: str, asked: float, seconds: float, told: bool) -> None:
    assert window(answered(text), asked) == (seconds, told)


@pytest.mark.parametrize(
    "seen",
    [
        None,
        session(),
        answered("250 2.1.5 Ok"),
        answered("550 5.1.1 no such user"),
        answered("452 4.2.2 mailbox full"),
        answered("450 4.7.1 too many connections"),
        session(exchange(Phase.RCPT, ending=Ending.TIMEOUT)),
    ],
)
def test_what_is_no_greylisting_is_not_waited_for(seen: SessionObservation | None) -> None:
    assert greylisted(seen) is None


def test_a_session_that_greylisting_closes_is_held_again() -> None:
    seen = session(exchange(Phase.RCPT, "421 4.7.0 greylisted, come back in 3 minutes"))
    assert greylisted(seen) is not None
    assert window(seen, None) == (180, True)


def test_a_wait_that_is_named_is_told() -> None:
    seen = answered("450 4.2.0 Greylisted, try again in 45 seconds")
    [found] = judge_refusal(seen, seen.before_quit[-1])
    assert found.message == "Greylisted by mx.partner.example [192.0.2.25]; a retry should be accepted"
    assert "after 45 seconds" in (found.advice or "")


def test_greylisting_may_meet_the_sender_too() -> None:
    assert greylisted(session(exchange(Phase.MAIL, "451 4.7.1 greylisted"), QUIT)) is not None


def test_a_second_try_that_is_taken_passes_and_says_when() -> None:
    seen = answered("250 2.1.5 Ok", waited=301.2)
    [found] = judge_second_try(seen)
    assert (found.code, found.severity) == ("greylisting-passed", "info")
    assert found.message == "mx.partner.example [192.0.2.25] accepted the retry 301 s after greylisting"
    assert attempt(seen).reply == "250 2.1.5 Ok (301 s after greylisting)"


def test_a_second_try_that_is_deferred_again_says_how_long_it_was_waited() -> None:
    [found] = judge_second_try(answered("450 4.2.0 Greylisted", waited=300))
    assert (found.code, found.severity) == ("greylisting-persists", "warning")
    assert found.message == "mx.partner.example [192.0.2.25] still greylists 300 s after the first attempt"


def test_a_first_try_and_another_end_are_none_of_it() -> None:
    assert codes(judge_second_try(answered("250 2.1.5 Ok"))) == []
    assert codes(judge_second_try(answered("450 4.2.0 Greylisted"))) == []
    assert codes(judge_second_try(answered("550 5.1.1 no such user", waited=300))) == []
