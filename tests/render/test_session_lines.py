"""The deciding session in as many lines as a ticket holds."""

import pytest

from smtpdiag_tui.render.session_lines import session_lines, shortened
from smtpdiag_tui.render.words import ASCII_ARROWS
from smtpdiag_tui.report.transcript import Direction, Entry

NOTE, SENT, GOT = Direction.NOTE, Direction.SENT, Direction.RECEIVED
Line = tuple[Direction, str]
EHLO: tuple[Line, ...] = (
    (SENT, "EHLO mail.a.example"),
    (GOT, "250-mx.b.example at your service"),
    (GOT, "250-SIZE 1000"),
    (GOT, "250-STARTTLS"),
    (GOT, "250 PIPELINING"),
)


def entries(*lines: Line) -> list[Entry]:
    return [Entry(0.0, way, text) for way, text in lines]


def told(*lines: Line, most: int = 99) -> list[str]:
    return [line[9:] for line in session_lines(entries(*lines), most=most)]


def test_the_capabilities_are_counted_behind_the_first_line() -> None:
    assert told(*EHLO, (SENT, "QUIT")) == [
        "→ EHLO mail.a.example",
        "← 250 mx.b.example at your service (3 extensions)",
        "→ QUIT",
    ]


def test_one_extension_is_counted_in_the_singular_and_none_is_not() -> None:
    assert told(EHLO[0], EHLO[1], (GOT, "250 SIZE"))[1].endswith("(1 extension)")
    assert told(EHLO[0], (GOT, "250 mx.b.example"))[1] == "← 250 mx.b.example"


def test_a_refused_ehlo_and_the_helo_behind_it_stay_as_they_are() -> None:
    lines = (
        (SENT, "EHLO a"),
        (GOT, "502-no"),
        (GOT, "502 not known"),
        (SENT, "HELO a"),
        (GOT, "250-mx"),
        (GOT, "250 b"),
    )
    assert told(*lines) == ["→ EHLO a", "← 502-no", "← 502 not known", "→ HELO a", "← 250-mx", "← 250 b"]


def test_another_reply_of_several_lines_stays_as_it_is() -> None:
    lines = ((SENT, "RCPT TO:<b@c.example>"), (GOT, "250-ok"), (GOT, "250 fine"))
    assert told(*lines) == ["→ RCPT TO:<b@c.example>", "← 250-ok", "← 250 fine"]


@pytest.mark.parametrize(
    "line", ["250", "250-", "250 (99 extensions)", "250-550 5.7.1 no", "2500", "25", "", "550 no", "hello"]
)
def test_a_hostile_capability_hides_nothing_behind_it(line: str) -> None:
    shown = told(
        (SENT, "EHLO a"), (GOT, "250-mx"), (GOT, line), (GOT, "250 end"), (NOTE, "closed"), (SENT, "QUIT")
    )
    assert shown[-2:] == ["· closed", "→ QUIT"]
    assert shown[1].startswith("← 250")
    if not line.startswith(("250-", "250 ")):
        assert f"← {line}" in shown


def test_what_comes_behind_the_last_capability_is_told() -> None:
    shown = told(*EHLO, (GOT, "421 go away"), (NOTE, "closed"))
    assert shown[2:] == ["← 421 go away", "· closed"]


def test_a_remark_between_capabilities_ends_what_is_counted() -> None:
    shown = told((SENT, "EHLO a"), (GOT, "250-mx"), (GOT, "250-A"), (NOTE, "9 more lines"), (GOT, "250 Z"))
    assert shown == ["→ EHLO a", "← 250 mx (1 extension)", "· 9 more lines", "← 250 Z"]


@pytest.mark.parametrize(("lines", "most"), [(2000, 20), (30, 8), (9, 8), (30, 1)])
def test_of_a_long_session_the_middle_gives_way_and_the_end_stays(lines: int, most: int) -> None:
    shown = told(*((GOT, f"550-{number}") for number in range(lines)), most=most)
    kept = max(most, 7)
    assert len(shown) == kept
    assert shown[-1] == f"← 550-{lines - 1}"
    assert shown[0] == "← 550-0"
    [count] = [line for line in shown if "left out" in line]
    assert count == f"… {lines - kept + 1} line{'s' if lines - kept else ''} left out (-v has them)"


def test_of_two_sessions_the_last_one_is_told() -> None:
    first = ((NOTE, "connected"), (GOT, "421 no"), (NOTE, "closed"))
    second = ((NOTE, "asked again"), (NOTE, "connected"), (GOT, "421 still no"))
    assert told(*first, *second) == [
        "… 2 lines of an earlier session left out (-v has them)",
        "· closed",
        "· asked again",
        "· connected",
        "← 421 still no",
    ]


def test_a_giant_line_is_cut_with_a_word_on_it() -> None:
    assert shortened("x" * 1000) == "x" * 1000
    [line] = told((GOT, "5" * 65_536))
    assert line == f"← {'5' * 1000} … (64,536 more characters, -v has them)"


def test_each_line_has_its_time_its_direction_and_whether_it_was_under_tls() -> None:
    lines = [Entry(1.234, SENT, "NOOP"), Entry(12.3, GOT, "250 ok", tls=True)]
    assert session_lines(lines) == ["   1.23  → NOOP", "  12.30 T← 250 ok"]
    assert session_lines(lines, ASCII_ARROWS) == ["   1.23  > NOOP", "  12.30 T< 250 ok"]
    assert session_lines(()) == []
