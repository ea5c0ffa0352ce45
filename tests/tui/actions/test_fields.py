"""The fields say one thing and the run shown another: what runs, and what is told."""

import asyncio
from dataclasses import replace

from textual import events
from textual.widgets import Input, Static

from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import DnsServer, Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.glyphs import in_view
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.inputs import AddressInput
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import GREYLISTED, MX1, Story, nowhere
from tests.tui.piloting import SETTINGS, ended, make, until


def outcome(app: SmtpDiagApp) -> str:
    return app.query_one(OutcomeLine).text.plain


def told(app: SmtpDiagApp) -> list[str]:
    return [item.message for item in app._notifications]


async def test_a_step_runs_again_for_the_run_shown_and_that_is_said_once() -> None:
    story = Story()
    app = make(story)
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        app.query_one("#recipient", Input).value = "eve@other.example"
        await pilot.pause()
        assert "for bob@partner.example  " in outcome(app)
        await pilot.press("r")
        await until(pilot, lambda: len(story.calls) == 2 and not app.live.running)
        assert story.calls[1] == (SETTINGS, [MX1])
        assert told(app) == ["Fields have changed; F5: run with them"]
        app.clear_notifications()
        await pilot.press("F")
        await until(pilot, lambda: len(story.calls) == 3 and not app.live.running)
        assert told(app) == []
        await pilot.press("f5")
        await until(pilot, lambda: len(story.calls) == 4 and not app.live.running)
        assert story.calls[3][0].recipient == "eve@other.example"
        assert "for " not in outcome(app).split("]")[0]


async def test_a_swap_during_a_run_says_what_the_run_is_for() -> None:
    app = make(Story(hold=asyncio.Event()))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.live.running)
        await pilot.press("x")
        await pilot.pause()
        assert "for bob@partner.example: " in outcome(app)
        field = app.query_one("#sender", Input)
        assert field.cursor_position == len(field.value)
        await pilot.press("x")
        await pilot.pause()
        assert "for bob" not in outcome(app)


async def test_both_bad_fields_are_marked_and_escape_brings_the_answer_back() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        app.query_one("#sender", Input).value = "alice"
        app.query_one("#recipient", Input).value = "bob"
        await pilot.press("f5")
        await pilot.pause()
        assert {field.id for field in app.query("Input.bad")} == {"sender", "recipient"}
        assert "alice" in outcome(app)
        await pilot.press("tab")
        await pilot.pause()
        assert "'bob'" in outcome(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "DEFERRED" in outcome(app)
        app.query_one("#recipient", Input).value = "bob@partner.example"
        await pilot.pause()
        assert {field.id for field in app.query("Input.bad")} == {"sender"}


async def test_typing_into_a_field_one_comes_to_replaces_what_was_there() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("i", *"c@d.example")
        assert app.query_one("#sender", Input).value == "c@d.example"


async def test_the_old_result_keeps_its_look_until_the_new_one_comes() -> None:
    story = Story()
    app = make(story)
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        tree = app.query_one(StepTree)
        story.hold = asyncio.Event()
        await pilot.press("r")
        await until(pilot, lambda: app.live.running and "run 2" in app.query_one(Conversation).text)
        text = app.query_one(Findings).text.plain
        assert "running" in text
        assert "(earlier run)" in text
        assert GREYLISTED.message in text
        label = str(tree._by_id[f"{MX1}/rcpt-to"].label)
        assert "220 mx1" in label
        assert "(earlier)" in label
        story.hold.set()
        await until(pilot, lambda: not app.live.running)
        await pilot.pause()
        assert "earlier" not in app.query_one(Findings).text.plain
        assert "earlier" not in str(tree._by_id[f"{MX1}/rcpt-to"].label)


def test_a_step_that_waits_to_run_again_keeps_its_status() -> None:
    before = Step("soa", "SOA", Status.WARNING, "a detail", findings=(GREYLISTED,))
    earlier = {"soa": before}
    waits = replace(before, status=Status.PENDING, stale=True)
    assert in_view(waits, earlier) == replace(before, stale=True)
    runs = replace(before, status=Status.RUNNING, findings=(), detail="")
    assert in_view(runs, earlier) == replace(before, status=Status.RUNNING, stale=True)
    new = replace(before, status=Status.PASSED)
    assert in_view(new, earlier) == replace(new, detail="warning → passed  a detail")
    assert in_view(before, earlier) == before


async def test_a_rerun_tells_its_own_time_and_leaves_branches_as_they_were() -> None:
    app = make(Story())
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        assert "1.5 s" in outcome(app)
        tree = app.query_one(StepTree)
        tree._by_id["syntax"].expand()
        tree._by_id["dns-servers"].expand()
        await pilot.press("r")
        await until(pilot, lambda: app.live.took is not None and not app.live.running)
        await pilot.pause()
        assert "1.5 s" not in outcome(app)
        assert tree._by_id["dns-servers"].is_expanded


async def test_what_is_in_force_is_seen_beside_the_fields() -> None:
    settings = replace(SETTINGS, port=2525, family=6)
    app = make(Story(), settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        shown = app.query_one("#in-force", Static)
        assert str(shown.render()) == "port 2525; IPv6 only"
        await pilot.press("p")
        await pilot.pause()
        assert str(shown.render()) == "port 2525; IPv6 only; masked"
        assert shown.region.width > 0


async def test_the_dns_field_tells_the_servers_that_a_story_brought() -> None:
    used = replace(SETTINGS, dns=(DnsServer("192.0.2.54"),))
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose)
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        app.live.report = replace(app.live.report, settings=used)
        app._draw()
        assert app.query_one("#dns", Input).placeholder.startswith("192.0.2.54")
        app.query_one("#recipient", Input).value = "eve@other.example"
        await pilot.pause()
        assert app.query_one("#dns", Input).placeholder == "servers of this host"


async def test_one_thing_is_told_at_a_time() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ended(app, pilot)
        await pilot.press("n", "n", "n", "n")
        await pilot.pause()
        assert told(app) == ["This is the only problem"]
        await pilot.pause()
        assert len(app.query("Toast")) == 1


async def test_an_empty_start_says_that_nothing_has_run() -> None:
    app = make(Story(), Settings("", ""), start=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape", "r")
        assert told(app) == ["No run yet"]


async def test_a_copy_says_that_names_are_masked() -> None:
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=Options(redact=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("c")
        await until(pilot, lambda: any(item.startswith("Masked: ") for item in told(app)))


async def test_f5_leaves_a_field_as_enter_does() -> None:
    story = Story()
    app = make(story)
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("i", "f5")
        await until(pilot, lambda: len(story.calls) == 2)
        await ended(app, pilot)
        assert app.focused is app._tree
        await pilot.press("a")
        assert app.query_one("#sender", AddressInput).value == SETTINGS.sender


def test_events_that_were_on_their_way_when_the_app_ended_do_no_harm() -> None:
    app = make(Story(), start=False)
    assert not app.screen_stack
    app.on_descendant_focus(events.DescendantFocus(Static()))
    app.on_descendant_blur(events.DescendantBlur(Static()))
    app.on_paste(events.Paste("bob@example.org"))
    assert app.settings.recipient == SETTINGS.recipient
    assert app._pane is None
