"""What the app does about looking for words in the conversation."""

from textual import on
from textual.app import App

from smtpdiag_tui.tui.messages import SearchChanged, SearchEnded
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.search_bar import SearchBar


class SearchActions(App[None]):
    """The actions of searching and wrapping."""

    conversation: Conversation

    def action_search(self) -> None:
        """Open the search."""
        self.conversation.search.open = True
        bar = self.query_one(SearchBar)
        bar.add_class("open")
        bar.focus()

    @on(SearchChanged)
    def _search_changed(self, message: SearchChanged) -> None:
        if message.direction:
            self.conversation.next_match(message.direction)
        else:
            self.conversation.find(message.words)

    @on(SearchEnded)
    def _search_ended(self, message: SearchEnded) -> None:
        bar = self.query_one(SearchBar)
        self.conversation.focus()
        if not message.keep or not bar.value:
            self._close_search()

    def _close_search(self) -> None:
        bar = self.query_one(SearchBar)
        bar.remove_class("open")
        self.conversation.search.close()
        bar.value = ""
        self.conversation.find("")
        self.conversation.search.open = False

    def action_wrap(self) -> None:
        """Wrap long lines of the conversation, or let them run out."""
        self.conversation.toggle_wrap()
