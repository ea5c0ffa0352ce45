"""The overlay with the commands for a step: shown, copied, and masked where copies are."""

import re
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Label, OptionList

from smtpdiag_tui.render.by_hand.command import Command
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.screens.by_hand import ByHandScreen, command_text
from smtpdiag_tui.tui.screens.help import HelpScreen
from smtpdiag_tui.tui.terminal import clipboard
from tests.render.by_hand.making import SESSION, report, session, step
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import SETTINGS, until

LINES = (
    "connecting to 192.0.2.25 port 25",
    "> EHLO mail.a.example",
    "> STARTTLS",
    "TLS established: TLSv1.3, X",
    "> MAIL FROM:<alice@sender.example>",
    "> RCPT TO:<bob@partner.example>",
)
MANY = [f"MX a{n}.example: NXDOMAIN, flags RD RA, 9 bytes in 1 ms" for n in range(40)]


def saved() -> Report:
    host = SESSION.rpartition("/")[0]
    made = report(
        step("syntax"),
        step("remote"),
        step("remote/192.0.2.53"),
        step("remote/192.0.2.53/udp", *MANY),
        step("delivery"),
        step(host),
        session(SESSION, *LINES),
    )
    return replace(made, settings=SETTINGS)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was copied."""
    taken: list[str] = []

    async def copy(text: str, _write: object, *, what: str = "") -> str:
        taken.append(text)
        return f"{what} copied"

    monkeypatch.setattr(clipboard, "copy", copy)
    return taken


def made(*, redact: bool = False, ascii_only: bool = False) -> SmtpDiagApp:
    options = Options(replay=saved(), redact=redact, ascii_only=ascii_only)
    return SmtpDiagApp(SETTINGS, nowhere, diagnose=Story().diagnose, options=options)


async def opened(app: SmtpDiagApp, pilot: Pilot[None], at: str) -> None:
    await until(pilot, lambda: app._tree.selected is not None and not app._jump)
    await pilot.pause()
    app._tree.go_to(at)
    app._tree.focus()
    await until(pilot, lambda: app._tree.selected == at)
    await pilot.press("e")
    await until(pilot, lambda: isinstance(app.screen, ByHandScreen) and bool(rows(app)))


def rows(app: SmtpDiagApp) -> list[str]:
    listed = app.screen.query(OptionList)
    if not listed:
        return []
    return [str(listed.first().get_option_at_index(n).prompt) for n in range(listed.first().option_count)]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20)])
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_the_commands_are_shown_whole_at_every_size(size: tuple[int, int], ascii_only: bool) -> None:
    app = made(ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        await opened(app, pilot, SESSION)
        told = rows(app)
        assert len(told) == 2
        assert all(len(line) <= size[0] - 4 for row in told for line in row.split("\n"))
        whole = " ".join(told[0].split())
        assert whole.startswith("session with mx.partner.example [192.0.2.25], up to RCPT TO swaks --server ")
        assert "--from alice@sender.example --to bob@partner.example" in whole
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ByHandScreen))


async def test_enter_and_c_copy_the_one_selected_and_capital_c_all(copied: list[str]) -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, SESSION)
        await pilot.press("enter")
        await until(pilot, lambda: len(copied) == 1)
        await pilot.press("down", "c")
        await until(pilot, lambda: len(copied) == 2)
        await pilot.press("C")
        await until(pilot, lambda: len(copied) == 3)
        assert isinstance(app.screen, ByHandScreen)
    assert copied[0].startswith("swaks --server 192.0.2.25 --port 25")
    assert copied[1].startswith("openssl s_client")
    assert copied[2].splitlines()[0].startswith("# session with")
    assert {copied[0], copied[1]} <= set(copied[2].splitlines())


async def test_what_is_masked_is_shown_and_copied_masked(copied: list[str]) -> None:
    app = made(redact=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, SESSION)
        assert "Masked" in str(app.screen.query_one(".words", Label).render())
        assert "alice" not in "".join(rows(app))
        await pilot.press("enter")
        await until(pilot, lambda: len(copied) == 1)
    assert "alice" not in copied[0]
    assert re.search(r"--from user\d@sender\.example --to user\d@partner\.example", copied[0])


async def test_a_step_without_any_says_so_and_a_long_list_tells_where_more_is() -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "remote")
        assert len(rows(app)) == 60
        assert "The first 60 commands" in str(app.screen.query_one(".words", Label).render())
        await pilot.press("down", "down")
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert app.screen.query_one(OptionList).highlighted == 2
        await pilot.press("e")
        await until(pilot, lambda: not isinstance(app.screen, ByHandScreen))
        app._tree.go_to("syntax")
        await pilot.press("e")
        await until(pilot, lambda: any("No command" in item.message for item in app._notifications))


async def test_in_the_demo_it_says_whose_addresses_these_are() -> None:
    app = made()
    app.demo = True
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, SESSION)
        told = str(app.screen.query_one(".words", Label).render())
        assert told == "The demo's addresses exist inside smtpdiag only"
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_before_any_run_there_is_nothing_to_show() -> None:
    app = SmtpDiagApp(SETTINGS, nowhere, diagnose=Story().diagnose)
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_focus(None)
        await pilot.press("e")
        await until(pilot, lambda: any("No run yet" in item.message for item in app._notifications))


def test_a_word_longer_than_the_screen_is_broken_and_markup_is_none() -> None:
    text = command_text(Command("dig", ("[red]x" * 30,), "what [/] is"), 40)
    assert "[red]x[red]" in text.plain
    assert all(len(line) <= 40 for line in text.plain.split("\n"))
