"""A clock for what runs in this very process: it stands while anything is under way, and jumps over waits.

A limit is then reached because nothing came, never because the machine was busy, and costs no time. While other
threads are there it keeps to the true time. What runs in another process is not seen: it would be jumped over.
"""

import selectors
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

GRACE = 0.01  # seconds without any news after which nothing is taken to be under way on the loopback
Ready = list[tuple[selectors.SelectorKey, int]]


@dataclass
class Clock:
    """The time of all event loops and of `time.monotonic`, in seconds."""

    now: float


@contextmanager
def hurried() -> Iterator[Clock]:
    """Let the clock of event loops jump over every wait; yield the clock."""
    true_time, threads = time.monotonic, threading.active_count()
    clock = Clock(true_time())
    selector = selectors.DefaultSelector
    wait = selector.select

    def select(self: selectors.DefaultSelector, timeout: float | None = None) -> Ready:
        if timeout is None or timeout <= 0:
            return wait(self, timeout)
        if threading.active_count() > threads:
            began = true_time()
            ready = wait(self, timeout)
            clock.now += true_time() - began
            return ready
        ready = wait(self, GRACE)
        if not ready:
            clock.now += timeout
        return ready

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(selector, "select", select)
        patched.setattr(time, "monotonic", lambda: clock.now)
        yield clock
