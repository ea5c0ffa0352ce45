"""Where tests stand: helpers in modules of their own, test modules in the room of what they test."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import smtpdiag_tui

TESTS = Path(__file__).parent
PACKAGE = Path(smtpdiag_tui.__file__).parent
MODULES = sorted(TESTS.rglob("*.py"))
ROOMS = sorted({path.parent.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")})
DOTTED = re.compile(r"\btests(?:\.\w+)+")
OF_NO_ROOM = {"real"}  # the whole command, against real servers


def name_of(path: Path) -> str:
    return path.relative_to(TESTS).as_posix()


def used(path: Path) -> Iterator[str]:
    """Yield every module that a file may use: imported, or named in a text, as for a patch or a program."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from DOTTED.findall(node.value)


def collected(module: str) -> bool:
    """Whether pytest collects this module or loads it by itself."""
    first, *rest = module.split(".")
    return first == "tests" and any(part.startswith("test_") or part == "conftest" for part in rest)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nobody_uses_a_test_module(path: Path) -> None:
    assert [module for module in used(path) if collected(module)] == []


def test_what_tests_share_is_seen() -> None:
    named = {module for path in MODULES if path != Path(__file__) for module in used(path)}
    assert named >= {"tests.engine.running", "tests.tui.stuck_main"}, "imports, or names in texts, are not seen"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_tests_is_a_room_of_the_package(room: str) -> None:
    assert room in OF_NO_ROOM or (PACKAGE / room / "__init__.py").is_file()


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_of_tests_is_a_package(room: str) -> None:
    assert (TESTS / room / "__init__.py").is_file()
