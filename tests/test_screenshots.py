"""The pictures' script still runs, and its pictures are in the folder."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "screenshots" / "make.py"


@pytest.mark.timeout(150)  # nine runs, one of which waits out limits
def test_the_script_makes_every_picture(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--svg-only", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    names = {picture.name for picture in runpy.run_path(str(SCRIPT))["PICTURES"]}
    assert {path.stem for path in tmp_path.iterdir()} == names
    for name in names:
        assert (ROOT / "screenshots" / f"{name}.svg").exists()
        assert (ROOT / "screenshots" / f"{name}.png").exists()
    assert "DEFERRED" in (tmp_path / "greylisted.svg").read_text()
    assert "\\x1b[2J" in (tmp_path / "hostile-banner.svg").read_text()
