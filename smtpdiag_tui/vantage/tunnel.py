"""A run whose connections go through another host."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import replace

from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.engine.recorder import Emit
from smtpdiag_tui.network.carrier import Carrier, CarrierError, NothingThroughError
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.events import Event, RunFinished
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.vantage.errors import VantageError


class TunnelPoint:
    """A host that connections go through; `network_for` makes the network that it gives to a run."""

    whole = False

    def __init__(self, via: Via, carrier: Carrier, network_for: Callable[[Settings], Network]) -> None:
        self.via = via
        self._carrier = carrier
        self._network_for = network_for

    async def diagnose(
        self, settings: Settings, emit: Emit, only: Collection[str] | None = None, previous: Report | None = None
    ) -> Report:
        """Run through there; raises VantageError, with what was known, once the way is gone."""
        self._refuse(settings)
        settings = replace(settings, via=(self.via,))
        events: list[Event] = []

        def keep(event: Event) -> None:
            events.append(event)
            emit(event)

        running = asyncio.ensure_future(diagnose(settings, self._network_for(settings), keep, only, previous))
        losing = asyncio.ensure_future(self._carrier.lost())
        try:
            await asyncio.wait({running, losing}, return_when=asyncio.FIRST_COMPLETED)
            lost = losing.result() if losing.done() else ""
        finally:
            losing.cancel()
            if not running.done():
                running.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(running, losing, return_exceptions=True)
        if not running.cancelled():
            lost = lost or await self._gone()
        if lost:
            before = Report(settings) if previous is None or only is None else previous
            raise VantageError(visible(lost), self._known(before, events))
        return running.result()

    def _known(self, before: Report, events: Iterable[Event]) -> Report:
        """Return what was known; what the run came to while the way was gone says nothing of the mail."""
        known = before
        for event in events:
            if not isinstance(event, RunFinished):
                known = known.apply(event)
        headline = f"The way through {self.via.label} ended before the outcome was known"
        end = RunFinished(
            run=known.run,
            at=max(((step.started or 0.0) + (step.seconds or 0.0) for step in known.steps.values()), default=0.0),
            status=Status.CANCELLED,
            outcome=Outcome.UNKNOWN,
            summary=f"{headline}.",
            headline=headline,
            delivery="unknown; the way to the vantage point ended",
        )
        return known.apply(end)

    async def _gone(self) -> str:
        """Return what ended the way while the run came to its end by itself, "" if it is still there."""
        try:
            await self._carrier.check()
        except NothingThroughError as error:
            raise VantageError(visible(str(error))) from error
        except CarrierError as error:
            return str(error)
        return ""

    def _refuse(self, settings: Settings) -> None:
        """Raise VantageError for what is of this host alone."""
        label = self.via.label
        if settings.as_local_mta is not None:
            raise VantageError(f"{label}: --as-local-mta does not apply through another host: omit it")
        if settings.source or settings.source4 or settings.source6:
            raise VantageError(f"{label}: a source address does not apply through another host: omit --source")
