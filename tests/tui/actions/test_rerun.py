"""Greylisting waited out by one key: the countdown is seen, other steps may be looked at, Escape calls it off."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.navigation import greylisted
from smtpdiag_tui.tui.runner import RunNetwork
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import MX1, Story
from tests.tui.piloting import SETTINGS, ended, make, until

LATER = "delivery/mx.greylisted.example/192.0.2.94"
GREYLISTED = (finding("greylisted", "Later."),)


def told(app: SmtpDiagApp, words: str) -> bool:
    return any(words in item.message for item in app._notifications)


@asynccontextmanager
async def world() -> AsyncIterator[RunNetwork]:
    async with DemoNetwork() as network:
        yield RunNetwork(network, lambda settings: settings)  # the story asks for no second try here


def demo_app() -> SmtpDiagApp:
    return SmtpDiagApp(Settings(DEFAULT_SENDER, "bob@greylisted.example"), world, start=True)


def label(app: SmtpDiagApp, step: str) -> str:
    return str(app.query_one(StepTree)._by_id[step].label)


async def test_the_key_asks_for_a_second_try_of_the_session_under_the_cursor() -> None:
    story = Story()
    app = make(story)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ended(app, pilot)
        story.hold = asyncio.Event()  # what is told goes when the second try has ended
        await pilot.press("g")
        await until(pilot, lambda: len(story.calls) == 2)
        assert story.calls[1][1] == [MX1]
        assert story.second_tries == [False, True]
        assert told(app, "1 greylisted address")


async def test_the_key_goes_to_the_first_row_where_nothing_was_greylisted() -> None:
    story = Story(failing={}, outcome=Outcome.ACCEPTED)
    app = make(story)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ended(app, pilot)
        await pilot.press("end", "g")
        await until(pilot, lambda: app._tree.selected == "syntax")
        assert len(story.calls) == 1


async def test_a_change_in_a_field_does_not_touch_the_run_that_goes_on() -> None:
    story = Story()
    app = make(story)
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        app._inputs.field("recipient").value = "carol@partner.example"
        await pilot.press("g")
        await until(pilot, lambda: len(story.calls) == 2)
        settings, only = story.calls[1][:2]
        assert settings == story.calls[0][0]
        assert only is not None
        assert story.second_tries == [False, True]


async def waiting(app: SmtpDiagApp, pilot: Pilot[None]) -> None:
    await ended(app, pilot)
    assert app.live.report.outcome is Outcome.DEFERRED
    await pilot.press("g")
    await until(pilot, lambda: "running" in label(app, LATER) or "waiting" in label(app, LATER))


@pytest.mark.usefixtures("clock")
async def test_it_counts_down_and_turns_green_while_other_steps_are_looked_at() -> None:
    app = demo_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await waiting(app, pilot)
        assert re.search(r"waiting [0-4] s of [45] s", label(app, LATER))  # a busy machine is late to look
        line = app.query_one(OutcomeLine).text.plain
        assert re.search(r"192\.0\.2\.94 greylisted: retry in [1-5] s \(Escape: keep the earlier result\)", line)
        await pilot.press("home")
        await pilot.pause()
        assert app.query_one(StepTree).selected == "syntax"
        await ended(app, pilot)
        assert app.live.report.outcome is Outcome.ACCEPTED
        await until(pilot, lambda: not told(app, "retry when the delay is over"))
        assert app.live.report.steps[LATER].status is Status.PASSED
        assert app.query_one(StepTree).selected == "syntax"
        app.query_one(StepTree).go_to(LATER)
        await until(pilot, lambda: "RCPT TO" in app.query_one(Conversation).text)
        text = app.query_one(Conversation).text
        assert text.count("RCPT TO:<bob@greylisted.example>") == 2
        assert "retry with the same source address" in text


@pytest.mark.usefixtures("clock")
async def test_escape_calls_it_off_at_once_and_nothing_is_lost() -> None:
    app = demo_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ended(app, pilot)
        before = app.live.report
        await waiting(app, pilot)
        assert told(app, "Esc: cancel")
        await pilot.press("escape")
        await until(pilot, lambda: not app.live.running)
        assert [item.message for item in app._notifications] == ["Cancelled; previous result kept"]
        assert app.live.report.steps[LATER].transcript[-1].text == "cancelled; no retry"
        after = app.live.report
        assert (after.causes, after.senders, after.summary) == (before.causes, before.senders, before.summary)
        assert before.senders
        assert "rerun" not in app.query_one(OutcomeLine).text.plain
        assert after.seconds == before.seconds
        assert app.live.report.outcome is Outcome.DEFERRED
        assert "DEFERRED" in app.query_one(OutcomeLine).text.plain
        assert app.live.report.steps[LATER].status is Status.WARNING


async def test_a_whole_run_that_waits_says_that_escape_cancels_it() -> None:
    async with SmtpDiagApp(
        Settings(DEFAULT_SENDER, "bob@greylisted.example", retry_greylisted=300.0), world, start=True
    ).run_test(size=(80, 24)) as pilot:
        line = pilot.app.query_one(OutcomeLine)
        await until(pilot, lambda: "(Escape: cancel the run)" in line.text.plain)
        assert "192.0.2.94 greylisted: retry in" in line.text.plain


def test_the_sessions_near_the_cursor_come_before_all() -> None:
    ids = ["delivery", "delivery/a", "delivery/a/192.0.2.1", "delivery/a/192.0.2.1/rcpt-to"]
    ids += ["delivery/b", "delivery/b/192.0.2.2", "delivery/b/192.0.2.2/mail-from"]
    steps = {key: Step(key, key, findings=GREYLISTED if StepId(key).phase else ()) for key in ids}
    report = Report(SETTINGS, steps=steps)
    one, two = "delivery/a/192.0.2.1", "delivery/b/192.0.2.2"
    assert greylisted(report, None) == greylisted(report, "delivery") == greylisted(report, "soa") == [one, two]
    assert greylisted(report, f"{two}/mail-from") == greylisted(report, "delivery/b") == [two]
    assert greylisted(Report(SETTINGS), one) == []
