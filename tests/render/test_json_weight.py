"""A saved report is weighed before it is read: what it would take in memory is bounded, whatever it is made of."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.render import json_weight
from smtpdiag_tui.render.from_json import MAX_SIZE, from_json
from smtpdiag_tui.render.json_weight import too_heavy
from smtpdiag_tui.render.saved_values import SavedReportError

MEGABYTE = 1024 * 1024
# Not ru_maxrss: what a program is started from counts in it, and a worker of many tests is large itself.
PEAK = """
import sys
from pathlib import Path
from smtpdiag_tui.cli.main import main
status = main(["--replay", sys.argv[1], "--report", "text"])
[peak] = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
print(status, int(peak) // 1024, file=sys.stderr)
"""


@pytest.mark.parametrize("unit", ["{},", "[],", '{"a":0},', '"ab",', "1.5,", '"\U0001f600",', '\\",{'])
def test_a_replay_of_63_mib_of_little_things_stays_under_500_mb(unit: str, tmp_path: Path) -> None:
    data = unit.encode()
    path = tmp_path / "report.json"
    lead = b'["' if unit.startswith("\\") else b"["
    path.write_bytes(lead + data * ((MAX_SIZE - MEGABYTE) // len(data)) + b"0]")
    done = subprocess.run([sys.executable, "-c", PEAK, path], capture_output=True, text=True, check=True)
    *said, last = done.stderr.splitlines()
    status, peak = map(int, last.split())
    assert (status, len(said)) == (2, 1)
    assert said[0].startswith(f"smtpdiag: cannot show '{path}': ")
    assert peak < 500


def kinds(found: object) -> tuple[int, int]:
    """Return how many commas and containers the JSON of a value needs."""
    if not isinstance(found, dict | list):
        return 0, 0
    below = [kinds(item) for item in (found.values() if isinstance(found, dict) else found)]
    return max(len(found) - 1, 0) + sum(item[0] for item in below), 1 + sum(item[1] for item in below)


TEXTS = st.text(st.sampled_from('ab,{}[]"\\\n\u20ac'))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda below: st.lists(below) | st.dictionaries(TEXTS, below),
    max_leaves=20,
)


@given(value=VALUES, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_what_is_text_is_not_counted(value: object, *, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert json_weight._outside_strings(text) == kinds(value)


@given(data=st.binary() | st.text('",{[\\a').map(str.encode))
def test_anything_can_be_weighed(data: bytes) -> None:
    assert too_heavy(data) is None


@pytest.mark.parametrize("text", ["{{{{,,,,[[[[", '\\"{,\\"'])
def test_a_report_full_of_a_peers_braces_is_not_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_weight, "MAX_SEPARATORS", 10)
    monkeypatch.setattr(json_weight, "MAX_CONTAINERS", 10)
    assert too_heavy(json.dumps([text] * 10).encode()) is None
    assert too_heavy(json.dumps([text] * 12).encode()) == "more values than a report can have"
    assert too_heavy(json.dumps([[]] * 10).encode()) == "more values than a report can have"


def test_strings_without_end_are_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_weight, "_MOST_TOKENS", 100)
    monkeypatch.setattr(json_weight, "MAX_CONTAINERS", 10)
    assert too_heavy(b'[[{{"[[[[[[[[[[[["' + b'""' * 200) == "more values than a report can have"


def test_large_is_ascii_as_reports_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_weight, "MAX_NOT_ASCII", 1000)
    assert too_heavy(b"x" * 1001) is None
    assert too_heavy("é".encode() * 500) is None
    assert too_heavy("é".encode() * 501) == "larger than 0 MiB and not ASCII"
    with pytest.raises(SavedReportError, match=r"^larger than .* ASCII$"):
        from_json('"' + "é" * 501 + '"')
