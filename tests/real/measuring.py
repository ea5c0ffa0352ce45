"""What a run against real servers costs: seconds, and packets to port 53 as the kernel counts them."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.real.lab import Lab

Figure = tuple[str, float, str]
ADDRESSES = ["192.0.2.27", "192.0.2.28", "2001:db8::27", "2001:db8::28"]
REPEATS = 3
COUNTED = {
    "UDP questions": "udp dport 53",
    "TCP connections to port 53": "tcp dport 53 tcp flags & (syn|ack) == syn",
}


def measured(*checkouts: Path) -> list[list[Figure]]:
    """Run each checkout's own command against four addresses, all of which take the mail."""
    lab = Lab()
    try:
        lab.open()
        lab.add_addresses(ADDRESSES)
        for address in ADDRESSES:
            lab.sink(address)
        for address in ADDRESSES:
            lab.wait_for(address, 25)
        return [_figures(lab, checkout) for checkout in checkouts]
    finally:
        lab.close()


def _figures(lab: Lab, checkout: Path) -> list[Figure]:
    seconds = min(_run(lab, checkout) for _ in range(REPEATS))
    with lab.chain(
        "type filter hook output priority 0", *(f"{rule} counter" for rule in COUNTED.values())
    ) as list_:
        _run(lab, checkout)
        listed = list_()
    numbers = re.findall(r"counter packets (\d{1,9})", listed)
    counted = [(f"real servers: {name}", float(number), "") for name, number in zip(COUNTED, numbers, strict=True)]
    return [("real servers, 4 addresses", seconds, "s"), *counted]


def _run(lab: Lab, checkout: Path) -> float:
    """Return how long the run itself took; Python's own start is left out."""
    command = [sys.executable, "-m", "smtpdiag_tui", "alice@sender.test", "bob@four.test", "--report", "json"]
    command = ["ip", "netns", "exec", lab.near, *command, "--ehlo", "mail.sender.test"]
    environment = {**os.environ, "TERM": "dumb"}
    done = subprocess.run(
        command, cwd=checkout, capture_output=True, text=True, check=True, timeout=60, env=environment
    )
    report = json.loads(done.stdout)
    if report["outcome"] != "accepted":
        raise SystemExit(f"{checkout}: {report['summary']}")
    time.sleep(1.5)  # the cache of the lab's resolver forgets within a second: each run asks anew
    return float(report["seconds"])
