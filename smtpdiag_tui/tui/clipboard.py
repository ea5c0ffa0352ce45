"""To the clipboard, wherever it is: tmux's, the terminal's or this machine's; else into a file."""

import asyncio
import base64
import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

_LIMIT = 2.0  # seconds
_BIG = 70_000  # octets; many terminals take no more than about this at once
_CHUNK = 700  # screen takes a device control string of some thousand octets at most


async def copy(text: str, write: Callable[[str], None], env: Mapping[str, str] = os.environ) -> str:
    """Copy `text` and say in one sentence what happened.

    `write` sends a control sequence to the terminal. The terminal never acknowledges one, so the sentence
    then says "sent", not "copied".
    """
    if not text:
        return "Nothing to copy here."
    number = len(text.splitlines())
    count = f"{number} line{'' if number == 1 else 's'}"
    data = text.encode()
    if env.get("TMUX") and await _tmux(data):
        return f"{count} copied to tmux's buffer and sent to the terminal's clipboard."
    remote = any(env.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "TMUX"))
    if not remote and not env.get("STY") and await asyncio.to_thread(_local, text, env):
        return f"{count} copied to the clipboard."
    if env.get("TERM", "") in ("", "dumb", "linux"):
        return f"No clipboard here: {count} saved to {await asyncio.to_thread(save, text)}"
    write(_osc52(data, screen=bool(env.get("STY"))))
    if len(data) > _BIG:
        path = await asyncio.to_thread(save, text)
        return f"{count} sent to the terminal's clipboard, which may not hold so much; also saved to {path}"
    return f"{count} sent to the terminal's clipboard."


def save(text: str) -> Path:
    """Write `text` to a new file that only its owner reads, and return its path."""
    handle, name = tempfile.mkstemp(prefix="smtpdiag-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    return Path(name)


async def _tmux(data: bytes) -> bool:
    # tmux's default settings drop an application's own OSC 52, but pass on what load-buffer -w sends.
    try:
        process = await asyncio.create_subprocess_exec(
            "tmux",
            "load-buffer",
            "-w",
            "-",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_LIMIT):
            await process.communicate(data)
    except (TimeoutError, OSError):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return False
    return process.returncode == 0


def _osc52(data: bytes, *, screen: bool) -> str:
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
    if not screen:
        return sequence
    parts = [sequence[start : start + _CHUNK] for start in range(0, len(sequence), _CHUNK)]
    return "".join(f"\x1bP{part}\x1b\\" for part in parts)


def _local(text: str, env: Mapping[str, str]) -> bool:
    if not any(env.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")) and os.uname().sysname != "Darwin":
        return False
    import pyperclip

    try:
        with _quiet_stderr() as complaints:
            pyperclip.copy(text)
            return not complaints()
    except (pyperclip.PyperclipException, OSError):
        return False


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[Callable[[], bool]]:
    """Keep a helper's complaints off the screen: with a stale DISPLAY xclip fails by stderr alone."""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield lambda: os.fstat(file.fileno()).st_size > 0
        finally:
            os.dup2(kept, 2)
            os.close(kept)
