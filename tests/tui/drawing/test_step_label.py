"""A step's line in the tree: nothing is cut without a sign."""

import pytest
from rich.cells import cell_len

from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.tui.drawing.step_label import Marks, step_label

STEP = Step("delivery/mx1.large.example", "mx1.large.example (preference 10)", status=Status.RUNNING)


@pytest.mark.parametrize("room", range(10, 60))
def test_what_is_waited_for_is_whole_or_ends_in_a_sign(room: int) -> None:
    text = step_label(STEP, Marks(waiting="greeting 3 s of 300 s", glyph="●"), room)
    assert cell_len(text.plain) <= room
    assert text.plain.endswith(("300 s", "…", "10)"))
