"""Programs that a test interrupts, as a terminal would: wherever the tests themselves run."""

import signal
import subprocess  # noqa: TC003 - annotations are read by people, not run
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

LIMIT = 30.0  # seconds that a machine with other work may take for what is next to nothing
_SIGINT_BIT = 1 << (signal.SIGINT - 1)


@contextmanager
def interruptible() -> Iterator[None]:
    """Give a program that is started meanwhile SIGINT's default.

    A shell without job control has its background jobs ignore SIGINT, and what is ignored is inherited. A handler
    is not: with one here the program begins with the default. (`preexec_fn` would do, but not beside threads.)
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def interrupt(process: "subprocess.Popen[Any]") -> None:
    """Interrupt a program, and wait until it has taken notice: two signals that wait at once are one."""
    process.send_signal(signal.SIGINT)
    end = time.monotonic() + LIMIT
    while _pending(process.pid) and time.monotonic() < end:
        time.sleep(0.005)


def at_work(process: "subprocess.Popen[Any]", sockets: int = 4) -> bool:
    """Wait until a program has opened so many sockets; return False if it ends before.

    An event loop alone has two.
    """
    end = time.monotonic() + LIMIT
    while time.monotonic() < end and process.poll() is None:
        if _sockets(process.pid) >= sockets:
            return True
        time.sleep(0.01)
    return False


def _pending(number: int) -> bool:
    """Whether a program has not noticed a signal yet. One that ended by it has, also while it is remembered."""
    with suppress(OSError):
        for line in Path(f"/proc/{number}/status").read_text(encoding="ascii", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name == "State" and value.split()[:1] == ["Z"]:
                return False
            if name in {"SigPnd", "ShdPnd"} and int(value, 16) & _SIGINT_BIT:
                return True
    return False


def _sockets(number: int) -> int:
    count = 0
    with suppress(OSError):
        for descriptor in Path(f"/proc/{number}/fd").iterdir():
            with suppress(OSError):
                count += str(descriptor.readlink()).startswith("socket:")
    return count
