"""The vantage points in the interface: all run, one is shown, and the columns lead from one to another."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Static

from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.networks import open_demo_network
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.screens.vantage import VantageScreen
from tests.tui.fake_engine import MX1, Story, nowhere
from tests.tui.piloting import until
from tests.vantage.told_points import LOCAL, SSH, ToldPoints

if TYPE_CHECKING:
    from smtpdiag_tui.report.report import Report

GONE = Via("ssh", "gone.example")
SETTINGS = Settings("a@sender.example", "bob@partner.example", via=(LOCAL, SSH))
SIZES = [(80, 24), (120, 40), (60, 20)]


def made(points: ToldPoints, settings: Settings = SETTINGS, **options: object) -> SmtpDiagApp:
    chosen = Options(opened=points, **options)  # type: ignore[arg-type]
    return SmtpDiagApp(settings, nowhere, start=True, diagnose=points.local.diagnose, options=chosen)


def points(**refused: str) -> ToldPoints:
    accepting = Story(failing={}, outcome=Outcome.ACCEPTED)
    return ToldPoints(
        accepting, {SSH.label: Story()}, {GONE.label: "ssh:gone.example refused the login"} | refused
    )


async def all_ended(app: SmtpDiagApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: app.points.live.report.run > 0 and not app.points.under_way)
    await pilot.pause()


async def opened(app: SmtpDiagApp, pilot: Pilot[None]) -> "DataTable[object]":
    await pilot.press("m")
    await until(
        pilot, lambda: isinstance(app.screen, VantageScreen) and app.screen.query_one(DataTable).row_count > 0
    )
    return app.screen.query_one(DataTable)


def cells(table: "DataTable[object]") -> list[list[str]]:
    return [[str(cell) for cell in table.get_row_at(row)] for row in range(table.row_count)]


def told(app: SmtpDiagApp, place: str) -> str:
    return str(app.screen.query_one(place, Static).render())


def in_force(app: SmtpDiagApp) -> str:
    return str(app.screen_stack[0].query_one("#in-force", Static).render())


@pytest.mark.parametrize("size", SIZES)
async def test_all_run_and_the_columns_tell(size: tuple[int, int]) -> None:
    app = made(points())
    async with app.run_test(size=size) as pilot:
        await all_ended(app, pilot)
        assert app.live.report.outcome is Outcome.ACCEPTED, "the first is shown"
        assert in_force(app).startswith("1 of 2 (m) via local")
        table = await opened(app, pilot)
        rows = cells(table)
        assert rows[0] == ["outcome", "✓ accepted", "! deferred"]
        assert [row[0] for row in rows if row[0].startswith("  ")] == ["  192.0.2.25", "  2001:db8::25"]
        assert "Accepted from local, deferred from" in told(app, "#vantage-answer Static")
        await pilot.press("escape")
        assert not isinstance(app.screen, VantageScreen)


async def test_enter_shows_the_report_of_a_cell() -> None:
    app = made(points())
    async with app.run_test(size=(80, 24)) as pilot:
        await all_ended(app, pilot)
        table = await opened(app, pilot)
        table.move_cursor(row=[row[0] for row in cells(table)].index("  192.0.2.25"), column=2)
        await pilot.pause()
        assert "192.0.2.25" in told(app, "#vantage-whole")
        await pilot.press("enter")
        await until(pilot, lambda: app.points.in_view == SSH)
        assert app.live.report.outcome is Outcome.DEFERRED
        assert app._tree.selected == MX1
        assert in_force(app).startswith(f"2 of 2 (m) via {SSH.label}")
        await opened(app, pilot)
        assert app.screen.query_one(DataTable).cursor_column == 2, "the cursor begins where one is"


async def test_a_rerun_goes_to_the_point_in_view() -> None:
    made_points = points()
    app = made(made_points)
    async with app.run_test(size=(80, 24)) as pilot:
        await all_ended(app, pilot)
        app.show_point(SSH, MX1)
        before = len(made_points.local.calls)
        run = app.live.report.run
        await pilot.press("r")
        await until(pilot, lambda: app.live.report.run != run and not app.points.under_way)
        assert len(made_points.local.calls) == before, "this host is left alone"
        assert made_points.stories[SSH.label].calls[-1][1] is not None
        assert app.points.live_of(LOCAL).report.outcome is Outcome.ACCEPTED
        assert app.live.report.settings.via == (SSH,)
        app.show_point(LOCAL)
        run = app.live.report.run
        await pilot.press("r")
        await until(pilot, lambda: app.live.report.run != run and not app.points.under_way)
        assert len(made_points.local.calls) == before + 1


async def test_a_rerun_stays_with_its_point_whatever_is_looked_at() -> None:
    made_points = points()
    app = made(made_points)
    async with app.run_test(size=(80, 24)) as pilot:
        await all_ended(app, pilot)
        ssh_run = app.points.live_of(SSH).report.run
        made_points.local.hold = asyncio.Event()
        run = app.live.report.run
        await pilot.press("r")
        await until(pilot, lambda: app.points.under_way)
        app.show_point(SSH)
        made_points.local.hold.set()
        await until(pilot, lambda: not app.points.under_way and app.points.live_of(LOCAL).report.run != run)
        assert app.points.live_of(SSH).report.run == ssh_run
        assert app.points.live_of(LOCAL).report.outcome is Outcome.ACCEPTED


async def test_one_that_cannot_be_used_is_told_where_it_is_looked_at() -> None:
    app = made(points(), Settings("a@sender.example", "bob@partner.example", via=(LOCAL, GONE)))
    async with app.run_test(size=(80, 24)) as pilot:
        await all_ended(app, pilot)
        assert app.live.report.outcome is Outcome.ACCEPTED
        table = await opened(app, pilot)
        assert cells(table)[0] == ["outcome", "✓ accepted", "? no outcome"]
        assert "Not counted: ssh:gone.example refused the login" in told(app, "#vantage-answer Static")
        table.move_cursor(row=0, column=2)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, VantageScreen), "it has no report to show"
        await pilot.press("escape")
        app.show_point(GONE)
        assert "refused the login" in app.query_one("#outcome").text.plain  # type: ignore[attr-defined]


async def test_columns_are_live() -> None:
    made_points = points()
    hold = made_points.stories[SSH.label].hold = asyncio.Event()
    app = made(made_points)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.points.live_of(LOCAL).ended)
        table = await opened(app, pilot)
        assert "1 of 2 vantage points done" in told(app, "#vantage-answer Static")
        assert not cells(table)[0][2].endswith("deferred")
        hold.set()
        await until(pilot, lambda: cells(table)[0][2] == "! deferred")
        await until(pilot, lambda: "Accepted from local" in told(app, "#vantage-answer Static"))


async def test_escape_cancels_all_of_them() -> None:
    made_points = points()
    for story in (made_points.local, *made_points.stories.values()):
        story.hold = asyncio.Event()
    app = made(made_points)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(app.points.running) == 2)
        await pilot.press("escape")
        await until(pilot, lambda: not app.points.under_way)
        assert made_points.log.count(f"close {SSH.label}") == 1
        table = await opened(app, pilot)
        assert cells(table)[0][1:] == ["× cancelled", "× cancelled"]


async def test_running_again_asks_while_any_runs() -> None:
    made_points = points()
    made_points.stories[SSH.label].hold = asyncio.Event()
    app = made(made_points)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.points.live_of(LOCAL).ended)
        await pilot.press("f5")
        await pilot.pause()
        assert app.asking()
        await pilot.press("escape")
        await pilot.press("r")
        assert app.points.live_of(LOCAL).ended, "a part is not rerun meanwhile"


async def test_each_run_is_kept() -> None:
    kept: list[Report] = []
    app = made(points(), keep=kept.append)
    async with app.run_test(size=(80, 24)) as pilot:
        await all_ended(app, pilot)
        await until(pilot, lambda: len(kept) == 2)
        assert {report.settings.via for report in kept} == {(), (SSH,)}


async def test_another_set_of_points_keeps_those_that_stay() -> None:
    made_points = points()
    app = made(made_points)
    async with app.run_test(size=(80, 24)) as pilot:
        await all_ended(app, pilot)
        app.show_point(SSH)
        app.settings = Settings("a@sender.example", "bob@partner.example")
        await pilot.press("f5")
        await until(pilot, lambda: app.points.in_view == LOCAL and not app.points.under_way)
        assert app.points.order == (LOCAL,)
        assert not in_force(app)
        await pilot.press("m")
        assert not isinstance(app.screen, VantageScreen)


async def test_what_cannot_be_run_from_elsewhere_is_told() -> None:
    settings = Settings("a@sender.example", "bob@partner.example", via=(SSH,), source="192.0.2.10")
    app = made(points(), settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(app._error))
        assert app._error is not None
        assert app._error.startswith("Source address '192.0.2.10' is not on vantage point")
        assert not app.points.under_way


async def test_in_the_demo_there_is_this_host_alone() -> None:
    app = SmtpDiagApp(SETTINGS, open_demo_network, start=True, diagnose=Story().diagnose)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(app._error))
        assert "not in the demo network" in (app._error or "")


async def test_ascii_alone() -> None:
    app = made(points(), ascii_only=True)
    async with app.run_test(size=(60, 20)) as pilot:
        await all_ended(app, pilot)
        table = await opened(app, pilot)
        assert cells(table)[0][1] == "+ accepted"
        assert all(cell.isascii() for row in cells(table) for cell in row)


async def test_the_comparison_is_copied_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    async def copy(text: str, *_rest: object, **_more: object) -> str:
        copied.append(text)
        return "copied"

    monkeypatch.setattr("smtpdiag_tui.tui.terminal.clipboard.copy", copy)
    app = made(points())
    async with app.run_test(size=(80, 24)) as pilot:
        await all_ended(app, pilot)
        await opened(app, pilot)
        await pilot.press("c")
        await until(pilot, lambda: len(copied) == 1)
        app.masking = True
        await pilot.press("c")
        await until(pilot, lambda: len(copied) == 2)
    assert "far.example" in copied[0]
    assert "far.example" not in copied[1]
    assert "user1@sender.example" in copied[1]
