"""What the app does about the size of the terminal and of its panes."""

from dataclasses import replace

from textual import events, on
from textual.css.scalar import Scalar
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static, Tree

from smtpdiag_tui.tui.actions.base import AppBase
from smtpdiag_tui.tui.keys import keys_in_force
from smtpdiag_tui.tui.messages import PanesResized
from smtpdiag_tui.tui.model.layout import Sizes, findings_height, most_findings, steps_height, steps_width
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.step_tree import StepTree

WIDE = 100  # columns from which the findings stand beside the steps
TIGHT = 140  # columns below which fields and the settings in force do not stand in one row
SMALLEST = (60, 15)
_STEP = 4  # columns that one key gives


class SizeActions(AppBase):
    """Chooses the layout. Where the terminal is too small, all is covered and stays as it was."""

    options: Options
    conversation: Conversation
    _tree: StepTree
    _findings: Findings
    _small = False
    _sizes = Sizes()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size."""
        self.size_up(event.size)

    def size_up(self, size: Size) -> None:
        """Choose the layout for a size."""
        self._small = size.width < SMALLEST[0] or size.height < SMALLEST[1]
        below = self.screen_stack[0]
        below.set_class(size.width < WIDE, "narrow")
        below.set_class(size.width < TIGHT, "tight")
        below.set_class(self._small, "small")
        for cover in below.query("#too-small").results(Static):
            words = f"This terminal is {size.width}×{size.height}.\nsmtpdiag needs {SMALLEST[0]}×{SMALLEST[1]}."
            cover.update(words.replace("×", "x") if self.options.ascii_only else words)

    @on(PanesResized)
    @on(Tree.NodeExpanded)
    @on(Tree.NodeCollapsed)
    def _changed(self) -> None:
        self.balance()

    def balance(self) -> None:
        """Give each pane the room that its content needs, or that the user gave it; a zoomed one has it all."""
        body = self._tree.parent
        if self._small or not self.screen_stack or not isinstance(body, Widget) or not body.size.height:
            return
        below = self.screen_stack[0]
        if below.has_class("zoomed"):
            for pane in (self._tree, self._findings):
                _set(pane, width=None, height=None, max_height=None)
            return
        room = body.size.height
        if below.has_class("narrow"):
            height = steps_height(room, self._tree.last_line + 1, self._sizes.steps_height)
            _set(self._tree, width=None, height=height)
            room -= height
        else:
            _set(self._tree, width=steps_width(body.size.width, self._sizes.steps_width), height=None)
        given = findings_height(room, self._sizes.findings_height)
        most = room if given is not None else most_findings(room, empty=not self.conversation.line_count)
        _set(self._findings, height=given, max_height=most)

    def action_resize(self, direction: int) -> None:
        """Make the focused pane larger or smaller."""
        pane = self.focused
        narrow = self.screen_stack[0].has_class("narrow")
        if pane is self._tree and narrow:
            self._sizes = replace(self._sizes, steps_height=self._tree.outer_size.height + direction)
        elif pane is self._tree:
            self._sizes = replace(self._sizes, steps_width=self._tree.outer_size.width + _STEP * direction)
        elif pane in (self._findings, self.conversation):
            change = direction if pane is self._findings else -direction
            self._sizes = replace(self._sizes, findings_height=self._findings.outer_size.height + change)
        self.balance()

    def action_resize_reset(self) -> None:
        """Let the content decide again."""
        self._sizes = Sizes()
        self.balance()

    async def on_event(self, event: events.Event) -> None:
        """Let nothing through to what is covered, but the keys that leave."""
        covered = self._small and len(self.screen_stack) == 1
        if covered and isinstance(event, events.InputEvent) and not event.is_forwarded:
            if isinstance(event, events.Key):
                await self._leave_by(event.key)
            return
        await super().on_event(event)

    async def _leave_by(self, key: str) -> None:
        force = keys_in_force(self.options.keys)
        if key in (*force["quit"], *force["quit-anywhere"]):
            await self.run_action("leave")
        elif key in force["suspend"]:
            await self.run_action("suspend_process")


def _set(pane: Widget, **cells: int | None) -> None:
    """Set sizes that are not so already: each change lays all out anew. None is what the style sheet says."""
    for name, wanted in cells.items():
        scalar = pane.styles.inline.get_rule(name, None)
        if (scalar.value if isinstance(scalar, Scalar) else None) != wanted:
            setattr(pane.styles, name, wanted)
