"""How fast and how large: `python -m tests.benchmark`. Figures are printed, never asserted: machines are noisy.

`python -m tests.benchmark compare PATH` prints those that matter beside another checkout's, an older one's say.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import time
from pathlib import Path

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.status import Status
from tests import comparing, worst_peers
from tests.engine.crowd import crowd
from tests.engine.running import run

REPEATS = 10
say = print  # this is a command


def main() -> None:
    """Print all figures, or one where it is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="?", choices=["delayed", "crowd", "start", "hostile", "compare"])
    parser.add_argument(
        "checkout", nargs="?", type=Path, help="with compare: another checkout, such as an older one"
    )
    asked = parser.parse_args()
    which = asked.which
    if which == "compare":
        if asked.checkout is None or not (asked.checkout / "smtpdiag_tui").is_dir():
            parser.error("compare needs the path of a checkout")
        comparing.compare(asked.checkout.resolve())
    elif which == "delayed":
        delayed()
    elif which == "crowd":
        large()
    elif which == "hostile":
        hostile()
    else:
        # Each in a process of its own, so that the peak of memory is its own.
        for name in ("delayed", "crowd"):
            subprocess.run([sys.executable, "-m", "tests.benchmark", name], check=True)
        start()
        hostile()


def delayed() -> None:
    """8 MX hosts with 4 addresses each, every greeting 2 s late: 2 sessions a host make 4 s, one by one 64 s."""
    seconds, steps = asyncio.run(_crowded(8, 4, 2.0))
    say(f"8 hosts x 4 addresses, greetings 2 s late: {seconds:.2f} s, {steps} sessions, peak {_peak():.0f} MB")


def large() -> None:
    """120 MX hosts with one address each."""
    seconds, steps = asyncio.run(_crowded(120, 1, 0.0))
    say(f"120 hosts: {seconds:.2f} s, {steps} sessions, peak {_peak():.0f} MB (the servers included)")


async def _crowded(hosts: int, addresses: int, delay: float) -> tuple[float, int]:
    async with DemoNetwork() as network:
        crowd(network, hosts, addresses, delay)
        began = time.monotonic()
        report = await run(network, "bob@crowd.example", all_addresses=True)
        seconds = time.monotonic() - began
    sessions = [step for step in report.descendants("delivery") if step.is_session]
    if [step.id for step in sessions if step.status not in (Status.PASSED, Status.WARNING)]:
        raise SystemExit("not every session passed")
    return seconds, len(sessions)


def start() -> None:
    """How long `--version` takes, beside Python's own start."""
    commands = {"python": ["-c", "pass"], "smtpdiag --version": ["-m", "smtpdiag_tui", "--version"]}
    for name, arguments in commands.items():
        times = []
        for _ in range(REPEATS):
            began = time.monotonic()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            times.append(time.monotonic() - began)
        best, median = (value * 1000 for value in (min(times), sorted(times)[REPEATS // 2]))
        say(f"{name}: {best:.0f} ms at best of {REPEATS}, {median:.0f} ms median")


def hostile() -> None:
    """What the worst peers cost: memory, time, and the size of the report."""
    worst_peers.main([])


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
