"""The bounce overlay: pasted, typed or read from a file; explained, copied, run, and set beside the run."""

from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Label, OptionList, Static

from smtpdiag_tui.bounces.then_and_now import Verdict
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.runner import Diagnose
from smtpdiag_tui.tui.screens.answer import AnswerScreen
from smtpdiag_tui.tui.screens.bounce import BounceScreen
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.paste_area import SHOWN, PasteArea
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import HOSTILE, SETTINGS, ended, told, until

REPLY = "450 4.2.0 <bob@greylist.example>: Recipient address rejected: Greylisted"
LINES = (
    "Nov 27 13:01:34 mail postfix/qmgr[811]: 4XmT9c2Lz1z9: from=<alice@sender.example>, size=18, nrcpt=1 (queue)\n"
    "Nov 27 13:01:35 mail postfix/smtp[2811]: 4XmT9c2Lz1z9: to=<bob@greylist.example>,"
    " relay=mx.greylist.example[192.0.2.33]:25, delay=0.9, dsn=4.2.0, status=deferred"
    f" (host mx.greylist.example[192.0.2.33] said: {REPLY} (in reply to RCPT TO command))\n"
)
SECOND = LINES.replace("4XmT9c2Lz1z9", "5YmT9c2Lz1z9").replace("bob@greylist", "carol@dead")


def made(story: Story | None = None, **options: object) -> SmtpDiagApp:
    return SmtpDiagApp(
        SETTINGS,
        nowhere,
        diagnose=(story or Story()).diagnose,
        options=Options(**options),  # type: ignore[arg-type]
    )


async def opened(app: SmtpDiagApp, pilot: Pilot[None]) -> BounceScreen:
    if not isinstance(app.screen, BounceScreen):
        app.set_focus(None)
        await pilot.press("b")
    await until(pilot, lambda: isinstance(app.screen, BounceScreen))
    await pilot.pause()
    assert isinstance(app.screen, BounceScreen)
    return app.screen


async def pasted(app: SmtpDiagApp, pilot: Pilot[None], text: str) -> None:
    """Paste, and wait until what it tells is shown."""
    before = words(app)
    app.screen.query_one(PasteArea).post_message(events.Paste(text))
    await until(pilot, lambda: words(app) != before)
    await pilot.pause()


def words(app: SmtpDiagApp) -> str:
    found = app.screen.query(".words").results(Label)
    return next((str(label.render()) for label in found), "")


def meaning(app: SmtpDiagApp) -> str:
    found = app.screen.query("#bounce-meaning Static").results(Static)
    return next((str(label.render()) for label in found), "")


def listed(app: SmtpDiagApp) -> list[str]:
    rows = app.screen.query_one(OptionList)
    return [str(rows.get_option_at_index(number).prompt) for number in range(rows.option_count)]


async def test_a_pasted_log_line_is_explained_and_enter_runs_its_hop() -> None:
    story = Story()
    app = made(story)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, LINES)
        assert words(app) == "1 delivery, log"
        assert "Greylisted by mx.greylist.example [192.0.2.33]" in meaning(app)
        assert "recipient's policy" in meaning(app)
        assert "450 4.2.0 <bob@greylist.example>" in meaning(app)
        assert isinstance(app.focused, OptionList)
        assert all(len(row) <= 76 for row in listed(app))
        await pilot.press("enter")
        await ended(app, pilot)
        assert app.query_one("#sender", Input).value == "alice@sender.example"
        assert app.query_one("#recipient", Input).value == "bob@greylist.example"
        assert story.calls[0][0].recipient == "bob@greylist.example"


async def test_several_deliveries_are_a_list_to_choose_from() -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, LINES + SECOND)
        assert words(app) == "2 deliveries, log"
        assert [row.split("  ")[0] for row in listed(app)] == ["! bob@greylist.example", "! carol@dead.example"]
        await pilot.press("down")
        await until(pilot, lambda: "carol@dead.example" in meaning(app))
        await pilot.press("enter")
        await ended(app, pilot)
        assert app.query_one("#recipient", Input).value == "carol@dead.example"


async def test_nothing_is_lost_when_it_is_closed_and_a_paste_replaces_what_was_there() -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, LINES)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, BounceScreen)
        assert app.live.report.run == 0
        await opened(app, pilot)
        await until(pilot, lambda: words(app) == "1 delivery, log")
        assert app.screen.query_one(PasteArea).whole == LINES
        assert isinstance(app.focused, OptionList)
        app.screen.post_message(events.Paste(LINES + SECOND))
        await until(pilot, lambda: words(app) == "2 deliveries, log")
        assert app.screen.query_one(PasteArea).whole == LINES + SECOND


async def test_what_is_typed_is_explained_and_enter_in_it_is_a_new_line() -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press(*"550 5.1.1 User unknown b q c", "enter")
        await until(pilot, lambda: words(app) == "1 delivery, reply")
        assert "user unknown" in meaning(app).lower()
        assert isinstance(app.focused, PasteArea)
        assert app.screen.query_one(PasteArea).text.endswith("b q c\n")
        await pilot.press("f5")
        await pilot.pause()
        await ended(app, pilot)  # the text names nobody: the pair in the fields is kept
        assert app.query_one("#recipient", Input).value == "bob@partner.example"


async def test_without_an_address_to_run_with_the_field_is_asked_for() -> None:
    app = SmtpDiagApp(Settings("", ""), nowhere, diagnose=Story().diagnose)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, "550 5.1.1 User unknown")
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, BounceScreen))
        await pilot.pause()
        assert app.focused is app.query_one("#sender", Input)
        assert app.live.report.run == 0


@pytest.mark.parametrize("form", ["{}", "'{}'", "file://{}", "  {}\n"])
async def test_the_path_of_a_file_is_enough(form: str, tmp_path: Path) -> None:
    path = tmp_path / "bounce 1.log"
    path.write_text(LINES)
    name = str(path).replace(" ", "%20") if form.startswith("file:") else str(path)
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, form.format(name))
        assert words(app) == "1 delivery, log, bounce 1.log"


async def test_what_tells_of_no_delivery_is_one_sentence() -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, "hello [red]world[/red] \x1b[31m")
        assert words(app) == "No reply, log line or bounce found in the text"
        assert (listed(app), meaning(app)) == ([], "")
        assert "\x1b" not in app.screen.query_one(PasteArea).text
        assert isinstance(app.focused, PasteArea)
        await pilot.press("f5")
        await pilot.pause()
        assert isinstance(app.screen, BounceScreen)


async def test_hostile_words_stay_words() -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, LINES.replace("Greylisted", f"Greylisted {HOSTILE}"))
        shown = meaning(app) + "".join(listed(app)) + app.screen.query_one(PasteArea).text + words(app)
        assert "[red]x[/red]" in shown
        for sign in ("\x1b", "\x07", "\x9b", "\u202e"):
            assert sign not in shown


async def test_a_paste_of_30_mb_is_shown_in_part_and_read_whole() -> None:
    app = made()
    flood = "Nov 27 13:01:33 mail dovecot: imap-login: nothing of ours\n" * 520_000
    assert len(flood) > 29_000_000
    app_text = flood[: 29_000_000 - len(LINES)]
    text = app_text[: app_text.rfind("\n") + 1] + LINES
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, text)
        area = app.screen.query_one(PasteArea)
        assert len(area.text) <= SHOWN
        assert area.whole == text
        assert words(app).startswith("1 delivery, log")
        assert "more characters not shown" in words(app)
        assert "bob@greylist.example" in meaning(app)


async def test_an_edit_of_a_long_paste_keeps_the_rest() -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, f"{'x' * 79}\n" * 1000 + LINES)
        area = app.screen.query_one(PasteArea)
        area.focus()
        area.move_cursor((0, 0))
        await pilot.press("y")
        await pilot.pause()
        assert area.whole.startswith("yx")
        assert area.whole.endswith(LINES)
        area.select_all()
        await pilot.press("delete")
        assert area.whole == ""


async def test_keys_that_come_before_the_overlay_is_drawn_are_typed_into_it() -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.set_focus(None)
        for char in ("b", *"550cpbqyo"):
            app.post_message(events.Key(char, char))
        await until(pilot, lambda: bool(app.screen.query(PasteArea)))
        await until(pilot, lambda: app.screen.query_one(PasteArea).whole == "550cpbqyo")
        assert not app.masking
        app.post_message(events.Key("escape", None))
        await until(pilot, lambda: not isinstance(app.screen, BounceScreen))


async def test_escape_that_comes_before_the_overlay_is_drawn_closes_it_and_keeps_what_was_typed() -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.set_focus(None)
        for key in ("b", "f5", "q", "down", "escape"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: app._bounce_text == "q")
        await until(pilot, lambda: not isinstance(app.screen, BounceScreen))


async def test_a_paste_that_comes_before_the_overlay_is_drawn_is_taken() -> None:
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_focus(None)
        app.post_message(events.Key("b", "b"))
        app.post_message(events.Paste(LINES))
        await until(pilot, lambda: bool(app.screen.query(PasteArea)))
        await until(pilot, lambda: words(app) == "1 delivery, log")


async def test_the_explanation_is_copied_masked_where_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    async def copy(text: str, _write: object, **_more: object) -> str:
        copied.append(text)
        return "copied"

    monkeypatch.setattr("smtpdiag_tui.tui.terminal.clipboard.copy", copy)
    app = made()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, LINES)
        await pilot.press("c")
        await until(pilot, lambda: len(copied) == 1)
        assert "alice@sender.example to bob@greylist.example" in copied[0]
        await pilot.press("p", "y")
        await until(pilot, lambda: len(copied) == 2)
        assert "alice" not in copied[1]
        assert "user1@sender.example to user2@greylist.example" in copied[1]


@pytest.fixture
def runs() -> Diagnose:
    return told("bob@greylist.example", "bob@partner.example")


async def test_the_bounce_stands_beside_the_run_until_another_pair_is_run(runs: Diagnose) -> None:
    app = SmtpDiagApp(Settings("", ""), nowhere, diagnose=runs)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, LINES)
        await pilot.press("enter")
        await ended(app, pilot)
        beside = app.beside()
        assert beside is not None
        assert beside.verdict is Verdict.AGAIN
        assert (
            "then 450 4.2.0 at RCPT TO (greylisting): the same would happen again"
            in app.query_one(OutcomeLine).text.plain
        )
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AnswerScreen))
        rows = app.screen.query_one(OptionList)
        shown = [str(rows.get_option_at_index(number).prompt) for number in range(rows.option_count)]
        assert any(row.strip().startswith("Then:") for row in shown)
        assert any("Compared:    the same would happen again" in row for row in shown)


@pytest.mark.parametrize("masked", [False, True])
async def test_what_is_copied_of_the_run_holds_the_bounce_too(
    monkeypatch: pytest.MonkeyPatch, masked: bool, runs: Diagnose
) -> None:
    copied: list[str] = []

    async def copy(text: str, _write: object, **_more: object) -> str:
        copied.append(text)
        return "copied"

    monkeypatch.setattr("smtpdiag_tui.tui.terminal.clipboard.copy", copy)
    app = SmtpDiagApp(Settings("", ""), nowhere, diagnose=runs, options=Options(redact=masked))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, LINES)
        await pilot.press("enter")
        await ended(app, pilot)
        await pilot.press("y")
        await until(pilot, lambda: len(copied) == 1)
        await pilot.press("C")
        await until(pilot, lambda: len(copied) == 2)
        ticket, report = copied
        assert "Then:         450 4.2.0 at RCPT TO (greylisting)\n" in ticket
        assert "Compared:     " in ticket
        assert ticket.startswith("! DEFERRED")
        assert len(ticket.splitlines()) < 60
        assert report.startswith("- **Then:** 450 4.2.0 at RCPT TO (greylisting)\n- **Now:** ")
        assert ("alice" in ticket + report) is not masked
        await pilot.press("escape")
        app.query_one("#recipient", Input).value = "bob@partner.example"
        await pilot.press("f5")
        await until(pilot, lambda: app.live.report.settings.recipient == "bob@partner.example")
        assert app.beside() is None
        await ended(app, pilot)
        assert app.beside() is None


async def test_the_command_line_opens_it_with_its_text_and_runs_at_once_where_that_is_asked() -> None:
    app = made(explain=LINES)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, BounceScreen))
        await until(pilot, lambda: words(app) == "1 delivery, log")
        assert app.live.report.run == 0
    story = Story()
    app = made(story, explain=LINES, explain_then_run=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        assert story.calls[0][0].recipient == "bob@greylist.example"
    app = made(explain=LINES + SECOND, explain_then_run=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, BounceScreen))
        await until(pilot, lambda: words(app) == "2 deliveries, log")
        assert app.live.report.run == 0  # there is a choice


@pytest.mark.parametrize("size", [(60, 15), (60, 20), (80, 24), (120, 40)])
async def test_it_fits_and_resizes(size: tuple[int, int]) -> None:
    app = made(ascii_only=True)
    async with app.run_test(size=size) as pilot:
        await opened(app, pilot)
        await pasted(app, pilot, LINES + SECOND)
        await pilot.resize_terminal(72, 18)
        await pilot.pause()
        await pilot.resize_terminal(*size)
        await pilot.pause()
        width = size[0] - 4
        assert all(len(row) <= width for text in (*listed(app), meaning(app)) for row in text.split("\n"))
        assert app.screen.query_one("#bounce-meaning").size.height >= 3
        await pilot.press("pagedown", "pageup")
        assert isinstance(app.screen, BounceScreen)
