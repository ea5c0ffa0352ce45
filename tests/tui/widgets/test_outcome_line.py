"""The header while a run goes on: two rows, each whole or ended by a sign."""

from dataclasses import replace

import pytest

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.model.live_report import Around
from smtpdiag_tui.tui.widgets.outcome_line import _running

WAIT = Step("dns/udp", "TCP, 192.0.2.53 (system)", status=Status.RUNNING, started=0.0, limit=12.0)
REPORT = Report(Settings("a@a.example", "b@a.example"), status=Status.RUNNING, steps={"dns/udp": WAIT})
BEFORE = replace(REPORT, status=Status.PASSED, outcome=Outcome.DEFERRED, headline="Greylisted")


@pytest.mark.parametrize("before", [None, BEFORE])
@pytest.mark.parametrize("width", [40, 58, 78, 160])
def test_no_row_of_a_run_is_broken(width: int, before: Report | None) -> None:
    rows = _running(REPORT, 1.0, 1.0, Around(before=before), width)
    assert len(rows) <= 2
    assert max(row.cell_len for row in rows) <= width
    if before is None and width > 40:
        assert any("TCP, 192.0.2.53 (system): 1 s of 12 s" in row.plain for row in rows)


def test_a_verdict_that_is_not_of_the_run_just_before_says_so() -> None:
    told = [_running(REPORT, 1.0, 1.0, Around(before=BEFORE, cancelled=gone), 78)[1] for gone in (False, True)]
    assert [row.plain for row in told] == [
        "   before: ! DEFERRED Greylisted",
        "   last complete run: ! DEFERRED Greylisted",
    ]
