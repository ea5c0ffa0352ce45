"""The overlays with earlier runs and with a comparison: kept on disk, in the session alone, unreadable."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from textual.pilot import Pilot
from textual.widgets import Input, Label, OptionList

from smtpdiag_tui.report.kept_run import KeptRun
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.history import HistoryError, told_of
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.screens.comparison import ComparisonScreen
from smtpdiag_tui.tui.screens.history import HistoryScreen
from tests.report.comparison.made import ACCEPTED, DEFERRED, V4, from_host
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import SETTINGS, ended, until

OLD = from_host(DEFERRED, "mail.sender.example")
NEW = replace(from_host(ACCEPTED, "mail.sender.example"), started=OLD.started + timedelta(minutes=5))


class Kept:
    """Runs that are kept somewhere: `1` is the older one, `3` cannot be read."""

    def __init__(self, error: str = "") -> None:
        self._error = error

    def listed(self) -> Sequence[KeptRun]:
        if self._error:
            raise HistoryError(self._error)
        return [KeptRun("3", 3, error="not a JSON file"), told_of(NEW, "2"), told_of(OLD, "1")]

    def read(self, key: str) -> Report:
        if key == "3":
            raise HistoryError("Cannot read run 3: not a JSON file")
        return OLD if key == "1" else NEW


def made(kept: Kept | None, replay: Report | None = NEW, *, ascii_only: bool = False) -> SmtpDiagApp:
    options = Options(history=kept, replay=replay, ascii_only=ascii_only)
    settings = SETTINGS if replay is None else replay.settings
    return SmtpDiagApp(settings, nowhere, diagnose=Story().diagnose, options=options)


def words(app: SmtpDiagApp) -> str:
    return str(app.screen.query_one(".words", Label).render())


def rows(app: SmtpDiagApp) -> list[str]:
    listed = app.screen.query_one(OptionList)
    return [str(listed.get_option_at_index(number).prompt) for number in range(listed.option_count)]


async def opened(app: SmtpDiagApp, pilot: Pilot[None]) -> None:
    app.set_focus(None)
    await pilot.press("h")
    await until(pilot, lambda: isinstance(app.screen, HistoryScreen) and "Reading" not in words(app))


async def test_kept_runs_are_listed_filtered_and_opened_and_one_can_go_back() -> None:
    app = made(Kept())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert words(app) == "3 saved runs, newest first; times are UTC"
        assert rows(app)[1].startswith("✓ 2  2026-11-24 04:25:00  accepted  shown  mail.sender.example")
        assert rows(app)[2].split("\n")[1].strip() == "alice@sender.example to bob@partner.example"
        await pilot.press("slash", *"greylisting")
        await pilot.pause()
        assert words(app) == "1 of 3 match"
        await pilot.press("enter", "enter")
        await until(pilot, lambda: not isinstance(app.screen, HistoryScreen))
        assert app.live.report is OLD
        assert app.live.saved
        assert app.query_one("#recipient", Input).value == "bob@partner.example"
        await opened(app, pilot)
        assert "shown" in rows(app)[2]
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.live.report is NEW)


async def test_a_run_is_compared_with_the_shown_one_and_leads_to_its_step() -> None:
    app = made(Kept())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("down", "d")
        await until(pilot, lambda: "is the one that is shown" in words(app))
        await pilot.press("down", "d")
        await until(pilot, lambda: isinstance(app.screen, ComparisonScreen))
        await until(pilot, lambda: len(rows(app)) > 3)
        assert rows(app)[0] == "! DEFERRED → ✓ ACCEPTED  alice@sender.example to bob@partner.example"
        assert rows(app)[1] == "Better: accepted, was deferred (greylisting)"
        assert all(len(row) <= 78 for text in rows(app) for row in text.split("\n"))
        place = next(number for number, row in enumerate(rows(app)) if "Reply:" in row)
        await pilot.press(*["down"] * place, "enter")
        await until(pilot, lambda: app.screen is app.screen_stack[0])
        assert app._tree.selected == V4


async def test_a_comparison_is_copied_masked_where_that_is_wanted(monkeypatch: object) -> None:
    app = made(Kept())
    copied: list[str] = []
    app._copy = lambda text, **_: copied.append(text())  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        for masking in (False, True):
            app.masking = masking
            await opened(app, pilot)
            await pilot.press("down", "down", "d")
            await until(pilot, lambda: isinstance(app.screen, ComparisonScreen))
            await pilot.press("c", "escape", "escape")
            await until(pilot, lambda: app.screen is app.screen_stack[0])
    assert ["alice" in text for text in copied] == [True, False]
    assert "user1@sender.example" in copied[1]


async def test_what_cannot_be_read_is_one_sentence_and_the_overlay_stays() -> None:
    app = made(Kept())
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(app, pilot)
        for key in ("enter", "d"):
            await pilot.press(key)
            await until(pilot, lambda: words(app) == "Cannot read run 3: not a JSON file")
        await pilot.press("escape")
        await pilot.pause()
        assert app.live.report is NEW
    app = made(Kept("Cannot read the folder of saved runs: Permission denied"), None)
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(app, pilot)
        assert words(app) == "Cannot read the folder of saved runs: Permission denied"


async def test_a_session_that_keeps_nothing_on_disk_has_its_own_runs() -> None:
    app = made(None, None)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert words(app) == "No saved run yet; each run is kept when it ends"
        await pilot.press("escape")
        for _ in range(2):
            app.live.ended = False
            app.action_run()
            await ended(app, pilot)
        await opened(app, pilot)
        assert len(rows(app)) == 2
        assert "shown" in rows(app)[0]
        await pilot.press("down", "d")
        await until(pilot, lambda: isinstance(app.screen, ComparisonScreen))
        await until(pilot, lambda: rows(app)[-1].strip() == "Nothing changed; times aside")


async def test_ascii_draws_ascii() -> None:
    app = made(Kept(), ascii_only=True)
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(app, pilot)
        await pilot.press("down", "down", "d")
        await until(pilot, lambda: isinstance(app.screen, ComparisonScreen))
        assert "\n".join(rows(app)).isascii()
        assert rows(app)[0].startswith("! DEFERRED -> + ACCEPTED")
