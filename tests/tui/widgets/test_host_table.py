"""What the table of MX hosts marks in its cells, and how it cuts a name."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.session import certificates
from smtpdiag_tui.render.hosts import HostRow
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.tui.model.host_table import Column
from smtpdiag_tui.tui.widgets import host_table

ROW = HostRow("a", 10, "mx1.a.example", "192.0.2.9", 4, Status.PASSED, "accepted", days=8)


def test_days_stand_out_from_when_the_checks_warn_on() -> None:
    assert certificates.SOON == host_table.SOON
    assert host_table._ends_soon(ROW, Column.DAYS)
    assert not host_table._ends_soon(replace(ROW, days=host_table.SOON), Column.DAYS)
    assert not host_table._ends_soon(replace(ROW, days=None), Column.DAYS)
    assert not host_table._ends_soon(ROW, Column.RESULT)


@pytest.mark.parametrize(
    ("width", "cut"),
    [(16, "mx12.lar…example"), (9, "mx12…mple"), (2, "m…"), (1, "…")],
)
def test_a_name_is_cut_in_the_middle(width: int, cut: str) -> None:
    assert host_table._cut_in_the_middle("mx12.large.example", width) == cut
