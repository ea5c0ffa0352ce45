"""How politely addresses are probed: so many sessions at once, so far apart (and what a host asks for)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId

SESSIONS_PER_HOST = 2
SESSIONS_IN_ALL = 16
SECONDS_APART = 1.0


class Gate:
    """Lets so many in at a time; may be narrowed to one while others are inside."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._inside = 0
        self._changed = asyncio.Condition()

    def narrow(self) -> None:
        """Let one in at a time from now on."""
        self._width = 1

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Wait for a place, and give it back afterwards."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._inside < self._width)
            self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            async with self._changed:
                self._changed.notify_all()


@dataclass(slots=True)
class Politeness:
    """The limits of one run: at most 2 sessions a mail host, 16 in all, two to one address a second apart."""

    network: Network
    last: dict[str, float] = field(default_factory=dict)
    _hosts: dict[str, Gate] = field(default_factory=dict)
    _all: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SESSIONS_IN_ALL))

    def narrow(self, host: str) -> None:
        """Talk to this host in one session at a time from now on: it said "too many connections"."""
        self._gate(host).narrow()

    @asynccontextmanager
    async def session(self, host: str, address: str) -> AsyncIterator[None]:
        """Wait for leave to open one session to an address of `host`."""
        async with self._gate(host).passing(), self._all:
            since = self.network.now() - self.last.get(address, -SECONDS_APART)
            if 0 <= since < SECONDS_APART:
                await self.network.sleep(SECONDS_APART - since)
            try:
                yield
            finally:
                self.last[address] = self.network.now()

    def _gate(self, host: str) -> Gate:
        if host not in self._hosts:
            self._hosts[host] = Gate(SESSIONS_PER_HOST)
        return self._hosts[host]


def last_sessions(previous: Report | None) -> dict[str, float]:
    """Return when an earlier run last talked to each address, on the network's clock."""
    last: dict[str, float] = {}
    for step in previous.steps.values() if previous else ():
        place = StepId(step.id)
        if place.is_session and step.transcript and previous:
            last[place.address] = max(last.get(place.address, 0.0), previous.epoch + step.transcript[-1].at)
        seen = step.observation
        if place.branch == "probes" and isinstance(seen, SessionObservation) and seen.ended is not None:
            last[seen.target.address] = max(last.get(seen.target.address, 0.0), seen.ended)
    return last
