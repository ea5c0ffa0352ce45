"""The tree of steps, which turn green or red as the run goes on."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind, parent_id, within
from smtpdiag_tui.tui.drawing.glyphs import GLYPHS, PROBLEMS, in_view, spinner, stroke
from smtpdiag_tui.tui.messages import StepSelected
from smtpdiag_tui.tui.model.navigation import (
    distinct_problems,
    step_along,
    unconnected,
    with_problems,
    worst_problems,
)
from smtpdiag_tui.tui.model.step_search import StepSearch

_MOVES = frozenset({"up", "down", "home", "end", "pageup", "pagedown", "enter", "space", "left", "right"})
_AROUND = 2  # rows to be seen above and below one that is gone to
_NONE: Mapping[str, Step] = MappingProxyType({})

_Source = tuple[Step, tuple[Status, ...], str]  # what a label is drawn from: step, marks of its halves, the rest


class StepTree(Tree[str]):
    """One node for each step, keyed by the step's id. Nodes are relabelled, never rebuilt.

    With `only_problems`, steps without a problem at or below them are left out, as long as there is a problem.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "fold", "Fold", show=False),
        Binding("right", "unfold", "Unfold", show=False),
    ]

    def __init__(self) -> None:
        super().__init__("steps", id="steps")
        self.show_root = False
        self.guide_depth = 2
        self.border_title = "Steps"
        self._by_id: dict[str, TreeNode[str]] = {}
        self._drawn: dict[str, Text] = {}
        self._sources: dict[str, _Source] = {}
        self.touched = False
        self.moving = True
        self._width = 0
        self._view = range(0)
        self._report: Report | None = None
        self._now = 0.0
        self._earlier: Mapping[str, Step] = {}
        self.only_problems = False
        self.search = StepSearch()
        self._shown: Collection[str] | None = None  # the ids of the steps in the tree, None for all
        self._places: Mapping[str, int] = {}
        self._counted: Report | None = None

    @property
    def places(self) -> Mapping[str, int]:
        """Where each distinct problem was met first, and at how many places it stands."""
        return self._places

    @property
    def selected(self) -> str | None:
        """The id of the step under the cursor."""
        return None if self.cursor_node is None else self.cursor_node.data

    def show(self, report: Report, now: float, earlier: Mapping[str, Step] = _NONE) -> None:
        """Bring the nodes up to date; `now` is in seconds from the report's start.

        `earlier` holds what became, in the run before, of the steps that run again.
        """
        self._report, self._now, self._earlier = report, now, earlier
        self._shown = (with_problems(report) or None) if self.only_problems else None
        if report is not self._counted:
            self._counted, self._places = report, distinct_problems(report)
            self._tell()
        kept: Collection[str] = report.steps if self._shown is None else self._shown
        for key in [key for key in self._by_id if key not in kept]:
            self._drop(key)
        # Once: it is costly to ask for.
        self._width = self.scrollable_content_region.width
        top = self.scroll_offset.y
        self._view = range(top, top + self.size.height)
        self._show_level(self.root, None, report.tree())
        if self.cursor_node is None and self.root.children:
            self.call_after_refresh(self._go_to_first)

    def redraw(self) -> None:
        """Draw all labels anew: statuses have other colours."""
        self._sources = {key: (step, marks, "") for key, (step, marks, _) in self._sources.items()}
        if self._report is not None:
            self.show(self._report, self._now, self._earlier)

    def on_resize(self) -> None:
        """Fit the labels to another width, and keep the cursor in view."""
        if self.cursor_node is not None:
            self.call_after_refresh(self.scroll_to_node, self.cursor_node, animate=False)
        if self._report is not None and self._width != self.scrollable_content_region.width:
            self.show(self._report, self._now, self._earlier)

    def go_to(self, step_id: str) -> None:
        """Open what is above a step and put the cursor on it."""
        node = self._by_id.get(step_id)
        if node is None:
            return
        above = node.parent
        while above is not None:
            above.expand()
            above = above.parent
        self.call_after_refresh(self._land, node)

    def fold(self, report: Report) -> None:
        """Close the branches that passed, unless the cursor is in them; open those with problems.

        An address that could not be connected to stays closed: it says so itself, and the rest was skipped.
        """
        here = self.selected or ""
        troubled = _above_problems(report)
        for key, node in self._by_id.items():
            if not node.allow_expand:
                continue
            quiet = report.steps[key].status in (Status.PASSED, Status.SKIPPED) or unconnected(report, key)
            holds_cursor = within(here, key) and here != key
            if quiet and not holds_cursor:
                node.collapse()
            elif key in troubled:
                node.expand()

    def toggle_problems(self) -> None:
        """Leave out what has no problem, or show all again; the cursor stays, or goes to the worst."""
        report, here = self._report, self.selected
        if report is None:
            return
        self.only_problems = not self.only_problems
        self.show(report, self._now, self._earlier)
        if self.only_problems:
            for node in self._by_id.values():
                node.expand()
            if here not in (self._shown or ()):
                here = step_along(list(report.steps), worst_problems(report), here, 1)
        else:
            self.fold(report)
        self._tell()
        if here is not None:
            self.go_to(here)

    def action_fold(self) -> None:
        """Close the branch under the cursor, or go to the step above."""
        node = self.cursor_node
        if node is None:
            return
        if node.allow_expand and node.is_expanded:
            node.collapse()
        elif node.parent is not None and node.parent is not self.root:
            self._land(node.parent)

    def action_unfold(self) -> None:
        """Open the branch under the cursor, or go to the first step below."""
        node = self.cursor_node
        if node is None or not node.allow_expand:
            return
        if node.is_expanded:
            self._land(node.children[0])
        else:
            node.expand()
            self.call_after_refresh(self._show_opened, node)

    def _show_opened(self, node: TreeNode[str]) -> None:
        """Scroll so that what was opened is in view, as far as it fits below the row that was opened."""
        height = self.scrollable_content_region.height
        last = node.line + sum(1 for child in node.children) + 1
        top = min(max(round(self.scroll_y), last - height + 1), node.line)
        self.scroll_to(y=max(0, top), animate=False, immediate=True, force=True)

    def fold_all(self) -> None:
        """Close all branches; where all are closed, open those with problems, and all around the cursor."""
        if self._report is None:
            return
        nodes = [node for node in self._by_id.values() if node.allow_expand]
        if any(node.is_expanded for node in nodes if node.parent is self.root):
            top = StepId(self.selected or "").branch
            for node in nodes:
                node.collapse()
            self.go_to(top)
            return
        for node in nodes:
            if node.parent is self.root:
                node.expand()
        self.fold(self._report)

    def find(self, words: str) -> None:
        """Look for words in the steps, and go to the first that has them, here or after the cursor."""
        if self._report is None:
            return
        self.search.look_for(words, self._report, self._shown)
        if self.selected in self.search.matches:
            self._gone_to(self.selected)
        else:
            self.next_match(1)

    def next_match(self, direction: int) -> None:
        """Go to the next or the previous step that has the words looked for."""
        if self._report is None:
            return
        self.search.look_for(self.search.query, self._report, self._shown)
        place = step_along(list(self._report.steps), self.search.matches, self.selected, direction)
        self._gone_to(place)
        if place is not None:
            self.touched = True
            self.go_to(place)

    def _gone_to(self, place: str | None) -> None:
        self.search.current = place
        self._tell()
        if self._report is not None:
            self.show(self._report, self._now, self._earlier)

    def close_search(self) -> None:
        """Forget what was looked for."""
        self.search.close()
        self._gone_to(None)

    def _tell(self) -> None:
        """Say in the title what is shown and looked for."""
        only = "problems only" if self.only_problems else ""
        parts = [part for part in ("Steps", only, self.search.words or self._problem_here()) if part]
        self.border_title = Content(f" {stroke('dot')} ".join(parts))

    def _problem_here(self) -> str:
        """Return which of the distinct problems stands under the cursor, "" where none does."""
        here, places = self.selected, list(self._places)
        if here is None or here not in self._places:
            return ""
        return f"problem {places.index(here) + 1} of {len(places)}"

    def _land(self, node: TreeNode[str]) -> None:
        self.move_cursor(node)
        host = next((above for above in _with_above(node) if _is_host(above)), node)
        self._bring_into_view(node.line, host.line)

    def _bring_into_view(self, line: int, host: int) -> None:
        """Scroll so that a row has rows around it, and the host that it belongs to is in view where both fit."""
        height = self.scrollable_content_region.height
        around = min(_AROUND, max(0, (height - 1) // 2))
        top = round(self.scroll_y)
        top = min(max(top, line - height + 1 + around), line - around)
        if 0 <= host < top and line - host < height:
            top = host
        self.scroll_to(y=max(0, top), animate=False, immediate=True, force=True)

    def _go_to_first(self) -> None:
        if self.cursor_node is None and self.root.children:
            self.move_cursor(self.root.children[0])

    def _show_level(
        self, parent: TreeNode[str], parent_id: str | None, below: dict[str | None, list[Step]]
    ) -> None:
        shown = [step for step in below.get(parent_id, ()) if self._shown is None or step.id in self._shown]
        for place, step in enumerate(shown):
            children = below.get(step.id, [])
            node = self._show_step(parent, place, step, children)
            if children:
                self._show_level(node, step.id, below)

    def _show_step(self, parent: TreeNode[str], place: int, step: Step, children: list[Step]) -> TreeNode[str]:
        """Bring the node of one step up to date; a new one is put at its `place` among those of its parent."""
        # There are no steps before the first frame.
        from smtpdiag_tui.tui.drawing.step_label import Marks, step_label, waiting

        shown = in_view(step, self._earlier)
        halves = [in_view(child, self._earlier) for child in children if child.kind is StepKind.TRANSPORT]
        words, glyph = waiting(step, children, self._now), self._glyph(shown.status)
        room = self._width - 2 * StepId(step.id).depth - 2
        marks = Marks(halves, words, glyph, self._places.get(step.id, 0), self.search.query)
        opens = any(self._shown is None or child.id in self._shown for child in children)
        rest = f"{glyph}{words} {room} {marks.places} {marks.words} {opens} {shown.detail}"
        source = (step, tuple(half.status for half in halves), rest)
        node = self._by_id.get(step.id)
        if node is not None and self._is_drawn(node, source):
            return node
        self._sources[step.id] = source
        label = step_label(shown, marks, room)
        if node is None:
            node = self._by_id[step.id] = _new_node(parent, place, step.id, label)
        elif self._drawn[step.id] != label:
            node.set_label(label)
        self._drawn[step.id] = label
        if opens != node.allow_expand:
            _let_expand(node, step, allow=opens)
        return node

    def _glyph(self, status: Status) -> str:
        return spinner(self._now, moving=self.moving) if status is Status.RUNNING else GLYPHS[status]

    def _is_drawn(self, node: TreeNode[str], source: _Source) -> bool:
        """Whether a node shows all there is; how the spinner of one out of view stands does not matter."""
        step, marks, rest = source
        drawn_step, drawn_marks, drawn_rest = self._sources[step.id]
        if drawn_step is not step or drawn_marks != marks:
            return False
        return drawn_rest == rest or (step.status is Status.RUNNING and node.line not in self._view)

    def _drop(self, key: str) -> None:
        node = self._by_id.pop(key, None)
        self._drawn.pop(key, None)
        self._sources.pop(key, None)
        if node is None:
            return
        for child in list(node.children):
            if child.data is not None:
                self._drop(child.data)
        node.remove()

    def on_key(self, event: events.Key) -> None:
        """Remember that the user has moved here: then no run moves the cursor."""
        if event.key in _MOVES:
            self.touched = True

    def on_mouse_down(self) -> None:
        """Remember that the user has moved here."""
        self.touched = True

    @on(Tree.NodeHighlighted)
    def _highlighted(self, event: Tree.NodeHighlighted[str]) -> None:
        event.stop()
        self._tell()
        if event.node.data is not None:
            self.post_message(StepSelected(event.node.data))


def _with_above(node: TreeNode[str]) -> Iterator[TreeNode[str]]:
    """Yield a node and all above it, the nearest first."""
    above: TreeNode[str] | None = node
    while above is not None:
        yield above
        above = above.parent


def _is_host(node: TreeNode[str]) -> bool:
    return node.data is not None and StepId(node.data).kind is StepKind.HOST


def _above_problems(report: Report) -> set[str]:
    """Return the ids of all steps that have a problem somewhere below them."""
    troubled: set[str] = set()
    for step in report.steps.values():
        above = step.parent if step.status in PROBLEMS else None
        while above is not None and above not in troubled:
            troubled.add(above)
            above = parent_id(above)
    return troubled


def _new_node(parent: TreeNode[str], place: int, step_id: str, label: Text) -> TreeNode[str]:
    before = place if place < len(parent.children) else None
    return parent.add(label, step_id, before=before, expand=StepId(step_id).depth == 0, allow_expand=False)


def _let_expand(node: TreeNode[str], step: Step, *, allow: bool) -> None:
    """Allow a node to be opened, or not; that of a mail host is opened at once."""
    node.allow_expand = allow
    if step.kind is StepKind.HOST and step.branch == "delivery":
        node.expand()
