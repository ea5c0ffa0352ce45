"""How a wait is told: never beyond its limit."""

import pytest

from smtpdiag_tui.render.waits import wait_words


@pytest.mark.parametrize(
    ("waited", "limit", "words"),
    [
        (0.0, 2.0, "0 s of 2 s"),
        (-0.4, 2.0, "0 s of 2 s"),
        (2.0, 2.0, "2 s of 2 s"),
        (2.1, 2.0, "2 s"),
        (5.0, 2.0, "5 s"),
        (5.0, None, "5 s"),
        (0.2, 0.3, "0 s of 0.3 s"),
    ],
)
def test_words(waited: float, limit: float | None, words: str) -> None:
    assert wait_words(waited, limit) == words


@pytest.mark.parametrize("tenths", range(100))
def test_no_wait_is_told_as_longer_than_its_limit(tenths: int) -> None:
    for limit in (0.3, 2.0, 5.0, 7.4):
        told, of, most = wait_words(tenths / 10, limit).partition(" of ")
        assert not of or float(told.removesuffix(" s")) <= round(float(most.removesuffix(" s")))
