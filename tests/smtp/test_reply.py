from dataclasses import dataclass

import pytest

from smtpdiag_tui.smtp.extensions import Offered, keywords, offered
from smtpdiag_tui.smtp.reply import Defect, Reply


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ((b"550 5.1.1 no such user",), "5.1.1"),
        ((b"450 4.2.0 later",), "4.2.0"),
        ((b"250 2.1.5",), "2.1.5"),
        ((b"550-5.7.1 listed", b"550 5.7.1 see there"), "5.7.1"),
        ((b"550-Sorry:", b"550 5.7.26 unauthenticated"), "5.7.26"),
        ((b"550 5.7.123 three digits",), "5.7.123"),
        ((b"550 4.1.1 of another class",), None),
        ((b"250-5.1.1 in the line that does not decide", b"450 4.2.1 full"), "4.2.1"),
        ((b"354 3.0.0 no such class",), None),
        ((b"550 user 5.1.1 not the first word",), None),
        ((b"550  5.1.1 behind two blanks",), None),
        ((b"550 5.1.1: with a colon",), None),
        ((b"550 5.01.1 leading zero",), None),
        ((b"550 5.1.1000 four digits",), None),
        ((b"550 5.1",), None),
        ((b"550",), None),
        ((b"550 ",), None),
        ((b"550 \xff.1.1",), None),
    ],
)
def test_enhanced_status_code(lines: tuple[bytes, ...], status: str | None) -> None:
    assert Reply(int(lines[-1][:3]), lines).enhanced_status == status


def test_text_has_no_code() -> None:
    assert Reply(250, (b"250-a b", b"250-", b"250")).text == (b"a b", b"", b"")


def test_a_malformed_line_is_text_throughout() -> None:
    reply = Reply(0, (b"250-ok", b"2500 what", b"HTTP/1.1"), frozenset({Defect.MALFORMED}))
    assert reply.text == (b"ok", b"2500 what", b"HTTP/1.1")
    assert reply.malformed
    assert reply.first_digit == 0
    assert reply.enhanced_status is None


def test_the_class_is_the_first_digit() -> None:
    assert Reply(459, (b"459 odd",)).first_digit == 4


def test_keywords() -> None:
    lines = (
        b"250-STARTTLS.example greets",
        b"250-size 1000",
        b"250-X-1",
        b"250-AUTH=LOGIN",
        b"250-",
        b"250 8BITMIME",
    )
    assert keywords(Reply(250, lines)) == frozenset({"SIZE", "X-1", "8BITMIME"})


def test_one_line_offers_nothing() -> None:
    assert keywords(Reply(250, (b"250 STARTTLS",))) == frozenset()


@pytest.mark.parametrize("reply", [None, Reply(502, (b"502-no", b"502 STARTTLS")), Reply(0, (b"STARTTLS",))])
def test_what_was_not_accepted_offers_nothing_known(reply: Reply | None) -> None:
    assert keywords(reply) is None


@dataclass(frozen=True)
class Told:
    command: bytes | None
    reply: Reply | None


GREETING = Told(None, Reply(220, (b"220-mx", b"220 STARTTLS")))
CLEAR = Told(b"EHLO here", Reply(250, (b"250-mx", b"250 STARTTLS")))
SECURE = Told(b"EHLO here", Reply(250, (b"250-mx", b"250 SMTPUTF8")))
REJECTED = Told(b"EHLO here", Reply(502, (b"502 what",)))
HELO = Told(b"HELO here", Reply(250, (b"250 mx",)))
MAIL = Told(b"MAIL FROM:<>", Reply(250, (b"250 ok",)))


@pytest.mark.parametrize(
    ("told", "result"),
    [
        ((), Offered(None, None)),
        ((GREETING,), Offered(None, None)),
        ((GREETING, CLEAR), Offered(frozenset({"STARTTLS"}), frozenset({"STARTTLS"}))),
        ((GREETING, CLEAR, SECURE, MAIL), Offered(frozenset({"STARTTLS"}), frozenset({"SMTPUTF8"}))),
        ((GREETING, CLEAR, REJECTED, HELO), Offered(frozenset({"STARTTLS"}), None)),
        ((GREETING, REJECTED, HELO, MAIL), Offered(None, None)),
        ((GREETING, CLEAR, Told(b"EHLO here", None)), Offered(frozenset({"STARTTLS"}), None)),
    ],
)
def test_offered(told: tuple[Told, ...], result: Offered) -> None:
    assert offered(told) == result
