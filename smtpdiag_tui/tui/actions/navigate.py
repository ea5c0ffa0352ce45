"""What the app does about finding one's way: problems, sessions, panes, overlays."""

from textual.widget import Widget

from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.tui.actions.search import SearchActions
from smtpdiag_tui.tui.actions.size import SizeActions
from smtpdiag_tui.tui.keys import keys_in_force
from smtpdiag_tui.tui.model.navigation import distinct_problems, problems, sessions, step_along
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.step_tree import StepTree


class NavigateActions(SearchActions, SizeActions):
    """The actions that move about and change nothing."""

    options: Options
    _tree: StepTree
    conversation: Conversation

    def action_problem(self, direction: int) -> None:
        """Go to the next or the previous problem; to a match while a search is open."""
        pane = self.searched
        if pane is not None:
            pane.next_match(direction)
            return
        self._walk(list(distinct_problems(self.live.report)), direction, "problem")

    def action_problems_only(self) -> None:
        """Show only the steps with problems, or all again."""
        if self._tree.only_problems or problems(self.live.report):
            self._tree.toggle_problems()
        else:
            self.say_there_is_none("No problems in this report")

    def action_fold_all(self) -> None:
        """Close all branches, or open those with problems again."""
        self._tree.touched = True
        self._tree.fold_all()

    def action_pane(self, way: str) -> None:
        """Move `up`, `down`, `home` or `end` in the focused pane: the cursor of the steps, the rows of another."""
        pane = self.focused
        if isinstance(pane, StepTree):
            pane.touched = True
            moves = {"home": pane.action_scroll_home, "end": pane.action_scroll_end}
            moves |= {"up": pane.action_cursor_up, "down": pane.action_cursor_down}
            moves[way]()
        elif isinstance(pane, Findings | Conversation):
            moves = {"home": pane.action_scroll_home, "end": pane.action_scroll_end}
            moves |= {"up": pane.action_scroll_up, "down": pane.action_scroll_down}
            moves[way]()

    def go_to_top(self) -> None:
        """Go to the first row of the focused pane."""
        self.action_pane("home")

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
            self.balance()
            return
        pane = self.focused
        if not isinstance(pane, StepTree | Findings | Conversation):
            return
        pane.add_class("zoom")
        if isinstance(pane.parent, Widget) and pane.parent.id == "right":
            pane.parent.add_class("zoom")
        self.screen.add_class("zoomed")
        self.balance()

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
