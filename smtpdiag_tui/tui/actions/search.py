"""What the app does about looking for words in the steps and in the conversation."""

from textual import on

from smtpdiag_tui.tui.actions.base import AppBase
from smtpdiag_tui.tui.messages import SearchChanged, SearchEnded
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.search_bar import SearchBar
from smtpdiag_tui.tui.widgets.step_tree import StepTree


class SearchActions(AppBase):
    """The actions of searching and wrapping."""

    conversation: Conversation
    _tree: StepTree

    @property
    def searched(self) -> StepTree | Conversation | None:
        """The pane in which a search is open, None while none is."""
        if self.conversation.search.open:
            return self.conversation
        return self._tree if self._tree.search.open else None

    def action_search(self) -> None:
        """Open the search in the pane that has the focus: the steps, or else the conversation."""
        in_tree = self.focused is self._tree
        self._close_search()
        pane, what = (self._tree, "steps") if in_tree else (self.conversation, "transcript")
        pane.search.open = True
        bar = self.query_one(SearchBar)
        bar.placeholder = f"find in the {what}"
        bar.add_class("open")
        bar.focus()

    @on(SearchChanged)
    def _search_changed(self, message: SearchChanged) -> None:
        pane = self.searched
        if pane is None:
            return
        if message.direction:
            pane.next_match(message.direction)
        else:
            pane.find(message.words)

    @on(SearchEnded)
    def _search_ended(self, message: SearchEnded) -> None:
        bar = self.query_one(SearchBar)
        (self.searched or self.conversation).focus()
        if not message.keep or not bar.value:
            self._close_search()

    def _close_search(self) -> None:
        bar = self.query_one(SearchBar)
        bar.remove_class("open")
        pane = self.searched
        if pane is not None:
            pane.close_search()
        bar.value = ""

    def action_wrap(self) -> None:
        """Wrap long lines of the conversation, or let them run out."""
        self.conversation.toggle_wrap()
