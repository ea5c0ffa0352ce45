"""A report that another smtpdiag made, told as the events of a run here. Pure."""

from collections.abc import Iterator

from smtpdiag_tui.report.events import (
    Event,
    RunFinished,
    StepFinished,
    StepPlanned,
    StepsDropped,
    StepStarted,
    TranscriptGrew,
)
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step import Step


def retold(report: Report, run: int, planned: tuple[str, ...]) -> Iterator[Event]:
    """Yield the events that make a run of that id come to the report; `planned` are steps told before."""
    dropped = tuple(step_id for step_id in planned if step_id not in report.steps)
    if dropped:
        yield StepsDropped(run, dropped)
    for step in report.steps.values():
        yield from _step(step, run)
    yield RunFinished(
        run=run,
        at=report.seconds or 0.0,
        status=report.status,
        outcome=report.outcome or Outcome.UNKNOWN,
        summary=report.summary,
        side=report.side,
        headline=report.headline,
        delivery=report.delivery,
        retry=report.retry,
        actions=report.actions,
        causes=report.causes,
        senders=report.senders,
        authentication=report.authentication,
        beyond=report.beyond,
    )


def _step(step: Step, run: int) -> Iterator[Event]:
    yield StepPlanned(run, step.id, step.title, step.explanation, step.kind)
    started = step.started or 0.0
    if step.started is not None:
        yield StepStarted(run, step.id, started)
    if step.transcript:
        yield TranscriptGrew(run, step.id, step.transcript)
    at = started + (step.seconds or 0.0)
    yield StepFinished(run, step.id, at, step.status, step.findings, step.detail, facts=step.facts)
