"""The tree of steps: folding, moving, problems alone, and looking for words."""

import asyncio

import pytest
from textual.pilot import Pilot

from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.search_bar import SearchBar
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import GREYLISTED, MX1, MX2, Story
from tests.tui.piloting import MakeApp, ended, make, until

HOST1, HOST2 = "delivery/mx1.partner.example", "delivery/mx2.partner.example"
BAD = {
    f"{MX1}/rcpt-to": (Status.WARNING, (GREYLISTED,)),
    MX1: (Status.WARNING, ()),
    f"{MX2}/greeting": (Status.WARNING, (GREYLISTED,)),
    MX2: (Status.WARNING, ()),
}
ABOVE = {"delivery": (Status.WARNING, ()), HOST1: (Status.WARNING, ()), HOST2: (Status.WARNING, ())}


def story(**more: object) -> Story:
    return Story(failing={**BAD, **ABOVE}, **more)  # type: ignore[arg-type]


def tree_of(app: SmtpDiagApp) -> StepTree:
    return app.query_one(StepTree)


def shown(app: SmtpDiagApp) -> list[str]:
    """Return the ids of the steps in view or scrolled out of it, none inside a closed branch."""
    tree = tree_of(app)
    nodes = (tree.get_node_at_line(line) for line in range(tree.last_line + 1))
    return [node.data for node in nodes if node is not None and node.data is not None]


async def at(app: SmtpDiagApp, pilot: Pilot[None], step: str) -> None:
    await until(pilot, lambda: tree_of(app).selected == step)


async def test_left_folds_then_goes_up_and_right_unfolds_then_goes_down() -> None:
    app = make(story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        tree_of(app).go_to(MX1)
        await at(app, pilot, MX1)
        await pilot.press("left")
        assert f"{MX1}/rcpt-to" not in shown(app)
        await pilot.press("left")
        await at(app, pilot, HOST1)
        await pilot.press("left", "left", "left", "left")
        await at(app, pilot, "delivery")
        assert HOST1 not in shown(app)
        await pilot.press("right", "right")
        await at(app, pilot, HOST1)
        tree_of(app).go_to(f"{MX1}/rcpt-to")
        await at(app, pilot, f"{MX1}/rcpt-to")
        await pilot.press("right")
        assert tree_of(app).selected == f"{MX1}/rcpt-to", "nothing lies below"


async def test_j_k_and_the_ends_move_in_the_pane_that_has_the_focus() -> None:
    app = make(Story(failing={}, outcome=Outcome.ACCEPTED))
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("g")
        await at(app, pilot, "syntax")
        await pilot.press("j")
        await at(app, pilot, "dns-servers")
        await pilot.press("k")
        await at(app, pilot, "syntax")
        await pilot.press("G")
        await at(app, pilot, shown(app)[-1])
        assert tree_of(app).touched
        tree_of(app).go_to(MX1)
        await at(app, pilot, MX1)
        app.query_one(Conversation).focus()
        here = tree_of(app).selected
        await pilot.press("j", "k", "G", "g")
        assert tree_of(app).selected == here


@pytest.mark.parametrize("recipient", ["bob@blocklist.example"])
async def test_j_scrolls_a_text(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        pane = app.query_one(Findings)
        pane.focus()
        await until(pilot, lambda: pane.max_scroll_y > 0)
        await pilot.press("j")
        await until(pilot, lambda: pane.scroll_offset.y > 0)
        await pilot.press("G")
        await until(pilot, lambda: pane.scroll_offset.y == pane.max_scroll_y)
        await pilot.press("g")
        await until(pilot, lambda: pane.scroll_offset.y == 0)


async def test_one_key_folds_all_and_unfolds_what_has_problems() -> None:
    app = make(story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        assert f"{MX1}/rcpt-to" in shown(app)
        await pilot.press("asterisk")
        await at(app, pilot, "delivery")
        assert shown(app) == ["syntax", "dns-servers", "delivery"]
        await pilot.press("asterisk")
        await until(pilot, lambda: f"{MX1}/rcpt-to" in shown(app))
        assert "dns-servers/192.0.2.53" not in shown(app), "what passed stays folded"


async def test_problems_only_leaves_out_what_has_none_and_brings_it_back_in_its_place() -> None:
    app = make(story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        order = list(app.live.report.steps)
        tree_of(app).go_to("syntax")
        await at(app, pilot, "syntax")
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "problems only" in str(tree_of(app).border_title))
        assert shown(app) == ["delivery", HOST1, MX1, f"{MX1}/rcpt-to", HOST2, MX2, f"{MX2}/greeting"]
        await at(app, pilot, f"{MX1}/rcpt-to")
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "syntax" in shown(app))
        assert str(tree_of(app).border_title) == "Steps · problem 1 of 1"
        assert tree_of(app).selected == f"{MX1}/rcpt-to"
        assert [key for key in order if key in shown(app)] == shown(app)


@pytest.mark.parametrize("recipient", ["bob@dead.example"])
async def test_an_address_that_refused_the_connection_opens_to_nothing_under_problems_only(
    story_app: MakeApp,
) -> None:
    app = story_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        refused = "delivery/mx1.dead.example/192.0.2.31"
        assert tree_of(app)._by_id[refused].allow_expand
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: tree_of(app).only_problems)
        assert not tree_of(app)._by_id[refused].allow_expand
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: tree_of(app)._by_id[refused].allow_expand)


async def test_problems_only_needs_a_problem_and_shows_all_again_once_there_is_none() -> None:
    made = Story(failing={}, outcome=Outcome.ACCEPTED)
    app = make(made)
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("exclamation_mark")
        assert not tree_of(app).only_problems
        made.failing = {**BAD, **ABOVE}
        await pilot.press("f5")
        await until(pilot, lambda: len(made.calls) == 2)
        await ended(app, pilot)
        await pilot.press("exclamation_mark")
        assert "syntax" not in shown(app)
        made.failing = {}
        await pilot.press("f5")
        await until(pilot, lambda: len(made.calls) == 3)
        await ended(app, pilot)
        await until(pilot, lambda: "syntax" in shown(app))


async def test_n_meets_one_problem_once_and_its_label_counts_the_places() -> None:
    app = make(story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        label = str(tree_of(app)._by_id[f"{MX1}/rcpt-to"].label)
        assert "RCPT TO  ×2" in label
        assert "×" not in str(tree_of(app)._by_id[f"{MX2}/greeting"].label)
        await pilot.press("home", "n")
        await at(app, pilot, f"{MX1}/rcpt-to")
        await pilot.press("n")
        await pilot.pause()
        assert tree_of(app).selected == f"{MX1}/rcpt-to"


async def test_a_search_with_the_steps_in_focus_is_one_in_the_steps() -> None:
    app = make(story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("asterisk", "home", "slash")
        assert "steps" in app.query_one(SearchBar).placeholder
        await pilot.press(*"greet")
        await at(app, pilot, f"{MX1}/greeting")
        assert "greet: 1 of 2" in str(tree_of(app).border_title) or "greet: 1 of" in str(tree_of(app).border_title)
        await pilot.press("enter")
        assert app.focused is tree_of(app)
        await pilot.press("n")
        await at(app, pilot, f"{MX2}/greeting")
        await pilot.press("N")
        await at(app, pilot, f"{MX1}/greeting")
        await pilot.press("escape")
        assert str(tree_of(app).border_title) == "Steps"
        assert not app.query_one(SearchBar).has_class("open")
        assert tree_of(app).selected == f"{MX1}/greeting"


async def test_a_search_is_seen_also_where_one_pane_has_all_the_room() -> None:
    app = make(story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("z", "slash", *"zzz")
        await pilot.pause()
        assert app.query_one(SearchBar).region.height == 1
        assert "zzz: not found" in str(tree_of(app).border_title)


async def test_a_search_in_the_conversation_ends_one_in_the_steps() -> None:
    app = make(story())
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        await pilot.press("slash", *"greet", "enter")
        app.query_one(Conversation).focus()
        await pilot.press("slash", *"ehlo", "enter")
        assert not tree_of(app).search.open
        assert app.query_one(Conversation).search.open
        assert app.focused is app.query_one(Conversation)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("recipient", ["bob@long.example"])
async def test_no_row_is_cut_by_the_scrollbar_that_came(size: tuple[int, int], story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=size) as pilot:
        await ended(app, pilot)
        for _ in range(2):
            await pilot.press("asterisk")
        tree = tree_of(app)
        tree.root.expand_all()
        await until(pilot, lambda: tree.max_scroll_y > 0)
        await pilot.pause()
        width = tree.scrollable_content_region.width
        for key, node in tree._by_id.items():
            room = width - 2 * key.count("/") - 2
            assert node.label.cell_len <= room, key  # type: ignore[union-attr]


@pytest.mark.parametrize(("size", "rows"), [((80, 24), 8), ((100, 30), 20)])
async def test_the_steps_have_eight_rows_at_least(size: tuple[int, int], rows: int) -> None:
    app = make(story())
    async with app.run_test(size=size) as pilot:
        await ended(app, pilot)
        await pilot.pause()
        assert tree_of(app).scrollable_content_region.height >= rows


async def test_a_run_goes_on_under_problems_only() -> None:
    hold = asyncio.Event()
    made = story(hold=hold)
    app = make(made)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: MX1 in app.live.report.steps)
        await pilot.press("exclamation_mark")
        assert not tree_of(app).only_problems, "no problem is known yet"
        hold.set()
        await ended(app, pilot)
        await pilot.press("exclamation_mark")
        assert tree_of(app).only_problems


@pytest.mark.parametrize("recipient", ["bob@large.example"])
async def test_what_is_gone_to_has_rows_around_it_and_its_host_in_view(story_app: MakeApp) -> None:
    app = story_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        tree = tree_of(app)
        for key in ("n", "n", "n", "N", "right_square_bracket"):
            await pilot.press(key)
            await pilot.pause(0.1)
            node = tree.cursor_node
            assert node is not None
            top, height = tree.scroll_offset.y, tree.scrollable_content_region.height
            assert top <= node.line < top + height
            host = StepId(node.data or "").above[1:2]
            if host:
                assert top <= tree._by_id[host[0]].line
