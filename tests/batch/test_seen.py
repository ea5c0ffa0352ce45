"""The set of what was met before."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.batch.seen import Seen


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(0, 65_535))))
def test_it_is_a_set_whose_members_keep_their_first_mark(items: list[tuple[str, int]]) -> None:
    seen, known = Seen(), dict[str, int]()
    for key, mark in items:
        assert (key in seen) == (key in known)
        assert seen.mark_of(key) == known.get(key)
        assert seen.add(key, mark) == (key not in known)
        known.setdefault(key, mark)
    assert len(seen) == len(known)
    assert {key: seen.mark_of(key) for key, _ in items} == known


def test_marks_move_with_their_keys_when_it_grows() -> None:
    seen = Seen()
    for number in range(10_000):
        seen.add(str(number), number)
    assert all(seen.mark_of(str(number)) == number for number in range(10_000))


def test_a_hundred_thousand_take_three_megabytes() -> None:
    tracemalloc.start()
    seen = Seen()
    for number in range(100_000):
        assert seen.add(str(number))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(seen) == 100_000
    assert size < 3 * 1024 * 1024
    assert "99999" in seen
    assert "100000" not in seen
