"""What is told above the footer is told whole, and in few words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import smtpdiag_tui.tui
from tests.tui.fake_engine import Story
from tests.tui.piloting import ended, make


@pytest.mark.parametrize("length", [*range(56, 62), 100, *range(150, 160), 250])
async def test_the_path_that_something_was_saved_to_is_shown_whole(length: int) -> None:
    app = make(Story())
    path = f"/tmp/{'x' * (length - 13)}/last.md"
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ended(app, pilot)
        app.say(f"131 lines saved to {path}")
        await pilot.pause(0.1)
        strips = app.screen._compositor.render_strips()
        rows = ["".join(segment.text for segment in strip._segments) for strip in strips]
        assert path in "".join(row.strip() for row in rows)
        assert "q Quit" in rows[-1]


def said() -> Iterator[str]:
    """Yield what the interface tells above the footer; what only a run knows stands as one character."""
    for path in Path(smtpdiag_tui.tui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            if node.func.attr in ("say", "say_there_is_none"):
                yield from _texts(node.args[0])


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "9" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_a_toast_says_what_happened_then_the_next_key_in_at_most_60_characters() -> None:
    toasts = list(said())
    assert len(toasts) > 20
    assert [toast for toast in toasts if len(toast) > 60 or toast.endswith((".", "!"))] == []
