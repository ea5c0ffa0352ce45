"""What ssh(1) says on standard error: which channel failed and why, and why there is no connection. Pure."""

import errno
import os
import re
from collections import deque

from smtpdiag_tui.network.seam import NotLetThroughError
from smtpdiag_tui.report.visible import visible

MAX_LINE = 2000  # octets of one line that are read
MAX_LINES = 40  # lines kept that are no debug output
MAX_WAITING = 4096  # channels and failures that nobody asks for
_SHOWN = 160  # characters of a line that stands in a sentence
_ASKED = re.compile(r"channel (\d+): stdio fwd to (\S{1,300}):(\d{1,5})$")
_OPENED = re.compile(r"channel_new: (\d+) control (\d+)$")
_FAILED = re.compile(r"channel (\d+): open failed: (.*)$")
_DEBUG = re.compile(r"debug\d: ")
_PROHIBITED = "administratively prohibited"
_NUMBERS = {
    os.strerror(number).lower(): number
    for number in (
        errno.ECONNREFUSED,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.ETIMEDOUT,
        errno.ECONNRESET,
        errno.EADDRNOTAVAIL,
        errno.EAFNOSUPPORT,
        errno.EACCES,
    )
}
_REACHED = re.compile(r"connect to (?:host|address) \S+ port \d+: (.+)")


class MasterLog:
    """Reads the output of a master connection at debug level 2 as it comes.

    The client that asked for a connection is told no reason: the master says it, by the number of the channel.
    """

    def __init__(self) -> None:
        self.said: deque[str] = deque(maxlen=MAX_LINES)
        self._rest = b""
        self._asked: dict[int, tuple[str, int]] = {}
        self._targets: dict[int, tuple[str, int]] = {}
        self._failures: dict[tuple[str, int] | None, str] = {}

    def feed(self, data: bytes) -> None:
        """Take what was written since."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[:MAX_LINE]
        for line in lines:
            self._line(line[:MAX_LINE].decode("utf-8", "replace").rstrip("\r"))

    def reason(self, address: str, port: int) -> str:
        """Return why a connection failed, in the far host's words; "" where the master did not say."""
        return self._failures.pop((address, port), "") or self._failures.pop(None, "")

    def _line(self, line: str) -> None:
        for table in (self._asked, self._targets, self._failures):
            if len(table) > MAX_WAITING:
                table.clear()
        if asked := _ASKED.search(line):
            self._asked[int(asked[1])] = asked[2], int(asked[3])
        elif opened := _OPENED.search(line):
            target = self._asked.pop(int(opened[2]), None)
            if target is not None:
                self._targets[int(opened[1])] = target
        elif not _DEBUG.match(line):
            if failed := _FAILED.match(line):
                self._failures[self._targets.pop(int(failed[1]), None)] = failed[2]
            elif line.strip():
                self.said.append(visible(line.strip()))


def prohibited(reason: str) -> bool:
    """Whether the far host's sshd does not allow a connection to be forwarded (RFC 4254 §5.1)."""
    return reason.startswith(_PROHIBITED)


def forwarding_error(reason: str) -> OSError:
    """Return the error of a connection that was not made, by the far host's words."""
    if prohibited(reason):
        return NotLetThroughError(f"{NotLetThroughError.WORDS} by the SSH server (forwarding is forbidden)")
    words = reason.removeprefix("connect failed: ").strip()
    # sshd has no more to say where the system refuses at once to connect: it has no route to there.
    number = errno.ENETUNREACH if words == "open failed" else _NUMBERS.get(words.lower())
    if number is not None:
        return OSError(number, "")
    return OSError(visible(words[:_SHOWN]).lower() or "not connected by the SSH server")


def why_not(host: str, said: list[str]) -> str:
    """Return why a connection to `host` was not made, and what to do, as one clause without the label."""
    text = "\n".join(said)
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in text:
        return "the host key has changed: verify the new key with the administrator, then correct known_hosts"
    if "Host key verification failed" in text or "host key is known for" in text:
        return f"host key verification failed: connect once with 'ssh {host}' to accept the key"
    if "Too many authentication failures" in text or "Permission denied" in text:
        return f"login refused{_methods(text)}: make 'ssh {host}' work without a password"
    if "Could not resolve hostname" in text:
        return "name does not resolve: check the host name"
    if reached := _REACHED.search(text):
        return f"not connected ({reached[1].lower()}): check host, port and firewall"
    if "timed out" in text:
        return "not connected (timed out): check host, port and firewall"
    if "ad configuration option" in text or "terminating," in text:
        return f"OpenSSH cannot read its configuration: {_last(said)}"
    return f"not connected: {_last(said) or 'ssh ended without a word'}"


def why_lost(said: list[str]) -> str:
    """Return why a connection that was there has ended, as one clause."""
    text = "\n".join(said)
    if "not responding" in text:
        return "connection lost (no answer to keepalives)"
    if "closed by remote host" in text:
        return "connection closed by the SSH server"
    if "reset by peer" in text:
        return "connection reset by the SSH server"
    return f"connection lost ({_last(said)})" if said else "connection lost"


def _methods(text: str) -> str:
    found = re.search(r"Permission denied \(([\w,-]{1,80})\)", text)
    return f" ({found[1]})" if found else ""


def _last(said: list[str]) -> str:
    return said[-1][:_SHOWN].rstrip(".") if said else ""
