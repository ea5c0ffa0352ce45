"""A batch: pairs read as a stream, run side by side and politely, each told in one line as it ends."""

import asyncio
import gc
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from smtpdiag_tui.batch import operators
from smtpdiag_tui.batch.bounded import Bounded
from smtpdiag_tui.batch.done import Done
from smtpdiag_tui.batch.kept_network import KeptNetwork
from smtpdiag_tui.batch.lines import MAX_LINE, InputError, Line
from smtpdiag_tui.batch.out import Sink
from smtpdiag_tui.batch.pairs import BadLine, Pair, read_pair, too_long
from smtpdiag_tui.batch.queue import PER_OPERATOR, Queue
from smtpdiag_tui.batch.seen import Seen
from smtpdiag_tui.batch.tally import FAILED, INVALID, Tally
from smtpdiag_tui.batch.telling import Teller
from smtpdiag_tui.checks.lookups.shared_answers import SharedAnswers
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.engine.politeness import Politeness
from smtpdiag_tui.engine.sharing import Shared
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.settings import Settings

AHEAD = 512  # pairs that wait, their operators known: so many behind a slow operator hold up nobody
LOOKUPS = 32  # domains whose operators are looked up at once
LONGEST = 600.0  # seconds of one run, beyond what greylisting makes it wait
TOOK_TOO_LONG = "the run took longer than {:g} s and was cancelled"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch is to do. `sender` is that of lines without one; `shard` is (K, N), None for all.

    `prepare` gives the settings of one pair what network and host need. `longest` bounds one run, in seconds.
    """

    settings: Settings
    sender: str | None = None
    jobs: int = 8
    shard: tuple[int, int] | None = None
    prepare: Callable[[Settings], Awaitable[Settings]] | None = None
    longest: float = LONGEST


class Batch:
    """One batch over one network. `done` is what needs no run; `tally` counts all that was read.

    `running` runs are under way; `unread` says why the input could not be read to its end, "" where it was.
    """

    def __init__(self, plan: Plan, network: Network, sink: Sink, teller: Teller, done: Done | None = None) -> None:
        self.tally = Tally()
        self.running = 0
        self.unread = ""
        self._plan = plan
        self._network = KeptNetwork(network)
        self._sink = sink
        self._teller = teller
        self._earlier = done or Done()
        self._seen = Seen()
        self._answers = SharedAnswers(network.now)
        self._politeness = Politeness(self._network, many=True)
        self._queue = Queue[tuple[Pair, Settings]](AHEAD, PER_OPERATOR, self._politeness.rest_of)
        self._writing = asyncio.Lock()

    @property
    def answers(self) -> SharedAnswers:
        """The DNS answers of the batch."""
        return self._answers

    async def run(self, lines: AsyncIterable[Line]) -> Tally:
        """Run what the lines ask for; when it is cancelled, or cannot write, nothing is left half told."""
        with _patient_collector():
            return await self._run(lines)

    async def _run(self, lines: AsyncIterable[Line]) -> Tally:
        workers = [asyncio.create_task(self._work()) for _ in range(self._plan.jobs)]
        reading = asyncio.create_task(self._read(lines))
        everything = asyncio.gather(reading, *workers)
        try:
            await everything
        finally:
            for task in (reading, *workers):
                task.cancel()
            await asyncio.gather(reading, *workers, return_exceptions=True)
            with suppress(asyncio.CancelledError, Exception):
                await everything
            await self._answers.close()
            await self._network.close()
        return self.tally

    async def _read(self, lines: AsyncIterable[Line]) -> None:
        """Sort the lines; the operators of several domains are looked up at once."""
        turns = asyncio.Semaphore(LOOKUPS)
        sorting: set[asyncio.Task[None]] = set()
        try:
            async for line in lines:
                wanted = self._wanted(line)
                if isinstance(wanted, BadLine):
                    await self._tell(self._teller.bad(wanted), INVALID, "")
                elif wanted is not None:
                    await turns.acquire()
                    await self._queue.room()
                    task = asyncio.create_task(self._sort(wanted, turns))
                    sorting.add(task)
                    task.add_done_callback(sorting.discard)
        except InputError as error:
            self.unread = str(error)  # what was read is run
        except BaseException:
            for task in sorting:
                task.cancel()
            raise
        finally:
            await asyncio.gather(*sorting, return_exceptions=True)
        await self._queue.end()

    def _wanted(self, line: Line) -> Pair | BadLine | None:
        """Return what a line asks for that was not dealt with before."""
        plan = self._plan
        if line.long:
            read: Pair | BadLine | None = too_long(line.number, line.text, MAX_LINE)
        else:
            read = read_pair(line.number, line.text, plan.sender)
        if read is None:
            return None
        if not self._seen.add(read.key):
            self.tally.repeated += 1
            return None
        earlier = self._earlier.kind_of(read.key)
        if earlier is not None:
            self.tally.earlier[earlier] += 1
            return None
        if isinstance(read, BadLine) and plan.shard is not None and plan.shard[0] != 1:
            self.tally.elsewhere += 1  # a bad line has no operator, and is told once
            return None
        return read

    async def _sort(self, pair: Pair, turns: asyncio.Semaphore) -> None:
        """Find out whom a pair's mail goes to, and have it wait there, unless it is another machine's."""
        settings = replace(self._plan.settings, sender=pair.sender, recipient=pair.recipient)
        try:
            if self._plan.prepare is not None:
                settings = await self._plan.prepare(settings)
            operator = await operators.find_operator(settings, self._network, self._answers, pair.domain)
        except Exception as error:  # noqa: BLE001 - one pair is not to end all
            self._queue.give_back()
            told = self._teller.crashed(pair, error)
            await self._tell(told.line, told.outcome, told.reason)
            return
        finally:
            turns.release()
        shard = self._plan.shard
        if shard is not None and operators.shard_of(operator, shard[1]) != shard[0]:
            self.tally.elsewhere += 1
            self._queue.give_back()
        else:
            await self._queue.put(operator, (pair, settings))

    async def _work(self) -> None:
        while (taken := await self._queue.take()) is not None:
            operator, (pair, settings) = taken
            self.running += 1
            try:
                await self._one(pair, settings)
            finally:
                self.running -= 1
                await self._queue.done(operator)

    async def _one(self, pair: Pair, settings: Settings) -> None:
        """Run one pair and tell what it came to; what goes wrong in it is its own."""
        bound = Bounded(self._politeness, self._plan.longest + 2 * (settings.retry_greylisted or 0))
        try:
            async with bound.running():
                shared = Shared(bound, self._answers)
                report = await diagnose(settings, self._network, _ignore, shared=shared)
            told = self._teller.report(pair, report)
        except TimeoutError:
            told = self._teller.failed(pair, TOOK_TOO_LONG.format(bound.seconds))
        except Exception as error:  # noqa: BLE001 - one run is not to end all
            told = self._teller.crashed(pair, error)
        await self._tell(told.line, told.outcome, told.reason)
        if self.tally.runs == 1:
            gc.freeze()  # what the first run loaded stays: it need not be looked through again and again

    async def _tell(self, line: bytes, outcome: str, reason: str) -> None:
        """Write one line; once begun it is seen through, whoever calls this off."""
        async with self._writing:
            writing = asyncio.ensure_future(self._sink.put(line))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                while not writing.done():  # it may be called off more than once
                    with suppress(asyncio.CancelledError):
                        await asyncio.wait([writing])
                raise
            finally:
                if writing.done() and not writing.cancelled() and writing.exception() is None:
                    self.tally.kinds[(outcome, reason if outcome != FAILED else "")] += 1


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Have garbage looked for less often: runs make much that lives as long as they do, and it took a quarter."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _ignore(_event: object) -> None:
    """Nobody looks on."""
