"""Where the terminal shows ASCII alone, nothing else is drawn, in panes and overlays, frames and bars included."""

from collections.abc import Iterator

import pytest
from textual.scrollbar import ScrollBar, ScrollBarRender

from smtpdiag_tui.demo.local_mta import DemoMta
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.glyphs import spelt, use_ascii
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.terminal.ascii import use_bars
from tests.tui.piloting import demo, ended, until


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    use_ascii(on=False)
    use_bars(on=False)


def drawn(app: SmtpDiagApp) -> str:
    return "\n".join(
        "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()
    )


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_overlay_is_ascii_alone(size: tuple[int, int]) -> None:
    options = Options(ascii_only=True, local=DemoMta())
    app = SmtpDiagApp(Settings(DEFAULT_SENDER, "bob@fullexpired.example"), demo, start=True, options=options)
    async with app.run_test(size=size, notifications=False) as pilot:
        await ended(app, pilot)
        await pilot.press("v")
        await pilot.pause()
        assert drawn(app).isascii(), drawn(app)
        base = app.screen
        for key in ("u", "a", "t", "o", "s", "question_mark"):
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not base)
            await pilot.pause(0.1)
            for _ in range(3):
                text = drawn(app)
                assert text.isascii(), (key, sorted({sign for sign in text if not sign.isascii()}), text)
                await pilot.press("pagedown")
                await pilot.pause()
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is base)


def test_it_holds_until_another_app_is_made() -> None:
    use_bars(on=True)
    assert ScrollBar.renderer is not ScrollBarRender
    use_bars(on=False)
    assert ScrollBar.renderer is ScrollBarRender


def test_signs_of_our_own_are_spelt() -> None:
    assert spelt("RFC 5321 §5.1 – ×2…") == "RFC 5321 §5.1 – ×2…"
    use_ascii(on=True)
    assert spelt("RFC 5321 §5.1 – ×2…") == "RFC 5321 section 5.1 - x2..."
