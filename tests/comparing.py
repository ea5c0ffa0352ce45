"""This checkout beside another one, figure by figure; for the benchmark."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.real.lab import missing
from tests.real.measuring import measured

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("healthy", "delayed", "judging")
Figure = tuple[str, float, str]
say = print  # this is a command


def compare(other: Path) -> None:
    """Print each figure of the other checkout and of this one."""
    say(f"{'':45} {'other':>10} {'this':>10}")
    for part in PARTS:
        _print(_figures(other, part), _figures(ROOT, part))
    lacking = missing()
    if lacking:
        say(f"four addresses on real servers: left out, for want of {', '.join(lacking)}")
    else:
        _print(*measured(other, ROOT))


def _figures(checkout: Path, part: str) -> list[Figure]:
    """Return what a checkout's own package comes to, in a process of its own."""
    command = [sys.executable, "-P", str(ROOT / "tests" / "figures.py"), part]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return [(name, value, unit) for name, value, unit in json.loads(done.stdout)]


def _print(others: list[Figure], ours: list[Figure]) -> None:
    for line in _lines(others, ours):
        say(line)


def _lines(others: list[Figure], ours: list[Figure]) -> Iterator[str]:
    for (name, before, unit), (_, now, _) in zip(others, ours, strict=True):
        digits = 3 if unit else 0
        yield f"{name:45} {before:>10.{digits}f} {now:>10.{digits}f} {unit}"
