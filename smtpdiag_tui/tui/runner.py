"""Runs the engine, one run at a time, over a network that lives as long as the app."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings, Via

if TYPE_CHECKING:  # the DNS library behind it takes long to import
    from smtpdiag_tui.network.seam import Network
    from smtpdiag_tui.report.events import Event
    from smtpdiag_tui.report.vantage import Vantage
    from smtpdiag_tui.vantage.points import Point
    from smtpdiag_tui.vantage.side_by_side import OpenPoint


@dataclass(frozen=True, slots=True)
class RunNetwork:
    """The network to run over, and what has to be done to settings before each run there."""

    network: "Network"
    prepare: Callable[[Settings], Settings]


Resolve = Callable[[Settings, "Network"], Awaitable[Settings]]
OpenNetwork = Callable[[], AbstractAsyncContextManager[RunNetwork]]


class Diagnose(Protocol):
    """The engine's entry, as `smtpdiag_tui.engine.diagnose`."""

    def __call__(
        self,
        settings: Settings,
        network: "Network",
        emit: Callable[["Event"], None],
        only: Collection[str] | None = None,
        previous: Report | None = None,
        *,
        second_try: bool = False,
    ) -> Awaitable[Report]:
        """Run, emit events, return their fold."""


@dataclass(frozen=True, slots=True)
class FromPoints:
    """How runs from vantage points are held: what they are opened with (None for the real ones), and who is told.

    `emit` is told each event with the vantage point that it is of, `ended` what came of each.
    """

    emit: Callable[[Via, "Event"], None]
    ended: Callable[["Vantage"], None]
    opened: "OpenPoint | None" = None


class Runner:
    """Keeps runs apart: a new one begins when the one before has closed its sockets."""

    def __init__(
        self,
        open_network: OpenNetwork,
        emit: Callable[["Event"], None],
        diagnose: Diagnose | None,
        resolve: Resolve | None = None,
        points: FromPoints | None = None,
    ) -> None:
        self._open_network = open_network
        self._emit = emit
        self._diagnose = diagnose
        self._resolve = resolve
        self._points = points
        self._network: RunNetwork | None = None
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[object] | None = None
        self._newest = 0

    def pace(self, seconds: float) -> float:
        """Return how long a wait takes on the network that is open: in the demo, a minute is a second."""
        return seconds if self._network is None else self._network.network.pace(seconds)

    async def run(
        self,
        settings: Settings,
        only: Collection[str] | None,
        begin: Callable[[], Report | None],
        *,
        second_try: bool = False,
        previous: Callable[[Via], Report | None] = lambda _: None,
    ) -> None:
        """Run once, unless a newer call comes while this one waits for the end of the run before.

        A run under way is cancelled. `begin` is called when it is this run's turn; it returns the report to run
        on top of. `second_try`: sessions that were greylisted are tried again once their time has come. Where the
        settings name vantage points, all of them run, each on top of the report that `previous` gives for it.
        """
        self._newest += 1
        ticket = self._newest
        self.cancel()
        async with self._lock:
            if self._network is None:
                self._network = await self._stack.enter_async_context(self._open_network())
            if ticket != self._newest:
                return
            work: Coroutine[Any, Any, object]
            if settings.via and self._points is not None:
                begin()
                work = self._side_by_side(self._network, settings, only, previous, self._points)
            else:
                work = self._whole(self._network, settings, only, begin, second_try=second_try)
            self._task = asyncio.ensure_future(work)
            try:
                await self._task
            finally:
                self._task = None

    async def _whole(
        self,
        run_network: RunNetwork,
        settings: Settings,
        only: Collection[str] | None,
        begin: Callable[[], Report | None],
        *,
        second_try: bool,
    ) -> Report:
        settings = await self._prepared(run_network, settings)
        diagnose = self._diagnose or _engine()
        return await diagnose(settings, run_network.network, self._emit, only, begin(), second_try=second_try)

    async def _prepared(self, run_network: RunNetwork, settings: Settings) -> Settings:
        settings = run_network.prepare(settings)
        return settings if self._resolve is None else await self._resolve(settings, run_network.network)

    async def _side_by_side(
        self,
        run_network: RunNetwork,
        settings: Settings,
        only: Collection[str] | None,
        previous: Callable[[Via], Report | None],
        points: FromPoints,
    ) -> None:
        from smtpdiag_tui.vantage.points import open_point
        from smtpdiag_tui.vantage.side_by_side import SideBySide

        opened = points.opened or open_point
        diagnose = self._diagnose or _engine()

        @asynccontextmanager
        async def at(via: Via, *, local: "Network") -> "AsyncIterator[Point]":
            if via.kind == "local":
                yield _ThisHost(via, local, diagnose)
                return
            async with opened(via, local=local) as point:
                yield point

        settings = await self._prepared(run_network, settings)
        together = SideBySide(run_network.network, at, points.emit, points.ended)
        await together.run(settings.via, settings, only, previous)

    def cancel(self) -> None:
        """Cancel the run under way, if any. A second cancellation would break into its clearing up."""
        if self._task is not None and not self._task.cancelling():
            self._task.cancel()

    async def close(self) -> None:
        """Cancel the run under way, wait for its end and close the network; nothing runs afterwards."""
        self._newest += 1
        self.cancel()
        async with self._lock:
            await self._stack.aclose()
            self._network = None


class _ThisHost:
    """This host as a vantage point, run by the engine that all other runs of the interface are held with."""

    whole = True

    def __init__(self, via: Via, network: "Network", diagnose: Diagnose) -> None:
        self.via = via
        self._network = network
        self._diagnose = diagnose

    async def diagnose(
        self,
        settings: Settings,
        emit: Callable[["Event"], None],
        only: Collection[str] | None = None,
        previous: Report | None = None,
    ) -> Report:
        """Run over this host's own network."""
        return await self._diagnose(replace(settings, via=()), self._network, emit, only, previous)


def _engine() -> Diagnose:
    # dnspython and ssl take long to import: not before the first frame.
    from smtpdiag_tui.engine import diagnose

    return diagnose
