"""What the ways of using the command are told beside a run's settings. Pure."""

import re
from dataclasses import dataclass

from smtpdiag_tui.settings import SettingsError

WATCH_LEAST = 60.0  # seconds between two attempts
WATCH_MOST = 86_400.0
MAX_JOBS = 64
DEFAULT_JOBS = 8


@dataclass(frozen=True, slots=True)
class Many:
    """A batch: its `file` (`-` for standard input), how many run at once, the file to append to, and which part.

    `shard` is (K, N), K from 1 to N, or None for all of it. `sender` is that of lines without one.
    """

    file: str
    jobs: int = DEFAULT_JOBS
    resume: str | None = None
    shard: tuple[int, int] | None = None
    sender: str | None = None


def parse_watch(text: str) -> float:
    """Read the seconds between two attempts, 60 to a day; raise SettingsError for anything else."""
    if re.fullmatch(r"\d{1,5}(\.\d{1,6})?", text, re.ASCII) and WATCH_LEAST <= float(text) <= WATCH_MOST:
        return float(text)
    raise SettingsError(f"invalid interval {text!r}: must be {WATCH_LEAST:.0f} to {WATCH_MOST:.0f} seconds")


def parse_jobs(text: str) -> int:
    """Read how many runs are held at once; raise SettingsError for anything else."""
    if re.fullmatch(r"\d{1,3}", text, re.ASCII) and 1 <= int(text) <= MAX_JOBS:
        return int(text)
    raise SettingsError(f"invalid number of jobs {text!r}: must be 1 to {MAX_JOBS}")


def parse_shard(text: str) -> tuple[int, int]:
    """Read K/N, part K of N; raise SettingsError for anything else."""
    found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text, re.ASCII)
    if found and 1 <= int(found[1]) <= int(found[2]):
        return int(found[1]), int(found[2])
    raise SettingsError(f"invalid shard {text!r}: must be K/N, such as 1/4, with K from 1 to N")
