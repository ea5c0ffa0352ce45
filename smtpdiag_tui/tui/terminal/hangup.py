"""Notices when the terminal or its session goes away, so that no process lingers."""

import asyncio
import contextlib
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from typing import Any

from smtpdiag_tui import interrupts

CHECK_EVERY = 1.0  # seconds
LAST_RESORT = 3.0  # seconds to leave in good order
_KEYS_AS_OCTETS = b"\x1b[=0u"  # on the alternate screen, whose setting the driver takes back as a whole
# Keys, paste, mouse, size and focus are told no more; lines wrap; the screen of before, its cursor and colours.
_PLAIN = (
    b"\x1b[<u\x1b[?2004l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2048l\x1b[?1004l"
    b"\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m\r"
)


class Terminal:
    """The terminal as it was before the interface drew on it: stdin is read, and stderr drawn on."""

    def __init__(self) -> None:
        self._before = _attributes()

    def put_back(self) -> None:
        """Put it back in order, without waiting for it; nothing if the interface has not changed it yet."""
        if self._before is None or _attributes() == self._before:
            return
        if hasattr(signal, "SIGTTOU"):
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a job in the background would be stopped
        interrupts.write_if_taken(2, _PLAIN)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, self._before)
            termios.tcflush(0, termios.TCIFLUSH)

    def make_signals(self) -> None:
        """Let Ctrl-C be a signal again, and no key: whoever reads keys may be at its end."""
        now = _attributes()
        if now is None or self._before is None:
            return
        now[3] |= termios.ISIG
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, now)
            interrupts.write_if_taken(2, _KEYS_AS_OCTETS)


def _attributes() -> "list[Any] | None":
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


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
