"""A program in a pseudo-terminal of the tests' own: what it writes, byte by byte, and what is on the screen."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyte

from tests.interrupting import LIMIT, interruptible


@dataclass
class Terminal:
    """A program in a pseudo-terminal; `out` is all that it wrote."""

    process: subprocess.Popen[bytes]
    master: int
    out: bytearray = field(default_factory=bytearray)

    def read_until(self, found: Callable[[bytes], bool], limit: float = LIMIT) -> bool:
        """Read until `found` says so; return False when `limit` seconds are over or the program has ended."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if found(bytes(self.out)):
                return True
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.out += os.read(self.master, 65536)
                except OSError:
                    return found(bytes(self.out))
        return False

    def read_until_quiet(self, seconds: float = 0.5) -> bool:
        """Read until nothing has come for so many seconds; return False if something comes all the time."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            before = len(self.out)
            self.read_until(lambda _out: False, limit=seconds)
            if len(self.out) == before:
                return True
        return False

    def screen(self) -> str:
        """What a terminal of 80x24 would show."""
        screen = pyte.Screen(80, 24)
        pyte.ByteStream(screen).feed(bytes(self.out))
        return "\n".join(screen.display)


@contextmanager
def terminal(
    *arguments: str, module: str = "tests.tui.fake_main", controlling: bool = False
) -> Iterator[Terminal]:
    """Run a module in a pseudo-terminal, which Ctrl-C is a signal of if it is the `controlling` one."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = {**os.environ, "TERM": "xterm-256color"}
    for name in ("TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR", "COLORTERM"):
        env.pop(name, None)
    command = [sys.executable, "-m", module, *arguments]
    if controlling:
        command = ["setsid", "--ctty", *command]
    with interruptible():
        process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=env,
            start_new_session=not controlling,
            close_fds=True,
        )
    os.close(slave)
    shown = Terminal(process, master)
    try:
        yield shown
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if shown.master >= 0:
            os.close(shown.master)
