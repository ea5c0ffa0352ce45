"""To the clipboard, wherever it is: tmux's, the terminal's or this machine's; else into a file."""

import asyncio
import base64
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from smtpdiag_tui.files import write_private
from smtpdiag_tui.processes import child, ended
from smtpdiag_tui.report.amounts import counted

_LIMIT = 2.0  # seconds
_HELPER_LIMIT = 8.0  # seconds; a display may be at the other end of a slow link
_COPY = "import sys, pyperclip; pyperclip.copy(sys.stdin.buffer.read().decode())"
_BIG = 70_000  # octets; many terminals take no more than about this at once
_CHUNK = 700  # screen takes a device control string of some thousand octets at most


async def copy(
    text: str, write: Callable[[str], None], env: Mapping[str, str] = os.environ, *, what: str = ""
) -> str:
    """Copy `text` and say in one sentence what happened; `what` names it, else its lines are counted.

    `write` sends a control sequence to the terminal. The terminal never acknowledges one, so the sentence
    then says "sent", not "copied".
    """
    if not text:
        return "Nothing to copy"
    count = what or counted(len(text.splitlines()), "line")
    data = text.encode()
    if env.get("TMUX") and await _tmux(data):
        return f"{count} copied to tmux and sent to the terminal"
    if _is_local(env) and await _local(data, env):
        return f"{count} copied"
    if env.get("TERM", "") in ("", "dumb", "linux"):
        return f"No clipboard; saved to {await asyncio.to_thread(save, text)}"
    write(_osc52(data, screen=bool(env.get("STY"))))
    if len(data) > _BIG:
        path = await asyncio.to_thread(save, text)
        return f"{count} sent to the terminal; also in {path}"
    return f"{count} sent to the terminal's clipboard"


def _is_local(env: Mapping[str, str]) -> bool:
    """Whether the terminal is this machine's own: not over SSH, nor within tmux or screen."""
    return not any(env.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "TMUX", "STY"))


def save(text: str) -> Path:
    """Write `text` to a new file that only its owner reads, and return its path."""
    return write_private(f"{text}\n".encode(), prefix="smtpdiag-", suffix=".txt")


async def _tmux(data: bytes) -> bool:
    # tmux's default settings drop an application's own OSC 52, but pass on what load-buffer -w sends.
    command = ("tmux", "load-buffer", "-w", "-")
    try:
        with _file(data) as given, child(command, stdin=given) as process:
            async with asyncio.timeout(_LIMIT):
                return await ended(process) == 0
    except OSError:  # a TimeoutError too
        return False


@contextlib.contextmanager
def _file(data: bytes) -> Iterator[IO[bytes]]:
    """Return a file without a name that holds `data`, to be read from its beginning. Raises OSError."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield file


def _osc52(data: bytes, *, screen: bool) -> str:
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
    if not screen:
        return sequence
    parts = [sequence[start : start + _CHUNK] for start in range(0, len(sequence), _CHUNK)]
    return "".join(f"\x1bP{part}\x1b\\" for part in parts)


async def _local(data: bytes, env: Mapping[str, str]) -> bool:
    """Copy through pyperclip, in a process of its own: what its helpers say never reaches our terminal.

    With a stale DISPLAY xclip fails by stderr alone, so any word there means no. What a helper leaves behind to
    hold the selection keeps that file open; only our own child is waited for.
    """
    if not any(env.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")) and os.uname().sysname != "Darwin":
        return False
    command = (sys.executable, "-P", "-W", "ignore", "-c", _COPY)
    try:
        with (
            _file(data) as given,
            _file(b"") as said,
            child(command, stdin=given, stderr=said, env={**os.environ, **env}) as process,
        ):
            async with asyncio.timeout(_HELPER_LIMIT):
                status = await ended(process)
            return status == 0 and os.fstat(said.fileno()).st_size == 0
    except OSError:  # a TimeoutError too
        return False
