"""The message against what the addresses offer."""

import pytest

from smtpdiag_tui.checks.authentication.message.room import Room, judge_room, rooms
from smtpdiag_tui.checks.session.session import Envelope, Exchange, Phase, SessionObservation, Target
from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.smtp.commands import MessageNeeds
from smtpdiag_tui.smtp.reply import Reply

ALL = frozenset({"SIZE", "8BITMIME", "SMTPUTF8"})
ONE, TWO = "mx1.a.example [192.0.2.1]", "mx2.a.example [192.0.2.2]"


def session(*replies: bytes, address: str = "192.0.2.1") -> SessionObservation:
    """A session in which EHLO was said as often as there are replies."""
    exchanges = [Exchange(Phase.GREETING, None, Reply(220, (b"220 hi",)), None, 0.0, 1.0)]
    for reply in replies:
        lines = tuple(reply.split(b"\r\n"))
        exchanges.append(Exchange(Phase.EHLO, b"EHLO x", Reply(int(lines[0][:3]), lines), None, 0.0, 1.0))
    target = Target("mx1.a.example", address, 25, None)
    return SessionObservation(
        target, Envelope("x", "a@b", "c@d"), Settings("a@b", "c@d"), exchanges=tuple(exchanges)
    )


def test_the_last_ehlo_counts() -> None:
    seen = session(b"250-mx\r\n250-SIZE 100\r\n250 8BITMIME", b"250-mx\r\n250 size 2000")
    assert rooms([seen]) == (Room(ONE, frozenset({"SIZE"}), 2000),)


@pytest.mark.parametrize("size", [b"SIZE", b"SIZE 0", b"SIZE x", b"SIZE -1", b"SIZE " + b"9" * 30, b"XSIZE 5"])
def test_without_a_number_there_is_no_limit(size: bytes) -> None:
    (room,) = rooms([session(b"250-mx\r\n250 " + size)])
    assert room.limit is None


def test_who_did_not_answer_ehlo_tells_nothing() -> None:
    assert rooms([session(), session(b"502 no")]) == ()
    assert judge_room(MessageNeeds(10), ()) == []


def test_it_fits() -> None:
    (item,) = judge_room(MessageNeeds(1000), (Room(ONE, ALL, 1000), Room(TWO, ALL)))
    assert (item.code, item.message) == ("message-fits", "Message of 1,000 bytes fits 2 MX addresses")
    assert item.meaning == "The lowest limit announced is 1,000 bytes."
    (item,) = judge_room(MessageNeeds(1, eight_bit=True, smtputf8=True), (Room(ONE, ALL),))
    assert item.meaning == (
        "No address announced a limit. The message needs 8BITMIME and SMTPUTF8; every address offers it."
    )


def test_the_address_that_announces_least_is_named() -> None:
    three = (Room(ONE, ALL, 900), Room(TWO, ALL, 500), Room("mx3.a.example [192.0.2.3]", ALL, 5000))
    (item,) = judge_room(MessageNeeds(1000), three)
    assert (item.code, item.severity) == ("message-too-large", Severity.FAILURE)
    assert item.message == "mx2.a.example accepts messages of at most 500 bytes"
    assert item.meaning == (
        "The message has 1,000 bytes and is rejected at MAIL FROM. 2 of 3 MX addresses announced less."
    )
    assert item.advice == ("Make the message smaller than 500 bytes, or send large files through another channel.")
    assert item.evidence == (f"{TWO} announces SIZE 500", f"{ONE} announces SIZE 900")


def test_one_address_alone_is_not_counted() -> None:
    (item,) = judge_room(MessageNeeds(1000), (Room(ONE, ALL, 900),))
    assert item.meaning == "The message has 1,000 bytes and is rejected at MAIL FROM."


def test_extensions_that_are_missing_are_a_risk_each_beside_a_message_too_large() -> None:
    needs = MessageNeeds(1000, eight_bit=True, smtputf8=True)
    offers = (Room(ONE, frozenset({"SMTPUTF8"}), 10), Room(TWO, frozenset()), Room("mx3 [192.0.2.3]", ALL))
    found = judge_room(needs, offers)
    assert [(item.code, item.message) for item in found] == [
        ("message-too-large", "mx1.a.example accepts messages of at most 10 bytes"),
        ("message-risky", "mx1.a.example and 1 other address do not offer 8BITMIME and the message needs it"),
        ("message-risky", "mx2.a.example does not offer SMTPUTF8 and the message needs it"),
    ]
    assert "breaking DKIM" in found[1].meaning
    assert found[1].evidence == (f"{ONE} does not offer 8BITMIME", f"{TWO} does not offer 8BITMIME")


def test_what_is_not_needed_is_not_missed() -> None:
    (item,) = judge_room(MessageNeeds(1), (Room(ONE, frozenset()),))
    assert item.code == "message-fits"
