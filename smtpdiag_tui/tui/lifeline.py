"""Notices when the terminal or its session goes away, so that no process lingers."""

import asyncio
import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Callable

CHECK_EVERY = 1.0  # seconds
LAST_RESORT = 3.0  # seconds to leave in good order


def on_hangup(leave: Callable[[], None]) -> None:
    """Call `leave` on SIGHUP and SIGTERM. Must be called in the running loop."""
    loop = asyncio.get_running_loop()
    for name in ("SIGHUP", "SIGTERM"):
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, leave)


def terminal_gone() -> bool:
    """Whether the terminal was closed. Without a controlling terminal, or under nohup, no signal tells."""
    try:
        number = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
        watch = select.poll()
        watch.register(number, 0)
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in watch.poll(0))
    except (OSError, ValueError, AttributeError):  # no poll() on this system, or no file behind stdin
        return False


def die_later(seconds: float) -> None:
    """End the process in some seconds if it is still there: a terminal that takes nothing more would hold it."""
    timer = threading.Timer(seconds, die)
    timer.daemon = True
    timer.start()


def die() -> None:
    """End at once: nothing can be shown any more, and the driver's thread would wait for a terminal."""
    os._exit(129)
