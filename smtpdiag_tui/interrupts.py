"""SIGINT: what runs is called off and cleans up after itself; a second one, or one before, leaves at once."""

import atexit
import contextlib
import os
import select
import signal
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

STATUS = 130
_WORDS = b"smtpdiag: interrupted\n"
T = TypeVar("T")


class _Handler:
    """Handles SIGINT for the command. A KeyboardInterrupt anywhere would make noise in whoever it meets.

    `call_off` asks what runs to end; without it there is nothing to wait for. `put_back` gives the terminal back.
    `status` is that of a command that has done its work, and only tidies up. `left` is what becomes of a command
    that leaves at once: its status, and the words that it leaves on a descriptor.
    """

    def __init__(self) -> None:
        self.call_off: Callable[[], object] | None = None
        self.put_back: Callable[[], None] | None = None
        self.interrupted = False
        self.status: int | None = None
        self.left = (STATUS, 2, _WORDS)

    def __call__(self, _number: int, _frame: object) -> None:
        if self.status is not None:
            os._exit(self.status)
        if self.call_off is None or self.interrupted:
            leave_at_once(self.put_back)
        self.interrupted = True
        self.call_off()


def install(left: tuple[int, int, bytes] | None = None) -> None:
    """Handle SIGINT from here on, unless whoever started the command has it ignored.

    With `left`, which is exit status, descriptor and the words that a command leaves there that is ended at once,
    SIGTERM too: it does the same.
    """
    if left is not None and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        handler = _Handler()
        handler.left = left
        signal.signal(signal.SIGTERM, handler)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _installed() or _Handler())
        # Called last, when no thread is waited for any more: a SIGINT then would change the exit status.
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


def finish(status: int) -> None:
    """Let a further SIGINT end the process at once with the status that it has earned, and without a word."""
    handler = _installed()
    if handler is not None:
        handler.status = status


def watch(call_off: "Callable[[], object] | None", put_back: "Callable[[], None] | None" = None) -> None:
    """Have the first SIGINT call `call_off`; without one it leaves at once, `put_back` called before."""
    handler = _installed()
    if handler is not None:
        handler.call_off, handler.put_back = call_off, put_back


def leaving() -> None:
    """Have the next SIGINT leave at once: what runs ends already."""
    handler = _installed()
    if handler is not None:
        handler.interrupted = True


def run(work: "Coroutine[Any, Any, T]") -> T:
    """Run `work` in an event loop of its own; raise KeyboardInterrupt once it has ended for a SIGINT."""
    import asyncio

    handler = _installed()
    if handler is None:
        return asyncio.run(work)
    try:
        found = asyncio.run(_watched(work, handler))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    if handler.interrupted:
        raise KeyboardInterrupt
    return found


async def _watched(work: "Coroutine[Any, Any, T]", handler: _Handler) -> T:
    import asyncio

    task = asyncio.current_task()
    if task is not None:
        loop, cancel = task.get_loop(), task.cancel
        handler.call_off = lambda: loop.call_soon_threadsafe(cancel)
    try:
        return await work
    finally:
        handler.call_off = None


def leave_at_once(put_back: "Callable[[], None] | None" = None) -> NoReturn:
    """End the process as interrupted, without any tidying up but of the terminal."""
    with contextlib.suppress(Exception):
        if put_back is not None:
            put_back()
    handler = _installed()
    status, number, words = handler.left if handler is not None else (STATUS, 2, _WORDS)
    write_if_taken(number, words)
    os._exit(status)


def write_if_taken(number: int, data: bytes) -> None:
    """Write some octets to a descriptor that takes them now: a terminal may be held, and a pipe full."""
    with contextlib.suppress(OSError, ValueError):
        if select.select([], [number], [], 0)[1]:
            os.write(number, data)


def _installed() -> _Handler | None:
    handlers = map(signal.getsignal, (signal.SIGINT, signal.SIGTERM))
    return next((handler for handler in handlers if isinstance(handler, _Handler)), None)
