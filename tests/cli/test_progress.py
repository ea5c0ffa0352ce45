"""The line on stderr that tells how a headless run goes on."""

import io

import pytest

from smtpdiag_tui.cli.progress import Progress
from smtpdiag_tui.report.events import StepFinished, StepPlanned, StepStarted
from smtpdiag_tui.report.status import Status

STEP = "delivery/mx.greylist.example/192.0.2.33"


def test_a_wait_is_counted_though_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr("smtpdiag_tui.cli.progress.time.monotonic", lambda: clock)
    stream = io.StringIO()
    shown = Progress(stream)
    shown.tell(StepPlanned(1, STEP, "192.0.2.33"))
    shown.tell(StepStarted(1, STEP, 0.0))
    shown.tell(StepFinished(1, STEP, 1.0, Status.WARNING))
    shown.tell(StepStarted(1, STEP, 1.0, 300.0))
    assert "waiting" not in stream.getvalue()
    clock += 120
    shown.tick()
    line = stream.getvalue().rpartition("\r")[2]
    assert line.startswith("1 of 1 steps, 120 s, waiting 120 s of 300 s:  delivery/mx.greylist.example/")
    assert len(line.removesuffix("\x1b[K")) <= 78
    clock += 200
    shown.tick()
    assert " waiting 320 s:  delivery/" in stream.getvalue().rpartition("\r")[2]
