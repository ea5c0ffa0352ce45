"""Where a copy goes, and what is said about it."""

import asyncio
import base64
import os
import re
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtpdiag_tui.tui.terminal import clipboard

TERMINAL = {"TERM": "xterm-256color", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}


def saved_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def buffer_of(socket: str) -> bytes:
    return subprocess.run(["tmux", "-S", socket, "show-buffer"], capture_output=True, check=True).stdout


async def test_osc_52_is_said_to_be_sent_not_copied() -> None:
    sent: list[str] = []
    words = await clipboard.copy("one\ntwo", sent.append, TERMINAL)
    assert sent == [f"\x1b]52;c;{base64.b64encode(b'one' + chr(10).encode() + b'two').decode()}\x07"]
    assert words == "2 lines sent to the terminal's clipboard"


async def test_screen_gets_wrapped_pieces() -> None:
    sent: list[str] = []
    await clipboard.copy("x" * 3000, sent.append, {**TERMINAL, "STY": "1.pts"})
    parts = re.findall(r"\x1bP(.*?)\x1b\\", sent[0], re.DOTALL)
    assert len(parts) > 1
    assert max(map(len, parts)) <= 700
    assert base64.b64decode("".join(parts).removeprefix("\x1b]52;c;").removesuffix("\x07")) == b"x" * 3000


async def test_without_a_clipboard_it_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sent: list[str] = []
    words = await clipboard.copy("one", sent.append, {"TERM": "dumb", "SSH_TTY": "/dev/pts/1"})
    (path,) = saved_in(tmp_path)
    assert sent == []
    assert words == f"No clipboard; saved to {path}"
    assert path.read_text() == "one\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_much_text_is_saved_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    words = await clipboard.copy("x" * 80_000, lambda _: None, TERMINAL)
    assert "; also in /" in words
    assert len(saved_in(tmp_path)) == 1


async def test_nothing_does_not_clear_the_clipboard() -> None:
    sent: list[str] = []
    assert await clipboard.copy("", sent.append, TERMINAL) == "Nothing to copy"
    assert sent == []


def put_xclip(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program named xclip before all others."""
    path = folder / "xclip"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


LOCAL = {"TERM": "xterm", "DISPLAY": ":99"}


@pytest.mark.parametrize("complains", [False, True])
async def test_a_local_helper_that_only_complains_has_not_copied(
    complains: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    put_xclip(tmp_path, monkeypatch, "echo no display >&2; exit 1" if complains else f"cat > {tmp_path}/taken")
    sent: list[str] = []
    words = await clipboard.copy("öne\ntwo", sent.append, LOCAL)
    assert capfd.readouterr().err == ""
    assert bool(sent) is complains
    assert words == ("2 lines sent to the terminal's clipboard" if complains else "2 lines copied")
    assert complains or (tmp_path / "taken").read_text() == "öne\ntwo"


async def test_what_is_drawn_while_a_slow_helper_works_reaches_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    put_xclip(tmp_path, monkeypatch, f"cat > {tmp_path}/taken; sleep 1")
    copying = asyncio.create_task(clipboard.copy("one", pytest.fail, LOCAL))
    while not (tmp_path / "taken").exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.02)
    os.write(2, b"drawn")
    assert await copying == "1 line copied"
    assert capfd.readouterr().err == "drawn"


async def test_a_helper_that_stays_to_hold_the_selection_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_xclip(tmp_path, monkeypatch, f"cat > /dev/null; sleep 300 & echo $! > {tmp_path}/staying")
    assert await clipboard.copy("one", pytest.fail, LOCAL) == "1 line copied"
    os.kill(int((tmp_path / "staying").read_text()), signal.SIGKILL)  # raises where it is there no more


async def test_a_helper_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = tmp_path / "ticks"
    ticks.touch()
    put_xclip(tmp_path, monkeypatch, f"while :; do echo >> {ticks}; sleep 0.05; done")
    monkeypatch.setattr(clipboard, "_HELPER_LIMIT", 1.0)
    sent: list[str] = []
    assert await clipboard.copy("one", sent.append, LOCAL) == "1 line sent to the terminal's clipboard"
    counted = ticks.stat().st_size
    await asyncio.sleep(0.3)
    assert ticks.stat().st_size <= counted + 1


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[str]:
    """A tmux server of our own; gives its socket."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    socket = str(tmp_path / "tmux")
    subprocess.run(["tmux", "-S", socket, "-f", "/dev/null", "new-session", "-d", "sleep 60"], check=True)
    yield socket
    subprocess.run(["tmux", "-S", socket, "kill-server"], check=True)


async def test_tmux_holds_the_text(tmux: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", f"{tmux},1,0")
    words = await clipboard.copy("one\ntwo", lambda _: pytest.fail("not to the terminal"), {"TMUX": tmux})
    assert buffer_of(tmux) == b"one\ntwo"
    assert words.startswith("2 lines copied to tmux")


async def test_a_dead_tmux_falls_back_to_the_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMUX", f"{tmp_path}/gone,1,0")
    sent: list[str] = []
    words = await clipboard.copy("one", sent.append, {"TMUX": "gone", "TERM": "xterm"})
    assert len(sent) == 1
    assert words == "1 line sent to the terminal's clipboard"


async def test_what_has_a_name_is_told_by_it() -> None:
    sent: list[str] = []
    told = await clipboard.copy("a\nb", sent.append, {"TERM": "xterm", "SSH_TTY": "/dev/pts/1"}, what="Ticket")
    assert told == "Ticket sent to the terminal's clipboard"
    assert len(sent) == 1
