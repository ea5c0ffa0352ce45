"""The lines of a transcript: replies in the colours of their classes, and which lines are a phase's."""

from dataclasses import replace

import pytest
from rich.style import Style
from rich.text import Text

from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.tui.drawing.conversation_lines import hanging, line_of, name_of, own_lines, styles_of
from smtpdiag_tui.tui.drawing.glyphs import COLOURS
from tests.render.made import accepted, with_standards

SMTP = [
    ("250 2.1.5 Ok", 9, "2", Status.PASSED, False),
    ("250-SIZE", 3, "2", Status.PASSED, False),
    ("250", 3, "2", Status.PASSED, False),
    ("450 4.2.0 <a@b.example>: later", 9, "4", Status.WARNING, True),
    ("550-5.1.1 no", 9, "5", Status.FAILED, True),
    ("550 5.1.1x no", 3, "5", Status.FAILED, True),
]


@pytest.mark.parametrize(("text", "coded", "digit", "status", "whole"), SMTP)
def test_a_reply_has_the_colour_of_its_class(
    text: str, coded: int, digit: str, status: Status, whole: bool
) -> None:
    line = line_of(Entry(0.0, Direction.RECEIVED, text))
    assert (line.coded, line.digit) == (coded, digit)
    margin, code, rest = styles_of(line)
    assert code.color == margin.color == Style.parse(COLOURS[status]).color
    assert (rest.color == code.color) is whole, "a refusal is coloured to its end"


@pytest.mark.parametrize(
    ("direction", "text"),
    [
        (Direction.SENT, "250 Ok"),
        (Direction.NOTE, "550 5.1.1"),
        (Direction.RECEIVED, "354 go on"),
        (Direction.RECEIVED, "2501"),
        (Direction.RECEIVED, "not a reply"),
        (Direction.RECEIVED, ""),
    ],
)
def test_what_is_no_final_reply_has_no_class(direction: Direction, text: str) -> None:
    line = line_of(Entry(0.0, direction, text))
    assert (line.coded, line.digit) == (0, "")


def test_the_lines_of_a_phase_are_those_of_its_time() -> None:
    entries = [Entry(at / 10, Direction.SENT, str(at)) for at in range(10)]
    phase = Step("delivery/mx/192.0.2.1/rcpt-to", "RCPT TO", started=0.3, seconds=0.2)
    assert own_lines(entries, phase) == range(3, 6)
    assert own_lines(entries, replace(phase, seconds=None)) == range(3, 10)
    assert len(own_lines(entries, replace(phase, started=None))) == 0
    assert len(own_lines([], phase)) == 0


def test_rows_further_indented_than_the_first_fit_too() -> None:
    text = hanging(Text("remove mx5.large.example from the MX set of large.example"), Text("  "), Text("    "), 30)
    rows = text.plain.splitlines()
    assert max(map(len, rows)) <= 30
    assert all(row.startswith("    ") for row in rows[1:])


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("authentication", "Authentication"),
        ("authentication/dmarc", "DMARC"),
        ("authentication/spf/203.0.113.10/ehlo", "SPF 203.0.113.10 EHLO mail.sender.example"),
        ("tls-policy/dane/mx.partner.example", "DANE mx.partner.example"),
        ("authentication/gone", ""),
    ],
)
def test_what_is_checked_by_a_standard_is_called_by_its_titles(step: str, name: str) -> None:
    assert name_of(with_standards(accepted()), step) == name
