"""A field of several lines to paste into: it shows what does not print as an escape, and of much the beginning."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from smtpdiag_tui.report.visible import visible

SHOWN = 20_000  # characters of a paste that are shown
_LINES = 2_000  # lines of it
_LONGEST = 2_000  # characters of one line


class PasteArea(TextArea):
    """Holds a text of any size, and shows what of it can be shown.

    `whole` is the text to be read: exactly what was pasted until it is edited; of a paste that is too long to be
    shown, what is edited is the beginning, and the rest stays behind it.
    """

    class Pasted(Message):
        """Something was pasted."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1", "app.help", "Help", show=False)]

    def __init__(self, text: str = "") -> None:
        self._pasted, self._rest = text, ""
        self._shown, self._rest = _shown(text)
        super().__init__(
            self._shown,
            id="bounce-text",
            compact=True,
            show_line_numbers=False,
            tab_behavior="focus",
            soft_wrap=True,
        )
        # A blinking cursor writes 2 kB a second to a link that may be slow.
        self.cursor_blink = False

    @property
    def whole(self) -> str:
        """The text to be read."""
        if self.text == self._shown:
            return self._pasted
        return self.text + self._rest if self.text else ""

    @property
    def hidden(self) -> int:
        """How many characters are not shown."""
        return len(self._rest) if self.text else 0

    def put(self, text: str) -> None:
        """Take another text in the place of what is there."""
        self._pasted = text
        self._shown, self._rest = _shown(text)
        self.load_text(self._shown)

    async def _on_paste(self, event: events.Paste) -> None:
        """Take a paste: whole where it replaces all that is there, else where the cursor stands."""
        event.stop()
        event.prevent_default()
        self._take(event.text)

    def action_paste(self) -> None:
        """Paste what was cut or copied here."""
        self._take(self.app.clipboard)

    def _take(self, text: str) -> None:
        self.post_message(self.Pasted())
        if not self.text or self.selected_text == self.text:
            self.put(text)
            return
        shown, rest = _shown(text)
        if rest:  # it has no place between what stands here
            self.put(text)
        elif result := self._replace_via_keyboard(shown, *self.selection):
            self.move_cursor(result.end_location)


def _shown(text: str) -> tuple[str, str]:
    """Return what of a text is shown, in printable characters, and the rest that is not."""
    if len(text) <= SHOWN:
        head = text
    else:
        head = text[:SHOWN]
        head = head[: head.rfind("\n") + 1] or head
    lines = head.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    printable = [visible(line.replace("\t", "    "))[:_LONGEST] for line in lines[:_LINES]]
    return "\n".join(printable), text[len(head) :]
