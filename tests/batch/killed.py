"""A batch that is killed again and again: `python -m tests.batch.killed FOLDER SEED KILLS`.

The runs are replaced by waits of some milliseconds, all else is the command's own. Each round is a process of its
own, forked so that it begins at once; it is killed with SIGKILL at a random moment. The last one is let be.
"""

import asyncio
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

from smtpdiag_tui.batch import operators
from smtpdiag_tui.batch import run as batch_run
from smtpdiag_tui.batch.lines import Source
from smtpdiag_tui.batch.out import OutFile
from smtpdiag_tui.batch.run import Batch, Plan
from smtpdiag_tui.batch.telling import Form, Teller
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from tests.batch.world import World


async def _diagnose(settings: Settings, *_rest: object, **_more: object) -> Report:
    await asyncio.sleep(random.random() * 0.004)
    if settings.recipient.startswith("crash"):
        raise RuntimeError("on purpose")
    return Report(settings)


async def _operator(_settings: object, _network: object, _answers: object, domain: str) -> str:
    return domain


def _round(folder: Path, *, slowly: bool) -> None:
    out = OutFile(folder / "out")
    if slowly:  # a line that is written in two pieces, as a disk that is nearly full may have it
        whole = os.pwrite

        def in_pieces(handle: int, data: bytes, place: int) -> int:
            first = whole(handle, data[: len(data) // 2], place)
            time.sleep(0.001)
            return first + whole(handle, data[len(data) // 2 :], place + first)

        mock.patch.object(os, "pwrite", in_pieces).start()
    source = Source(str(folder / "in"))

    async def work() -> None:
        batch = Batch(
            Plan(Settings("", "")),
            World().as_network(),
            out,
            Teller(random.choice([Form.SHORT, Form.LONG])),
            out.done,
        )
        await batch.run(source.lines())

    asyncio.run(work())
    out.close()


def main(folder: Path, seed: int, kills: int) -> None:
    """Kill so many rounds, and let the last one end."""
    mock.patch.object(batch_run, "diagnose", _diagnose).start()
    mock.patch.object(operators, "find_operator", _operator).start()
    for number in range(kills + 1):
        random.seed(seed + number)
        moment = random.random() * 0.15
        child = os.fork()
        if child == 0:
            status = 1
            try:
                _round(folder, slowly=number % 2 == 0 and number < kills)
                status = 0
            finally:
                os._exit(status)
        if number < kills:
            time.sleep(moment)
            os.kill(child, signal.SIGKILL)
        ended = os.waitpid(child, 0)[1]
        if os.WIFEXITED(ended) and os.WEXITSTATUS(ended):
            raise SystemExit(f"round {number} failed")


if __name__ == "__main__":
    arguments: list[Any] = sys.argv[1:]
    main(Path(arguments[0]), int(arguments[1]), int(arguments[2]))
