"""A step's row: nothing is left out without a sign of it."""

import pytest

from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.tui.drawing.step_label import Marks, step_label

HOST = Step(
    "delivery/mx.a.example",
    "mx.fullexpired.example (preference 10)",
    Status.FAILED,
    detail="1 address",
    started=0.0,
    seconds=1.9,
)
WHOLE = "✗ mx.fullexpired.example (preference 10)  1 address  1.9 s"


@pytest.mark.parametrize("room", range(8, 70))
def test_a_row_shows_all_or_says_that_something_is_left_out(room: int) -> None:
    row = step_label(HOST, Marks(glyph="✗"), room).plain
    assert len(row) <= room
    if room >= len(WHOLE):
        assert row == WHOLE
    else:
        assert "…" in row, row


def test_a_short_row_has_no_sign() -> None:
    short = Step("soa", "Zone (SOA)", Status.PASSED)
    assert step_label(short, Marks(glyph="✓"), 12).plain == "✓ Zone (SOA)"
