"""No regular expression of the package takes more than linear time, whatever a peer sends."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.adversarial import Making, makings
from tests.regexes import Use, uses

_SIZES = (1024, 4096, 16_384, 65_536)
_SCREENED = 512  # characters of the texts of which the slowest are looked at closely
_CLOSELY = 6
_RATIO = 10  # four times as long a text takes four times as long
_FLOOR = 0.01  # seconds, below which the clock tells nothing
_LIMIT = 5.0  # seconds of the processor for one pattern: what is linear needs one on a busy machine


class _HangsError(Exception):
    """One pattern took all the time that it was given."""


@contextmanager
def _bounded() -> Iterator[None]:
    """Let what takes too long end: regular expressions look for signals."""

    def ends(*_: object) -> None:
        raise _HangsError

    before = signal.signal(signal.SIGVTALRM, ends)
    signal.setitimer(signal.ITIMER_VIRTUAL, _LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _taken(use: Use, text: str, clock: Callable[[], float]) -> float:
    began = clock()
    use.apply(text)
    return clock() - began


def _slowest(use: Use) -> list[Making]:
    """Return the makings that take longest, and grow most, in short texts."""

    def took(making: Making, size: int) -> float:
        return _taken(use, making.text(size), time.perf_counter)

    slow = sorted(makings(use.pattern), key=lambda making: took(making, _SCREENED), reverse=True)[:_CLOSELY]
    growing = sorted(slow, key=lambda making: took(making, _SIZES[1]) / took(making, _SIZES[0]), reverse=True)
    return list(dict.fromkeys([growing[0], slow[0]])) if slow else []


def _grows_too_fast(use: Use, making: Making) -> bool:
    before = _best(use, making.text(_SIZES[0]), 1)
    for size in _SIZES[1:]:
        taken = _best(use, making.text(size), 1)
        if taken > _RATIO * max(before, _FLOOR):
            before, taken = _best(use, making.text(size // 4), 3), _best(use, making.text(size), 3)
            if taken > _RATIO * max(before, _FLOOR):
                return True
        before = taken
        if size == _SIZES[-2] and taken == 0:  # a tick of the clock: far too little for its square
            return False
    return False


def _best(use: Use, text: str, times: int) -> float:
    return min(_taken(use, text, time.process_time) for _ in range(times))


def _fault(use: Use) -> str | None:
    """Return what is wrong with a pattern, None if nothing is."""
    try:
        with _bounded():
            bad = next((making for making in _slowest(use) if _grows_too_fast(use, making)), None)
    except _HangsError:
        return f"{use} hangs"
    return None if bad is None else f"{use} takes more than linear time: {bad}"


@pytest.mark.timeout(300)  # hundreds of patterns, on a machine that may have other work
def test_every_pattern_takes_linear_time() -> None:
    assert [fault for fault in map(_fault, uses()) if fault] == []


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(a+)+b", "search"),
        (r"\"(?:[^\"\\]|\\.)+\"@", "sub"),
        (r"[\w.]*[a-z][\w.]*", "fullmatch"),
        (r"\d+ days", "search"),
    ],
)
def test_patterns_that_take_longer_are_found(pattern: str, method: str) -> None:
    assert _fault(Use("here", re.compile(pattern), method)) is not None


@pytest.mark.parametrize("method", ["search", "match", "sub"])
def test_patterns_that_are_bounded_are_let_pass(method: str) -> None:
    assert _fault(Use("here", re.compile(r"\bhost .{0,200}?: (?:\d{1,3}\.){3}\d{1,3} refused"), method)) is None


HOLDERS = (
    "masking.masks", "masking.called_by_peers", "checks.session.reply_texts",
    "smtp.parser", "settings", "report.visible", "checks.session.replies.normal_form",
    "checks.session.replies.waits", "checks.session.replies.names", "checks.session.replies.client_seen",
    "checks.session.replies.list_zones", "checks.session.replies.situations",
)  # fmt: skip


def test_the_patterns_of_sources_values_and_data_are_all_there() -> None:
    known = {use.pattern.pattern for use in uses()}
    for holder in HOLDERS:
        assert any(use.place.startswith(f"smtpdiag_tui.{holder}") for use in uses()), holder
    assert {use.method for use in uses()} == {"search", "match", "fullmatch", "finditer"}
    assert sum(use.place.startswith("data: ") for use in uses()) > 200
    assert sum(use.place.startswith("words: ") for use in uses()) > 60
    assert r"[\s,;]+" in known  # in a function
