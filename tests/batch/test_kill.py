"""kill -9 at any moment, then resume: each pair exactly once, each line whole."""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "smtpdiag_tui", "--demo", "--batch"]
SENDER = "alice@sender.example"


def told(path: Path) -> list[dict[str, object]]:
    """Return what stands in the file; each line is to be JSON."""
    data = path.read_bytes()
    assert not data or data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_moments_no_line_is_lost_doubled_or_broken(tmp_path: Path, seed: int) -> None:
    pairs = [f"crash{n}@d{n}.example" if n % 17 == 0 else f"bob@d{n}.example" for n in range(600)]
    lines = [f"{SENDER} {recipient}" for recipient in pairs]
    for place in (3, 50, 200):
        lines.insert(place, f"bad line {place}")
    (tmp_path / "in").write_text("\n".join(lines), encoding="ascii")
    command = [sys.executable, "-m", "tests.batch.killed", str(tmp_path), str(seed * 1000), "40"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=55)
    assert (done.returncode, done.stderr) == (0, "")
    found = told(tmp_path / "out")
    assert Counter(item.get("recipient", item.get("text")) for item in found) == Counter(
        [*pairs, "bad line 3", "bad line 50", "bad line 200"]
    )
    assert all(lines[int(str(item["line"])) - 1].endswith(str(item.get("recipient", ""))) for item in found)


def test_the_command_itself_is_killed_and_goes_on(tmp_path: Path) -> None:
    names = ["partner", "greylist", "dead", "null", "expired", "full", "plain", "shared"]
    pairs = [f"{SENDER} {local}@{name}.example" for name in names for local in ("bob", "carol")]
    (tmp_path / "in").write_text("\n".join([*pairs, "what?"]), encoding="ascii")
    command = [*COMMAND, str(tmp_path / "in"), "--resume", str(tmp_path / "out")]
    for _ in range(2):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            end = time.monotonic() + 20
            while time.monotonic() < end and not (tmp_path / "out").exists():
                time.sleep(0.02)
            time.sleep(random.random() * 4)
            process.send_signal(signal.SIGKILL)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stdout) == (4 if "invalid line" in done.stderr else 0, "")
    found = told(tmp_path / "out")
    assert Counter(f"{item['sender']} {item['recipient']}" for item in found if "sender" in item) == Counter(pairs)
    assert [item["text"] for item in found if "text" in item] == ["what?"]
    again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert (again.returncode, len(told(tmp_path / "out"))) == (4, 17), "the bad line stands there still"
    assert "17 already in the file" in again.stderr
