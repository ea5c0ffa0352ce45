"""DNS answers that several runs share, each as long as it may be kept (RFC 1035 §3.2.1, RFC 2308, RFC 9520)."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer

MAX_OUTSTANDING = 8
MAX_ANSWERS = 4096
MAX_OCTETS = 2 * 1024 * 1024  # of all messages kept; each weighs several times that here
LARGEST = 16 * 1024  # octets of a message that is kept
LONGEST = 3600.0  # seconds
FAILED = 5.0  # seconds that a failure is kept (RFC 9520 §3.2 has at least one, and at most 5 minutes)

Key = tuple[DnsServer, Question, Transport, float | None]  # the last is the limit that was asked with


@dataclass(slots=True)
class SharedAnswers:
    """Answers of several runs. `asked` counts the questions put, `saved` those that were not.

    A question that is under way is not put again: who also wants its answer waits for it. It goes on when the run
    that put it has ended.
    """

    now: Callable[[], float] = time.monotonic
    asked: int = 0
    saved: int = 0
    _kept: OrderedDict[Key, tuple[float, Answer]] = field(default_factory=OrderedDict)
    _octets: int = 0
    _asking: dict[Key, "asyncio.Task[Answer]"] = field(default_factory=dict)
    _places: WeakValueDictionary[DnsServer, asyncio.Semaphore] = field(default_factory=WeakValueDictionary)

    async def answer(self, key: Key, ask: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Return the answer that is known, or that somebody is waiting for; else `ask`."""
        until, known = self._kept.get(key, (0.0, None))
        if known is not None and self.now() < until:
            self.saved += 1
            self._kept.move_to_end(key)
            return known
        self.forget(key)
        task = self._asking.get(key)
        if task is None:
            self.asked += 1
            task = self._asking[key] = asyncio.create_task(ask())
            task.add_done_callback(lambda done: self._answered(key, done))
        else:
            self.saved += 1
        return await asyncio.shield(task)

    def forget(self, key: Key) -> None:
        """Have a question put again by who next wants its answer."""
        known = self._kept.pop(key, None)
        if known is not None:
            self._octets -= known[1].size

    def places_at(self, server: DnsServer) -> asyncio.Semaphore:
        """Return what bounds the questions outstanding at a name server, of all runs together."""
        places = self._places.get(server)
        if places is None:
            places = self._places[server] = asyncio.Semaphore(MAX_OUTSTANDING)
        return places

    async def close(self) -> None:
        """Cancel what is still being asked."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _answered(self, key: Key, done: "asyncio.Task[Answer]") -> None:
        if self._asking.get(key) is done:
            del self._asking[key]
        if done.cancelled() or done.exception() is not None:
            return
        answer = done.result()
        seconds = may_be_kept(answer)
        if seconds <= 0 or answer.size > LARGEST:
            return
        self.forget(key)
        self._kept[key] = (self.now() + seconds, answer)
        self._octets += answer.size
        while len(self._kept) > MAX_ANSWERS or self._octets > MAX_OCTETS:
            self.forget(next(iter(self._kept)))


def may_be_kept(answer: Answer) -> float:
    """Return how many seconds an answer counts: its smallest TTL, that of "there is none", or 5 for a failure."""
    if answer.kind in (AnswerKind.NODATA, AnswerKind.NXDOMAIN):
        return _of_nothing(answer)
    if answer.kind in (AnswerKind.DATA, AnswerKind.REFERRAL):
        times = [record.ttl for record in (*answer.answer, *answer.authority)]
        return min([LONGEST, *times])
    return FAILED


def _of_nothing(answer: Answer) -> float:
    """Return the seconds that a negative answer counts (RFC 2308 §5); without an SOA record, as a failure."""
    soa = next((record for record in answer.authority if record.rdtype == "SOA"), None)
    minimum = soa.fields[-1] if soa is not None else ""
    if soa is None or not minimum.isdecimal():
        return FAILED
    times = [record.ttl for record in answer.answer]  # of aliases on the way
    return min([LONGEST, soa.ttl, int(minimum), *times])
