"""An input whose text always prints, and in which a change can be undone."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.tui.model.edits import Edited, Edits

_MOST = 2_000  # characters pasted at once; no address, path or word is longer


class PlainInput(Input):
    """An input that shows what does not print, pasted or set, as an escape: the terminal gets none of it.

    A TAB becomes a blank: it comes along when a cell of a table is copied.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "undo", "Undo", show=False),
        Binding("ctrl+y,ctrl+shift+z", "redo", "Redo", show=False),
    ]

    _edits: Edits | None = None  # there are none before the field stands
    _cursor_was = 0
    _undoing = False

    def begin_compact(self) -> None:
        """Stand without a border from the beginning. Told when it is made, all its styles are worked out twice."""
        self.set_reactive(Input.compact, True)
        self.set_class(True, "-textual-compact", update=False)

    def on_mount(self) -> None:
        """Begin to note what is changed."""
        self._edits = Edits()

    def validate_value(self, value: str) -> str:
        """Return a new value with all of it printable. The cursor stands yet where it stood."""
        if self._edits is not None:
            self._cursor_was = self.cursor_position
        return _plain(value)

    def watch_value(self, before: str, after: str) -> None:
        """Note a change."""
        if self._edits is not None and not self._undoing:
            self._edits.note(Edited(before, self._cursor_was), Edited(after, self._cursor_after(before, after)))

    def _cursor_after(self, before: str, after: str) -> int:
        """Return where the cursor will stand once what was typed is in: it is moved after the text is changed."""
        return min(len(after), self._cursor_was + max(0, len(after) - len(before)))

    def action_undo(self) -> None:
        """Take back the last change."""
        now = Edited(self.value, self.cursor_position)
        self._restore(self._edits.undo(now) if self._edits is not None else None)

    def action_redo(self) -> None:
        """Make the change again that was taken back."""
        now = Edited(self.value, self.cursor_position)
        self._restore(self._edits.redo(now) if self._edits is not None else None)

    def _restore(self, edited: Edited | None) -> None:
        if edited is None:
            return
        self._undoing = True
        self.value = edited.text
        self._undoing = False
        self.cursor_position = edited.cursor

    def replace(self, text: str, start: int, end: int) -> None:
        """Put `text` in the place of what stands between two positions, with all of it printable."""
        before = self.value[: min(start, end)]
        # A mark that is typed by itself stands on the letter before it.
        super().replace(_plain(before + text[:_MOST])[len(before) :], start, end)


def _plain(text: str) -> str:
    return visible(text.replace("\t", " "))
