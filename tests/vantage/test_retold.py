"""A report told as events comes to the same report."""

from dataclasses import replace
from datetime import UTC, datetime

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.report.events import RunStarted, StepPlanned
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.vantage.retold import retold
from tests.engine.running import run

START = datetime(2026, 11, 28, tzinfo=UTC)


async def test_a_report_told_as_events_is_the_same_report() -> None:
    async with DemoNetwork() as network:
        made = from_json(to_json(await run(network, "bob@timeout.example")))
    told = Report(made.settings).apply(RunStarted(7, made.settings, START, 0.0))
    told = told.apply(StepPlanned(7, "no-such-step", "Planned too early"))
    for event in retold(made, 7, ("syntax", "no-such-step")):
        told = told.apply(event)
    assert list(told.steps) == list(made.steps)
    for key, step in made.steps.items():
        seconds = told.steps[key].seconds
        assert (seconds is None) == (step.seconds is None)
        assert replace(told.steps[key], seconds=step.seconds) == step
    left = replace(made, run=7, started=START, epoch=0.0)
    assert replace(told, steps={}) == replace(left, steps={})
