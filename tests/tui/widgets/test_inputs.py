"""The fields: the null sender, what is pasted, the list of known addresses, and the ways in and out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.pilot import Pilot

from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.glyphs import use_ascii
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.model.request import MISSING_SENDER
from smtpdiag_tui.tui.screens.help import HelpScreen
from smtpdiag_tui.tui.widgets.completions import Completions
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.inputs import AddressInput, Inputs
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.any_text import SAMPLES
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import SETTINGS, ended, make

if TYPE_CHECKING:
    from textual.widget import Widget

EMPTY = Settings("", "")
KNOWN = ("bob@partner.example", "bobby@b.example", "alice@sender.example")


def fresh(
    story: Story | None = None, *, known: tuple[str, ...] = KNOWN, notes: dict[str, str] | None = None
) -> SmtpDiagApp:
    options = Options(senders=known, recipients=known, notes=notes or {})
    return SmtpDiagApp(EMPTY, nowhere, diagnose=(story or Story()).diagnose, options=options)


def values(app: SmtpDiagApp) -> tuple[str, str]:
    request = app.query_one(Inputs).request
    return request.sender, request.recipient


async def paste(app: SmtpDiagApp, pilot: Pilot[None], text: str) -> None:
    app.post_message(events.Paste(text))
    await pilot.pause()
    await pilot.pause()


def told(app: SmtpDiagApp) -> list[str]:
    return [item.message for item in app._notifications]


def helping(app: SmtpDiagApp) -> bool:
    return isinstance(app.screen, HelpScreen)


def shown(app: SmtpDiagApp) -> list[str]:
    """Return the rows of the list of known addresses."""
    found = app.query(Completions)
    return found.first().render().plain.splitlines() if found and found.first().open else []


@pytest.fixture
def ascii_only() -> Iterator[None]:
    use_ascii(on=True)
    yield
    use_ascii(on=False)


class TestNullSender:
    async def test_an_empty_sender_runs_nothing_and_is_told(self) -> None:
        story = Story()
        app = fresh(story)
        async with app.run_test(size=(80, 24)) as pilot:
            app.query_one("#recipient", AddressInput).put("bob@b.example")
            await pilot.press("enter")
            await pilot.pause()
            assert MISSING_SENDER in app.query_one(OutcomeLine).text.plain
            assert app.focused is app.query_one("#sender")
            assert story.calls == []
            await pilot.press("less_than_sign", "greater_than_sign", "enter")
            await ended(app, pilot)
            assert story.calls[0][0].sender == ""
            assert values(app) == ("<>", "bob@b.example")

    async def test_it_is_shown_as_it_is_typed_also_where_it_was_given_alone(self) -> None:
        app = make(Story(), Settings("", "bob@b.example"), start=False)
        async with app.run_test(size=(80, 24)):
            assert values(app) == ("<>", "bob@b.example")
        app = SmtpDiagApp(EMPTY, nowhere, options=Options(sender_given=True))
        async with app.run_test(size=(80, 24)):
            assert values(app) == ("<>", "")

    async def test_it_is_offered_in_the_list_of_the_sender_alone(self) -> None:
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("less_than_sign")
            await pilot.pause()
            [row] = shown(app)
            assert "<>  null sender" in row
            await pilot.press("tab")
            assert values(app)[0] == "<>"


class TestPaste:
    @pytest.mark.parametrize(
        "text", ['"Bob" <bob@b.example>', "mailto:bob@b.example?subject=x", "bob@b.example;", "\nbob@b.example\n"]
    )
    async def test_an_address_takes_the_place_of_what_stood_in_the_field(self, text: str) -> None:
        app = make(Story(), start=False)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("end")
            await paste(app, pilot, text)
            assert values(app) == (SETTINGS.sender, "bob@b.example")
            assert shown(app) == []
            await pilot.press("ctrl+z")
            assert values(app) == (SETTINGS.sender, SETTINGS.recipient)

    async def test_two_addresses_fill_both_fields_and_more_are_told(self) -> None:
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            await paste(app, pilot, "from=<> to=<bob@b.example> proto=ESMTP")
            assert values(app) == ("<>", "bob@b.example")
            assert told(app) == ["Sender and recipient pasted; F5: run"]
            await paste(app, pilot, "a@b.c, d@e.f, g@h.i")
            assert values(app) == ("a@b.c", "bob@b.example")
            assert told(app) == ["First address used, 2 left out"]

    async def test_a_part_of_an_address_goes_in_at_the_cursor(self) -> None:
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(*"bob@")
            await paste(app, pilot, "b.example")
            assert values(app)[0] == "bob@b.example"

    @pytest.mark.parametrize(
        ("text", "fields", "said"),
        [
            ("Bob <bob@b.example>", (SETTINGS.sender, "bob@b.example"), "Recipient pasted; F5: run"),
            ("from=<>, size=1", ("<>", SETTINGS.recipient), "Sender pasted; F5: run"),
            ("a@b.c d@e.f", ("a@b.c", "d@e.f"), "Sender and recipient pasted; F5: run"),
            ("q", (SETTINGS.sender, SETTINGS.recipient), "No address in what was pasted"),
        ],
    )
    async def test_what_is_pasted_over_a_pane_goes_into_the_fields(
        self, text: str, fields: tuple[str, str], said: str
    ) -> None:
        app = make(Story())
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            await paste(app, pilot, text)
            assert values(app) == fields
            assert told(app) == [said]
            assert app.is_running
            await pilot.press("o")
            await paste(app, pilot, "carol@c.example")
            await pilot.press("escape")
            assert values(app) == fields

    async def test_what_was_cut_here_is_understood_too(self) -> None:
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            app._clipboard = "RCPT TO:<bob@b.example>"
            await pilot.press("ctrl+v")
            await pilot.pause()
            assert values(app) == ("", "bob@b.example")

    async def test_what_comes_without_a_paste_is_understood_when_it_is_run(self) -> None:
        story = Story()
        app = fresh(story)
        async with app.run_test(size=(80, 24)) as pilot:
            app.query_one("#sender", AddressInput).value = "Alice <alice@a.example>, bob@b.example."
            await pilot.press("enter")
            await ended(app, pilot)
            assert values(app) == ("alice@a.example", "bob@b.example")
            assert story.calls[0][0].recipient == "bob@b.example"

    async def test_servers_of_resolv_conf_go_into_the_dns_field(self) -> None:
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            app.query_one("#dns").focus()
            await pilot.pause()
            await paste(app, pilot, "nameserver 192.0.2.53\nnameserver 2001:db8::53\n")
            assert app.query_one(Inputs).request.dns == "192.0.2.53 2001:db8::53"

    @pytest.mark.parametrize("text", SAMPLES)
    async def test_any_text_can_be_pasted_into_any_field(self, text: str) -> None:
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            for name in ("sender", "recipient", "dns"):
                app.query_one(f"#{name}").focus()
                await pilot.pause()
                await paste(app, pilot, text)
                await paste(app, pilot, f"<{text}@b.example>")
            assert all(value.isprintable() for value in values(app))
            assert app.is_running


class TestCompletion:
    async def test_what_is_typed_opens_a_list_and_tab_takes_the_first(self) -> None:
        app = fresh(notes={"bobby@b.example": "the other one"})
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("b")
            await pilot.pause()
            first, second = shown(app)
            assert "bob@partner.example" in first
            assert first.endswith(" Tab ")
            assert "bobby@b.example  the other one" in second
            await pilot.press("tab")
            assert values(app)[0] == "bob@partner.example"
            assert shown(app) == []
            await pilot.press("tab")
            assert app.focused is app.query_one("#recipient")

    async def test_down_chooses_and_enter_takes_and_only_then_runs(self) -> None:
        story = Story()
        app = fresh(story)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("b", "down", "down", "enter")
            await pilot.pause()
            assert values(app)[0] == "bobby@b.example"
            assert story.calls == []
            await pilot.press("tab", "down", "enter", "enter")
            await ended(app, pilot)
            assert values(app) == ("bobby@b.example", "bob@partner.example")

    async def test_enter_runs_with_what_is_typed_where_nothing_is_chosen(self) -> None:
        story = Story()
        app = fresh(story, known=("bob@b.example.org",))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(*"a@b.c", "tab", *"bob@b.example", "enter")
            await ended(app, pilot)
            assert story.calls[0][0].recipient == "bob@b.example"

    async def test_tab_goes_on_from_an_address_that_is_whole(self) -> None:
        app = fresh(known=("bob@b.example.org",))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(*"bob@b.example")
            await pilot.pause()
            assert "Tab" not in shown(app)[0]
            await pilot.press("tab")
            await pilot.pause()
            assert values(app)[0] == "bob@b.example"
            assert app.focused is app.query_one("#recipient")
            assert shown(app) == []

    async def test_escape_closes_the_list_before_it_leaves_the_field(self) -> None:
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("b")
            await pilot.pause()
            await pilot.press("escape")
            assert shown(app) == []
            assert values(app)[0] == "b"
            await pilot.press("escape")
            assert values(app)[0] == ""
            assert isinstance(app.focused, StepTree)

    async def test_down_offers_all_where_nothing_was_typed_and_up_goes_back(self) -> None:
        app = make(Story(), start=False)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("down")
            assert shown(app) == [], "nothing is known of recipients"
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("down")
            await pilot.pause()
            assert len(shown(app)) == len(KNOWN) + 1
            chosen = [app.query_one(Completions).chosen]
            for _ in range(2):
                await pilot.press("up")
                chosen.append(app.query_one(Completions).chosen)
            assert chosen == [0, None, len(KNOWN)]

    async def test_the_mouse_takes_too(self) -> None:
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("b")
            await pilot.pause()
            await pilot.click(Completions, offset=(4, 1))
            await pilot.pause()
            assert values(app)[0] == "bobby@b.example"
            assert app.focused is app.query_one("#sender")

    @pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 50)])
    async def test_many_entries_scroll_and_stay_on_the_screen(self, size: tuple[int, int]) -> None:
        many = tuple(f"user{number}@a-very-long-domain-name-{'x' * 60}.example" for number in range(300))
        app = fresh(known=many)
        async with app.run_test(size=size) as pilot:
            await pilot.press("tab", "u")
            await pilot.pause()
            rows = shown(app)
            listed = app.query_one(Completions)
            assert 1 < len(rows) <= 8
            assert rows[-1].endswith(f"+{200 - len(rows)} ")
            assert app.screen.region.contains_region(listed.region)
            await pilot.press(*["down"] * 12)
            await pilot.pause()
            assert any("user11@" in row for row in shown(app))
            assert len(shown(app)) == len(rows)

    async def test_hostile_entries_are_drawn_as_text(self, ascii_only: None) -> None:
        hostile = (
            "x[red]y[/] [@click=app.quit]z",
            "x\x1b]0;t\x07@b.example",
            "x" + "日" * 90,
            "x\u202e@b.example",
        )
        app = fresh(known=hostile)
        async with app.run_test(size=(60, 15)) as pilot:
            await pilot.press("x")
            await pilot.pause()
            rows = shown(app)
            assert "x[red]y[/] [@click=app.quit]z" in rows[0]
            assert all(row.isprintable() for row in rows)
            screen = [strip.text for strip in app.screen._compositor.render_strips()]
            assert all(strip.isprintable() for strip in screen)

    async def test_the_list_goes_with_the_focus_and_with_the_size(self) -> None:
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("b")
            await pilot.pause()
            await pilot.resize_terminal(120, 40)
            await pilot.pause()
            assert shown(app) == []
            await pilot.press("o", "shift+tab")
            await pilot.pause()
            assert shown(app) == []


class TestRings:
    async def test_tab_goes_among_the_panes_and_never_into_a_field(self) -> None:
        app = make(Story())
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            seen: list[Widget | None] = []
            for _ in range(8):
                await pilot.press("tab")
                seen.append(app.focused)
            assert not [widget for widget in seen if isinstance(widget, AddressInput)]
            assert {type(widget) for widget in seen} >= {StepTree, Findings, Conversation}
            await pilot.press("shift+tab")
            assert not isinstance(app.focused, AddressInput)

    async def test_tab_goes_among_the_fields_and_escape_back_to_the_pane(self) -> None:
        app = make(Story())
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            await pilot.press("tab")
            pane = app.focused
            await pilot.press("i")
            seen = []
            for _ in range(4):
                assert app.focused is not None
                seen.append(app.focused.id)
                await pilot.press("tab")
            assert seen == ["sender", "recipient", "dns", "sender"]
            await pilot.press("escape")
            assert app.focused is pane

    async def test_escape_brings_back_the_text_that_was_there(self) -> None:
        app = make(Story())
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            await pilot.press("i", *"eve@e.example", "escape")
            await pilot.pause()
            assert values(app)[0] == SETTINGS.sender
            assert told(app) == ["Earlier text restored; ctrl+z in the field: undo"]
            await pilot.press("i", "ctrl+z")
            assert values(app)[0] == "eve@e.example"

    async def test_what_was_run_is_what_escape_brings_back(self) -> None:
        app = make(Story())
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            await pilot.press("i", *"eve@e.example", "f5")
            await ended(app, pilot)
            assert shown(app) == []
            await pilot.press("escape")
            assert values(app)[0] == "eve@e.example"

    async def test_a_zoom_keeps_the_focus_and_outlives_a_visit_to_the_fields(self) -> None:
        app = make(Story())
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            await pilot.press("tab", "z")
            zoomed = app.focused
            for _ in range(5):
                await pilot.press("tab")
                assert app.focused is zoomed
            await pilot.press("i", "escape")
            assert app.focused is zoomed
            assert app.screen.has_class("zoomed")
            await pilot.press("i", "enter")
            await ended(app, pilot)
            assert app.focused is zoomed
            await pilot.press("escape")
            assert not app.screen.has_class("zoomed")


class TestUndo:
    async def test_ctrl_z_undoes_and_ctrl_y_redoes(self) -> None:
        app = fresh(known=())
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(*"bob@b.example", "ctrl+u", "ctrl+z")
            assert values(app)[0] == "bob@b.example"
            await pilot.press("ctrl+z")
            assert values(app)[0] == "bob@b."
            await pilot.press("ctrl+y")
            assert values(app)[0] == "bob@b.example"
            assert app.query_one("#sender", AddressInput).cursor_position == len("bob@b.example")

    async def test_a_swap_is_undone_field_by_field(self) -> None:
        app = make(Story())
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            await pilot.press("x", "i", "ctrl+z")
            assert values(app) == (SETTINGS.sender, SETTINGS.sender)


class TestHelp:
    async def test_a_question_mark_in_an_empty_field_opens_the_help(self) -> None:
        app = fresh()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("question_mark")
            assert helping(app)
            await pilot.press("escape", "a", "question_mark")
            assert not helping(app)
            assert values(app)[0] == "a?"
