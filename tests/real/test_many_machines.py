"""A batch on several machines: by GNU parallel over SSH, and as the tasks of a Slurm array would run it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.real import nodes

NAMES = ("node1", "node2")
SENDER = "alice@sender.example"
DOMAINS = ("partner", "greylist", "null", "full", "plain", "utf8")
# Times, and what each process of the demo makes anew: its certificates.
TIMES = {"started", "seconds", "at", "expires", "fingerprint"}


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Path]:
    lacking = nodes.missing()
    if lacking:
        message = f"several machines need {', '.join(lacking)}"
        if os.environ.get("SMTPDIAG_REAL") == "required":
            pytest.fail(message)
        pytest.skip(message)
    folder = tmp_path / "nodes"
    folder.mkdir()
    with nodes.nodes(folder, NAMES) as settings:
        yield settings


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "pairs.txt"
    lines = [f"{SENDER} bob@{name}.example" for name in DOMAINS]
    path.write_text("\n".join([*lines, "what?", ""]), encoding="ascii")
    return path


def lines(text: str) -> list[Any]:
    """Return the lines without what is another time each time, in the order of the input."""
    return sorted((_timeless(json.loads(line)) for line in text.splitlines()), key=lambda item: item["line"])


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(item) for key, item in value.items() if key not in TIMES}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def here(pairs: Path) -> list[Any]:
    """Return the lines of one machine, without the times."""
    command = [sys.executable, "-m", "smtpdiag_tui", "--demo", "--batch", str(pairs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=55)
    assert done.returncode in (0, 4), done.stderr
    return lines(done.stdout)


def test_gnu_parallel_over_two_machines_gives_the_lines_of_one(
    settings: Path, pairs: Path, here: list[Any]
) -> None:
    with pairs.open("rb") as given:
        done = subprocess.run(
            [
                *("parallel", "--will-cite", "--pipe", "--tee", "-j1", "--ssh", f"ssh -F {settings}"),
                *("--sshlogin", ",".join(NAMES), "echo $NODE >&2; smtpdiag --demo --batch - --shard {}/2"),
                *(":::", "1", "2"),
            ],
            stdin=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=55,
        )
    assert set(NAMES) <= set(done.stderr.split()), done.stderr
    assert lines(done.stdout) == here


def test_a_slurm_array_gives_the_lines_of_one(pairs: Path, here: list[Any]) -> None:
    script = (
        f"{sys.executable} -m smtpdiag_tui --demo --batch {pairs} "
        "--shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
        f" --resume {pairs.parent}/results-$SLURM_ARRAY_TASK_ID.jsonl"
    )

    def run(task: int) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_COUNT": "2"}
        return subprocess.run(
            ["sh", "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=50
        )

    with ThreadPoolExecutor() as pool:
        for done in pool.map(run, (1, 2)):
            assert done.returncode in (0, 4), done.stderr
    parts = [(pairs.parent / f"results-{task}.jsonl").read_text(encoding="ascii") for task in (1, 2)]
    assert all(parts)
    assert lines("".join(parts)) == here
