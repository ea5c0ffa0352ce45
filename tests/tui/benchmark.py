"""What the interface costs: `python -m tests.tui.benchmark`. Printed, never asserted: machines are noisy."""

import compileall
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
SIZE = (24, 80)
REPEATS = 9
KEYS = 40
APPS = {"bare": ("tests.tui.bare_main", b"Findings"), "ours": ("smtpdiag_tui", b"Transcript")}
say = print  # this is a command


class Terminal:
    """A program in a pseudo-terminal, and the bytes that it writes."""

    def __init__(self, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in ("TMUX", "SSH_CONNECTION", "SSH_TTY"):
            environment.pop(name, None)
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def read_for(self, seconds: float) -> bytes:
        """Return all that comes in so many seconds."""
        return self.read_until(None, seconds)

    def read_until(self, wanted: bytes | None, seconds: float) -> bytes:
        """Return what comes until `wanted` is in it, for so many seconds at most."""
        out, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and (wanted is None or wanted not in out):
            if select.select([self._master], [], [], left)[0]:
                out += os.read(self._master, 65536)
        return out

    def press(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._master, key)


def main() -> None:
    """Print all figures."""
    first_frame()
    bytes_written()
    key_latency()
    table_opens()


def first_frame() -> None:
    """How long until the first frame stands, beside a bare app with the same widgets.

    Both from compiled files, as an installer leaves them: else it is compiling that would be measured.
    """
    for folder in ("smtpdiag_tui", "tests"):
        compileall.compile_dir(ROOT / folder, quiet=2)
    found: dict[str, list[float]] = {"bare": [], "ours": []}
    for _ in range(REPEATS):  # side by side, so that both meet the same noise
        for name, (module, sign) in APPS.items():
            with Terminal("-m", module) as shown:
                shown.read_until(sign, 20)
                found[name].append(time.monotonic() - shown.began)
    for what, chosen in (("median", statistics.median), ("shortest", min)):
        bare, ours = (chosen(found[name]) for name in ("bare", "ours"))
        say(f"first frame ({what}): {ours * 1000:.0f} ms, bare app {bare * 1000:.0f} ms, ratio {ours / bare:.2f}")


def bytes_written() -> None:
    """How much a whole run of the demo writes, and how much an idle screen does."""
    runs = []
    for _ in range(REPEATS):  # the slower the machine, the more is drawn in between
        with Terminal("-m", "smtpdiag_tui", "--demo") as shown:
            runs.append(len(shown.read_until(b"ACCEPTED", 20) + shown.read_for(1)) / 1000)
            idle = shown.read_for(5)
    median = statistics.median(runs)
    say(f"a run of the demo at 80x24: {median:.1f} KB (median), {max(runs):.1f} KB (most)")
    say(f"idle afterwards: {len(idle) / 5:.0f} B/s")


def key_latency() -> None:
    """How long a key waits for its answer while 120 hosts are being probed: an explanation, and an overlay."""
    with Terminal("-m", "tests.tui.crowd_main") as shown:
        shown.read_until(b"RUNNING", 20)
        shown.read_for(1)
        shown.press(b"\x1b[H")  # the first step stays in view
        shown.read_for(0.3)
        why = [_answered(shown, b"v", b"About this test", b"v") for _ in range(KEYS)]
    with Terminal("-m", "tests.tui.crowd_main") as shown:
        shown.read_until(b"RUNNING", 20)
        shown.read_for(1)
        keys = [_answered(shown, b"?", b"Wait out greylisting", b"?") for _ in range(KEYS)]
    with Terminal("-m", "tests.tui.crowd_main") as shown:
        shown.read_until(b"RUNNING", 20)
        shown.read_for(1)
        table = [_answered(shown, b"t", b"MX hosts", b"t") for _ in range(KEYS)]
    for name, times in (("explain", why), ("open the overlay of keys", keys), ("open the table", table)):
        _say_times(name, times)


def table_opens() -> None:
    """How long the table takes to open, and to be sorted, on a report of 300 addresses and 100,000 lines."""
    with Terminal("-m", "tests.tui.big_main") as shown:
        shown.read_until(b"BOUNCED", 20)
        shown.read_for(2)
        _say_times(
            "open the table of 300 addresses",
            [_answered(shown, b"t", b"300 addresses", b"t") for _ in range(KEYS)],
        )
        shown.press(b"t")
        shown.read_for(1)
        _say_times("go to its last row", [_answered(shown, b"G", b"mx099", b"g") for _ in range(KEYS)])
        idle = shown.read_for(5)
    say(f"idle with the table open: {len(idle) / 5:.0f} B/s")


def _say_times(name: str, times: list[float]) -> None:
    first, ordered = times[0] * 1000, sorted(times)
    p95 = ordered[int(len(ordered) * 0.95)] * 1000
    median = statistics.median(ordered) * 1000
    say(f"key to {name}: {median:.0f} ms (median), {p95:.0f} ms (p95), {first:.0f} ms (first)")


def _answered(shown: Terminal, key: bytes, sign: bytes, back: bytes) -> float:
    began = time.monotonic()
    shown.press(key)
    shown.read_until(sign, 5)
    seconds = time.monotonic() - began
    shown.press(back)
    shown.read_for(0.1)
    return seconds


if __name__ == "__main__":
    main()
