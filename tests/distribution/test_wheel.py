"""Wheel and sdist are built, installed into a clean environment and used from there."""

import os
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from smtpdiag_tui import __version__
from smtpdiag_tui.distribution.completions import SCRIPTS
from smtpdiag_tui.distribution.flags import SHELLS
from smtpdiag_tui.distribution.shipped import shipped
from tests.distribution import pythons

# Built and installed once, on one worker; the package index may take its time.
pytestmark = [pytest.mark.xdist_group("wheel"), pytest.mark.timeout(900)]
PLACES = set(shipped("2026-11-28"))
OTHERS = [version for version in pythons.STATED if version != f"{sys.version_info[0]}.{sys.version_info[1]}"]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return sdist and wheel."""
    try:
        return pythons.built(tmp_path_factory.mktemp("built"))
    except pythons.OfflineError as error:
        if os.environ.get("SMTPDIAG_REAL") == "required":
            raise
        pytest.skip(f"no package index: {error}")


@pytest.fixture(scope="module")
def clean(archives: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with the wheel and what it needs, and nothing of the tests."""
    return pythons.installed(Path(sys.executable), archives[1], tmp_path_factory.mktemp("clean") / "venv")


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


def test_the_wheel_ships_man_page_and_completions(archives: tuple[Path, Path]) -> None:
    data = f"smtpdiag_tui-{__version__}.data/data/"
    assert {name.removeprefix(data) for name in names(archives[1]) if name.startswith(data)} == PLACES


def test_the_wheel_states_licence_version_and_pythons(archives: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(archives[1]) as archive:
        metadata = archive.read(f"smtpdiag_tui-{__version__}.dist-info/METADATA").decode("utf-8").splitlines()
    assert f"Version: {__version__}" in metadata
    assert "License-Expression: MIT" in metadata
    assert "License-File: LICENSE" in metadata
    assert "Requires-Python: >=3.11" in metadata
    stated = {line.rpartition(" ")[2] for line in metadata if line.startswith("Classifier: Programming Language")}
    assert set(pythons.STATED) <= stated


def test_a_wheel_of_the_checkout_has_the_same_files_as_one_of_the_sdist(
    archives: tuple[Path, Path], tmp_path: Path
) -> None:
    command = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, pythons.ROOT)
    pythons.run(*command, cwd=tmp_path)
    [wheel] = tmp_path.glob("*.whl")
    assert names(wheel) == names(archives[1])


def test_the_sdist_holds_what_a_wheel_is_made_of_and_the_tests(archives: tuple[Path, Path]) -> None:
    with tarfile.open(archives[0]) as archive:
        found = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "tests/conftest.py"} <= found
    assert "smtpdiag_tui/distribution/build_hook.py" in found
    assert not [name for name in found if "__pycache__" in name or name.startswith((".git/", ".venv"))]


def test_the_command_runs_outside_of_the_checkout(clean: Path, tmp_path: Path) -> None:
    for program in ("smtpdiag", "smtpdiag-tui"):
        assert pythons.run(clean / "bin" / program, "--version", cwd=tmp_path) == f"smtpdiag {__version__}\n"
    text = pythons.run(clean / "bin" / "smtpdiag", "--demo", "--report", "text", cwd=tmp_path)
    assert text.startswith("✓ ACCEPTED  alice@sender.example to bob@partner.example\n")
    assert pythons.tried(clean, tmp_path) == __version__
    where = "import smtpdiag_tui; print(smtpdiag_tui.__file__)"
    assert pythons.run(clean / "bin" / "python", "-c", where, cwd=tmp_path).startswith(str(clean))
    line = pythons.run(clean / "bin" / "smtpdiag", "--demo", "--report", "nagios", cwd=tmp_path)
    assert line.startswith("SMTPDIAG OK - ")


def test_nothing_of_the_tests_is_installed(clean: Path, tmp_path: Path) -> None:
    listed = pythons.run(clean / "bin" / "pip", "list", "--format", "freeze", cwd=tmp_path).lower()
    assert "smtpdiag-tui==" in listed
    assert not [name for name in ("pytest", "hypothesis", "prometheus", "hatchling") if f"{name}=" in listed]


def test_man_page_and_completions_are_where_they_belong(clean: Path, tmp_path: Path) -> None:
    assert [place for place in sorted(PLACES) if not (clean / place).is_file()] == []
    for shell in SHELLS:
        assert pythons.run(clean / "bin" / "smtpdiag", "--completion", shell, cwd=tmp_path) == SCRIPTS[shell]()
    fish = (clean / "share/fish/vendor_completions.d/smtpdiag.fish").read_text(encoding="utf-8")
    assert fish == SCRIPTS["fish"]()
    page = (clean / "share/man/man1/smtpdiag.1").read_text(encoding="utf-8")
    assert f"smtpdiag {__version__}" in page.splitlines()[0]


@pytest.mark.parametrize("version", OTHERS)
def test_each_python_that_is_stated_runs_it(version: str, archives: tuple[Path, Path], tmp_path: Path) -> None:
    python = pythons.interpreters(everywhere=False).get(version)
    if python is None:
        pytest.skip(f"Python {version} is not on the path")
    environment = pythons.installed(python, archives[1], tmp_path / "venv")
    assert pythons.tried(environment, tmp_path) == __version__
