"""Machines that are reached by SSH: servers of our own on the loopback, and a client's settings for them."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.interrupting import LIMIT

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "/usr/sbin/sshd"
TREE = Path(__file__).resolve().parents[2]


def missing() -> list[str]:
    """Return which programs are not there."""
    return [name for name in (SSHD, "ssh", "ssh-keygen", "parallel") if shutil.which(name) is None]


@contextlib.contextmanager
def nodes(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """Start a machine for each name; yield the client's settings, which know them all.

    What is run there as `smtpdiag` is this tree's.
    """
    folder.chmod(0o700)
    _command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "user"))
    (folder / "user.pub").rename(folder / "authorized")
    program = folder / "smtpdiag"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH={TREE} exec {sys.executable} -m smtpdiag_tui "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    Path("/run/sshd").mkdir(exist_ok=True)  # where sshd without rights is confined to
    settings, servers = folder / "settings", []
    try:
        for name in names:
            port = _free_port()
            _command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
            servers.append(_server(folder, name, port))
            with settings.open("a", encoding="utf-8") as file:
                file.write(_known(folder, name, port))
        for name in names:
            _wait_for(settings, name)
        yield settings
    finally:
        for server in servers:
            server.terminate()
            server.wait(LIMIT)


def _server(folder: Path, name: str, port: int) -> "subprocess.Popen[bytes]":
    lines = (
        f"ListenAddress 127.0.0.1:{port}",
        f"HostKey {folder / name}",
        f"AuthorizedKeysFile {folder / 'authorized'}",
        f"PidFile {folder / name}.pid",
        f"SetEnv PATH={folder}:/usr/local/bin:/usr/bin:/bin NODE={name}",
        "PasswordAuthentication no",
        "PermitRootLogin prohibit-password",
        "StrictModes no",
        "UsePAM no",
    )
    settings = folder / f"{name}.conf"
    settings.write_text("\n".join([*lines, ""]), encoding="utf-8")
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen([SSHD, "-D", "-e", "-f", str(settings)], stdin=subprocess.DEVNULL, stderr=log)


def _known(folder: Path, name: str, port: int) -> str:
    key = (folder / f"{name}.pub").read_text(encoding="ascii")
    known = folder / f"{name}.known"
    known.write_text(f"[127.0.0.1]:{port} {key}", encoding="ascii")
    lines = (
        f"Host {name}",
        "  HostName 127.0.0.1",
        f"  Port {port}",
        f"  IdentityFile {folder / 'user'}",
        "  IdentitiesOnly yes",
        f"  UserKnownHostsFile {known}",
        "  StrictHostKeyChecking yes",
        "  BatchMode yes",
    )
    return "\n".join([*lines, ""])


def _wait_for(settings: Path, name: str) -> None:
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        command = ["ssh", "-F", str(settings), name, "true"]
        if subprocess.run(command, capture_output=True, check=False, timeout=LIMIT).returncode == 0:
            return
        time.sleep(0.1)
    raise TimeoutError(f"{name} does not let us in")


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _command(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=LIMIT)
