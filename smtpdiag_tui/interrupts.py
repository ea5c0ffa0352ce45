"""SIGINT: what runs is called off and cleans up after itself; a second one, or one before, leaves at once."""

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine

STATUS = 130
T = TypeVar("T")


class _Handler:
    """Handles SIGINT for the command. A KeyboardInterrupt anywhere would make noise in whoever it meets."""

    def __init__(self) -> None:
        self.task: asyncio.Task[Any] | None = None
        self.interrupted = False

    def __call__(self, _number: int, _frame: object) -> None:
        if self.task is None or self.interrupted:
            leave_at_once()
        self.interrupted = True
        self.task.get_loop().call_soon_threadsafe(self.task.cancel)


def install() -> None:
    """Handle SIGINT from here on, unless whoever started the command has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _Handler())


def by_default() -> None:
    """Leave SIGINT to the interface, which has a terminal to put back in order."""
    if isinstance(signal.getsignal(signal.SIGINT), _Handler):
        signal.signal(signal.SIGINT, signal.default_int_handler)


def ignore() -> None:
    """Let no further SIGINT end the process before it has ended by itself; the interpreter still tidies up."""
    if isinstance(signal.getsignal(signal.SIGINT), _Handler):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def run(work: "Coroutine[Any, Any, T]") -> T:
    """Run `work` in an event loop of its own; raise KeyboardInterrupt once it has ended for a SIGINT."""
    import asyncio

    handler = signal.getsignal(signal.SIGINT)
    if not isinstance(handler, _Handler):
        return asyncio.run(work)
    try:
        return asyncio.run(_watched(work, handler))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        handler.task = None


async def _watched(work: "Coroutine[Any, Any, T]", handler: _Handler) -> T:
    import asyncio

    handler.task = asyncio.current_task()
    return await work


def leave_at_once() -> NoReturn:
    """End the process as interrupted, without any tidying up."""
    with contextlib.suppress(OSError):
        os.write(2, b"smtpdiag: interrupted\n")
    os._exit(STATUS)
