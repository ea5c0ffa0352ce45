"""Runs programs on a machine of the lab without loading each anew: most of a run is Python's start and imports.

`python -m tests.real.forks PLACE`, run on that machine, loads the command once and forks for each call that comes
to the socket PLACE. What runs is a process of its own all the same: with descriptors, arguments and environment of
its own, and with Python's usual end, which tells of what was left open.
"""

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOMS = ("checks", "cli", "engine", "local_mta", "network", "render", "report", "smtp", "vantage", "verdict")
COMMAND = "smtpdiag_tui.cli.main:entry"
_CALL = 100_000  # octets
_NEW_MOUNTS, _BIND = 0x20000, 0x1000  # as unshare(2) and mount(2) name them: CLONE_NEWNS, MS_BIND


class Forked:
    """A call that runs, to be waited for as for a `subprocess.Popen`."""

    def __init__(
        self, place: Path, function: str, *words: str, environment: Mapping[str, str], resolv: Path | None = None
    ) -> None:
        self.returncode: int | None = None
        self._written = [os.memfd_create(name) for name in ("stdout", "stderr")]
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.connect(str(place))
        call = json.dumps([function, words, dict(environment), str(resolv or "")]).encode()
        socket.send_fds(self._line, [call], self._written)

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait so many seconds until it has ended; return what it wrote to stdout and stderr."""
        with self._line:
            self._line.settimeout(timeout)
            self.returncode = int(self._line.recv(16))
        out, err = (_text(descriptor) for descriptor in self._written)
        return out, err


def _text(descriptor: int) -> str:
    with open(descriptor, encoding="utf-8") as file:
        file.seek(0)
        return file.read()


def main(place: str) -> Callable[[], int | None]:
    """Serve calls until killed; returns in a new process for each, with what it has to do."""
    for room in ROOMS:
        package = importlib.import_module(f"smtpdiag_tui.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    gc.freeze()  # or the first search for garbage of each would copy all of it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.bind(f"{place}.new")
        server.listen(32)
        Path(f"{place}.new").rename(place)  # who finds it can connect
        while True:
            line, _ = server.accept()
            with line:
                if os.fork() == 0:
                    return _become(server, line)


def _become(server: socket.socket, line: socket.socket) -> Callable[[], int | None]:
    """Fork once more: one process waits and tells the exit status, the other goes on as the program."""
    server.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    call, descriptors, _, _ = socket.recv_fds(line, _CALL, 2)
    if number := os.fork():
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(number, 0)
        line.send(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    line.close()
    for target, descriptor in enumerate(descriptors, 1):
        os.dup2(descriptor, target)
        os.close(descriptor)
    function, words, environment, resolv = json.loads(call)
    if resolv:
        _use(resolv)
    os.environ.clear()
    os.environ.update(environment)
    module, _, name = function.partition(":")
    sys.argv = [module, *words]
    found: Callable[[], int | None] = getattr(importlib.import_module(module), name)
    return found


def _use(resolv: str) -> None:
    """Let this process alone have another resolv.conf."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(_NEW_MOUNTS) or library.mount(resolv.encode(), b"/etc/resolv.conf", None, _BIND, None):
        raise OSError(ctypes.get_errno(), "resolv.conf")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1])())
