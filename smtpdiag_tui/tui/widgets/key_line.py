"""The footer: the keys that matter here, as many as fit."""

from textual.app import ComposeResult
from textual.widgets import Footer, Input
from textual.widgets._footer import FooterKey

from smtpdiag_tui.tui.keys import ACTIONS, shown_key

_RANKS = {action.call: action.rank for action in ACTIONS if action.rank}


class KeyLine(Footer):
    """Leaves out what would be cut: first what one needs least. The keys of the focused widget always stay."""

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._fitted = 0

    def compose(self) -> ComposeResult:
        """Choose the keys."""
        keys = [widget for widget in super().compose() if isinstance(widget, FooterKey)]
        if isinstance(self.screen.focused, Input):  # there a sign is typed, also one that Textual does not know
            keys = [key for key in keys if len(shown_key(key.key)) > 1]
        room = self.app.size.width
        chosen: set[FooterKey] = set()
        for key in sorted(keys, key=lambda key: _RANKS.get(key.action, 0)):
            width = len(key.key_display) + len(key.description) + 2
            if width <= room + 1:  # the last one needs no gap
                chosen.add(key)
                room -= width
        yield from (key for key in keys if key in chosen)

    def on_resize(self) -> None:
        """Choose anew for another width."""
        before, self._fitted = self._fitted, self.app.size.width
        if before not in (0, self._fitted):
            self.call_after_refresh(self.recompose)
