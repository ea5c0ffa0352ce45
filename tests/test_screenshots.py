"""The pictures' script still runs, and its pictures are in the folder."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "screenshots" / "make.py"


def test_the_script_runs_by_itself() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--svg-only" in done.stdout


@pytest.mark.timeout(150)  # eight runs, which wait for nothing
@pytest.mark.usefixtures("clock")
def test_the_script_makes_every_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = runpy.run_path(str(SCRIPT))
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), "--svg-only", str(tmp_path)])
    assert script["main"]() == 0
    names = {picture.name for picture in script["PICTURES"]}
    assert {path.stem for path in tmp_path.iterdir()} == names
    assert capsys.readouterr().out.split() == [str(tmp_path / f"{item.name}.svg") for item in script["PICTURES"]]
    for name in names:
        assert (ROOT / "screenshots" / f"{name}.svg").exists()
        assert (ROOT / "screenshots" / f"{name}.png").exists()
    assert "DEFERRED" in (tmp_path / "greylisted.svg").read_text()
    assert "\\x1b[2J" in (tmp_path / "hostile-banner.svg").read_text()
