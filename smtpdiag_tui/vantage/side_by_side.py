"""Runs from several vantage points at the same time; each one's failure is its own.

The points are different hosts, and each keeps the engine's politeness for itself: all of them meet the same MX hosts.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.vantage.errors import VantageError

if TYPE_CHECKING:
    from smtpdiag_tui.network.seam import Network
    from smtpdiag_tui.report.events import Event
    from smtpdiag_tui.vantage.points import Point

AT_ONCE = 4  # a run holds some dozens of connections


class OpenPoint(Protocol):
    """Opens one vantage point, as `points.open_point`."""

    def __call__(self, via: Via, *, local: "Network") -> "AbstractAsyncContextManager[Point]":
        """Return the point as a context manager; entering it raises VantageError where there is no way there."""


def _nothing_told(_vantage: Vantage) -> None:
    """Whoever waits for all needs no word of each."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Runs the same from several vantage points; `local` is this host's network.

    `emit` is told each event with the vantage point that it is of, `ended` each result once it is there; both are
    plain functions that neither wait nor fail.
    """

    local: "Network"
    opened: OpenPoint
    emit: Callable[[Via, "Event"], None]
    ended: Callable[[Vantage], None] = _nothing_told

    async def run(
        self,
        points: Sequence[Via],
        settings: Settings,
        only: Collection[str] | None = None,
        previous: Callable[[Via], Report | None] = lambda _: None,
    ) -> tuple[Vantage, ...]:
        """Run from all of `points`, a few at a time; return what came of each, in their order.

        `previous` gives the report that a point's run is made on top of. On cancellation all of them are closed, and
        CancelledError is raised.
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
            so_far.apply(event)
            self.emit(via, event)

        whole = via.kind == "local"
        try:
            async with self.opened(via, local=self.local) as point:
                whole = point.whole
                report = await point.diagnose(settings, emit, only, previous)
            return Vantage(via, report, whole=whole)
        except VantageError as error:
            return Vantage(via, so_far.broken_off(), str(error), whole)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            words = f"smtpdiag failed, and the run ended: {error!r:.200}"
            return Vantage(via, so_far.broken_off(), words, whole)


class _SoFar:
    """What is known of a run, in case that it breaks off."""

    def __init__(self, settings: Settings) -> None:
        self._report = Report(settings)

    def apply(self, event: "Event") -> None:
        from smtpdiag_tui.report.events import RunStarted

        if isinstance(event, RunStarted):
            self._report = Report(event.settings)
        self._report = self._report.apply(event)

    def broken_off(self) -> Report | None:
        """Return the report as it stood, None where no step had ended; what ran then is told as cancelled."""
        report = self._report
        if not any(step.status.ended for step in report.steps.values()):
            return None
        steps = {
            key: step if step.status.ended else replace(step, status=Status.CANCELLED)
            for key, step in report.steps.items()
        }
        return replace(report, status=Status.CANCELLED, outcome=None, steps=steps)
