"""Figures to compare checkouts by: `python -P tests/figures.py NAME`, with PYTHONPATH naming a checkout.

Only that checkout's own package and helpers are used, and of these what an older one has too. Each figure goes to
standard output as JSON: what it is called, its value and its unit.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from smtpdiag_tui.checks.session.phases import judge_phase
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.network.seam import TrustStore
from tests.checks.making import exchange, session
from tests.engine.crowd import crowd
from tests.engine.running import run

Figure = tuple[str, float, str]
REPEATS = 5
LINE = "550-5.7.1 [192.0.2.10] this message was not taken, for the reverse DNS name of your address and more\r\n"
NO_TRUST = TrustStore()


class Counting(DemoNetwork):
    """The demo's network, which counts the questions asked."""

    asked = 0

    async def exchange(self, *arguments: Any, **more: Any) -> Any:
        self.asked += 1
        return await super().exchange(*arguments, **more)


def healthy() -> list[Figure]:
    """The demo's healthy story: the best of a few runs, since the first one also imports."""
    runs = [asyncio.run(_story()) for _ in range(REPEATS)]
    seconds, asked = min(runs)
    return [("healthy story", seconds, "s"), ("healthy story: questions", asked, "")]


async def _story() -> tuple[float, int]:
    async with Counting() as network:
        began = time.monotonic()
        await run(network, "bob@partner.example")
        return time.monotonic() - began, network.asked


def delayed() -> list[Figure]:
    """8 hosts with 4 addresses each, every greeting 2 s late."""
    return [("8 hosts x 4 addresses, greetings 2 s late", asyncio.run(_delayed()), "s")]


async def _delayed() -> float:
    async with DemoNetwork() as network:
        crowd(network, 8, 4, 2.0)
        began = time.monotonic()
        await run(network, "bob@crowd.example", all_addresses=True)
        return time.monotonic() - began


def judging() -> list[Figure]:
    """One long reply to RCPT, as long as a reply may be and a quarter of that."""
    return [(f"judging a reply of {size} KiB", _judged(size * 1024), "s") for size in (64, 256)]


def _judged(size: int) -> float:
    lines = [LINE.rstrip("\r\n")] * (size // len(LINE))
    lines.append(LINE.rstrip("\r\n").replace("550-", "550 "))
    return min(_once(lines) for _ in range(REPEATS))  # the first also reads all patterns


def _once(lines: list[str]) -> float:
    seen = session(exchange(Phase.RCPT, *lines, command=b"RCPT TO:<bob@partner.example>"))
    began = time.process_time()
    judge_phase(seen, Phase.RCPT, NO_TRUST, DemoNetwork().utc(), ("mx.partner.example",))
    return time.process_time() - began


FIGURES: dict[str, Callable[[], list[Figure]]] = {"healthy": healthy, "delayed": delayed, "judging": judging}

if __name__ == "__main__":
    json.dump(FIGURES[sys.argv[1]](), sys.stdout)
