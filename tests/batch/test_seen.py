"""The set of what was met before."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.batch.seen import Seen


@given(st.lists(st.text(max_size=20)))
def test_it_is_a_set(keys: list[str]) -> None:
    seen, known = Seen(), set[str]()
    for key in keys:
        assert (key in seen) == (key in known)
        assert seen.add(key) == (key not in known)
        known.add(key)
    assert len(seen) == len(known)
    assert all(key in seen for key in keys)


def test_a_hundred_thousand_take_two_megabytes() -> None:
    tracemalloc.start()
    seen = Seen()
    for number in range(100_000):
        assert seen.add(str(number))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(seen) == 100_000
    assert size < 2.5 * 1024 * 1024
    assert "99999" in seen
    assert "100000" not in seen
