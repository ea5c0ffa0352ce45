"""Vantage points for the tests: no ssh and no proxy, a demo network of its own behind each."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from smtpdiag_tui.demo.network import SMTP_PORT, DemoNetwork
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.network.seam import ByteStream, Network
from smtpdiag_tui.report.events import Event
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings, Via, family_of
from smtpdiag_tui.vantage.errors import VantageError
from smtpdiag_tui.vantage.points import Point

LOCAL = Via("local")
SSH = Via("ssh", "mx2.far.example", user="ops")
SOCKS = Via("socks5", "192.0.2.99", 1080)


@dataclass
class MadePoint:
    """A vantage point with a network of its own. `breaks_after`: so many events are told, then it is gone."""

    via: Via
    network: Network
    whole: bool = True
    breaks_after: int | None = None
    why: str = ""
    recipient: str = ""
    hold: asyncio.Event | None = None

    async def diagnose(
        self,
        settings: Settings,
        emit: Callable[[Event], None],
        only: Collection[str] | None = None,
        previous: Report | None = None,
        *,
        second_try: bool = False,
    ) -> Report:
        """Run over the network; `recipient` is tested in place of the given one, and told as if it were it."""
        told = 0
        broken = asyncio.Event()

        def tell(event: Event) -> None:
            nonlocal told
            if self.breaks_after is not None and told >= self.breaks_after:
                broken.set()
                return
            told += 1
            emit(event)

        if self.hold is not None:
            await self.hold.wait()
        named = replace(settings, via=() if self.via.kind == "local" else (self.via,))
        work = asyncio.ensure_future(diagnose(named, self.network, tell, only, previous, second_try=second_try))
        breaking = asyncio.ensure_future(broken.wait())
        try:
            await asyncio.wait({work, breaking}, return_when=asyncio.FIRST_COMPLETED)
            if broken.is_set():
                raise VantageError(self.why)
            return await work
        finally:
            breaking.cancel()
            work.cancel()
            await asyncio.gather(work, breaking, return_exceptions=True)


@dataclass
class Opener:
    """Opens made points, as `open_point` does; `log` tells which were opened and closed.

    `networks` gives the network of a point by its label, the local one where it names none. `refused` are those
    that there is no way to, with the sentence.
    """

    networks: Mapping[str, DemoNetwork] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    breaking: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    holds: Mapping[str, asyncio.Event] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def __call__(self, via: Via, *, local: Network) -> AsyncIterator[Point]:
        """Open a point."""
        label = via.label
        if label in self.refused:
            raise VantageError(self.refused[label])
        self.log.append(f"open {label}")
        after, why = self.breaking.get(label, (None, ""))
        try:
            async with _entered(self.networks.get(label)) as own:
                yield MadePoint(via, own or local, via.kind != "socks5", after, why, hold=self.holds.get(label))
        finally:
            self.log.append(f"close {label}")


@asynccontextmanager
async def _entered(network: DemoNetwork | None) -> AsyncIterator[DemoNetwork | None]:
    if network is None:
        yield None
        return
    async with network:
        yield network


class FarNetwork(DemoNetwork):
    """The demo's internet as another host sees it. `blocked`: port 25 answers nobody there; `replies` holds what
    addresses reply to RCPT there."""

    NAME = "mx2.far.example"

    def __init__(
        self,
        *,
        name: str = NAME,
        addresses: tuple[str, str] = ("192.0.2.77", "2001:db8::77"),
        replies: Mapping[str, bytes] | None = None,
        blocked: bool = False,
        greylist: float | None = None,
    ) -> None:
        super().__init__()
        self._name = name
        self._addresses = addresses
        self._blocked = blocked
        for address, reply in (replies or {}).items():
            self.hosts[address] = replace(self.hosts[address], rcpt=reply, recipients={})
        if greylist is not None:
            self.hosts = {key: replace(host, greylist=greylist) for key, host in self.hosts.items()}

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        """Connect, unless the port is blocked."""
        if self._blocked and port == SMTP_PORT:
            raise TimeoutError
        return await super().connect(address, port, source=source, limit=limit)

    def local_name(self, address: str, remote: str) -> str:
        """Return this host's own address."""
        return self._addresses[1] if family_of(remote) == 6 else self._addresses[0]

    def is_own(self, address: str) -> bool:
        """Whether an address is this host's."""
        return address in self._addresses

    async def host_name(self) -> str | None:
        """Return this host's name."""
        return self._name
