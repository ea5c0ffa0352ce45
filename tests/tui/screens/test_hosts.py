"""The table of MX hosts on its screen."""

import asyncio

import pytest
from textual import events
from textual.widgets import Static

from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.host_filter import Filter
from smtpdiag_tui.tui.model.host_table import Column
from smtpdiag_tui.tui.screens.help import HelpScreen
from smtpdiag_tui.tui.screens.hosts import HostsScreen
from smtpdiag_tui.tui.widgets.host_table import HostTable
from tests.tui.fake_engine import MX1, MX2, Story
from tests.tui.piloting import MakeApp, ended, make, until

SIZES = [(80, 24), (120, 40), (60, 15)]


def table(app: SmtpDiagApp) -> HostTable:
    return app.screen.query_one(HostTable)


def lines(app: SmtpDiagApp) -> list[str]:
    shown = table(app)
    return [shown.render_line(y).text.rstrip() for y in range(shown.size.height)]


async def test_an_address_picked_is_gone_to() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen) and table(app).row is not None)
        await pilot.press("end", "enter")
        await until(pilot, lambda: app._tree.selected == MX2)
        assert app.focused is app._tree
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen) and table(app).row is not None)
        row = table(app).row
        assert row is not None
        assert row.step == MX2, "the cursor begins where the tree's stands"
        await pilot.press("escape")
        assert app._tree.selected == MX2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("recipient", ["bob@differ.example"])
async def test_all_of_the_row_under_the_cursor_is_told_below(size: tuple[int, int], story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=size) as pilot:
        await ended(app, pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen) and len(table(app).rows) == 4)
        await pilot.press("down")
        await pilot.pause()
        words = str(app.screen.query_one("#host-whole", Static).render())
        assert words.startswith("mx.differ.example [192.0.2.92], preference 10; accepted 250 2.1.5; TLS 1.3, ")
        assert "Exim 4.94.2" in words
        assert [line[:1] for line in lines(app)[1:5]] == ["✓"] * 4
        assert all(len(line) <= table(app).scrollable_content_region.width for line in lines(app))


@pytest.mark.parametrize("recipient", ["bob@seventh.example"])
async def test_left_and_right_sort_and_the_cursor_stays_with_its_address(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen) and len(table(app).rows) == 7)
        await pilot.press("G")
        assert [row.preference for row in table(app).rows][-1] == 70
        await pilot.press("right", "right", "right", "right")
        assert table(app).order.column is Column.RESULT
        row = table(app).row
        assert row is not None
        assert (row.preference, row.result) == (70, "accepted")
        assert table(app).rows[0].result == "accepted"
        await pilot.press("r")
        assert table(app).rows[-1].result == "accepted"
        assert "result▼" in lines(app)[0]
        await pilot.press("f")
        assert table(app).shown is Filter.NOT_ACCEPTED
        assert {row.result for row in table(app).rows} == {"connection refused"}
        assert "MX hosts · not accepted: 6 of 7 · 7 addresses" in str(app.screen.query_one("#hosts").border_title)
        await pilot.press("f")
        assert table(app).shown is Filter.PASSED
        await pilot.press("f")
        assert len(table(app).rows) == 7
        await pilot.press("F")
        assert table(app).shown is Filter.PASSED


async def test_a_filter_that_leaves_nothing_says_how_to_go_on() -> None:
    app = make(Story())
    async with app.run_test() as pilot:
        await ended(app, pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen) and table(app).row is not None)
        table(app).shown = Filter.NOT_ACCEPTED
        table(app).show([])
        assert table(app).row is None
        await pilot.press("enter", "down", "home", "pagedown")
        assert isinstance(app.screen, HostsScreen)


async def test_rows_come_while_the_run_goes_on() -> None:
    hold = asyncio.Event()
    app = make(Story(hold=hold))
    async with app.run_test() as pilot:
        await until(pilot, lambda: MX1 in app.live.report.steps)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen) and table(app).row is not None)
        assert {row.result for row in table(app).rows} == {"running"}
        hold.set()
        await until(pilot, lambda: "running" not in {row.result for row in table(app).rows})


async def test_there_is_no_table_without_hosts() -> None:
    app = make(Story(), start=False)
    async with app.run_test() as pilot:
        app.action_hosts()
        await pilot.pause()
        assert not isinstance(app.screen, HostsScreen)


@pytest.mark.parametrize("recipient", ["bob@seventh.example"])
async def test_a_heading_clicked_sorts_and_a_row_clicked_twice_is_gone_to(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen) and len(table(app).rows) == 7)
        place = lines(app)[0].index("host")
        await pilot.click(HostTable, offset=(place, 0))
        assert table(app).order.column is Column.HOST
        await pilot.click(HostTable, offset=(place, 0))
        assert table(app).order.reverse
        await pilot.click(HostTable, offset=(5, 2))
        row = table(app).row
        assert row is not None
        assert row.preference == 60
        await pilot.click(HostTable, offset=(5, 2), times=2)
        await until(pilot, lambda: app._tree.selected == row.step)


async def test_an_overlay_that_is_gone_before_its_focus_is_told_does_no_harm() -> None:
    app = make(Story())
    async with app.run_test() as pilot:
        await ended(app, pilot)
        pane = app._pane
        app.on_descendant_focus(events.DescendantFocus(HostTable()))
        assert app._pane is pane


@pytest.mark.parametrize("recipient", ["bob@large.example"])
async def test_the_row_told_below_is_in_view_after_each_filter(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen) and len(table(app).rows) == 120)
        await pilot.press("end")
        for _ in range(12):
            await pilot.press("f")
            await pilot.pause()
            row, shown = table(app).row, table(app)
            assert row is not None
            place = list(shown.rows).index(row)
            assert shown.scroll_offset.y <= place < shown.scroll_offset.y + shown.size.height - 1
        assert {Column.HOST, Column.CERTIFICATE, Column.DAYS, Column.TLS} <= set(table(app).columns)
        assert Column.SOFTWARE not in table(app).columns


async def test_help_opens_over_the_table() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen))
        await pilot.press("?")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen))
