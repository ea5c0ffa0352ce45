"""The clock that does not wait: it jumps over what nothing comes of, and over nothing else."""

import asyncio
import time

import pytest

from tests.hurry import Clock


async def test_an_hour_is_over_at_once(clock: Clock) -> None:
    began = clock.now
    await asyncio.sleep(3600)
    assert clock.now - began == pytest.approx(3600)
    assert time.monotonic() == clock.now == asyncio.get_running_loop().time()


async def test_time_stands_while_something_is_done(clock: Clock) -> None:
    before, began = clock.now, time.perf_counter()
    async with asyncio.timeout(0.001):
        while time.perf_counter() - began < 0.05:  # noqa: ASYNC110 - this is work, not a wait
            await asyncio.sleep(0)
    assert clock.now == before


async def test_what_is_under_way_on_the_loopback_comes_before_a_limit(clock: Clock) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(data)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for _ in range(100):
            writer.write(b"x" * 5000)
            async with asyncio.timeout(0.5):
                assert await reader.readexactly(5000) == b"x" * 5000
        writer.close()
        await writer.wait_closed()


async def test_a_thread_is_waited_for(clock: Clock) -> None:
    began = clock.now
    async with asyncio.timeout(3600):
        await asyncio.to_thread(time.sleep, 0.1)
    assert clock.now - began < 3600
