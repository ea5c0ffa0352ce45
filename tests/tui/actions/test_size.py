"""The terminal changes its size: nothing is lost, and what is covered takes no key."""

import pytest
from textual.widgets import Input

from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.widgets.key_line import KeyLine
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import MX1, Story
from tests.tui.piloting import MakeApp, ended, make, until

LONG = "220 " + "a-very-long-name." * 12 + "example ESMTP ready to take what you have"


def label_of(app: SmtpDiagApp, step: str) -> str:
    return str(app.query_one(StepTree)._by_id[step].label)


async def test_too_small_and_back_keeps_focus_cursor_and_fields() -> None:
    story = Story()
    app = make(story)
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        tree = app.query_one(StepTree)
        here = tree.selected
        await pilot.resize_terminal(50, 12)
        await pilot.pause()
        assert app.query_one("#too-small").display
        await pilot.press("n", "n", "z", "f", "question_mark", "x", "tab")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.focused is tree
        assert tree.selected == here
        assert app.query_one("#sender", Input).value == "a@sender.example"
        assert len(app.screen_stack) == 1
        assert len(story.calls) == 1
        line = tree.cursor_line
        await until(pilot, lambda: 0 <= line - tree.scroll_offset.y < tree.size.height)


async def test_too_small_in_a_field_still_quits() -> None:
    app = make(Story(), start=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0


async def test_labels_fit_the_width_there_is_now() -> None:
    app = make(Story(banner=LONG))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        for width in (200, 100, 80, 120):
            await pilot.resize_terminal(width, 40)
            await pilot.pause()
            room = app.query_one(StepTree).scrollable_content_region.width
            step = f"{MX1}/rcpt-to"
            found = len(label_of(app, step)) + 2 * StepId(step).depth + 2
            assert room - 2 <= found <= room, (width, found, room)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40)])
async def test_the_outcome_has_two_rows_whatever_it_says(size: tuple[int, int]) -> None:
    app = make(Story(banner=LONG * 3))
    async with app.run_test(size=size) as pilot:
        line = app.query_one(OutcomeLine)
        assert line.region.height == 2
        await ended(app, pilot)
        assert line.region.height == 2
        shown = [line.render_line(y).text.rstrip() for y in range(2)]
        assert shown[1].endswith("… (a: all)")
        assert "1.5 s" in shown[0]
        assert LONG in line.text.plain


@pytest.mark.parametrize(
    ("width", "there", "missing"),
    [
        (60, {"F5", "?", "q", "r"}, {"x", "/"}),
        (80, {"F5", "?", "q", "r", "g", "n", "a", "W", "h"}, {"x"}),
        (150, {"x"}, set()),
    ],
)
async def test_the_footer_shows_what_fits_and_always_help_and_quit(
    width: int, there: set[str], missing: set[str]
) -> None:
    app = make(Story())
    async with app.run_test(size=(100, 30)) as pilot:
        await ended(app, pilot)
        await pilot.resize_terminal(width, 24)
        await pilot.pause()

        def keys() -> set[str]:
            return {key.key_display for key in app.query("FooterKey").results()}  # type: ignore[attr-defined]

        await until(pilot, lambda: there <= keys() and not missing & keys())
        assert sum(key.region.width + 1 for key in app.query("FooterKey")) - 1 <= width
        assert app.query_one(KeyLine).region.bottom == 24


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_zoomed_pane_has_all_but_outcome_fields_and_footer(size: tuple[int, int]) -> None:
    app = make(Story())
    async with app.run_test(size=size) as pilot:
        await ended(app, pilot)
        for pane in ("#steps", "#findings", "#conversation"):
            app.query_one(pane).focus()
            await pilot.press("z")
            await pilot.pause()
            rest = 2 + app.query_one("#inputs").region.height + 1
            assert app.query_one(pane).region.size == (size[0], size[1] - rest)
            await pilot.press("z")


def heights(app: SmtpDiagApp) -> tuple[int, int, int]:
    steps, findings, conversation = (app.query_one(name) for name in ("#steps", "#findings", "#conversation"))
    return steps.outer_size.height, findings.outer_size.height, conversation.outer_size.height


@pytest.mark.parametrize("recipient", ["bob@blocklist.example"])
async def test_keys_give_the_focused_pane_more_room_and_take_it_back(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(80, 30)) as pilot:
        await ended(app, pilot)
        await until(pilot, lambda: app.query_one("#conversation").outer_size.height > 3)
        before = heights(app)
        await pilot.press("plus", "plus")
        await until(pilot, lambda: heights(app)[0] == before[0] + 2)
        app.query_one("#findings").focus()
        await pilot.press("minus")
        await until(pilot, lambda: heights(app)[1] < before[1])
        app.query_one("#conversation").focus()
        found = heights(app)
        await pilot.press("plus")
        await until(pilot, lambda: heights(app)[2] == found[2] + 1)
        for _ in range(30):
            await pilot.press("plus")
        await pilot.pause()
        assert min(heights(app)) >= 3, "no pane is lost"
        await pilot.press("equals_sign")
        await until(pilot, lambda: heights(app) == before)


async def test_keys_make_the_steps_wider_beside_the_rest() -> None:
    app = make(Story())
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        width = app.query_one("#steps").outer_size.width
        await pilot.press("plus")
        await until(pilot, lambda: app.query_one("#steps").outer_size.width == width + 4)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.query_one("#steps").outer_size.width == 80)
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: app.query_one("#steps").outer_size.width == width + 4)
        await pilot.press("equals_sign")
        await until(pilot, lambda: app.query_one("#steps").outer_size.width == width)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_an_empty_transcript_gives_its_room_to_the_findings(size: tuple[int, int]) -> None:
    app = make(Story())
    async with app.run_test(size=size) as pilot:
        await ended(app, pilot)
        app.query_one(StepTree).go_to("syntax")
        await until(pilot, lambda: app.query_one(StepTree).selected == "syntax")
        room = sum(heights(app)[1:])

        def most() -> float:
            scalar = app.query_one("#findings").styles.max_height
            return scalar.value if scalar is not None else 0.0

        await until(pilot, lambda: most() == room - 3)
        assert heights(app)[2] >= 3, "it says that there is none"


async def test_a_zoomed_pane_has_all_the_room_whatever_was_given() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 30)) as pilot:
        await ended(app, pilot)
        await pilot.press("plus", "z")
        await until(pilot, lambda: app.query_one("#steps").region.height == 30 - 2 - 2 - 1)
        await pilot.press("z")
        await until(pilot, lambda: app.query_one("#steps").region.height < 20)


@pytest.mark.parametrize("recipient", ["bob@expired.example"])
async def test_after_an_accepted_run_the_cursor_stands_on_the_session_that_accepted(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        session = "delivery/mx.expired.example/192.0.2.37"
        await until(pilot, lambda: app.query_one(StepTree).selected == session)
        assert app.query_one(StepTree).scrollable_content_region.height >= 8
