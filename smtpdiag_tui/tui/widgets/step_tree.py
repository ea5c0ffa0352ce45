"""The tree of steps, which turn green or red as the run goes on."""

from collections.abc import Mapping
from types import MappingProxyType

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import events, on
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from smtpdiag_tui.render.waits import WAIT_SHOWN, wait_words
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind, parent_id, within
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, PROBLEMS, in_view, seconds, spinner, stroke
from smtpdiag_tui.tui.messages import StepSelected
from smtpdiag_tui.tui.model.navigation import unconnected, waits_for_second_try

_MOVES = frozenset({"up", "down", "home", "end", "pageup", "pagedown", "enter", "space", "left", "right"})
_SHOWN_TIME = 0.0005  # seconds; what took less took no time
_NONE: Mapping[str, Step] = MappingProxyType({})
_LEAST_DETAIL = 4  # columns

_FADED = frozenset({Status.PENDING, Status.SKIPPED, Status.CANCELLED})
_SAID_BY_GLYPH = frozenset({Status.PASSED, Status.PENDING, Status.RUNNING})

_Source = tuple[Step, tuple[Status, ...], str]  # what a label is drawn from: step, marks of its halves, the rest


class StepTree(Tree[str]):
    """One node for each step, keyed by the step's id. Nodes are relabelled, never rebuilt."""

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

    @property
    def selected(self) -> str | None:
        """The id of the step under the cursor."""
        return None if self.cursor_node is None else self.cursor_node.data

    def show(self, report: Report, now: float, earlier: Mapping[str, Step] = _NONE) -> None:
        """Bring the nodes up to date; `now` is in seconds from the report's start.

        `earlier` holds what became, in the run before, of the steps that run again.
        """
        self._report, self._now, self._earlier = report, now, earlier
        for key in [key for key in self._by_id if key not in report.steps]:
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

    def _land(self, node: TreeNode[str]) -> None:
        self.move_cursor(node)
        self.scroll_to_node(node, animate=False)

    def _go_to_first(self) -> None:
        if self.cursor_node is None and self.root.children:
            self.move_cursor(self.root.children[0])

    def _show_level(
        self, parent: TreeNode[str], parent_id: str | None, below: dict[str | None, list[Step]]
    ) -> None:
        for place, step in enumerate(below.get(parent_id, ())):
            children = below.get(step.id, [])
            node = self._show_step(parent, place, step, children)
            if children:
                self._show_level(node, step.id, below)

    def _show_step(self, parent: TreeNode[str], place: int, step: Step, children: list[Step]) -> TreeNode[str]:
        """Bring the node of one step up to date; a new one is put at its `place` among those of its parent."""
        shown = in_view(step, self._earlier)
        halves = [in_view(child, self._earlier) for child in children if child.kind is StepKind.TRANSPORT]
        waiting = _waiting(step, children, self._now)
        glyph = self._glyph(shown.status)
        room = self._width - 2 * StepId(step.id).depth - 2
        source = (step, tuple(half.status for half in halves), f"{glyph}{waiting}{room} {shown.detail}")
        node = self._by_id.get(step.id)
        if node is not None and self._is_drawn(node, source):
            return node
        self._sources[step.id] = source
        label = _label(shown, halves, waiting, glyph, room)
        if node is None:
            node = self._by_id[step.id] = _new_node(parent, place, step.id, label)
        elif self._drawn[step.id] != label:
            node.set_label(label)
        self._drawn[step.id] = label
        if bool(children) != node.allow_expand:
            _let_expand(node, step, allow=bool(children))
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
        if event.node.data is not None:
            self.post_message(StepSelected(event.node.data))


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


def _label(step: Step, halves: list[Step], waiting: str, glyph: str, room: int) -> Text:
    """Return glyph, title, telling detail and time; DNS servers show UDP and TCP, their `halves`, side by side.

    What does not fit in `room` columns is cut from the detail: the findings pane shows it whole. What is of the
    earlier run is dimmed.
    """
    colour = COLOURS[step.status]
    if step.stale and step.status is not Status.RUNNING:
        colour = f"dim {colour}"
    text = Text(no_wrap=True)
    text.append(f"{glyph} ", colour)
    text.append(step.title, _title_style(step.status, colour))
    for half in halves:
        text.append(f"  {half.title} ", "dim")
        text.append(GLYPHS[half.status], COLOURS[half.status])
    if waiting:
        text.append(f"  {waiting}", "cyan")
    tail = _tail(step)
    _append_detail(text, step, colour, room - text.cell_len - len(tail) - 2)
    if len(tail) <= room - text.cell_len:
        text.append(tail, "dim")
    return text


def _title_style(status: Status, colour: str) -> str:
    if status in PROBLEMS or status is Status.PASSED:
        return colour
    return "dim" if status in _FADED else ""


def _append_detail(text: Text, step: Step, colour: str, room: int) -> None:
    """Append the detail where it fits; without one, the status where the glyph alone does not say it."""
    if step.detail:
        if room >= _LEAST_DETAIL:
            dim = step.stale or step.status in _FADED
            text.append(f"  {_fitting(step.detail, room)}", "dim" if dim else "")
    elif step.status not in _SAID_BY_GLYPH:
        text.append(f"  {step.status}", colour)


def _fitting(detail: str, room: int) -> str:
    """Return what fits of a detail in so many columns."""
    if cell_len(detail) <= room:
        return detail
    return set_cell_size(detail, room - 1) + stroke("more")


def _tail(step: Step) -> str:
    if step.stale:
        return "  (earlier)"
    if step.facts.timed:
        return ""
    if step.seconds is None or step.seconds < _SHOWN_TIME:
        return ""
    return f"  {seconds(step.seconds)}"


def _waiting(step: Step, children: list[Step], now: float) -> str:
    """Say what a step waits for and how long, against its limit, once that is worth telling.

    A session waits for its phase, or until it is tried again, which is told at once. (DNS servers show their
    transports anyway.)
    """
    if step.status is not Status.RUNNING:
        return ""
    second_try = waits_for_second_try(step)
    phase = next((child for child in children if _is_phase_under_way(child)), None)
    if phase is not None:
        awaited, name = phase, f"{phase.title.lower()} "
    else:
        awaited, name = step, "waiting " if second_try else ""
    waited = now - awaited.started if awaited.started is not None else 0.0
    if awaited.limit is None or (waited < WAIT_SHOWN and not second_try):
        return "running"
    return f"{name}{wait_words(waited, awaited.limit)}"


def _is_phase_under_way(step: Step) -> bool:
    return step.status is Status.RUNNING and step.limit is not None and step.kind is not StepKind.TRANSPORT
