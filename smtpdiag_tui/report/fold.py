"""How a report grows: each event folded in. Pure."""

from dataclasses import replace
from typing import TYPE_CHECKING

from smtpdiag_tui.report.events import (
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepPlanned,
    StepsDropped,
    StepStarted,
    TranscriptGrew,
)
from smtpdiag_tui.report.facts import StepFacts, together
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import within_any
from smtpdiag_tui.report.transcript import Entry

if TYPE_CHECKING:  # a report knows how it grows, not the other way round
    from smtpdiag_tui.report.report import Report


def fold(report: "Report", event: Event) -> "Report":
    """Return the report with `event` folded in; an event of another run changes nothing."""
    if isinstance(event, RunStarted):
        return _begin(report, event)
    if event.run != report.run:
        return report
    if isinstance(event, RunFinished):
        return _end(report, event)
    if isinstance(event, StepsDropped):
        kept = {key: step for key, step in report.steps.items() if not within_any(key, event.ids)}
        return replace(report, steps=kept)
    before = report.steps.get(event.id)
    if before is None and not isinstance(event, StepPlanned):
        return report
    return replace(report, steps={**report.steps, event.id: _fold_step(before, event)})


def _begin(report: "Report", event: RunStarted) -> "Report":
    return replace(
        report,
        settings=event.settings,
        run=event.run,
        started=event.started,
        epoch=event.epoch,
        seconds=None,
        status=Status.RUNNING,
        outcome=None,
        summary="",
        side=None,
        headline="",
        delivery="",
        retry=None,
        actions=(),
        causes=(),
        senders=(),
        authentication=(),
        beyond=(),
    )


def _end(report: "Report", event: RunFinished) -> "Report":
    return replace(
        report,
        seconds=event.at,
        status=event.status,
        outcome=event.outcome,
        summary=event.summary,
        side=event.side,
        headline=event.headline,
        delivery=event.delivery,
        retry=event.retry,
        actions=event.actions,
        causes=event.causes,
        senders=event.senders,
        authentication=event.authentication,
        beyond=event.beyond,
    )


def _fold_step(step: Step | None, event: StepPlanned | StepStarted | TranscriptGrew | StepFinished) -> Step:
    if isinstance(event, StepPlanned):
        if step is None:
            return Step(event.id, event.title, explanation=event.explanation, kind=event.kind)
        pending = replace(step, status=Status.PENDING, stale=True)
        return replace(pending, title=event.title, explanation=event.explanation, kind=event.kind)
    assert step is not None  # noqa: S101 - apply() drops events of steps that were never planned
    if isinstance(event, StepStarted):
        begun = replace(step, status=Status.RUNNING, started=event.at, seconds=None, limit=event.limit)
        return replace(begun, facts=step.facts.merged(event.facts))
    if isinstance(event, TranscriptGrew):
        return _grow(step, event.entries)
    started = event.at if step.started is None else step.started
    return replace(
        step,
        status=event.status,
        started=step.started,
        seconds=None if step.started is None else event.at - started,
        findings=event.findings,
        detail=event.detail,
        transcript=() if step.stale else step.transcript,
        stale=False,
        observation=event.observation,
        facts=_kept(step).merged(event.facts),
    )


def _kept(step: Step) -> StepFacts:
    """Return the facts that stand when a step tells more; of an earlier run, the preference of an MX host."""
    return StepFacts(preference=step.facts.preference) if step.stale else step.facts


def _grow(step: Step, entries: tuple[Entry, ...]) -> Step:
    """Return the step with lines added; the first ones of a new run stand instead of the earlier run's."""
    facts = together((_kept(step), *(entry.facts for entry in entries)))
    if step.stale:
        return replace(step, transcript=entries, findings=(), detail="", stale=False, facts=facts)
    return replace(step, transcript=step.transcript + entries, facts=facts)
