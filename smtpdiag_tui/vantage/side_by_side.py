"""Runs from several vantage points at the same time; each one's failure is its own.

The points are different hosts: each keeps the engine's politeness for itself, and all meet the same MX hosts.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.vantage.errors import VantageError

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from smtpdiag_tui.network.seam import Network
    from smtpdiag_tui.report.events import Event
    from smtpdiag_tui.vantage.points import Point

AT_ONCE = 4  # a run holds some dozens of connections


class OpenPoint(Protocol):
    """Opens one vantage point, as `points.open_point`."""

    def __call__(self, via: Via, *, local: "Network") -> "AbstractAsyncContextManager[Point]":
        """Return the point as a context manager; entering it raises VantageError where there is no way there."""


def _nothing_told(*_what: object) -> None:
    """Whoever waits for the end needs no word before."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Runs the same from several vantage points; `local` is this host's network.

    `emit` is told each event with the vantage point that it is of, `ended` each result once it is there; both are
    plain functions that neither wait nor fail.
    """

    local: "Network"
    opened: OpenPoint
    emit: Callable[[Via, "Event"], None] = _nothing_told
    ended: Callable[[Vantage], None] = _nothing_told

    async def run(
        self,
        points: Sequence[Via],
        settings: Settings,
        only: Collection[str] | None = None,
        previous: Callable[[Via], Report | None] = lambda _: None,
    ) -> tuple[Vantage, ...]:
        """Run from all of `points`, a few at a time; return what came of each, in their order.

        `previous` gives the report that a point's run is made on top of. On cancellation all of them are closed,
        and CancelledError is raised.
        """
        bound = asyncio.Semaphore(AT_ONCE)

        async def one(via: Via) -> Vantage:
            async with bound:
                vantage = await self._from(via, settings, only, previous(via))
            self.ended(vantage)
            return vantage

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(via)) for via in points]
        return tuple(task.result() for task in tasks)

    async def _from(
        self, via: Via, settings: Settings, only: Collection[str] | None, previous: Report | None
    ) -> Vantage:
        so_far = _SoFar(settings)

        def emit(event: "Event") -> None:
            so_far.add(event)
            self.emit(via, event)

        whole, report = via.kind == "local", None
        try:
            async with self.opened(via, local=self.local) as point:
                whole = point.whole
                report = await point.diagnose(settings, emit, only, previous)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            if report is None:  # else the run had ended, and its connection broke off while it was closed
                cause = _first(error)
                known = cause.report if isinstance(cause, VantageError) else None
                return Vantage(via, known or so_far.broken_off(), _why(cause), whole)
        return Vantage(via, report, whole=whole)


def _first(error: BaseException) -> BaseException:
    """Return what failed first among several things that ran."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _why(error: BaseException) -> str:
    """Return why there is no run from a vantage point, in one line."""
    return str(error) if isinstance(error, VantageError) else f"smtpdiag failed, and the run ended: {error!r:.200}"


class _SoFar:
    """What is known of a run, in case that it breaks off: its events are folded only then."""

    def __init__(self, settings: Settings) -> None:
        self._report = Report(settings)
        self._events: list[Event] = []

    def add(self, event: "Event") -> None:
        self._events.append(event)

    def broken_off(self) -> Report | None:
        """Return the report as it stood, None where no step had ended; what ran then is told as cancelled."""
        report = self._report
        for event in self._events:
            report = report.apply(event)
        if not any(step.status.ended for step in report.steps.values()):
            return None
        steps = {
            key: step if step.status.ended else replace(step, status=Status.CANCELLED)
            for key, step in report.steps.items()
        }
        return replace(report, status=Status.CANCELLED, outcome=None, steps=steps)
