"""How politely addresses are probed: so many sessions at once, so far apart (and what a host asks for)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from smtpdiag_tui.checks.registered_domain import operator_of
from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId

SESSIONS_PER_HOST = 2
SESSIONS_PER_OPERATOR = 4  # where several runs share one politeness
SESSIONS_IN_ALL = 16
SECONDS_APART = 1.0
FIRST_REST = 5.0  # seconds without a session to an operator that says there were too many; then twice as long
LONGEST_REST = 60.0
MAX_KNOWN = 4096  # addresses, hosts and operators that are remembered, of each


class Polite(Protocol):
    """Who gives leave for sessions."""

    def session(self, host: str, address: str) -> AbstractAsyncContextManager[None]:
        """Wait for leave to open one session to an address of `host`."""

    def narrow(self, host: str) -> None:
        """Take note, before that session is over, that the host said "too many connections"."""


class Gate:
    """Lets so many in at a time; may be narrowed to one while others are inside.

    `users` counts who is inside or waits. After `rest` nobody is let in before that time, which grows with each
    one on end.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._inside = 0
        self._changed = asyncio.Condition()
        self.users = 0
        self.narrowed = 0  # how often
        self.rests_until = 0.0
        self._grade = 0

    def narrow(self) -> None:
        """Let one in at a time from now on."""
        self._width = 1
        self.narrowed += 1

    def rest(self, network: Network) -> None:
        """Let nobody in for a while."""
        seconds = min(LONGEST_REST, FIRST_REST * 2**self._grade)
        self._grade = min(self._grade + 1, 10)
        self.rests_until = network.now() + network.pace(seconds)

    def went_well(self) -> None:
        """Take note that somebody was inside without being told that there are too many."""
        self._grade = max(0, self._grade - 1)

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
class Gates:
    """Gates by name, made when first wanted; what is wide open and used by nobody is forgotten."""

    width: int
    gates: dict[str, Gate] = field(default_factory=dict)

    def of(self, name: str) -> Gate:
        """Return the gate of a name."""
        if name not in self.gates:
            self.gates[name] = Gate(self.width)
        return self.gates[name]

    @asynccontextmanager
    async def passing(self, name: str) -> AsyncIterator[Gate]:
        """Wait for a place behind the gate of a name, and give it back afterwards."""
        gate = self.of(name)
        gate.users += 1
        try:
            async with gate.passing():
                yield gate
        finally:
            gate.users -= 1
            if not gate.users and not gate.narrowed:
                self.gates.pop(name, None)
            elif len(self.gates) > MAX_KNOWN:
                self._forget_oldest()

    def _forget_oldest(self) -> None:
        oldest = next((name for name, gate in self.gates.items() if not gate.users), None)
        if oldest is not None:
            del self.gates[oldest]


@dataclass(slots=True)
class Politeness:
    """The limits of one run, or of many.

    Sessions with one address are held one at a time and a second apart; 2 at once with a mail host, 16 in all.
    `many`: the runs of a batch share it. Then at most 4 are held with the hosts of one operator, and one that says
    that there were too many is met in one session at a time from then on, after a rest.
    """

    network: Network
    last: dict[str, float] = field(default_factory=dict)
    many: bool = False
    _addresses: Gates = field(default_factory=lambda: Gates(1))
    _hosts: Gates = field(default_factory=lambda: Gates(SESSIONS_PER_HOST))
    _operators: Gates = field(default_factory=lambda: Gates(SESSIONS_PER_OPERATOR))
    _all: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SESSIONS_IN_ALL))

    def narrow(self, host: str) -> None:
        """Talk to this host in one session at a time from now on: it said "too many connections"."""
        self._hosts.of(host).narrow()
        if self.many:
            operator = self._operators.of(operator_of(host))
            operator.narrow()
            operator.rest(self.network)

    def rest_of(self, operator: str) -> float:
        """Return the seconds until an operator's hosts may be met again; 0 for now."""
        gate = self._operators.gates.get(operator)
        return 0.0 if gate is None else max(0.0, gate.rests_until - self.network.now())

    @asynccontextmanager
    async def session(self, host: str, address: str) -> AsyncIterator[None]:
        """Wait for leave to open one session to an address of `host`."""
        async with AsyncExitStack() as stack:
            # Always in this order, so that nobody waits for who waits for him.
            await stack.enter_async_context(self._addresses.passing(address))
            await self._keep_apart(address)
            await stack.enter_async_context(self._hosts.passing(host))
            operator = None
            if self.many:
                operator = await stack.enter_async_context(self._operators.passing(operator_of(host)))
                while (rest := self.rest_of(operator_of(host))) > 0:
                    await self.network.sleep(rest)
            await stack.enter_async_context(self._all)
            before = operator.narrowed if operator is not None else 0
            try:
                yield
            finally:
                self._note(address)
                if operator is not None and operator.narrowed == before:
                    operator.went_well()

    async def _keep_apart(self, address: str) -> None:
        since = self.network.now() - self.last.get(address, -SECONDS_APART)
        if 0 <= since < SECONDS_APART:
            await self.network.sleep(SECONDS_APART - since)

    def _note(self, address: str) -> None:
        """Note when a session with an address ended; what is longer ago than it matters is forgotten."""
        now = self.network.now()
        self.last[address] = now
        if len(self.last) > MAX_KNOWN:
            for known in [name for name, when in self.last.items() if now - when >= SECONDS_APART]:
                del self.last[known]


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
