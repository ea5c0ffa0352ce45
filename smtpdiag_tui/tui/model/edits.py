"""What was done to a field's text, so that it can be undone. Pure."""

from dataclasses import dataclass

_MOST = 200  # states kept


@dataclass(frozen=True, slots=True)
class Edited:
    """A text and where the cursor stands in it."""

    text: str
    cursor: int


class Edits:
    """The states that a text went through. Letters typed one after the other are undone together, word by word."""

    def __init__(self) -> None:
        self._before: list[Edited] = []
        self._undone: list[Edited] = []
        self._typed_to: Edited | None = None

    def note(self, before: Edited, after: Edited) -> None:
        """Take notice of a change."""
        if before.text == after.text:
            return
        typed = _is_typed(before, after)
        if not (typed and self._typed_to == before):
            self._before = [*self._before, before][-_MOST:]
        self._typed_to = after if typed else None
        self._undone = []

    def undo(self, now: Edited) -> Edited | None:
        """Return what was before the last change, None if nothing was."""
        if not self._before:
            return None
        self._undone.append(now)
        self._typed_to = None
        return self._before.pop()

    def redo(self, now: Edited) -> Edited | None:
        """Return what was before the last undo, None if nothing was undone since the last change."""
        if not self._undone:
            return None
        self._before.append(now)
        self._typed_to = None
        return self._undone.pop()


def _is_typed(before: Edited, after: Edited) -> bool:
    """Whether a change is one letter of a word, put in where the cursor was."""
    place = before.cursor
    typed = after.text[place : place + 1]
    return typed.isalnum() and after == Edited(before.text[:place] + typed + before.text[place:], place + 1)
