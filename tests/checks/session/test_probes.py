"""Side probes: what they say, and which replies answer them; what is no clear yes or no says nothing."""

import pytest

from smtpdiag_tui.checks.session.probes import judge_probe, needless, probe_envelope
from smtpdiag_tui.checks.session.session import Ending, Envelope, Phase, SessionObservation
from smtpdiag_tui.settings import Probe
from tests.checks.making import exchange, session

MAIN = Envelope("mail.sender.example", "alice@sender.example", "bob@partner.example")
MAIL = exchange(Phase.MAIL, "250 2.1.0 Ok")
QUIT = exchange(Phase.QUIT, "221 bye")
ACCEPTED = session(MAIL, exchange(Phase.RCPT, "250 2.1.5 Ok"), QUIT)
REJECTED = session(MAIL, exchange(Phase.RCPT, "550 5.1.1 no such user"), QUIT)


def rcpt(line: str) -> SessionObservation:
    return session(MAIL, exchange(Phase.RCPT, line), QUIT)


def test_each_changes_one_thing() -> None:
    assert probe_envelope(Probe.POSTMASTER, MAIN, "x") == Envelope(
        MAIN.ehlo, MAIN.sender, "postmaster@partner.example"
    )
    assert probe_envelope(Probe.NULL_SENDER, MAIN, "x") == Envelope(MAIN.ehlo, "", MAIN.recipient)
    assert probe_envelope(Probe.RANDOM_RECIPIENT, MAIN, "x") == Envelope(
        MAIN.ehlo, MAIN.sender, "x@partner.example"
    )
    literal = Envelope("x", "", "bob@[IPv6:2001:db8::1]")
    assert probe_envelope(Probe.POSTMASTER, literal, "x").recipient == "postmaster@[IPv6:2001:db8::1]"


def test_smtputf8_is_asked_for_where_the_probe_needs_it() -> None:
    main = Envelope("x", "alice@sender.example", "jörg@partner.example", smtputf8=True)
    assert not probe_envelope(Probe.POSTMASTER, main, "x").smtputf8
    assert probe_envelope(Probe.NULL_SENDER, main, "x").smtputf8


def test_what_was_asked_before_is_not_asked_again() -> None:
    assert needless(Probe.NULL_SENDER, Envelope("x", "", "bob@partner.example"))
    assert needless(Probe.POSTMASTER, Envelope("x", "a@b.example", "PostMaster@partner.example"))
    assert not any(needless(probe, MAIN) for probe in Probe)


@pytest.mark.parametrize(
    ("probe", "seen", "main", "code", "severity"),
    [
        (Probe.POSTMASTER, rcpt("250 2.1.5 Ok"), ACCEPTED, "postmaster-accepted", "info"),
        (Probe.POSTMASTER, rcpt("550 5.1.1 no such user"), REJECTED, "postmaster-refused", "warning"),
        (Probe.POSTMASTER, rcpt("550 5.7.1 no"), ACCEPTED, "postmaster-refused", "warning"),
        (Probe.NULL_SENDER, rcpt("250 2.1.5 Ok"), ACCEPTED, "null-sender-accepted", "info"),
        (Probe.NULL_SENDER, rcpt("550 5.7.1 no bounces"), ACCEPTED, "null-sender-refused", "warning"),
        (
            Probe.NULL_SENDER,
            session(exchange(Phase.MAIL, "550 5.1.0 no null sender"), QUIT),
            REJECTED,
            "null-sender-refused",
            "warning",
        ),
        (Probe.RANDOM_RECIPIENT, rcpt("250 2.1.5 Ok"), ACCEPTED, "accepts-any-recipient", "info"),
        (Probe.RANDOM_RECIPIENT, rcpt("550 5.1.1 unknown"), ACCEPTED, "unknown-recipient-refused", "info"),
    ],
)
def test_a_clear_answer_is_told(
    probe: Probe, seen: SessionObservation, main: SessionObservation, code: str, severity: str
) -> None:
    [found] = judge_probe(probe, seen, main)
    assert (found.code, found.severity) == (code, severity)
    assert found.evidence


@pytest.mark.parametrize("probe", [probe for probe in Probe if probe is not Probe.DANE_KEYS])
@pytest.mark.parametrize(
    ("seen", "main"),
    [
        (rcpt("450 4.2.0 greylisted"), ACCEPTED),
        (rcpt("421 4.7.0 too many connections"), ACCEPTED),
        (rcpt("554 5.7.1 Client host blocked using zen.spamhaus.org"), REJECTED),
        (session(exchange(Phase.MAIL, "451 4.3.0 later")), ACCEPTED),
        (session(exchange(Phase.MAIL, "550 5.7.1 no")), session(exchange(Phase.MAIL, "550 5.7.1 no"))),
        (session(exchange(Phase.GREETING, ending=Ending.TIMEOUT)), ACCEPTED),
        (session(MAIL, exchange(Phase.RCPT, ending=Ending.CLOSED)), ACCEPTED),
        (session(), ACCEPTED),
    ],
)
def test_what_is_no_clear_answer_says_nothing(
    probe: Probe, seen: SessionObservation, main: SessionObservation
) -> None:
    [found] = judge_probe(probe, seen, main)
    assert (found.code, found.severity) == ("probe-undecided", "unknown")


def test_a_recipient_that_was_refused_before_says_nothing_of_the_null_sender() -> None:
    [found] = judge_probe(Probe.NULL_SENDER, rcpt("550 5.1.1 no such user"), REJECTED)
    assert found.code == "probe-undecided"
