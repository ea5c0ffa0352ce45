"""Records a run: emits events, folds them, and keeps one step's accident from the others."""

import asyncio
import traceback
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.events import (
    Event,
    RunFinished,
    StepFinished,
    StepPlanned,
    StepsDropped,
    StepStarted,
    TranscriptGrew,
)
from smtpdiag_tui.report.facts import NO_FACTS, StepFacts
from smtpdiag_tui.report.filling import filled_at
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.rollup import of_findings
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId, StepKind, within
from smtpdiag_tui.report.transcript import Entry, Transcript, TranscriptLimits
from smtpdiag_tui.report.visible import visible

FLUSH_EVERY = 0.1

Emit = Callable[[Event], None]
T = TypeVar("T")


class Recorder:
    """The one writer of a run's events. `report` is their fold until now."""

    def __init__(self, network: Network, report: Report, emit: Emit) -> None:
        self.report = report
        self._network = network
        self._emit = emit
        self._transcripts: dict[str, Transcript] = {}
        self._limits = TranscriptLimits()

    @property
    def run(self) -> int:
        """The id of the run that is being recorded."""
        return self.report.run

    def now(self) -> float:
        """Seconds since the report's start."""
        return self._network.now() - self.report.epoch

    def publish(self, event: Event) -> None:
        """Fold an event and tell it; findings name what their step is about."""
        if isinstance(event, StepFinished) and event.findings:
            settings = self.report.settings
            event = replace(event, findings=tuple(filled_at(event.id, settings, item) for item in event.findings))
        self.report = self.report.apply(event)
        self._emit(event)

    def plan(self, step_id: str, title: str, explanation: str = "", kind: StepKind | None = None) -> None:
        """Tell that a step is to come; what has just been told so is not told again.

        `kind` is given where the step's id does not tell it.
        """
        step = self.report.steps.get(step_id)
        if step is not None and (step.status, step.title, step.explanation) == (
            Status.PENDING,
            title,
            explanation,
        ):
            return
        self._transcripts.pop(step_id, None)
        self.publish(StepPlanned(self.run, step_id, title, explanation, kind or StepId(step_id).kind))

    def start(self, step_id: str, limit: float | None = None, facts: StepFacts = NO_FACTS) -> None:
        """Tell that a step begins."""
        self.publish(StepStarted(self.run, step_id, self.now(), limit, facts))

    def finish(
        self,
        step_id: str,
        findings: Iterable[Finding] = (),
        *,
        status: Status | None = None,
        detail: str = "",
        observation: object | None = None,
        facts: StepFacts = NO_FACTS,
    ) -> None:
        """Tell that a step ended; without `status`, its findings give it."""
        transcript = self._transcripts.get(step_id)
        if transcript is not None:
            transcript.flush()
        found = tuple(findings)
        ended = status or of_findings(found)
        self.publish(StepFinished(self.run, step_id, self.now(), ended, found, detail, observation, facts))

    def skip(self, step_id: str, reason: str, findings: Iterable[Finding] = ()) -> None:
        """Tell that a step does not apply, and why."""
        self.finish(step_id, findings, status=Status.SKIPPED, detail=reason)

    def drop(self, ids: tuple[str, ...]) -> None:
        """Take steps of an earlier run out of the tree."""
        if ids:
            self.publish(StepsDropped(self.run, ids))

    def drop_others(self, parent: str, kept: Collection[str]) -> None:
        """Take the steps directly below `parent` out of the tree that are not among those to keep."""
        self.drop(tuple(step.id for step in self.report.children(parent) if step.id not in kept))

    def statuses_below(self, parent: str) -> list[Status]:
        """Return the statuses of the steps directly below `parent`."""
        return [step.status for step in self.report.children(parent)]

    def transcript(self, step_id: str) -> Transcript:
        """Return the transcript of a step; what it records becomes events."""

        def grew(entries: tuple[Entry, ...]) -> None:
            self.publish(TranscriptGrew(self.run, step_id, entries))

        if step_id not in self._transcripts:
            self._transcripts[step_id] = Transcript(self.now, grew, self._limits)
        return self._transcripts[step_id]

    def notes(self, step_id: str, lines: Iterable[str], facts: StepFacts | None = None) -> None:
        """Put remarks into a step's transcript, and what they tell as data."""
        transcript = self.transcript(step_id)
        for line in lines:
            transcript.note(line, facts)
        transcript.flush()

    @asynccontextmanager
    async def flushing(self) -> AsyncIterator[None]:
        """Hand over what transcripts have recorded a few times a second, while the body runs."""

        async def flush() -> None:
            while True:
                await asyncio.sleep(FLUSH_EVERY)
                for transcript in list(self._transcripts.values()):
                    transcript.flush()

        task = asyncio.create_task(flush())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def guard(self, step_id: str, work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T | None]:
        """Await one step's work; an unexpected exception becomes its finding `internal-error`.

        Its siblings go on; None is returned then.
        """
        guarded = self._guarded(step_id, work)
        # What is cancelled before it began has awaited nothing: the work would complain of that.
        weakref.finalize(guarded, work.close).atexit = False
        return guarded

    async def _guarded(self, step_id: str, work: Awaitable[T]) -> T | None:
        try:
            return await work
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the other steps
            self._crash(step_id, error)
            return None

    def restore(self, before: Report) -> None:
        """End what has not ended as it was `before`: a second try that is called off takes nothing away."""
        for step in list(self.report.steps.values()):
            old = before.steps.get(step.id)
            if not step.status.ended and old is not None:
                if step.id in self._transcripts:
                    self._transcripts[step.id].note("cancelled; previous result kept")
                self.finish(
                    step.id,
                    old.findings,
                    status=old.status,
                    detail=old.detail,
                    observation=old.observation,
                    facts=old.facts,
                )
        self.publish(
            RunFinished(
                run=self.run,
                at=self.now() if before.seconds is None else before.seconds,
                status=before.status,
                outcome=before.outcome or Outcome.UNKNOWN,
                summary=before.summary,
                side=before.side,
                headline=before.headline,
                delivery=before.delivery,
                retry=before.retry,
                actions=before.actions,
                causes=before.causes,
                senders=before.senders,
                authentication=before.authentication,
                beyond=before.beyond,
            )
        )

    def cancel(self) -> None:
        """End what has not ended, as cancelled."""
        for step in list(self.report.steps.values()):
            if not step.status.ended:
                self.finish(step.id, status=Status.CANCELLED)
        self.publish(
            RunFinished(
                run=self.run,
                at=self.now(),
                status=Status.CANCELLED,
                outcome=Outcome.UNKNOWN,
                summary="The run was cancelled before its outcome was known.",
                headline="The run was cancelled before its outcome was known",
                delivery="unknown; the run was cancelled",
            )
        )

    def _crash(self, step_id: str, error: Exception) -> None:
        lines = traceback.format_exception(error)
        evidence = tuple(visible(line) for part in lines for line in part.splitlines())
        problem = finding("internal-error", f"Internal error: {visible(repr(error))}", evidence=evidence)
        for step in list(self.report.steps.values()):
            if step.id != step_id and within(step.id, step_id) and not step.status.ended:
                self.skip(step.id, "ended by an internal error")
        if step_id in self.report.steps:
            self.finish(step_id, (problem,))
