"""Whole screens, as they were when somebody last looked at them and found them right.

After a change that is meant, `pytest tests/tui/test_snapshots.py --snapshot-update`, and look at what it did.
"""

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.glyphs import use_ascii
from smtpdiag_tui.tui.model.options import Options
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import SETTINGS, ended

SMALL, LARGE = (80, 24), (120, 40)
Compare = Callable[..., bool]


def app_for(options: Options | None = None, *, start: bool = True) -> SmtpDiagApp:
    return SmtpDiagApp(SETTINGS, nowhere, start=start, diagnose=Story().diagnose, options=options or Options())


def after(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def act(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, SmtpDiagApp)
        await ended(pilot.app, pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        for field in pilot.app.screen.query("#path").results(Input):
            field.value = "/tmp/report.md"
        await pilot.pause()

    return act


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    "keys",
    [(), ("a",), ("question_mark",), ("o",), ("s",), ("v",), ("slash", "e", "h", "l", "o")],
    ids=["ended", "answer", "help", "settings", "save", "why", "search"],
)
def test_screen(snap_compare: Compare, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    assert snap_compare(app_for(), terminal_size=size, run_before=after(*keys))


def test_ready(snap_compare: Compare) -> None:
    assert snap_compare(app_for(start=False), terminal_size=SMALL)


def test_zoomed(snap_compare: Compare) -> None:
    assert snap_compare(app_for(), terminal_size=SMALL, run_before=after("tab", "tab", "z"))


def test_light(snap_compare: Compare) -> None:
    assert snap_compare(app_for(Options(theme="smtpdiag-light")), terminal_size=LARGE, run_before=after())


def test_ascii(snap_compare: Compare) -> None:
    try:
        assert snap_compare(app_for(Options(ascii_only=True)), terminal_size=SMALL, run_before=after())
    finally:
        use_ascii(on=False)


def test_too_small(snap_compare: Compare) -> None:
    assert snap_compare(app_for(), terminal_size=(50, 12), run_before=after())
