"""How fast and how large: `python -m tests.benchmark`. Figures are printed, never asserted: machines are noisy.

`python -m tests.benchmark compare PATH` prints those that matter beside another checkout's, an older one's say.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.status import Status
from tests import comparing, kept_runs, worst_peers
from tests.batch import benchmark as many
from tests.engine.crowd import crowd
from tests.engine.running import run
from tests.engine.sending import Asked, with_spf

REPEATS = 10
say = print  # this is a command


def main() -> None:
    """Print all figures, or one where it is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "which",
        nargs="?",
        choices=["delayed", "crowd", "spf", "history", "start", "hostile", "batch", "compare"],
    )
    parser.add_argument(
        "checkout", nargs="?", type=Path, help="with compare: another checkout, such as an older one"
    )
    parser.add_argument("--domains", type=int, default=2000, help="with batch: how many (2000)")
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
    elif which == "spf":
        spf()
    elif which == "history":
        kept_runs.main()
    elif which == "hostile":
        hostile()
    elif which == "batch":
        many.main(asked.domains)
    else:
        # Each in a process of its own, so that the peak of memory is its own.
        for name in ("delayed", "crowd", "spf", "history"):
            subprocess.run([sys.executable, "-m", "tests.benchmark", name], check=True)
        start()
        hostile()
        many.main(asked.domains)


def delayed() -> None:
    """8 MX hosts with 4 addresses each, every greeting 2 s late: 2 sessions a host make 4 s, one by one 64 s."""
    seconds, steps = asyncio.run(_crowded(8, 4, 2.0))
    say(f"8 hosts x 4 addresses, greetings 2 s late: {seconds:.2f} s, {steps} sessions, peak {_peak():.0f} MB")


def large() -> None:
    """120 MX hosts with one address each."""
    seconds, steps = asyncio.run(_crowded(120, 1, 0.0))
    say(f"120 hosts: {seconds:.2f} s, {steps} sessions, peak {_peak():.0f} MB (the servers included)")


def spf() -> None:
    """10 lookups of SPF, 100 ms each: side by side, as a chain, and beside sessions that take 2 s."""
    wide = [*(f"include:{n}.sender.example" for n in range(10)), "-all"]
    chain = {f"{n}": f"v=spf1 include:{n + 1}.sender.example -all" for n in range(9)}
    flat = {f"{n}": "v=spf1 -all" for n in range(10)}
    for name, first, more, greeting in (
        ("10 includes side by side", wide, flat, 0.0),
        (
            "10 includes, one in the other",
            ["include:0.sender.example", "-all"],
            {**chain, "9": "v=spf1 -all"},
            0.0,
        ),
        ("10 includes side by side, greetings 2 s late", wide, flat, 2.0),
    ):
        alone, whole = asyncio.run(_with_spf(first, more, greeting))
        say(f"SPF, {name}, 100 ms for each TXT: {alone:.2f} s without sessions, run with sessions {whole:.2f} s")


async def _with_spf(first: Sequence[str], more: Mapping[str, str], greeting: float) -> tuple[float, float]:
    """Return how long a run takes without sessions, and with them, where these records are published."""
    zone = "".join(f'{name} TXT "{record}"\n' for name, record in more.items())
    seconds = []
    for recipient, given in (("bob@null.example", ("192.0.2.10",)), ("bob@full.example", ())):
        async with Asked(late=0.1) as network:
            with_spf(network, f"v=spf1 {' '.join(first)}", more=zone)
            script = network.hosts["192.0.2.81"]
            network.hosts["192.0.2.81"] = replace(script, greeting_delay=greeting, rcpt=b"250 2.1.5 Ok\r\n")
            began = time.monotonic()
            report = await run(network, recipient, as_addresses=given)
            seconds.append(time.monotonic() - began)
        if [item.spf.mail_from.lookups for item in report.authentication if item.spf.mail_from is not None] != [
            10
        ]:
            raise SystemExit("SPF did not make 10 lookups")
    return seconds[0], seconds[1]


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
