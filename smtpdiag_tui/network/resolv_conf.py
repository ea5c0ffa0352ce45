"""The system's resolver configuration, read as the GNU C library reads it (resolv.conf(5)). Opens no socket."""

import ipaddress
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path

from smtpdiag_tui.files import read_regular
from smtpdiag_tui.network.seam import SystemResolver
from smtpdiag_tui.settings import DnsServer, parse_ip

MAX_SIZE = 64 * 1024  # octets
MAX_SERVERS = 3  # MAXNS of <resolv.h>
MAX_TIMEOUT = 30  # seconds, RES_MAXRETRANS
MAX_ATTEMPTS = 5  # RES_MAXRETRY
MAX_INVALID = 8  # addresses shown that are none
LOOPBACK = DnsServer("127.0.0.1")


@dataclass(slots=True)
class _Read:
    """What the lines said until now."""

    servers: list[DnsServer] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    use_vc: bool = False
    rotate: bool = False
    trust_ad: bool = False
    timeout: int = SystemResolver.TIMEOUT
    attempts: int = SystemResolver.ATTEMPTS

    def line(self, line: str) -> None:
        """Take one line. A keyword counts where it begins the line and a blank or tab follows."""
        match = re.match(r"(nameserver|options)[ \t](.*)", line, re.DOTALL)
        if match is None:
            return
        if match[1] == "options":
            for word in match[2].split():
                self._option(word)
        else:
            self._server(match[2].lstrip(" \t"))

    def _server(self, text: str) -> None:
        word = re.split(r"[;# \t]", text, maxsplit=1)[0]
        address = _address(word)
        if address is not None:
            self.servers.append(DnsServer(address))
        elif word:
            self.invalid.append(word)

    def _option(self, word: str) -> None:
        """Take one option. The library compares the beginning alone, and takes digits as atoi(3) does."""
        if word.startswith("use-vc"):
            self.use_vc = True
        elif word.startswith("rotate"):
            self.rotate = True
        elif word.startswith("trust-ad"):
            self.trust_ad = True
        elif word.startswith("timeout:"):
            self.timeout = min(_number(word.removeprefix("timeout:")), MAX_TIMEOUT)
        elif word.startswith("attempts:"):
            self.attempts = min(_number(word.removeprefix("attempts:")), MAX_ATTEMPTS)


def read_resolv_conf(path: Path) -> SystemResolver:
    """Return the configuration in a file. Without the file, or a server in it, 127.0.0.1 is queried.

    A pipe or a device is no such file, and what stands behind MAX_SIZE octets is not read.
    """
    try:
        data = read_regular(path, MAX_SIZE)
    except OSError:
        data = b""
    return resolver_in(data)


def resolver_in(data: bytes) -> SystemResolver:
    """Return the configuration in a file's content; what stands behind MAX_SIZE octets is left out."""
    lines = data[: MAX_SIZE + 1].decode("utf-8", "replace").split("\n")
    if len(data) > MAX_SIZE:
        del lines[-1]  # it may be cut, and an address with it
    read = _Read()
    for line in lines:
        read.line(line)
    first, more = read.servers[:MAX_SERVERS], read.servers[MAX_SERVERS:]
    return SystemResolver(
        servers=tuple(dict.fromkeys(first)) or (LOOPBACK,),
        ignored=tuple(dict.fromkeys(server for server in more if server not in first)),
        assumed=not first,
        invalid=tuple(dict.fromkeys(read.invalid))[:MAX_INVALID],
        use_vc=read.use_vc,
        rotate=read.rotate,
        trust_ad=read.trust_ad,
        timeout=read.timeout,
        attempts=read.attempts,
    )


def _address(word: str) -> str | None:
    """Return an address in RFC 5952 form; IPv4 in every form that inet_aton(3) takes."""
    literal = parse_ip(word)
    if literal is not None:
        return str(literal)
    if not re.fullmatch(r"[0-9a-fxA-FX.]{1,40}", word):  # inet_aton would pass over what follows a blank
        return None
    try:
        return str(ipaddress.IPv4Address(socket.inet_aton(word)))
    except OSError:
        return None


def _number(text: str) -> int:
    digits = re.match(r"[0-9]{0,9}", text)
    return int(digits[0] or 0) if digits else 0
