"""Undoing what was done to a text."""

from smtpdiag_tui.tui.model.edits import Edited, Edits


def typed(edits: Edits, now: Edited, text: str) -> Edited:
    for char in text:
        after = Edited(now.text + char, now.cursor + 1)
        edits.note(now, after)
        now = after
    return now


def test_a_word_is_undone_at_once_and_redone() -> None:
    edits = Edits()
    end = typed(edits, Edited("", 0), "bob@partner")
    assert edits.undo(end) == Edited("bob@", 4)
    assert edits.undo(Edited("bob@", 4)) == Edited("bob", 3)
    assert edits.undo(Edited("bob", 3)) == Edited("", 0)
    assert edits.undo(Edited("", 0)) is None
    assert edits.redo(Edited("", 0)) == Edited("bob", 3)
    assert edits.redo(Edited("bob", 3)) == Edited("bob@", 4)


def test_another_change_takes_the_way_back_to_what_was_undone() -> None:
    edits = Edits()
    edits.note(Edited("old", 3), Edited("", 0))
    assert edits.undo(Edited("", 0)) == Edited("old", 3)
    edits.note(Edited("old", 3), Edited("new", 3))
    assert edits.redo(Edited("new", 3)) is None
    assert edits.undo(Edited("new", 3)) == Edited("old", 3)


def test_a_deletion_between_two_words_is_one_change() -> None:
    edits = Edits()
    now = typed(edits, Edited("", 0), "ab")
    edits.note(now, Edited("a", 1))
    end = typed(edits, Edited("a", 1), "c")
    assert edits.undo(end) == Edited("a", 1)
    assert edits.undo(Edited("a", 1)) == Edited("ab", 2)


def test_what_changes_nothing_is_not_noted_and_only_so_much_is_kept() -> None:
    edits = Edits()
    edits.note(Edited("a", 1), Edited("a", 0))
    assert edits.undo(Edited("a", 0)) is None
    for number in range(1000):
        edits.note(Edited(str(number), 0), Edited(str(number + 1), 0))
    taken = 0
    while edits.undo(Edited("", 0)) is not None:
        taken += 1
    assert taken == 200
