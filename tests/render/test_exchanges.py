"""What was said in a transcript, command by command."""

from smtpdiag_tui.render.exchanges import exchanges, last_session
from smtpdiag_tui.report.transcript import Direction, Entry

NOTE, SENT, GOT = Direction.NOTE, Direction.SENT, Direction.RECEIVED


def entries(*lines: tuple[Direction, str]) -> list[Entry]:
    return [Entry(0.0, way, text) for way, text in lines]


def told(*lines: tuple[Direction, str]) -> list[tuple[str, list[str]]]:
    return [(item.command, item.texts) for item in exchanges(entries(*lines))]


def test_a_reply_belongs_to_the_command_before_it() -> None:
    assert told((NOTE, "connected"), (GOT, "220 a"), (SENT, "EHLO b"), (GOT, "250-a"), (GOT, "250 SIZE")) == [
        ("connect", ["220 a"]),
        ("EHLO b", ["250-a", "250 SIZE"]),
    ]


def test_a_command_without_a_reply_has_none() -> None:
    assert told((GOT, "220 a"), (SENT, "EHLO b"), (NOTE, "timed out"))[1] == ("EHLO b", [])
    assert told() == [("connect", [])]


def test_a_reply_behind_remarks_that_answers_no_command_is_another_sessions_greeting() -> None:
    lines = ((NOTE, "connected"), (GOT, "421 no"), (NOTE, "closed"), (NOTE, "connected"), (GOT, "421 still no"))
    assert told(*lines) == [("connect", ["421 no"]), ("connect", ["421 still no"])]
    assert last_session(entries(*lines)) == 2


def test_a_session_that_was_quit_is_followed_by_another_one() -> None:
    first = ((NOTE, "connected"), (GOT, "220 a"), (SENT, "QUIT"), (GOT, "221 bye"))
    second = (
        (NOTE, "waited"),
        (NOTE, "connected"),
        (GOT, "220 a"),
        (SENT, "RCPT TO:<b@c.example>"),
        (GOT, "250 b"),
    )
    assert told(*first, *second) == [
        ("connect", ["220 a"]),
        ("QUIT", ["221 bye"]),
        ("connect", ["220 a"]),
        ("RCPT TO:<b@c.example>", ["250 b"]),
    ]
    assert last_session(entries(*first, *second)) == 4
    assert last_session(entries(*first)) == 0


def test_lines_that_were_counted_stand_in_their_reply_as_a_gap() -> None:
    lines = ((SENT, "RCPT TO:<b@c.example>"), (GOT, "550-a"), (NOTE, "9 more lines"), (GOT, "550 z"))
    assert told(*lines)[1] == ("RCPT TO:<b@c.example>", ["550-a", "…", "550 z"])


def test_what_comes_unasked_behind_a_whole_reply_belongs_to_none() -> None:
    assert told((SENT, "MAIL FROM:<>"), (GOT, "250 ok"), (GOT, "421 bye"))[1] == ("MAIL FROM:<>", ["250 ok"])


def test_a_reply_without_an_end_is_not_whole() -> None:
    for text, whole in (("550-a", False), ("550 a", True), ("550", True), ("hello", False), ("", False)):
        *_, last = exchanges(entries((SENT, "EHLO a"), (GOT, text)))
        assert last.whole == whole, text
