"""Looking for words: the marks, the count, and walking through the matches."""

from collections.abc import Sequence

import pytest

from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.conversation_lines import ConversationLine, line_of, row_ends, rows_of
from smtpdiag_tui.tui.model.search import Search
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.search_bar import SearchBar
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import Story
from tests.tui.piloting import MakeApp, demo, ended, make, until


def lines(*texts: str) -> Sequence[ConversationLine]:
    return [line_of(Entry(0.0, Direction.RECEIVED, text)) for text in texts]


def test_case_does_not_matter_and_each_place_counts() -> None:
    search = Search()
    search.look_for("size", lines("250-SIZE 1", "none", "size Size"), 0)
    assert search.words == "size: 1 of 3"
    search.walk(-1)
    assert search.words == "size: 3 of 3"
    assert [match.start for match in search.on(2)] == [0, 5]


def test_the_marks_stand_right_behind_letters_that_grow_when_folded() -> None:
    search = Search()
    found = lines("250 Straße İstanbul SIZE size", "ẞ (1) (1)")
    search.look_for("size", found, 0)
    assert [found[0].text[match.start : match.end] for match in search.on(0)] == ["SIZE", "size"]
    search.look_for("(1)", found, 0)
    assert [(match.start, match.end) for match in search.on(1)] == [(2, 5), (6, 9)]


def test_the_search_begins_where_one_looks_and_goes_around_the_end() -> None:
    search = Search()
    search.look_for("a", lines("a", "b", "a"), 1)
    assert search.current is not None
    assert search.current.line == 2
    search.walk(1)
    assert search.current.line == 0


def test_new_lines_are_searched_too() -> None:
    search = Search()
    found = [*lines("a")]
    search.look_for("a", found, 0)
    found += lines("a", "b")
    search.update(found)
    assert search.words == "a: 1 of 2"
    search.update(lines("b"))
    assert search.words == "a: not found"


def test_long_lines_become_rows_that_hold_all_of_them() -> None:
    line = line_of(Entry(0.0, Direction.RECEIVED, "x" * 95 + "日本" * 20))
    rows = rows_of(line, 7, 60)
    assert "".join(line.text[row.start : row.end] for row in rows) == line.text
    assert {row.line for row in rows} == {7}
    assert rows_of(line_of(Entry(0.0, Direction.SENT, "short")), 0, 60)[0].end is None


def test_rows_break_at_blanks_and_never_inside_an_escape() -> None:
    text = "250 one <somebody@partner.example> two three"
    assert [text[a:b] for a, b in pairs(text, 20)] == ["250 one ", "<somebody@partner.ex", "ample> two three"]
    escaped = "x" * 18 + r"\x1b[0m\u202e" + "y" * 30
    assert next(escaped[a:b] for a, b in pairs(escaped, 20)) == "x" * 18
    for width in range(8, 60):
        rows = [escaped[a:b] for a, b in pairs(escaped, width)]
        assert "".join(rows) == escaped
        assert all(len(row) <= width for row in rows)
        assert not [row for row in rows if row.endswith(("\\", "\\x", "\\x1", "\\u", "\\u2", "\\u20", "\\u202"))]


def pairs(text: str, room: int) -> list[tuple[int, int]]:
    ends = row_ends(text, room)
    return list(zip([0, *ends], [*ends, len(text)], strict=True))


async def test_another_session_is_searched_anew_and_named() -> None:
    app = make(Story())
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        conversation = app.query_one(Conversation)
        app.query_one(Conversation).focus()
        await pilot.press("slash", *"mail", "enter", "right_square_bracket")
        await until(pilot, lambda: "mx2" in str(conversation.border_title))
        title = str(conversation.border_title)
        assert "mx2.partner.example 2001:db8::25" in title
        assert "mail: 1 of 1" in title


@pytest.mark.parametrize("recipient", ["bob@partner.example"])
async def test_the_match_in_another_session_is_in_view(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        conversation = app.query_one(Conversation)
        app.query_one(Conversation).focus()
        await pilot.press("slash", *"size", "enter", "right_square_bracket")
        await until(pilot, lambda: "2001:db8::21" in str(conversation.border_title))

        def shown() -> str:
            return "".join(conversation.render_line(y).text for y in range(conversation.size.height))

        await until(pilot, lambda: "SIZE" in shown())


async def test_a_session_is_shown_where_its_result_is() -> None:
    app = make(Story())
    async with app.run_test(size=(60, 15)) as pilot:
        await ended(app, pilot)
        await pilot.press("right_square_bracket")
        conversation = app.query_one(Conversation)
        await until(pilot, lambda: conversation.scroll_offset.y > 0 and conversation.is_vertical_scroll_end)


async def test_slash_finds_n_walks_and_escape_forgets() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        app.query_one(Conversation).focus()
        await pilot.press("slash", *"ehlo")
        await pilot.pause()
        conversation = app.query_one(Conversation)
        assert "ehlo: 1 of " in str(conversation.border_title)
        await pilot.press("enter", "n")
        assert app.focused is conversation
        assert "ehlo: 1 of 2" not in str(conversation.border_title)
        await pilot.press("escape")
        assert not conversation.search.open
        assert not app.query_one(SearchBar).has_class("open")
        assert "line" in str(conversation.border_subtitle)
        here = app.query_one(StepTree).selected
        await pilot.press("n")
        await pilot.pause()
        assert app.query_one(StepTree).selected != here or here is not None


async def test_w_lets_long_lines_run_out_and_back() -> None:
    app = make(Story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        conversation = app.query_one(Conversation)
        assert conversation.virtual_size.width <= 80
        await pilot.press("w")
        assert not conversation.wrap
        await pilot.press("w")
        assert conversation.wrap


async def test_a_phase_brings_its_own_lines_into_view() -> None:
    # Lines are found by their times: a recorded story has none.
    app = SmtpDiagApp(Settings(DEFAULT_SENDER, "bob@greylist.example"), demo, start=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        assert app.query_one(StepTree).selected == "delivery/mx.greylist.example/192.0.2.33/rcpt-to"
        conversation = app.query_one(Conversation)

        def shown() -> str:
            return "".join(conversation.render_line(y).text for y in range(conversation.size.height))

        await until(pilot, lambda: "RCPT TO" in shown())
