"""A host over SSH: the run is made there where smtpdiag is installed, else its connections go through it."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from smtpdiag_tui.engine.plan import branches_for
from smtpdiag_tui.engine.recorder import Emit
from smtpdiag_tui.engine.run import new_run
from smtpdiag_tui.network.carrier import CarrierError
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.network.ssh import SshCarrier
from smtpdiag_tui.network.through import ThroughNetwork
from smtpdiag_tui.report.events import RunFinished, RunStarted, StepFinished, StepPlanned, StepStarted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.vantage.errors import VantageError
from smtpdiag_tui.vantage.far_host import FarHost
from smtpdiag_tui.vantage.retold import retold
from smtpdiag_tui.vantage.tunnel import TunnelPoint
from smtpdiag_tui.vantage.whole_run import NotThereError, run_there


class SshPoint:
    """A host over SSH."""

    def __init__(self, via: Via, carrier: SshCarrier, far: FarHost, local: Network) -> None:
        self.via = via
        self._carrier = carrier
        self._far = far
        self._local = local
        self._why_not = "" if far.version else "smtpdiag is not installed on that host"

    @property
    def whole(self) -> bool:
        """Whether smtpdiag itself runs there."""
        return not self._why_not

    async def diagnose(
        self, settings: Settings, emit: Emit, only: Collection[str] | None = None, previous: Report | None = None
    ) -> Report:
        """Run there or through there; a rerun of some steps is a new run where the whole run is made there.

        Raises VantageError, with what was known, once the way is gone.
        """
        if self.whole:
            try:
                return await self._there(settings, emit)
            except NotThereError as error:
                self._why_not = str(error)
        remark = f"Connections go through {self.via.label}: {visible(self._why_not)}"
        facts = replace(self._far.facts, remarks=(remark,))
        network = ThroughNetwork(self._local, self._carrier, facts, settings.dns)
        tunnel = TunnelPoint(self.via, self._carrier, lambda _: network)
        return await tunnel.diagnose(settings, emit, only, previous)

    async def _there(self, settings: Settings, emit: Emit) -> Report:
        settings, run = replace(settings, via=(self.via,)), new_run()
        epoch, started = self._local.now(), self._local.utc()
        emit(RunStarted(run, settings, started, epoch))
        planned = branches_for(settings)
        for branch in planned:
            emit(StepPlanned(run, branch.id, branch.title, branch.explanation))
            emit(StepStarted(run, branch.id, 0.0))
        try:
            found = await self._until_lost(settings)
        except asyncio.CancelledError:
            at = self._local.now() - epoch
            for branch in planned:
                emit(StepFinished(run, branch.id, at, Status.CANCELLED))
            emit(_cancelled(run, at))
            raise
        for event in retold(found, run, tuple(branch.id for branch in planned)):
            emit(event)
        return replace(found, settings=settings, run=run, started=started, epoch=epoch)

    async def _until_lost(self, settings: Settings) -> Report:
        running = asyncio.ensure_future(run_there(self._carrier, settings))
        losing = asyncio.ensure_future(self._carrier.lost())
        try:
            await asyncio.wait({running, losing}, return_when=asyncio.FIRST_COMPLETED)
            if losing.done():
                raise VantageError(visible(losing.result()))
            return running.result()
        except CarrierError as error:
            raise VantageError(visible(str(error))) from error
        finally:
            for task in (running, losing):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(running, losing, return_exceptions=True)


def _cancelled(run: int, at: float) -> RunFinished:
    headline = "The run was cancelled before its outcome was known"
    return RunFinished(
        run=run,
        at=at,
        status=Status.CANCELLED,
        outcome=Outcome.UNKNOWN,
        summary=f"{headline}.",
        headline=headline,
        delivery="unknown; the run was cancelled",
    )
