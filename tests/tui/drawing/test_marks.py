"""What is found and what the mouse has marked is seen in the conversation, in every theme."""

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection

from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.contrast import NOTE, TEXT, Rgb, contrast, difference
from smtpdiag_tui.tui.drawing.glyphs import use_colours
from smtpdiag_tui.tui.drawing.marks import CURRENT_MATCH, MATCH, over
from smtpdiag_tui.tui.drawing.themes import themes
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.widgets.conversation import Conversation
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import SETTINGS, ended

COLOURED = sorted({theme for theme in themes().values() if not theme.startswith("ansi")})


async def pieces(app: SmtpDiagApp, pilot: Pilot[None], text: str) -> list[Segment]:
    """Return the pieces of the screen that are this text and nothing else."""
    await pilot.pause()
    strips = app.screen._compositor.render_strips()
    return [segment for strip in strips for segment in strip if segment.text == text]


def pair(segment: Segment) -> tuple[Rgb, Rgb]:
    """Return text and ground of a piece as a terminal shows them."""
    style = segment.style
    assert style is not None
    assert style.color is not None
    assert style.bgcolor is not None
    text, ground = style.color.get_truecolor(), style.bgcolor.get_truecolor(foreground=False)
    found = (text.red, text.green, text.blue), (ground.red, ground.green, ground.blue)
    return (found[1], found[0]) if style.reverse else found


@pytest.mark.parametrize("theme", COLOURED)
async def test_the_current_match_and_what_the_mouse_has_marked_are_seen(theme: str) -> None:
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=Options(theme=theme))
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        conversation = app.query_one(Conversation)
        conversation.find("SENDER.EXAMPLE")
        found = await pieces(app, pilot, "sender.example")
        current, other = (pair(segment) for segment in found)
        assert contrast(*current) >= TEXT
        assert contrast(*other) >= TEXT
        assert difference(current[1], other[1]) >= 0.05
        pane = pair((await pieces(app, pilot, "EHLO "))[0])[1]
        assert contrast(current[1], pane) >= NOTE
        conversation.find("")
        app.screen.selections = {conversation: Selection(Offset(11, 2), Offset(15, 2))}
        [marked] = await pieces(app, pilot, "EHLO")
        assert contrast(*pair(marked)) >= TEXT
        assert contrast(pair(marked)[1], pane) >= NOTE


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_they_are_seen_where_all_colour_is_taken_away(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=Options(theme=theme))
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            await ended(app, pilot)
            conversation = app.query_one(Conversation)
            conversation.find("sender.example")
            current, other = [segment.style for segment in await pieces(app, pilot, "sender.example")]
            assert current is not None
            assert other is not None
            assert (current.reverse, other.reverse) == (True, True)
            assert (current.underline, other.underline) == (True, None)
            conversation.find("")
            app.screen.selections = {conversation: Selection(Offset(11, 2), Offset(15, 2))}
            [marked] = await pieces(app, pilot, "EHLO")
            assert marked.style is not None
            assert marked.style.reverse
    finally:
        use_colours({})


def test_a_mark_lies_over_all_that_stands_there() -> None:
    faint = Style(color="red", bgcolor="white", dim=True)
    [plain, marked] = over([Segment("a"), Segment("b", faint)], CURRENT_MATCH)
    assert plain.style == CURRENT_MATCH
    assert marked.style is not None
    assert marked.style.color == CURRENT_MATCH.color
    assert not marked.style.dim


def test_what_is_turned_round_already_is_turned_back_and_the_current_match_keeps_its_colours() -> None:
    failed = Style(bold=True, reverse=True)
    [match] = over([Segment("a", failed)], MATCH)
    [current] = over([Segment("a", failed)], CURRENT_MATCH)
    [selected] = over([Segment("a", failed)], Style(color="black", bgcolor="cyan"))
    assert match.style is not None
    assert not match.style.reverse
    assert current.style is not None
    assert (current.style.reverse, current.style.underline) == (True, True)
    assert selected.style is not None
    assert selected.style.bgcolor == Style(bgcolor="cyan").bgcolor
    assert not selected.style.reverse
