"""Where tests stand: helpers in modules of their own, test modules in the room of what they test."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import smtpdiag_tui

TESTS = Path(__file__).parent
PACKAGE = Path(smtpdiag_tui.__file__).parent
MODULES = sorted(TESTS.rglob("*.py"))
ROOMS = sorted({path.parent.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")})
OF_NO_ROOM = {"real"}  # the whole command, against real servers


def name_of(path: Path) -> str:
    return path.relative_to(TESTS).as_posix()


def imported(path: Path) -> Iterator[str]:
    """Yield every module that a file may import, those that stand as names in a package too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def collected(module: str) -> bool:
    """Whether pytest collects this module or loads it by itself."""
    last = module.rpartition(".")[2]
    return module.startswith("tests.") and (last.startswith("test_") or last == "conftest")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nobody_imports_a_test_module(path: Path) -> None:
    assert [module for module in imported(path) if collected(module)] == []


def test_the_imports_of_tests_are_seen() -> None:
    assert "tests.engine.running" in {module for path in MODULES for module in imported(path)}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_tests_is_a_room_of_the_package(room: str) -> None:
    assert room in OF_NO_ROOM or (PACKAGE / room / "__init__.py").is_file()


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_of_tests_is_a_package(room: str) -> None:
    assert (TESTS / room / "__init__.py").is_file()
