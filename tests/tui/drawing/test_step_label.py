"""A step's line in the tree: nothing is cut without a sign."""

import pytest
from rich.cells import cell_len

from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.tui.drawing.step_label import Marks, step_label, waiting

HOST = Step(
    "delivery/mx.a.example",
    "mx.fullexpired.example (preference 10)",
    Status.FAILED,
    detail="1 address",
    started=0.0,
    seconds=1.9,
)
WHOLE = "✗ mx.fullexpired.example (preference 10)  1 address  1.9 s"
STEP = Step("delivery/mx1.large.example", "mx1.large.example (preference 10)", status=Status.RUNNING)


@pytest.mark.parametrize("room", range(10, 60))
def test_what_is_waited_for_is_whole_or_ends_in_a_sign(room: int) -> None:
    text = step_label(STEP, Marks(waiting="greeting 3 s of 300 s", glyph="●"), room)
    assert cell_len(text.plain) <= room
    assert text.plain.endswith(("300 s", "…", "10)"))


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


@pytest.mark.parametrize(("title", "told"), [("Greeting", "greeting"), ("MTA-STS", "MTA-STS"), ("EHLO", "EHLO")])
def test_what_a_step_waits_for_keeps_its_capitals_where_it_is_an_abbreviation(title: str, told: str) -> None:
    phase = Step("tls-policy/mta-sts", title, status=Status.RUNNING, started=1.0, limit=60.0)
    above = Step("tls-policy", "TLS policy", status=Status.RUNNING, started=0.0)
    assert waiting(above, [phase], 4.0) == f"{told} 3 s of 60 s"
