"""The wheel in clean environments of all Pythons of this host: `python -m tests.distribution.pythons [WHEEL]`."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATED = ("3.11", "3.12", "3.13", "3.14")
LIMIT = 300.0  # seconds for one program
_NO_NETWORK = (
    "No matching distribution",
    "ConnectionError",
    "Temporary failure in name resolution",
    "Max retries",
)

say = print  # this is a command


class OfflineError(Exception):
    """No package index can be reached."""


def interpreters(*, everywhere: bool) -> dict[str, Path]:
    """Return version to program of each stated Python that is on the path and runs; `everywhere`: pyenv's too."""
    found: dict[str, Path] = {}
    for version in STATED:
        program = next(filter(_runs, _candidates(version, everywhere=everywhere)), None)
        if program is not None:
            found[version] = program
    return found


def _candidates(version: str, *, everywhere: bool) -> Iterator[Path]:
    yield from (Path(folder) / f"python{version}" for folder in os.environ.get("PATH", "").split(os.pathsep))
    if everywhere:
        yield from sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))


def _runs(program: Path) -> bool:
    """Whether it is one: pyenv puts programs on the path that run nothing."""
    if not program.is_file():
        return False
    done = subprocess.run(
        [program, "-c", "import venv, ensurepip"], capture_output=True, check=False, timeout=LIMIT
    )
    return done.returncode == 0


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program as outside of the checkout; return what it printed. Raises OfflineError."""
    hidden = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=LIMIT, cwd=cwd, env=environment
    )
    if done.returncode and any(words in done.stdout + done.stderr for words in _NO_NETWORK):
        raise OfflineError(done.stderr)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def built(folder: Path) -> tuple[Path, Path]:
    """Build the sdist, and the wheel from it, in environments of their own; return both."""
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    [sdist], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel


def installed(python: Path, wheel: Path, folder: Path) -> Path:
    """Install the wheel and what it needs, and no more, into an environment; return its folder."""
    run(python, "-m", "venv", folder, cwd=folder.parent)
    run(folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=folder.parent)
    return folder


def tried(environment: Path, cwd: Path) -> str:
    """Run the demo as installed; return the version that reports."""
    text = run(environment / "bin" / "smtpdiag", "--demo", "--report", "json", cwd=cwd)
    report = json.loads(text)
    assert report["outcome"] == "accepted", report["summary"]
    return str(report["version"])


def main(arguments: list[str]) -> int:
    """Try each Python, and say which."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = Path(arguments[0]).resolve() if arguments else built(folder)[1]
        for version, python in interpreters(everywhere=True).items():
            environment = installed(python, wheel, folder / version)
            say(f"Python {version} ({python}): smtpdiag {tried(environment, folder)} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
