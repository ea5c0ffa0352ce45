"""Real shells that complete a command line: what they would put in its last place."""

import contextlib
import os
import pty
import re
import select
import shutil
import subprocess
import time
from pathlib import Path

from smtpdiag_tui.distribution.completions import SCRIPTS

LIMIT = 40.0  # seconds
_READY = "@ready@"
_ENDED = "@ended@"
# The command is a function that tells its arguments; the key inserts all that completes.
_BASH = r"""PS1='@ready@'
smtpdiag() { printf '<%s>\n' "$@"; echo @end''ed@; }
smtpdiag-tui() { smtpdiag "$@"; }
bind 'set enable-bracketed-paste off' 2>/dev/null
bind '"\C-t": insert-completions'
source SCRIPT
"""
_ZSH = r"""PS1='@ready@'
unsetopt prompt_sp zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste
smtpdiag() { printf '<%s>\n' "$@"; echo @end''ed@; }
smtpdiag-tui() { smtpdiag "$@"; }
autoload -U compinit; compinit -u -D
zle -C all-matches complete-word _generic
bindkey '^T' all-matches
zstyle ':completion:all-matches::::' completer _all_matches _complete
zstyle ':completion:all-matches:*' insert true
zstyle ':completion:*' menu no
source SCRIPT
"""


def here(shell: str) -> bool:
    """Whether the shell is installed."""
    return shutil.which(shell) is not None


def completed(shell: str, line: str, folder: Path) -> list[str]:
    """Return the last words that a command line has once the shell has put in all that completes, in order.

    `folder` is where the shell runs, and where its files go that are none of the test's.
    """
    script = folder / f".script.{shell}"
    script.write_text(SCRIPTS[shell](), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    if shell == "fish":
        quoted = line.replace("'", "\\'")
        command = [shell, "--no-config", "-c", f"source {script}; complete -C '{quoted}'"]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=LIMIT, env=environment, cwd=folder
        )
        assert done.stderr == ""
        return sorted(found.partition("\t")[0] for found in done.stdout.splitlines())
    start = {"bash": (["bash", "--norc", "--noprofile", "-i"], _BASH), "zsh": (["zsh", "-f", "-i"], _ZSH)}
    command, setup = start[shell]
    setup_file = folder / f".setup.{shell}"
    setup_file.write_text(setup.replace("SCRIPT", str(script)), encoding="utf-8")
    told = _typed(command, [f"source {setup_file}\n", f"{line}\x14\n"], environment, folder)
    before = line.split(" ")[1:-1]
    words = re.findall(r"^<(.*)>\r?$", told, re.MULTILINE)[len(before) :]
    # bash puts what is before an `@` ahead of the first of several alone.
    head = line.rpartition(" ")[2].rpartition("@")[0]
    return sorted(f"{head}{word}" if word.startswith("@") else word for word in words)


def _typed(command: list[str], lines: list[str], environment: dict[str, str], folder: Path) -> str:
    """Type lines into a shell on a terminal, each when it is ready; return what the last one printed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder,
                               start_new_session=True)  # fmt: skip
    os.close(theirs)
    told = ""
    try:
        os.write(ours, lines[0].encode())
        _read_until(ours, _READY)
        os.write(ours, lines[1].encode())
        told = _read_until(ours, _ENDED)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return told


def _read_until(number: int, words: str) -> str:
    told = ""
    end = time.monotonic() + LIMIT
    while words not in told and time.monotonic() < end:
        if select.select([number], [], [], 1)[0]:
            with contextlib.suppress(OSError):
                told += os.read(number, 65536).decode("utf-8", "replace")
    assert words in told, told
    return told
