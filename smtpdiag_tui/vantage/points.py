"""The places that a run can be made from: this host, a host over SSH, a SOCKS proxy."""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.vantage.errors import VantageError

if TYPE_CHECKING:
    from smtpdiag_tui.engine.recorder import Emit
    from smtpdiag_tui.report.report import Report

__all__ = ["LocalPoint", "Point", "VantageError", "open_point"]


class Point(Protocol):
    """One vantage point, open."""

    @property
    def via(self) -> Via:
        """Where it is."""

    @property
    def whole(self) -> bool:
        """Whether smtpdiag itself runs there; else its connections go through that host.

        Known for good once a run has ended: what is installed there may lack an option that the run needs.
        """

    async def diagnose(
        self,
        settings: Settings,
        emit: "Emit",
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
        emit: "Emit",
        only: Collection[str] | None = None,
        previous: "Report | None" = None,
    ) -> "Report":
        """Run over this host's own network."""
        from smtpdiag_tui.engine import diagnose

        return await diagnose(replace(settings, via=()), self._network, emit, only, previous)


@asynccontextmanager
async def open_point(via: Via, *, local: Network) -> AsyncIterator[Point]:
    """Open a vantage point, and leave nothing of it behind; `local` is this host's network.

    Raises VantageError where there is no way there.
    """
    from smtpdiag_tui.network.carrier import CarrierError

    if via.kind == "local":
        yield LocalPoint(via, local)
        return
    opening = _through_socks(via, local) if via.kind == "socks5" else _over_ssh(via, local)
    async with AsyncExitStack() as stack:
        try:
            point = await stack.enter_async_context(opening)
        except CarrierError as error:
            raise VantageError(visible(str(error))) from error
        yield point


@asynccontextmanager
async def _through_socks(via: Via, local: Network) -> AsyncIterator[Point]:
    from smtpdiag_tui.network.machine import qualified
    from smtpdiag_tui.network.socks import open_socks
    from smtpdiag_tui.network.through import FarFacts, ThroughNetwork
    from smtpdiag_tui.vantage.tunnel import TunnelPoint

    carrier = await open_socks(via)
    facts = FarFacts(called=qualified(via.host))
    yield TunnelPoint(via, carrier, lambda settings: ThroughNetwork(local, carrier, facts, settings.dns))


@asynccontextmanager
async def _over_ssh(via: Via, local: Network) -> AsyncIterator[Point]:
    from smtpdiag_tui.network.ssh import open_ssh
    from smtpdiag_tui.vantage.far_host import ask_far_host
    from smtpdiag_tui.vantage.ssh_point import SshPoint

    async with open_ssh(via) as carrier:
        yield SshPoint(via, carrier, await ask_far_host(carrier), local)
