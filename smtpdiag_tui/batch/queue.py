"""What waits to be run: by operator, so that one that is slow or full holds up nobody else."""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
PER_OPERATOR = 4  # runs at once


class Queue(Generic[T]):
    """Pairs by operator, taken in turn from those operators that have room. `most` pairs wait at once."""

    def __init__(self, most: int, per_operator: int, rest_of: Callable[[str], float]) -> None:
        self._room = asyncio.Semaphore(most)
        self._per_operator = per_operator
        self._rest_of = rest_of
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()
        self._running: dict[str, int] = {}
        self._ended = False
        self._changed = asyncio.Condition()

    async def room(self) -> None:
        """Wait until one more pair may wait: it is put, or `give_back` is called."""
        await self._room.acquire()

    def give_back(self) -> None:
        """Give a place back that was not needed."""
        self._room.release()

    async def put(self, operator: str, pair: T) -> None:
        """Have a pair wait, in the place that was waited for."""
        self._waiting.setdefault(operator, deque()).append(pair)
        async with self._changed:
            self._changed.notify()

    async def end(self) -> None:
        """Take note that no pair comes any more."""
        self._ended = True
        async with self._changed:
            self._changed.notify_all()

    async def take(self) -> tuple[str, T] | None:
        """Return the next pair with its operator once one may be run; None after the last."""
        async with self._changed:
            while True:
                found = self._next()
                if found is not None:
                    return found
                if self._ended and not self._waiting:
                    return None
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._shortest_rest()):
                        await self._changed.wait()

    async def done(self, operator: str) -> None:
        """Take note that a run with an operator is over."""
        self._running[operator] -= 1
        if not self._running[operator]:
            del self._running[operator]
        async with self._changed:
            self._changed.notify_all()

    def _next(self) -> tuple[str, T] | None:
        for operator, pairs in self._waiting.items():
            if self._has_room(operator):
                pair = pairs.popleft()
                self._running[operator] = self._running.get(operator, 0) + 1
                self._waiting.move_to_end(operator)
                if not pairs:
                    del self._waiting[operator]
                self._room.release()
                return operator, pair
        return None

    def _has_room(self, operator: str) -> bool:
        return self._running.get(operator, 0) < self._per_operator and self._rest_of(operator) <= 0

    def _shortest_rest(self) -> float | None:
        """Return the seconds until an operator that rests may be met again; None where none does."""
        rests = [rest for operator in self._waiting if (rest := self._rest_of(operator)) > 0]
        return min(rests, default=None)
