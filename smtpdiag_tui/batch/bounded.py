"""A bound on the time that a run takes of itself: what it waits out of politeness does not count."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from smtpdiag_tui.engine.politeness import Polite


@dataclass(slots=True)
class Bounded:
    """The politeness of one run: it stops the run's time while all its sessions wait for leave."""

    politeness: Polite
    seconds: float
    _limit: asyncio.Timeout | None = None
    _left: float = 0.0
    _waiting: int = 0
    _inside: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Bound what runs within; raises TimeoutError."""
        async with asyncio.timeout(self.seconds) as self._limit:
            yield

    def narrow(self, host: str) -> None:
        """Take note that a host said "too many connections"."""
        self.politeness.narrow(host)

    def session(self, host: str, address: str) -> AbstractAsyncContextManager[None]:
        """Wait for leave to open one session to an address of `host`."""
        return self._session(host, address)

    @asynccontextmanager
    async def _session(self, host: str, address: str) -> AsyncIterator[None]:
        self._change(waiting=1)
        entered = False
        try:
            async with self.politeness.session(host, address):
                entered = True
                self._change(waiting=-1, inside=1)
                yield
        finally:
            self._change(**({"inside": -1} if entered else {"waiting": -1}))

    def _change(self, waiting: int = 0, inside: int = 0) -> None:
        stopped = self._stopped
        self._waiting += waiting
        self._inside += inside
        if self._limit is None or stopped == self._stopped or self._limit.expired():
            return
        now = asyncio.get_running_loop().time()
        if self._stopped:
            self._left = (self._limit.when() or now) - now
            self._limit.reschedule(None)
        else:
            self._limit.reschedule(now + self._left)

    @property
    def _stopped(self) -> bool:
        return self._waiting > 0 and not self._inside
