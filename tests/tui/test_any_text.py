"""Whatever a peer says can be laid out and drawn, in any width: nothing raises, and what stands there fits."""

import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, split_graphemes
from rich.text import Text
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from smtpdiag_tui.local_mta.queue import Queue, Queued
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import read_saved
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Probe, Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.answer_text import answer_lines
from smtpdiag_tui.tui.drawing.conversation_lines import hanging, line_of, row_ends, rows_of
from smtpdiag_tui.tui.drawing.step_label import Marks, _fitting, step_label
from smtpdiag_tui.tui.model.below import Below
from smtpdiag_tui.tui.model.export import PathError, SaveRequest
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.model.queue_view import explained
from smtpdiag_tui.tui.screens.answer import AnswerScreen
from smtpdiag_tui.tui.screens.probes import ProbesScreen, question
from smtpdiag_tui.tui.screens.queue import QueueScreen, queued_text
from smtpdiag_tui.tui.screens.save import SaveScreen
from smtpdiag_tui.tui.screens.settings import SettingsScreen
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings, _Shown, _text, _why
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine, _cut
from smtpdiag_tui.tui.widgets.plain_input import PlainInput
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.render.made import SESSION, report_of
from tests.tui.any_text import MARKS, SAMPLES, any_text
from tests.tui.fake_engine import nowhere
from tests.tui.piloting import until

widths = st.integers(1, 90)


def rows(text: str, ends: list[int]) -> list[str]:
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]


@pytest.mark.parametrize("mark", MARKS)
def test_marks_alone_are_one_row(mark: str) -> None:
    assert row_ends("550 5.1.1 " + mark * 41, 50) == []


@settings(deadline=None)
@given(any_text, widths)
def test_a_text_breaks_into_rows_that_go_on(text: str, room: int) -> None:
    ends = row_ends(text, room)
    assert ends == sorted(set(ends))
    assert all(0 < end < len(text) for end in ends)


@settings(deadline=None)
@given(any_text, widths)
def test_the_rows_of_a_visible_text_fit_and_begin_with_no_mark(text: str, room: int) -> None:
    shown = visible(text)
    for row in rows(shown, row_ends(shown, room)):
        ink = row.removesuffix(" ")  # at a break it may stand beyond the last column
        assert cell_len(ink) <= room or len(split_graphemes(ink)[0]) == 1, row
        assert not unicodedata.category((row or "a")[0]).startswith("M")


def test_rows_are_filled_by_columns_not_by_characters() -> None:
    assert rows("e\u0301" * 25, row_ends("e\u0301" * 25, 10)) == ["e\u0301" * 10, "e\u0301" * 10, "e\u0301" * 5]
    assert rows("日" * 7, row_ends("日" * 7, 5)) == ["日日", "日日", "日日", "日"]
    assert rows("日日", row_ends("日日", 1)) == ["日", "日"]


@settings(deadline=None)
@given(any_text, widths, st.sampled_from(Direction))
def test_a_line_of_a_conversation_has_rows_that_hold_all_of_it(text: str, width: int, way: Direction) -> None:
    line = line_of(Entry(0.5, way, text))
    assert "".join(line.text[row.start : row.end] for row in rows_of(line, 0, width)) == text


@settings(deadline=None)
@given(any_text, widths)
def test_hanging_rows_lose_nothing_but_blanks(text: str, width: int) -> None:
    bar, shown = Text("| "), visible(text)
    kept = hanging(Text(shown), bar, bar, width).plain
    assert "".join(kept.replace("|", "").split()) == "".join(shown.replace("|", "").split())
    hanging(Text(text), bar, bar, width)


@settings(deadline=None)
@given(any_text, widths)
def test_the_outcome_is_cut_to_two_rows(text: str, width: int) -> None:
    shown = visible(text)
    cut = _cut([Text(shown), Text(shown)], width, "… (a: all)")
    assert cut.plain.count("\n") <= 1
    _cut([Text(text)], width, "… (a: all)")


@settings(deadline=None)
@given(any_text, widths, st.sampled_from(Status))
def test_a_label_of_the_tree_is_cut_to_its_room(text: str, room: int, status: Status) -> None:
    step = report_of(text).steps[SESSION]
    half = report_of(text).steps["delivery"]
    step_label(step, Marks([half], text, "x", 13, text), room)
    label = step_label(step, Marks(glyph="x"), room)
    assert label.cell_len <= max(room, len("x  ...."))
    if room > 1:
        assert cell_len(_fitting(visible(text), room)) <= room


@settings(deadline=None)
@given(any_text, widths)
def test_findings_answer_queue_and_question_hold_any_text(text: str, width: int) -> None:
    report = report_of(text)
    step = report.steps[SESSION]
    below = (Below(step.findings[0], SESSION, (text, text), stale=True, places=2),)
    shown = _Shown(step, below, step, report.senders)
    assert "information" in _text(shown, width, "b").plain
    assert "About this test" in _why(shown).plain
    assert "BOUNCED" in answer_lines(report, 0)[0].text.plain
    assert " to " in queued_text(explained(Queued(text, text, text, 1.0, text)), 40).plain
    asked = Settings("a@sender.example", f"bob@{text}", server=text, probes=tuple(Probe))
    assert "5 extra sessions" in question(asked, None)


class Wall(App[None]):
    """All that shows a peer's words, side by side and as small as can be."""

    CSS = "Screen { layout: grid; grid-size: 2; } Screen > * { height: 6; }"

    def compose(self) -> ComposeResult:
        yield OutcomeLine()
        yield StepTree()
        yield Findings()
        yield Conversation()
        yield Static(markup=False, id="answer")
        yield OptionList(id="queued")
        yield PlainInput(id="field")

    def show(self, report: Report, text: str) -> None:
        self.query_one(OutcomeLine).show(report, 3.0, 3.0)
        self.query_one(StepTree).show(report, 3.0)
        self.query_one(Findings).show(report, SESSION, explain=True)
        conversation = self.query_one(Conversation)
        conversation.show(report, SESSION)
        conversation.find(visible(text)[:2])
        self.query_one("#answer", Static).update(Text("\n").join(line.text for line in answer_lines(report, 40)))
        queued = self.query_one("#queued", OptionList)
        queued.clear_options()
        queued.add_options([Option(queued_text(explained(Queued(text, text, text, 1.0, text)), 40))])
        self.query_one(PlainInput).value = text


async def drawn(app: App[None], pilot: Pilot[None]) -> list[str]:
    await pilot.pause()
    return [strip.text for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("width", [3, 40])
async def test_every_widget_draws_every_text(width: int) -> None:
    app = Wall()
    async with app.run_test(size=(width, 24)) as pilot:
        for text in SAMPLES:
            app.show(report_of(text), text)
            assert len(await drawn(app, pilot)) == 24
        app.query_one(Conversation).toggle_wrap()
        for column in range(12):
            app.query_one(Conversation).scroll_to(x=column, animate=False, immediate=True)
            assert len(await drawn(app, pilot)) == 24
        await pilot.resize_terminal(1, 24)
        assert len(await drawn(app, pilot)) == 24
        assert app.is_running


@settings(deadline=None, max_examples=8)
@given(any_text, st.integers(1, 30))
async def test_every_widget_draws_any_text(text: str, width: int) -> None:
    app = Wall()
    async with app.run_test(size=(width, 24)) as pilot:
        app.show(report_of(text), text)
        assert len(await drawn(app, pilot)) == 24
        assert app.is_running


@pytest.mark.parametrize("size", [(60, 15), (20, 5), (1, 1), (120, 40)])
async def test_a_saved_report_with_such_a_line_is_shown(tmp_path: Path, size: tuple[int, int]) -> None:
    line = "550 5.1.1 " + "\u0301" * 41 + "\ufe0f" * 41
    path = tmp_path / "run.json"
    found = json.loads(to_json(report_of("x")))
    path.write_text(json.dumps(found).replace('"x"', json.dumps(line)))
    assert r"\u0301\u0301" in path.read_text()
    saved = read_saved(path)
    assert saved.steps[SESSION].transcript[0].text == "550 5.1.1 " + r"\u0301" * 41 + r"\ufe0f" * 41
    app = SmtpDiagApp(saved.settings, nowhere, options=Options(replay=saved))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.query_one(StepTree).selected is not None)
        await pilot.press("n", "w", "a")
        await pilot.pause()
        await pilot.press("escape", "s", "escape", "v")
        await pilot.resize_terminal(60, 15)
        app.query_one(StepTree).go_to(SESSION)
        await until(pilot, lambda: app.query_one(Conversation).line_count == 3)
        assert r"\u0301\u0301" in app.query_one(Conversation).text
        assert app.is_running


async def test_a_mark_that_is_typed_stands_on_the_letter_before() -> None:
    app = Wall()
    async with app.run_test(size=(60, 24)) as pilot:
        field = app.query_one("#field", Input)
        for char in "\u0301e\u0301e\u0301\u0301\u0301\u0301\u0301":
            field.insert_text_at_cursor(char)
        await pilot.pause()
        assert field.value == "\\u0301e\u0301e\u0301\u0301\u0301\u0301\\u0301"
        assert field.cursor_position == len(field.value)


async def _queue(text: str) -> Queue:
    return Queue(text, (Queued(text, text, text, 1.0, text),))


async def _save(_request: SaveRequest) -> None:
    raise PathError("not saved")


async def test_overlays_draw_every_text_in_any_width() -> None:
    text = "".join(SAMPLES)[:500]
    asked = Settings("a@sender.example", f"bob@{text}", server=text, ehlo=text)
    asked = replace(asked, local_facts=(text,), local_hosts=(text,))
    app = SmtpDiagApp(Settings("", ""), nowhere)
    async with app.run_test(size=(60, 15)) as pilot:
        overlays = (
            AnswerScreen(report_of(text), lambda _number: None),
            ProbesScreen(replace(asked, probes=tuple(Probe)), None),
            QueueScreen(lambda: _queue(text)),
            SettingsScreen(asked, text),
            SaveScreen(text, _save, redacted=False),
        )
        for overlay in overlays:
            app.push_screen(overlay)
            for size in ((60, 15), (7, 9), (1, 1)):
                await pilot.resize_terminal(*size)
                assert len(await drawn(app, pilot)) == size[1]
            app.pop_screen()
        app.say(text)
        await pilot.resize_terminal(60, 15)
        assert len(await drawn(app, pilot)) == 15
        assert app.is_running
