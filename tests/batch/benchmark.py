"""The figures of a batch, beside those of checkdmarc doing its DNS half on the same answers."""

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.batch.far_network import far

HALF = Path(__file__).with_name("checkdmarc_half.py")
DNS_SERVER = "192.0.2.54"
LIMIT = 300  # seconds for fetching a package
say = print  # this is a command


def main(domains: int) -> None:
    """Print what a batch of so many domains costs, and what checkdmarc takes for them."""
    ours = _told([sys.executable, "-m", "tests.batch.measuring", str(domains)])
    few = _told([sys.executable, "-m", "tests.batch.measuring", str(max(1, domains // 4))])
    # The start is the same for few and many: what a further domain takes is what counts.
    further = (ours["cpu"] - few["cpu"]) / max(1, ours["lines"] - few["lines"])
    say(
        f"batch of {domains} domains: {ours['seconds']:.0f} s, {domains / ours['seconds']:.1f} domains per second;"
        f" {ours['cpu']:.0f} s of one core, {1 / further:.1f} domains per second and core"
        f" (the servers, in a process of their own, took {ours['servers']:.0f} s)"
    )
    say(
        f"batch: peak {ours['peak']:.0f} MB with {domains} domains, {few['peak']:.0f} MB with {domains // 4};"
        f" {ours['octets'] / domains / 1024:.1f} KB a line;"
        f" {ours['asked'] / domains:.0f} DNS questions a domain asked, {ours['saved'] / domains:.0f} shared"
    )
    _other(domains)


def _other(domains: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        python = _installed(Path(folder))
        if python is None:
            say("checkdmarc: cannot be installed here, no comparison")
            return
        with far(domains) as told:
            port = told["dns"][DNS_SERVER][0]
            theirs = _told([str(python), str(HALF), str(port), str(domains)])
    say(
        f"checkdmarc, DNS alone, one domain after the other: {theirs['seconds']:.0f} s,"
        f" {domains / theirs['seconds']:.1f} domains per second; {theirs['cpu']:.0f} s of one core,"
        f" {domains / theirs['cpu']:.1f} domains per second and core"
    )


def _installed(folder: Path) -> Path | None:
    """Install checkdmarc into an environment of its own; return its Python, None where that cannot be done."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "-q", "checkdmarc"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return None
    return python if done.returncode == 0 else None


def _told(command: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
