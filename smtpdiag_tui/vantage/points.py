"""The places that a run can be made from: this host, a host over SSH, a SOCKS proxy."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.vantage.errors import VantageError as VantageError

if TYPE_CHECKING:
    from smtpdiag_tui.report.events import Event
    from smtpdiag_tui.report.report import Report

Emit = Callable[["Event"], None]


class Point(Protocol):
    """One vantage point, open. `whole`: smtpdiag itself runs there."""

    @property
    def via(self) -> Via:
        """Where it is."""

    @property
    def whole(self) -> bool:
        """Whether smtpdiag itself runs there; else its connections go through that host."""

    async def diagnose(
        self,
        settings: Settings,
        emit: Emit,
        only: Collection[str] | None = None,
        previous: "Report | None" = None,
    ) -> "Report":
        """Run from there, as `engine.diagnose` does; the report's settings name the vantage point, none for local.

        Raises VantageError where there is no way there, or none any more.
        """


class LocalPoint:
    """This host."""

    whole = True

    def __init__(self, via: Via, network: Network) -> None:
        self.via = via
        self._network = network

    async def diagnose(
        self,
        settings: Settings,
        emit: Emit,
        only: Collection[str] | None = None,
        previous: "Report | None" = None,
    ) -> "Report":
        """Run over this host's own network."""
        from smtpdiag_tui.engine import diagnose

        return await diagnose(replace(settings, via=()), self._network, emit, only, previous)


@asynccontextmanager
async def open_point(via: Via, *, local: Network) -> AsyncIterator[Point]:
    """Open a vantage point, and leave nothing of it behind; `local` is this host's network.

    Raises VantageError where there is no way there, ValueError for a kind that is none.
    """
    if via.kind == "local":
        yield LocalPoint(via, local)
        return
    raise VantageError(f"{via.label}: not available")
