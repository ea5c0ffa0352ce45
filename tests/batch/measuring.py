"""What a batch of generated domains costs, its servers apart: `python -m tests.batch.measuring 2000`."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from smtpdiag_tui.batch.lines import Line
from smtpdiag_tui.batch.run import Batch, Plan
from smtpdiag_tui.batch.telling import Teller
from smtpdiag_tui.settings import Settings
from tests.batch.far_network import FarNetwork, far
from tests.batch.generated import domain

SENDER = "alice@sender.example"


class Counted:
    """A sink that counts."""

    def __init__(self) -> None:
        self.lines = 0
        self.octets = 0

    async def put(self, line: bytes) -> None:
        self.lines += 1
        self.octets += len(line)


async def domains(number: int) -> AsyncIterator[Line]:
    for place in range(number):
        yield Line(place + 1, domain(place))


def measured(number: int, jobs: int = 8, profile: str = "") -> dict[str, float]:
    """Return the figures of one batch in this process."""
    with far(number) as told:
        sink = Counted()
        began, used = time.monotonic(), time.process_time()
        batch = asyncio.run(_batch(told, number, jobs, sink))
        figures: dict[str, float] = {
            "seconds": time.monotonic() - began,
            "cpu": time.process_time() - used,
            "peak": peak(),
            "lines": sink.lines,
            "octets": sink.octets,
            "asked": batch.answers.asked,
            "saved": batch.answers.saved,
        }
    figures["servers"] = told["seconds"]
    return figures | {f"{kind[0]} {kind[1]}": count for kind, count in batch.tally.kinds.items()}


async def _batch(told: dict[str, object], number: int, jobs: int, sink: Counted) -> Batch:
    async with FarNetwork(told) as network:

        async def prepare(settings: Settings) -> Settings:
            return network.prepare(settings)

        batch = Batch(Plan(Settings("", ""), SENDER, jobs, None, prepare), network, sink, Teller())
        await batch.run(domains(number))
        return batch


def peak() -> float:
    """Return the most memory that this process had, in MB (VmHWM: what a parent had is not counted)."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(int(sys.argv[1]))) + "\n")
