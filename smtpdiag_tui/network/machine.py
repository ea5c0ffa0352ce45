"""What this machine says of itself: its name, its DNS servers, its trust, its addresses. Opens no socket."""

import asyncio
import contextlib
import errno
import ipaddress
import re
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

SocketName = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]

# Where distributions keep their bundle when OpenSSL's own default does not exist.
_BUNDLES = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/cert.pem"),
)


async def host_name(limit: float) -> str | None:
    """This machine's fully qualified name in lower case, None if none is told within `limit` s."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def settle(name: str) -> None:
        if not answer.done():
            answer.set_result(name)

    def look() -> None:
        try:
            name = socket.getfqdn(socket.gethostname())
        except (OSError, UnicodeError):
            name = ""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, name)

    # A thread of an executor would be joined at exit, and a dead resolver can hold it for a minute.
    threading.Thread(target=look, name="host-name", daemon=True).start()
    try:
        async with asyncio.timeout(limit):
            return qualified(await answer)
    except TimeoutError:
        return None


def own_names() -> tuple[str, ...]:
    """Return what this machine calls itself, without asking anybody: for masking."""
    name = socket.gethostname().lower().rstrip(".")
    return (name,) if name and name.partition(".")[0] != "localhost" else ()


def qualified(name: str) -> str | None:
    """Return a fully qualified host name in lower case, None for what only looks like one."""
    name = name.removesuffix(".").lower()
    label = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    if len(name) > 253 or not re.fullmatch(rf"{label}(?:\.{label})+", name):
        return None
    first, last = name.split(".")[0], name.rsplit(".", 1)[1]
    if first.startswith("localhost") or last in ("arpa", "localdomain") or last.isdecimal():
        return None
    return name


def trust_paths() -> tuple[str | None, str | None]:
    """Return the PEM file and the folder of trusted authorities, as OpenSSL has them, None if absent."""
    paths = ssl.get_default_verify_paths()
    cafile: str | None = paths.cafile or next((str(path) for path in _BUNDLES if path.is_file()), None)
    capath: str | None = paths.capath
    try:
        filled = capath is not None and any(Path(capath).iterdir())
    except OSError:
        filled = False
    return cafile, capath if filled else None


def source_name(address: str, family: int) -> SocketName:
    """Return a local address as a socket of `family` takes it; raises OSError if it is of the other family."""
    literal = ipaddress.ip_address(address)
    if (literal.version == 6) != (family == socket.AF_INET6):
        raise OSError(errno.EADDRNOTAVAIL, "source address is of the other address family")
    octets = address.encode()  # of text with an odd zone, Python would make labels of a domain
    return socket.getaddrinfo(octets, 0, family, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0][4]


def address_of(name: tuple[Any, ...]) -> str:
    """Return the address in a socket's name, in RFC 5952 form, with the zone that it may have."""
    host, _, *rest = name
    literal = ipaddress.ip_address(host)
    if rest and rest[1] and "%" not in host:
        with contextlib.suppress(OSError):
            return f"{literal}%{socket.if_indextoname(rest[1])}"
    return str(literal)
