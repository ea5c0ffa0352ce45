"""Connections through another host by the system's OpenSSH: one master, and `ssh -W` for each connection.

Its own configuration, keys and known hosts hold; it never asks anything: no password is ours to know.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from smtpdiag_tui.network.carrier import CarrierError, NothingThroughError
from smtpdiag_tui.network.ssh_words import MasterLog, forwarding_error, prohibited, why_lost, why_not
from smtpdiag_tui.processes import Reading, child, ended, kill, start
from smtpdiag_tui.settings import Via

OPEN_LIMIT = 45.0  # seconds until the master connection is there; ssh itself gives up on a silent host after less
_CONNECT = 20
_ALIVE = (10, 3)  # seconds between keepalives, and how many may stay unanswered
_LONGEST_PATH = 104 - 18  # octets of a Unix socket's name (macOS), less what ssh adds while it makes it
_MOST_SAID = 256 * 1024  # octets of a client's standard error
# The master is ended with us however we end: its keeper hears by the end of its standard input that we are gone,
# and takes away the folder too.
_KEEPER = (
    'folder=$1; shift; exec 3<&0; "$@" </dev/null 3<&- & ssh=$!; '
    '( read -r _ <&3; kill "$ssh" ) >/dev/null 2>&1 & watch=$!; '
    'exec 3<&-; wait "$ssh"; status=$?; kill "$watch" 2>/dev/null; rm -rf "$folder"; exit "$status"'
)
_QUIET = ("-o", "BatchMode=yes", "-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-o", "PermitLocalCommand=no")
_MASTER = (
    *_QUIET,
    *("-o", "ControlPersist=no", "-o", "ClearAllForwardings=yes", "-o", "RemoteCommand=none"),
    *("-o", "RequestTTY=no", "-o", "Tunnel=no", "-o", f"ConnectTimeout={_CONNECT}", "-o", "ConnectionAttempts=1"),
    *("-o", f"ServerAliveInterval={_ALIVE[0]}", "-o", f"ServerAliveCountMax={_ALIVE[1]}"),
)
# Over the master alone: without it, these must not connect by themselves, and need no configuration.
_OVER_MASTER = ("-F", "/dev/null", *_QUIET, "-o", "ControlMaster=no", "-o", "ProxyCommand=false")


class _Channel(socket.socket):
    """Our end of a connection through the master; its client ends with it."""

    client: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """Close, and end the client."""
        super().close()
        client, self.client = self.client, None
        if client is not None:
            kill(client)


class SshCarrier:
    """A master connection to a host."""

    def __init__(self, via: Via, program: str, control: Path, master: subprocess.Popen[bytes]) -> None:
        self.label = via.label
        self.log = MasterLog()
        self.host = via.host
        self._program = program
        self._control = control
        self._master = master
        self._reading = Reading(master.stderr)
        self._forbidden = self._tried = 0

    def _over_master(self, *words: str) -> list[str]:
        return [self._program, *_OVER_MASTER, "-S", str(self._control), *words]

    async def opened(self) -> None:
        """Wait until the master connection is there; raises CarrierError."""
        host = self.label.removeprefix("ssh:")
        try:
            async with asyncio.timeout(OPEN_LIMIT):
                await ended(self._master, self._there)
        except TimeoutError:
            words = f"no connection within {OPEN_LIMIT:g} s: check that 'ssh {host}' works"
            raise CarrierError(f"{self.label}: {words}") from None
        if self._master.poll() is not None:
            self._listen()
            raise CarrierError(f"{self.label}: {why_not(host, list(self.log.said))}")
        self.log.said.clear()

    def _there(self) -> bool:
        self._listen()
        return self._control.exists()

    def _listen(self) -> None:
        self.log.feed(self._reading.read())

    def _still(self) -> bool:
        self._listen()
        return False

    async def connect(self, address: str, port: int) -> socket.socket:
        """Return a socket that is connected from there; raises OSError as the far host tells it."""
        target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        self._tried += 1
        ours, theirs = socket.socketpair()
        channel = _Channel(fileno=ours.detach())
        channel.setblocking(False)
        try:
            with theirs:
                words = self._over_master("-v", "-W", target, "--", self.host)
                end, pipe = theirs.fileno(), subprocess.PIPE
                channel.client = client = start(words, stdin=end, stdout=end, stderr=pipe, env=_environment())
            await self._confirmed(client, address, port)
        except BaseException:
            channel.close()
            raise
        return channel

    async def _confirmed(self, client: subprocess.Popen[bytes], address: str, port: int) -> None:
        """Wait until the far host has connected; raises OSError if it has not."""
        said = Reading(client.stderr)
        heard = bytearray()

        def enough() -> bool:
            self._listen()
            heard.extend(said.read()[: _MOST_SAID - len(heard)])
            return b"master session id" in heard

        if await ended(client, enough) is None or enough():
            return
        self._listen()
        if self._master.poll() is not None:
            raise ConnectionAbortedError(f"{self.label} is gone")
        reason = self.log.reason(address, port)
        self._forbidden += prohibited(reason)
        raise forwarding_error(reason)

    async def lost(self) -> str:
        """Wait until the master connection has ended; return the sentence that says so."""
        await ended(self._master, self._still)
        return self._lost()

    def _lost(self) -> str:
        self._listen()
        return f"{self.label}: {why_lost(list(self.log.said))}: check that 'ssh {self.host}' works, and rerun"

    async def check(self) -> None:
        """Raise CarrierError if the connection is lost, or the SSH server forwards nothing."""
        if self._master.poll() is not None:
            raise CarrierError(self._lost())
        if 0 < self._tried == self._forbidden:
            advice = "set AllowTcpForwarding yes in its sshd_config, or install smtpdiag on that host"
            raise NothingThroughError(f"{self.label}: the SSH server forbids forwarding: {advice}")

    @contextmanager
    def session(self, command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command there for a POSIX shell, without a terminal, with pipes; it ends with the block."""
        words = self._over_master("-T", "--", self.host, command)
        pipe = subprocess.PIPE
        with child(words, stdin=pipe, stdout=pipe, stderr=pipe, env=_environment()) as process:
            yield process


@asynccontextmanager
async def open_ssh(via: Via) -> AsyncIterator[SshCarrier]:
    """Open a master connection, and end it with the block; raises CarrierError."""
    program = shutil.which("ssh")
    if program is None:
        raise CarrierError(f"{via.label}: ssh is not installed on this host: install the OpenSSH client")
    folder = _private_folder()
    try:
        control = folder / "ctl"
        with child(_master_words(program, via, folder), stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                   env=_environment()) as master:  # fmt: skip
            carrier = SshCarrier(via, program, control, master)
            await carrier.opened()
            yield carrier
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _master_words(program: str, via: Via, folder: Path) -> Sequence[str]:
    user = ("-l", via.user) if via.user else ()
    ssh = (program, "-M", "-S", str(folder / "ctl"), "-N", "-vv", *_MASTER, *user, "--", via.host)
    return ("/bin/sh", "-c", _KEEPER, "sh", str(folder), *ssh)


def _private_folder() -> Path:
    """Make a folder of mode 0700, near enough to the root for the name of a socket."""
    folder = tempfile.mkdtemp(prefix="smtpdiag-")
    if len(os.fsencode(folder)) + len("/ctl") <= _LONGEST_PATH:
        return Path(folder)
    Path(folder).rmdir()
    return Path(tempfile.mkdtemp(prefix="smtpdiag-", dir="/tmp"))


def _environment() -> dict[str, str]:
    """Return our environment, with English messages, and nothing that asks on a screen."""
    return {**os.environ, "LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"}
