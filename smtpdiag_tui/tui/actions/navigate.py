"""What the app does about finding one's way: problems, sessions, panes, overlays."""

from textual.widget import Widget

from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.tui.actions.base import AppBase
from smtpdiag_tui.tui.keys import keys_in_force
from smtpdiag_tui.tui.model.navigation import problems, sessions, step_along
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.step_tree import StepTree


class NavigateActions(AppBase):
    """The actions that move about and change nothing."""

    options: Options
    _tree: StepTree
    conversation: Conversation

    def action_problem(self, direction: int) -> None:
        """Go to the next or the previous problem; to a match while a search is open."""
        if self.conversation.search.open:
            self.conversation.next_match(direction)
            return
        self._walk(problems(self.live.report), direction, "problem")

    def action_session(self, direction: int) -> None:
        """Go to the next or the previous session with a mail host."""
        self._walk(sessions(self.live.report), direction, "SMTP session")

    def _walk(self, places: list[str], direction: int, what: str) -> None:
        here = self._tree.selected
        place = step_along(list(self.live.report.steps), places, here, direction)
        if place is None:
            self.say_there_is_none(f"No {what} in this report")
            return
        if place == here:
            self.say(f"This is the only {what}")
        self._tree.touched = True
        self._tree.go_to(place)

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or all panes their places."""
        for widget in self.query(".zoom"):
            widget.remove_class("zoom")
        if self.screen.has_class("zoomed"):
            self.screen.remove_class("zoomed")
            return
        pane = self.focused
        if not isinstance(pane, StepTree | Findings | Conversation):
            return
        pane.add_class("zoom")
        if isinstance(pane.parent, Widget) and pane.parent.id == "right":
            pane.parent.add_class("zoom")
        self.screen.add_class("zoomed")

    def action_help(self) -> None:
        """Show all keys."""
        from smtpdiag_tui.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(keys_in_force(self.options.keys)))

    def action_hosts(self) -> None:
        """Show the MX hosts as a table; an address picked there is gone to."""
        from smtpdiag_tui.tui.screens.hosts import HostsScreen

        def go(step: str | None) -> None:
            if step is not None:
                self._tree.touched = True
                self._tree.go_to(step)
                self._tree.focus()

        if isinstance(self.screen, HostsScreen):
            return
        if next(self.live.report.children("delivery"), None) is None:
            self.say_there_is_none("No MX hosts in this report")
            return
        at = next(iter(StepId(self._tree.selected or "").above[2:3]), self._tree.selected)
        self.push_screen(HostsScreen(lambda: (self.live.report, self.live.earlier), at), go)
