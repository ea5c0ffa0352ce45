"""What the findings pane says, and how it breaks its lines; which branches stay closed."""

from dataclasses import replace
from functools import partial

import pytest
from rich.text import Text

from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding, Severity, finding
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.tui.drawing.conversation_lines import hanging
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import GREYLISTED, MX1, MX2, Story
from tests.tui.piloting import MakeApp, ended, make, until


def story(message: str, *evidence: str) -> Story:
    found = replace(GREYLISTED, message=message, evidence=evidence)
    return Story(failing={f"{MX1}/rcpt-to": (Status.WARNING, (found,)), MX1: (Status.WARNING, ())})


async def test_what_the_message_quotes_whole_is_not_quoted_again() -> None:
    app = make(story("Deferred: 450 4.2.0 later.", "450 4.2.0 later", "450 4.2.0 and another line"))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        text = app.query_one(Findings).text.plain
        assert text.count("450 4.2.0 later") == 1
        assert "│ 450 4.2.0 and another line" in text
        assert "Reference: greylisted, RFC 6647" in text
        assert text.index("Action: ") < text.index("Many servers defer") < text.index("│")


async def test_a_quoted_line_keeps_its_bar_in_every_row_at_every_width() -> None:
    app = make(story("Deferred.", "450 " + "word " * 40))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        pane = app.query_one(Findings)
        for width in (80, 120, 60):
            await pilot.resize_terminal(width, 24)
            await pilot.pause()
            rows = [row for row in pane.text.plain.splitlines() if "word" in row]
            assert len(rows) > 1
            assert all(row.startswith("│ ") for row in rows)
            assert max(map(len, rows)) <= pane.scrollable_content_region.width


def test_further_rows_hang_below_the_first() -> None:
    found = hanging(Text("one two three four"), Text("key "), Text("    "), 12)
    assert found.plain == "key one two\n    three\n    four\n"


@pytest.mark.parametrize("recipient", ["bob@dead.example"])
async def test_an_address_that_cannot_be_connected_to_is_one_row(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        tree = app.query_one(StepTree)
        dead = "delivery/mx1.dead.example/192.0.2.31"
        await until(pilot, lambda: not tree._by_id[dead].is_expanded)
        assert tree._by_id["delivery/mx1.dead.example"].is_expanded
        await pilot.press("n")
        await until(pilot, lambda: tree.selected == dead)
        text = app.query_one(Findings).text.plain
        assert "At Connect  B: go to step" in text
        assert "Action: " in text


@pytest.mark.parametrize("recipient", ["bob@blocked.example"])
async def test_the_explanation_is_in_view_once_it_is_asked_for(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        pane = app.query_one(Findings)
        for key in ("v", "v", "v"):
            await pilot.press(key)
            await pilot.pause()
        strips = app.screen._compositor.render_strips()
        rows = ["".join(segment.text for segment in strip._segments) for strip in strips]
        assert any("About this test" in row for row in rows), "\n".join(rows)
        await pilot.press("v")
        await until(pilot, lambda: pane.scroll_y == 0)


@pytest.mark.parametrize("recipient", ["bob@partner.example"])
async def test_a_transport_tells_its_time_once(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        tree = app.query_one(StepTree)
        label = str(tree._by_id["soa/192.0.2.53/udp"].label)
        assert "1 SOA" in label
        assert label.count(" ms") == 1


@pytest.mark.parametrize("recipient", ["bob@partner.example"])
async def test_an_address_explains_itself_and_a_part_of_a_test_the_test_it_is_part_of(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        app.query_one(StepTree).go_to("delivery/mx1.partner.example/192.0.2.21")
        await pilot.press("v")
        await pilot.pause()
        text = app.query_one(Findings).text.plain
        assert "About this test\nHolds one SMTP session with this address" in text
        app.query_one(StepTree).go_to("dns-servers/192.0.2.53/udp")
        await until(pilot, lambda: "Part of: DNS servers\n" in app.query_one(Findings).text.plain)


LATER = finding("greylisted", "Greylisted by mx1")
GONE = finding("connection-refused", "mx2 refused the connection")


async def test_the_worst_below_comes_first_whatever_the_step_has_of_its_own_and_a_key_leads_there() -> None:
    failing = {
        "delivery": (Status.WARNING, (finding("path-interference", "The hosts differ"),)),
        f"{MX1}/rcpt-to": (Status.WARNING, (LATER,)),
        MX1: (Status.WARNING, ()),
        f"{MX2}/greeting": (Status.FAILED, (GONE,)),
        MX2: (Status.FAILED, ()),
    }
    app = make(Story(failing=failing))
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        pane, tree = app.query_one(Findings), app.query_one(StepTree)
        tree.go_to("delivery")
        await until(pilot, lambda: "The hosts differ" in pane.text.plain)
        lines = pane.text.plain.splitlines()
        assert lines[0] == "✗ failure mx2 refused the connection"
        place = lines.index("At mx2.partner.example / 2001:db8::25 / Greeting  B: go to step")
        assert lines[1].startswith("Action: "), "graver than its own: told whole, with what to do first"
        assert place < lines.index("! warning The hosts differ")
        assert pane.text.plain.index("The hosts differ") < pane.text.plain.index("Also below this step")
        assert "Greylisted by mx1" in pane.text.plain
        await pilot.press("B")
        await until(pilot, lambda: tree.selected == f"{MX2}/greeting")
        tree.go_to("delivery")
        await until(pilot, lambda: tree.selected == "delivery")
        pane.focus()
        await pilot.press("enter")
        await until(pilot, lambda: tree.selected == f"{MX2}/greeting")


async def test_a_step_without_a_problem_of_its_own_tells_the_worst_below_whole() -> None:
    app = make(Story())
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await ended(app, pilot)
        app.query_one(StepTree).go_to("delivery")
        pane = app.query_one(Findings)
        await until(pilot, lambda: "Delivery" in str(pane.border_title))
        text = pane.text.plain
        assert text.startswith("! warning")
        assert "Action: " in text
        assert "Reference: greylisted, RFC 6647" in text
        app.query_one(StepTree).go_to("syntax")
        await until(pilot, lambda: pane.text.plain == "✓ passed\nNo problems.")
        await pilot.press("B")
        await pilot.pause()
        assert any("No problem below this step" in item.message for item in app._notifications)


def _is_at(tree: StepTree, step: str) -> bool:
    return tree.selected == step


async def test_the_worst_stands_first_whether_it_is_the_step_s_own_or_below() -> None:
    dead = replace(finding("domain-not-found", "It does not exist"), severity=Severity.FAILURE)
    slow = replace(GREYLISTED, message="It did not answer over TCP")
    for own, below in ((dead, slow), (slow, dead)):
        failing: dict[str, tuple[Status, tuple[Finding, ...]]] = {
            MX1: (Status.FAILED, (own,)),
            f"{MX1}/rcpt-to": (Status.WARNING, (below,)),
        }
        app = make(Story(failing=failing))
        async with app.run_test(size=(80, 24)) as pilot:
            await ended(app, pilot)
            tree = app.query_one(StepTree)
            tree.go_to(MX1)
            await until(pilot, partial(_is_at, tree, MX1))
            await pilot.pause()
            text = app.query_one(Findings).text.plain
            assert text.index(dead.message) < text.index(slow.message), text


async def test_enter_is_offered_only_where_a_problem_lies_below() -> None:
    app = make(story("Deferred.", "450 later"))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await ended(app, pilot)
        pane, tree = app.query_one(Findings), app.query_one(StepTree)
        for step, offered in ((f"{MX1}/rcpt-to", False), (MX1, True)):
            tree.go_to(step)
            await until(pilot, partial(_is_at, tree, step))
            pane.focus()
            await pilot.pause()
            assert ("enter" in app.screen.active_bindings) is offered
            await pilot.press("enter")
            await pilot.pause()
            assert tree.selected == f"{MX1}/rcpt-to"
        assert not [item for item in app._notifications if "No problem below" in item.message]


async def test_the_worst_below_has_its_action_in_view_beside_one_as_grave_of_the_step_itself() -> None:
    renew = replace(LATER, actions=(Action("", "Wait 5 minutes."),))
    own = finding("path-interference", "The hosts differ")
    failing: dict[str, tuple[Status, tuple[Finding, ...]]] = {
        MX1: (Status.WARNING, (own,)),
        f"{MX1}/rcpt-to": (Status.WARNING, (renew,)),
    }
    app = make(Story(failing=failing))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        app.query_one(StepTree).go_to(MX1)
        pane = app.query_one(Findings)
        await until(pilot, lambda: "The hosts differ" in pane.text.plain)
        assert pane.text.plain.splitlines()[:2] == ["! warning Greylisted by mx1", "Action: Wait 5 minutes."]
