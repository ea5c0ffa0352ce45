"""What a user does, from start to quit."""

import asyncio

import pytest
from textual.widgets import Input

from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DnsServer
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import MX1, MX2, Story
from tests.tui.piloting import HOSTILE, ended, make, until


class TestRun:
    async def test_start_runs_and_tells_the_outcome(self) -> None:
        story = Story()
        app = make(story)
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            assert app.live.report.outcome is Outcome.DEFERRED
            assert "DEFERRED" in app.query_one(OutcomeLine).text.plain
            assert app.query_one(StepTree).selected == f"{MX1}/rcpt-to"
            assert "try again later" in app.query_one(Findings).text.plain
            assert "EHLO sender.example" in app.query_one(Conversation).text

    async def test_enter_in_a_field_runs_and_moves_to_the_tree(self) -> None:
        story = Story()
        app = make(story, start=False)
        async with app.run_test(size=(80, 24)) as pilot:
            app.query_one("#dns", Input).value = "192.0.2.53, [2001:db8::53]:5353"
            await pilot.press("enter")
            await ended(app, pilot)
            assert isinstance(app.focused, StepTree)
            assert story.calls[0][0].dns == (DnsServer("192.0.2.53"), DnsServer("2001:db8::53", 5353))

    @pytest.mark.parametrize(
        ("field", "text", "words"),
        [
            ("recipient", "bob", "no @"),
            ("dns", "ns.example", "must be IP"),
            ("sender", "a b@c.example", "Sender address"),
        ],
    )
    async def test_bad_input_is_told_and_nothing_runs(self, field: str, text: str, words: str) -> None:
        story = Story()
        app = make(story, start=False)
        async with app.run_test(size=(80, 24)) as pilot:
            app.query_one(f"#{field}", Input).value = text
            await pilot.press("f5")
            await pilot.pause()
            assert words in app.query_one(OutcomeLine).text.plain
            assert app.query_one(f"#{field}", Input).value == text
            assert app.focused is app.query_one(f"#{field}")
            assert story.calls == []

    async def test_an_error_of_ours_is_told_and_the_interface_stays(self) -> None:
        app = make(Story(error=RuntimeError("oops [/]")))
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            assert "oops [/]" in app.query_one(OutcomeLine).text.plain


class TestRerun:
    async def test_a_step_runs_again_with_what_lies_below(self) -> None:
        story = Story()
        app = make(story)
        async with app.run_test(size=(120, 40)) as pilot:
            await ended(app, pilot)
            app.query_one(StepTree).go_to(MX1)
            await pilot.pause()
            await pilot.press("r")
            await until(pilot, lambda: "  · rerun " in app.query_one(OutcomeLine).text.plain)
            assert "· problems: 0 fixed, 0 new, 1 unchanged" in app.query_one(OutcomeLine).text.plain
            assert story.calls[1][1] == [MX1]
            assert app.query_one(StepTree).selected == MX1
            assert "run 2" in app.query_one(Conversation).text

    async def test_a_phase_runs_again_with_its_session(self) -> None:
        story = Story()
        app = make(story)
        async with app.run_test(size=(120, 40)) as pilot:
            await ended(app, pilot)
            assert app.query_one(StepTree).selected == f"{MX1}/rcpt-to"
            await pilot.press("r")
            await until(pilot, lambda: len(story.calls) == 2)
            assert story.calls[1][1] == [MX1]

    async def test_the_old_result_stays_in_view_until_the_new_one_arrives(self) -> None:
        story = Story()
        app = make(story)
        async with app.run_test(size=(120, 40)) as pilot:
            await ended(app, pilot)
            app.query_one(StepTree).go_to(f"{MX1}/rcpt-to")
            story.hold = asyncio.Event()
            await pilot.press("f5")
            await until(pilot, lambda: len(story.calls) == 2)
            await pilot.pause()
            assert app.live.running
            assert "try again later" in app.query_one(Findings).text.plain
            story.hold.set()
            await ended(app, pilot)
            assert app.query_one(StepTree).selected == f"{MX1}/rcpt-to"

    async def test_what_failed_runs_again_and_what_warns_with_another_key(self) -> None:
        story = Story()
        story.failing[f"{MX2}/greeting"] = story.failing[MX2] = (Status.FAILED, ())
        app = make(story)
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            await pilot.press("f")
            await until(pilot, lambda: len(story.calls) == 2)
            assert story.calls[1][1] == [MX2]
            await ended(app, pilot)
            await pilot.press("F")
            await until(pilot, lambda: len(story.calls) == 3)
            assert story.calls[2][1] == [MX1, MX2]

    async def test_where_nothing_failed_it_says_which_key_reruns_warnings(self) -> None:
        story = Story()
        app = make(story)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await ended(app, pilot)
            await pilot.press("f")
            await pilot.pause()
            assert [item.message for item in app._notifications] == ["Nothing failed; F: rerun warnings"]
            assert len(story.calls) == 1

    async def test_a_new_run_waits_for_the_end_of_the_old_one(self) -> None:
        story = Story(hold=asyncio.Event(), slow_end=0.1)
        app = make(story)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: story.log == ["begin"])
            story.hold = None
            await pilot.press("f5")
            await until(pilot, lambda: len(app.screen_stack) == 2)
            await pilot.press("enter")
            await until(pilot, lambda: story.log.count("begin") == 2)
            await ended(app, pilot)
            assert story.log == ["begin", "cancelled", "begin", "end"]
            assert app.live.report.outcome is Outcome.DEFERRED


class TestCancel:
    async def test_escape_cancels_the_run(self) -> None:
        app = make(Story(hold=asyncio.Event()))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: " s of " in app.query_one(OutcomeLine).text.plain)
            await pilot.press("escape")
            await ended(app, pilot)
            assert app.live.report.status is Status.CANCELLED
            assert "CANCELLED" in app.query_one(OutcomeLine).text.plain

    async def test_quit_ends_a_run_first(self) -> None:
        story = Story(hold=asyncio.Event(), slow_end=0.05)
        app = make(story)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: story.log == ["begin"])
            await pilot.press("q")
            await until(pilot, app.asking)
            await pilot.press("escape")
            await until(pilot, lambda: not app.asking())
            assert story.log == ["begin"]
            await pilot.press("q")
            await until(pilot, app.asking)
            await pilot.press("enter")
            await pilot.pause(0.1)
        assert story.log == ["begin", "cancelled"]
        assert app.return_code == 0


class TestLook:
    async def test_sessions_and_problems_are_one_key_away(self) -> None:
        app = make(Story())
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            tree = app.query_one(StepTree)
            await pilot.press("right_square_bracket")
            await pilot.pause()
            assert tree.selected == MX2
            await pilot.press("left_square_bracket")
            await pilot.pause()
            assert tree.selected == MX1
            await pilot.press("n")
            await pilot.pause()
            assert tree.selected == f"{MX1}/rcpt-to"

    async def test_explain_swap_zoom_and_help(self) -> None:
        app = make(Story())
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            await pilot.press("v")
            assert "Why delivery/" in app.query_one(Findings).text.plain
            await pilot.press("x")
            assert app.query_one("#sender", Input).value == "bob@partner.example"
            await pilot.press("z")
            await pilot.pause()
            assert not app.query_one(Conversation).display
            assert app.query_one(OutcomeLine).display
            await pilot.press("escape", "question_mark")
            assert app.query_one(Conversation).display
            assert len(app.screen_stack) == 2
            await pilot.press("escape")
            assert len(app.screen_stack) == 1

    @pytest.mark.parametrize("size", [(60, 15), (80, 24), (99, 30), (120, 40), (250, 80), (10, 4)])
    async def test_every_size_keeps_its_lines(self, size: tuple[int, int]) -> None:
        app = make(Story())
        async with app.run_test(size=(100, 30)) as pilot:
            await ended(app, pilot)
            await pilot.resize_terminal(*size)
            await pilot.pause()
            small = size < (60, 15)
            assert app.query_one("#too-small").display is small
            for name in ("#outcome", "#inputs", "Footer", "#steps", "#conversation"):
                region = app.query_one(name).region
                assert small or (region.height > 0 and region.bottom <= size[1]), name


class TestCopy:
    async def test_the_conversation_goes_to_the_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("TERM", "xterm-256color")
        app = make(Story())
        sent: list[str] = []
        monkeypatch.setattr(app, "_to_terminal", sent.append)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await ended(app, pilot)
            await pilot.press("c")
            await until(pilot, lambda: bool(sent and app._notifications))
            assert sent[0].startswith("\x1b]52;c;")
            assert any("4 lines sent" in item.message for item in app._notifications)


class TestHostile:
    async def test_markup_and_escapes_are_only_shown(self) -> None:
        story = Story(banner=HOSTILE)
        story.titles["delivery/mx1.partner.example"] = HOSTILE
        app = make(story)
        async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
            await ended(app, pilot)
            for name in ("problem(1)", "session(1)", "explain", "help"):
                await app.run_action(name)
                await pilot.pause()
            await pilot.press("escape", "c")
            for step in ("delivery/mx1.partner.example", f"{MX1}/rcpt-to", MX1):
                app.query_one(StepTree).go_to(step)
                await pilot.pause()
            shown = "".join(
                segment.text for line in app.screen._compositor.render_strips() for segment in line._segments
            )
            assert "[/] [red]x[/red] [@click=app.quit]y[/]" in shown
            assert not set("\x1b\x9b\u202e\x07") & set(shown)
