"""A clock for runs over servers in this very process: it stands while anything is under way, and jumps over waits.

A limit is then reached because nothing came, never because the machine was busy, and costs no time. What runs in
another process, or in a thread, is not seen: it would be jumped over.
"""

import selectors
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

GRACE = 0.01  # seconds without any news after which nothing is taken to be under way on the loopback


@dataclass
class Clock:
    """The time of all event loops and of `time.monotonic`, in seconds."""

    now: float


@contextmanager
def hurried() -> Iterator[Clock]:
    """Let the clock of event loops jump over every wait; yield the clock."""
    clock = Clock(time.monotonic())
    selector = selectors.DefaultSelector
    wait = selector.select

    def select(
        self: selectors.DefaultSelector, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return wait(self, timeout)
        ready = wait(self, GRACE)
        if not ready:
            clock.now += timeout
        return ready

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(selector, "select", select)
        patched.setattr(time, "monotonic", lambda: clock.now)
        yield clock
