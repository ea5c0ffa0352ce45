"""With NO_COLOR what has the focus, where the cursor is and what is wrong is seen all the same."""

from collections.abc import Iterator

import pytest
from rich.style import Style

from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.glyphs import use_ascii, use_colours
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.screens.settings import SettingsScreen
from smtpdiag_tui.tui.widgets.choice import Choice
from smtpdiag_tui.tui.widgets.inputs import AddressInput
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import SETTINGS, ended

Look = tuple[str, bool, bool, bool]


@pytest.fixture(autouse=True)
def without_colour(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NO_COLOR", "1")
    yield
    use_colours({})
    use_ascii(on=False)


def app_in(theme: str, *, ascii_only: bool = False) -> SmtpDiagApp:
    options = Options(theme=theme, ascii_only=ascii_only)
    return SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=options)


def drawn(app: SmtpDiagApp) -> list[list[Look]]:
    """Return the screen as who sees no colour sees it: the text, bold, reverse and underlined, row by row."""
    rows: list[list[Look]] = []
    for strip in app.screen._compositor.render_strips():
        styles = ((segment.text, segment.style or Style()) for segment in strip)
        rows.append([(text, bool(s.bold), bool(s.reverse), bool(s.underline)) for text, s in styles])
    return rows


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light", "smtpdiag-dark"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_the_pane_that_has_the_focus_is_seen(theme: str, size: tuple[int, int], ascii_only: bool) -> None:
    app = app_in(theme, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        await ended(app, pilot)
        seen = []
        for _ in range(3):
            await pilot.press("tab")
            await pilot.pause()
            seen.append(drawn(app)[4 if size[0] < 100 else 3 :])  # from the first row of the panes on
        assert seen[0] != seen[1]
        assert seen[1] != seen[2]
        assert seen[0] != seen[2]


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_the_step_under_the_cursor_is_seen(theme: str) -> None:
    app = app_in(theme)
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        await pilot.pause()
        reversed_texts = [text for row in drawn(app)[3:] for text, _, reverse, _ in row if reverse]
        assert any("RCPT TO" in text for text in reversed_texts)


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light", "smtpdiag-dark"])
async def test_a_wrong_field_and_a_chosen_setting_are_seen(theme: str) -> None:
    app = app_in(theme)
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        app.query_one("#recipient", AddressInput).put("bob")
        await pilot.press("f5", "escape")
        await pilot.pause()
        assert any("bob" in text and underlined for row in drawn(app) for text, _, _, underlined in row)
        await pilot.press("o")
        assert isinstance(app.screen, SettingsScreen)
        choice = app.screen.query(Choice).first()
        choice.focus()
        await pilot.pause()
        await pilot.pause()
        assert any("IPv4 and IPv6" in text and reverse for row in drawn(app) for text, _, reverse, _ in row)
