"""What becomes of runs that fail, hang or are called off; what a batch weighs."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator

import pytest

from smtpdiag_tui.batch import run as batch_run
from smtpdiag_tui.batch.bounded import Bounded
from smtpdiag_tui.batch.lines import InputError, Line
from smtpdiag_tui.batch.out import OutError
from smtpdiag_tui.batch.run import Batch, Plan
from smtpdiag_tui.batch.telling import Teller
from smtpdiag_tui.engine.politeness import Politeness
from smtpdiag_tui.engine.recorder import Recorder
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from tests.batch.world import SENDER, Kept, World, batched, texts
from tests.checks.fake_network import run

DOMAINS = [f"d{place}.example" for place in range(6)]


async def hanging(settings: Settings, *_rest: object, **_more: object) -> Report:
    if "d3." in settings.recipient:
        await asyncio.sleep(100_000)
    if "d4." in settings.recipient:
        raise ValueError("on purpose\x1b[31m")
    return Report(settings)


def test_a_run_that_hangs_and_one_that_crashes_are_told_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch_run, "diagnose", hanging)
    sink = Kept()
    batch = run(batched(World(), DOMAINS, sink, jobs=2))
    told = {value["recipient"]: value.get("error") for value in map(json.loads, sink.lines)}
    assert len(told) == 6
    assert told["postmaster@d3.example"] == "the run took longer than 600 s and was cancelled"
    assert told["postmaster@d4.example"] == r"smtpdiag failed: ValueError: on purpose\x1b[31m"
    assert batch.tally.kinds[("error", "")] == 2
    assert not batch.tally.whole


def test_called_off_nothing_is_left_half_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_run, "diagnose", hanging)
    written: list[bytes] = []

    class Slow:
        async def put(self, line: bytes) -> None:
            await asyncio.sleep(10)
            written.append(line)

    async def work() -> Batch:
        batch = Batch(Plan(Settings("", ""), SENDER), World().as_network(), Slow(), Teller())
        task = asyncio.create_task(batch.run(texts(DOMAINS)))
        await asyncio.sleep(15)  # the second line is being written
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return batch

    batch = run(work())
    assert len(written) == 2 == batch.tally.runs


def test_a_file_that_takes_nothing_more_ends_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_run, "diagnose", hanging)

    class Full:
        async def put(self, line: bytes) -> None:
            raise OutError("no room")

    batch = Batch(Plan(Settings("", ""), SENDER), World().as_network(), Full(), Teller())
    with pytest.raises(OutError, match="no room"):
        run(batch.run(texts(DOMAINS)))


def test_what_was_read_before_the_input_failed_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_run, "diagnose", hanging)

    async def broken() -> AsyncIterator[Line]:
        yield Line(1, DOMAINS[0])
        raise InputError("cannot read 'in': input/output error")

    sink = Kept()
    batch = Batch(Plan(Settings("", ""), SENDER), World().as_network(), sink, Teller())
    run(batch.run(broken()))
    assert len(sink.lines) == 1
    assert batch.unread == "cannot read 'in': input/output error"


def test_waiting_for_leave_does_not_count_as_time_of_a_run() -> None:
    async def work() -> list[str]:
        polite = Politeness(World().as_network(), many=True)
        ended = []

        async def one(name: str, seconds: float) -> None:
            bound = Bounded(polite, 10)
            try:
                async with bound.running(), bound.session("mx.example", "192.0.2.1"):
                    await asyncio.sleep(seconds)
                ended.append(name)
            except TimeoutError:
                ended.append(f"{name} too long")

        await asyncio.gather(one("a", 9), one("b", 9), one("c", 9), one("d", 11))
        return ended

    assert run(work()) == ["a", "b", "c", "d too long"]


def test_nothing_of_a_run_that_ended_is_kept() -> None:
    world = World(seconds=0.0)
    for place in range(14):
        world.mx[f"d{place}.example"] = [f"mx.op{place % 7}.example"]
        world.at[f"mx.op{place % 7}.example"] = [f"9.9.{place % 7}.9"]
    alive: list[int] = []
    # Tests before this one may have left theirs to be collected at some time.
    strangers = {id(item): item for item in gc.get_objects() if isinstance(item, Recorder)}

    class Weighing(Kept):
        async def put(self, line: bytes) -> None:
            gc.collect()
            recorders = [item for item in gc.get_objects() if isinstance(item, Recorder)]
            alive.append(sum(id(item) not in strangers for item in recorders))

    run(batched(world, world.mx, Weighing(), jobs=2))
    assert len(alive) == 14
    assert max(alive) <= 3, "two that run, and one whose end is being told"
