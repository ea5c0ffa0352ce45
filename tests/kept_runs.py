"""What earlier runs cost: 100 of them listed, and two large ones compared. Figures are printed, never asserted."""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from smtpdiag_tui.cli.run_list import kept_runs
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.comparison import compare
from smtpdiag_tui.report.facts import SessionEnd
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from tests.engine.crowd import crowd
from tests.engine.running import run

RUNS = 100
HOSTS, ADDRESSES = 75, 4
REPEATS = 5
say = print  # this is a command


def main() -> None:
    """Print both figures: usual runs and large ones listed, and a large one compared with a changed one."""
    usual, large = asyncio.run(_reports())
    _listed("usual", usual)
    _listed(f"{HOSTS * ADDRESSES} addresses", large)
    sessions = len([step for step in large.steps.values() if step.is_session])
    later = replace(large, steps={key: _deferred(step) for key, step in large.steps.items()})
    changes = len(compare(large, later).facts)
    told = f"{sessions} addresses, {len(large.steps)} steps, {changes} changes"
    say(f"comparison of two reports ({told}): {_best(lambda: compare(large, later)) * 1000:.0f} ms (aim: 200 ms)")
    say(f"the same with no change: {_best(lambda: compare(large, large)) * 1000:.0f} ms")


async def _reports() -> tuple[Report, Report]:
    async with DemoNetwork() as network:
        usual = await run(network, "bob@partner.example")
    async with DemoNetwork() as network:
        crowd(network, HOSTS, ADDRESSES, 0.0)
        return usual, await run(network, "bob@crowd.example", all_addresses=True)


def _listed(what: str, report: Report) -> None:
    text = to_json(report)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        place = Path(folder) / "smtpdiag-tui"
        place.mkdir()
        for number in range(1, RUNS + 1):
            (place / f"run-{number:08}.json").write_text(text)
        if any(item.error for item in kept_runs()):
            raise SystemExit("a kept run was not listed")
        taken = _best(kept_runs) * 1000
    say(f"{RUNS} kept runs listed ({what}, {len(text) / 1e6:.1f} MB each): {taken:.0f} ms (aim: 100 ms)")


def _deferred(step: Step) -> Step:
    session = step.facts.session
    if session is None:
        return step
    later = replace(session, end=SessionEnd.DEFERRED, reply="450 4.2.0")
    return replace(step, facts=replace(step.facts, session=later))


def _best(work: Callable[[], object]) -> float:
    """Return how long it takes at best, in seconds."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


if __name__ == "__main__":
    main()
