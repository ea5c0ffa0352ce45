"""The words for a number of things."""

import pytest

from smtpdiag_tui.report.amounts import counted, noun_for


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "host", "1 host"),
        (2, "host", "2 hosts"),
        (0, "host", "0 hosts"),
        (1, "address", "1 address"),
        (3, "address", "3 addresses"),
        (1, "entry", "1 entry"),
        (1234, "entry", "1234 entries"),
        (8, "day", "8 days"),
        (2, "MX host", "2 MX hosts"),
    ],
)
def test_a_number_is_said_with_its_noun(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text


def test_a_noun_alone_follows_a_number_that_is_written_otherwise() -> None:
    assert f"{1234:,} more {noun_for(1234, 'line')}" == "1,234 more lines"
    assert f"1 more {noun_for(1, 'line')}" == "1 more line"
