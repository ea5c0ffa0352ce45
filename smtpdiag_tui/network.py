"""The network seam: everything a run knows of the world comes through a `Network`."""

import asyncio
import contextlib
import errno
import functools
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol

import dns.message

from smtpdiag_tui.network_dns import DatagramAnswer, DnsConnection, Received
from smtpdiag_tui.network_stream import StreamProtocol
from smtpdiag_tui.network_tls import client_context, handshake_words, presented_chain
from smtpdiag_tui.settings import DnsServer, parse_ip

SocketName = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]

HOST_NAME_LIMIT = 2.0  # seconds


class Transport(StrEnum):
    """How a DNS question travels."""

    UDP = "udp"
    TCP = "tcp"


class MalformedAnswerError(Exception):
    """A DNS server sent something that is no answer to our question; the text says what."""


class HandshakeError(Exception):
    """A TLS handshake failed; the text says why, in OpenSSL's or our own words."""


@dataclass(frozen=True, slots=True)
class DnsReply:
    """One answer to one question: the message, its size in octets on the wire and its round trip in seconds."""

    message: dns.message.Message
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TlsSession:
    """What a handshake agreed on. `chain` holds the certificates presented, DER, leaf first, unverified."""

    protocol: str
    cipher: str
    chain: tuple[bytes, ...]
    server_name: str | None


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The certificate authorities that are trusted: DER certificates, a PEM file, a folder as OpenSSL has it."""

    certificates: tuple[bytes, ...] = ()
    cafile: str | None = None
    capath: str | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to judge trust by."""
        return not (self.certificates or self.cafile or self.capath)


class ByteStream(Protocol):
    """One TCP connection. It owns its bytes: what was read before TLS is never taken for TLS."""

    @property
    def local_address(self) -> str:
        """The source address used, in RFC 5952 form."""

    @property
    def tls(self) -> TlsSession | None:
        """What the handshake agreed on, None in clear."""

    async def receive(self) -> bytes:
        """Return what has arrived, at least one byte and at most 64 KiB; b"" once the peer has closed.

        Raises OSError (ConnectionResetError and the like). Sets no limit of its own.
        """

    async def send(self, data: bytes) -> None:
        """Send all of `data`; raises OSError."""

    async def start_tls(self, server_name: str | None, limit: float) -> bytes:
        """Turn to TLS as client, without verification; return the plaintext that had arrived and is discarded.

        `server_name` is the SNI, None to send none. Raises HandshakeError, TimeoutError after `limit` seconds.
        """

    def abort(self) -> None:
        """Close at once, whatever is under way. May be called again."""


class Network(Protocol):
    """The world as a run sees it."""

    def now(self) -> float:
        """Seconds on a clock that never jumps."""

    def utc(self) -> datetime:
        """The date and time, in UTC: for certificates and the report's start."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        """Connect to a literal address; raises OSError as the system gives it, TimeoutError after `limit` s."""

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        """Ask one question once, of one server over one transport, without any fallback.

        Over UDP, datagrams that are no answer to the question do not end the wait. TCP connections are kept and
        shared by the questions to one server until `release`. Raises TimeoutError, OSError (refused, reset,
        unreachable), MalformedAnswerError.
        """

    def release(self) -> None:
        """Close all DNS connections that are kept open."""

    async def host_name(self) -> str | None:
        """This machine's fully qualified name in lower case without trailing dot, None if it has none."""

    def system_servers(self) -> tuple[DnsServer, ...]:
        """The DNS servers that the system uses, in its order; none if it has none configured."""

    def is_own(self, address: str) -> bool:
        """Whether `address` is one of this machine's."""

    def is_public(self, address: str) -> bool:
        """Whether `address` counts as globally reachable."""

    def trust_store(self) -> TrustStore:
        """The certificate authorities that this machine trusts."""


class TcpStream:
    """The real `ByteStream`."""

    def __init__(self, protocol: StreamProtocol, local_address: str) -> None:
        self._protocol = protocol
        self._clear = protocol.transport  # what TLS, once there, runs on
        self._local_address = local_address
        self._tls: TlsSession | None = None

    @property
    def local_address(self) -> str:
        """The source address used, in RFC 5952 form."""
        return self._local_address

    @property
    def tls(self) -> TlsSession | None:
        """What the handshake agreed on, None in clear."""
        return self._tls

    async def receive(self) -> bytes:
        """Return 1 byte to 64 KiB, b"" once the peer has closed; raises OSError."""
        return await self._protocol.receive()

    async def send(self, data: bytes) -> None:
        """Send all of `data`; raises OSError."""
        await self._protocol.send(data)

    async def start_tls(self, server_name: str | None, limit: float) -> bytes:
        """Turn to TLS, unverified; return the plaintext that had arrived. What fails closes the connection.

        Raises HandshakeError, TimeoutError after `limit` seconds.
        """
        # Two turns of the loop let it read what has already reached this machine: plaintext too.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        early = self._protocol.take()
        clear = self._clear
        if self._protocol.ended or clear is None:
            raise HandshakeError("the peer closed the connection before the handshake")
        try:
            async with asyncio.timeout(limit):
                secured = await asyncio.get_running_loop().start_tls(
                    clear,
                    self._protocol,
                    _tls_context(),
                    server_hostname=server_name,
                    ssl_handshake_timeout=limit + 5,  # ours comes first, and says TimeoutError
                )
            self._tls = _session(secured, server_name)
        except TimeoutError:
            self.abort()
            raise
        except (OSError, ValueError) as error:
            self.abort()
            words = handshake_words(error) if isinstance(error, OSError) else f"the name cannot be sent: {error}"
            raise HandshakeError(words) from error
        except BaseException:
            self.abort()
            raise
        if secured is not None:
            self._protocol.secured(secured)
        return early

    def abort(self) -> None:
        """Close at once, whatever is under way. May be called again."""
        with contextlib.suppress(RuntimeError):  # the loop may have ended before us
            self._protocol.abort()
            if self._clear is not None:
                self._clear.abort()


@functools.cache
def _tls_context() -> ssl.SSLContext:
    return client_context()


def _session(transport: asyncio.Transport | None, server_name: str | None) -> TlsSession:
    tls = transport.get_extra_info("ssl_object") if transport is not None else None
    version, cipher = (tls.version(), tls.cipher()) if tls is not None else (None, None)
    if tls is None or version is None or cipher is None:
        raise ConnectionAbortedError  # closed from this side while the handshake was under way
    return TlsSession(version, cipher[0], presented_chain(tls), server_name)


@dataclass(slots=True)
class _DnsLink:
    """The shared TCP connection to one DNS server; the lock is held by whoever opens it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    connection: DnsConnection | None = None


class SystemNetwork:
    """The real `Network`. Subclasses may send its traffic elsewhere by `endpoint` and `local_name`."""

    resolv_conf = Path("/etc/resolv.conf")

    def __init__(self) -> None:
        self._links: dict[DnsServer, _DnsLink] = {}
        self._connections: set[DnsConnection] = set()

    def endpoint(self, address: str, port: int, kind: Literal["udp", "tcp"]) -> tuple[str, int]:  # noqa: ARG002
        """Return where traffic for `address` and `port` really goes; may raise OSError, as for no route."""
        return address, port

    def local_name(self, address: str) -> str:
        """Return how the local `address` is shown."""
        return address

    def now(self) -> float:
        """Seconds on a clock that never jumps."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The date and time, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        """Connect to a literal address; raises OSError as the system gives it, TimeoutError after `limit` s."""
        protocol = StreamProtocol()
        try:
            async with asyncio.timeout(limit):
                local = await self._open(protocol, address, port, source)
        except BaseException:
            protocol.abort()
            raise
        return TcpStream(protocol, self.local_name(local))

    async def _open(self, protocol: asyncio.Protocol, address: str, port: int, source: str | None = None) -> str:
        """Connect `protocol` by TCP; return the local address."""
        sock, remote = _socket(*self.endpoint(address, port, "tcp"), socket.SOCK_STREAM)
        loop = asyncio.get_running_loop()
        try:
            if source is not None:
                sock.bind(_source(source, sock.family))
            await loop.sock_connect(sock, remote)
            local = _local_address(sock)
        except BaseException:
            sock.close()
            raise
        await loop.create_connection(lambda: protocol, sock=sock)
        return local

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        """Ask one question once, of one server over one transport, without any fallback.

        Raises TimeoutError, OSError (refused, reset, unreachable), MalformedAnswerError.
        """
        if transport is Transport.UDP:
            received = await self._ask_udp(query, server, limit)
        else:
            received = await self._ask_tcp(query, server, asyncio.get_running_loop().time() + limit)
        if received.message is None:
            raise MalformedAnswerError(received.fault)
        return DnsReply(received.message, received.size, received.seconds)

    async def _ask_udp(self, query: dns.message.Message, server: DnsServer, limit: float) -> Received:
        loop = asyncio.get_running_loop()
        sock, remote = _socket(*self.endpoint(server.address, server.port, "udp"), socket.SOCK_DGRAM)
        try:
            sock.connect(remote)  # connected, a closed port is told at once, and strangers are not heard
            wire = query.to_wire()
        except BaseException:
            sock.close()
            raise
        transport, protocol = await loop.create_datagram_endpoint(lambda: DatagramAnswer(query), sock=sock)
        try:
            transport.sendto(wire)
            async with asyncio.timeout(limit):
                return await protocol.answer
        except TimeoutError:
            if protocol.fault is None:
                raise
            return Received(0, limit, fault=protocol.fault)
        finally:
            transport.abort()

    async def _ask_tcp(self, query: dns.message.Message, server: DnsServer, deadline: float) -> Received:
        """Ask over the shared connection; if that was closed under the question, once more over one of its own.

        RFC 7766 section 6.2.4: a server may close at any time. One that answers a single question per
        connection would close a shared second one under most of the questions again.
        """
        connection = await self._shared(server, deadline)
        try:
            return await connection.ask(query, deadline)
        except ConnectionResetError:
            if connection.asked == 1:
                raise
        connection = await self._connection(server, deadline)
        try:
            return await connection.ask(query, deadline)
        finally:
            self._drop(connection)

    async def _shared(self, server: DnsServer, deadline: float) -> DnsConnection:
        link = self._links.setdefault(server, _DnsLink())
        async with asyncio.timeout_at(deadline), link.lock:
            if link.connection is None or link.connection.lost:
                if link.connection is not None:
                    self._drop(link.connection)
                link.connection = await self._connection(server, deadline)
            return link.connection

    async def _connection(self, server: DnsServer, deadline: float) -> DnsConnection:
        connection = DnsConnection()
        self._connections.add(connection)
        try:
            async with asyncio.timeout_at(deadline):
                await self._open(connection, server.address, server.port)
            if connection.released:
                raise ConnectionAbortedError("the DNS connections were released")
        except BaseException:
            self._drop(connection)
            raise
        return connection

    def _drop(self, connection: DnsConnection) -> None:
        self._connections.discard(connection)
        connection.abort()

    def release(self) -> None:
        """Close all DNS connections; questions outstanding end with ConnectionAbortedError."""
        self._links.clear()
        for connection in tuple(self._connections):
            self._drop(connection)

    async def host_name(self) -> str | None:
        """This machine's fully qualified name in lower case, None if it has none or it is not told within 2 s."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[str] = loop.create_future()

        def settle(name: str) -> None:
            if not found.done():
                found.set_result(name)

        def look() -> None:
            with contextlib.suppress(OSError, UnicodeError, RuntimeError):  # RuntimeError: the loop has ended
                loop.call_soon_threadsafe(settle, socket.getfqdn(socket.gethostname()))

        # A thread of an executor would be joined at exit, and a dead resolver can hold it for a minute.
        threading.Thread(target=look, name="host-name", daemon=True).start()
        try:
            async with asyncio.timeout(HOST_NAME_LIMIT):
                return _qualified(await found)
        except TimeoutError:
            return None

    def system_servers(self) -> tuple[DnsServer, ...]:
        """The DNS servers that the system uses, in its order; none if it has none configured."""
        import dns.resolver

        try:
            lines = self.resolv_conf.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ()
        # dnspython refuses the whole file for one line that is wrong; the system passes over that line.
        usable = [line for line in lines if (words := line.split())[:1] == ["nameserver"] and _address(words)]
        resolver = dns.resolver.Resolver(configure=False)
        try:
            resolver.read_resolv_conf(io.StringIO("\n".join(usable)))
        except dns.resolver.NoResolverConfiguration:
            return ()
        servers = (ipaddress.ip_address(str(server)) for server in resolver.nameservers)
        return tuple(dict.fromkeys(DnsServer(str(server)) for server in servers))

    def is_own(self, address: str) -> bool:
        """Whether `address` is one of this machine's: whether a socket can be bound to it."""
        literal = parse_ip(address)
        if isinstance(literal, ipaddress.IPv6Address) and literal.ipv4_mapped is not None:
            literal = literal.ipv4_mapped
        if literal is None or literal.is_unspecified or literal.is_multicast:
            return False
        try:
            sock, name = _socket(str(literal), 0, socket.SOCK_DGRAM)
            with sock:
                sock.bind(name)
        except OSError:
            return False
        return True

    def is_public(self, address: str) -> bool:
        """Whether `address` counts as globally reachable, by IANA's special-purpose registries."""
        literal = parse_ip(address)
        return literal is not None and literal.is_global

    def trust_store(self) -> TrustStore:
        """The certificate authorities that this machine trusts, as OpenSSL finds them."""
        paths = ssl.get_default_verify_paths()
        cafile = paths.cafile or next((str(path) for path in _BUNDLES if path.is_file()), None)
        capath: str | None = paths.capath
        if capath is not None and not any(Path(capath).iterdir()):
            capath = None
        return TrustStore(cafile=cafile, capath=capath)


# Where distributions keep their bundle when OpenSSL's own default does not exist.
_BUNDLES = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/cert.pem"),
)


def _address(words: list[str]) -> bool:
    return len(words) > 1 and parse_ip(words[1]) is not None


def _socket(address: str, port: int, kind: socket.SocketKind) -> tuple[socket.socket, SocketName]:
    """Return a new socket for a literal address, and the address in the form it takes."""
    found = socket.getaddrinfo(address, port, type=kind, flags=socket.AI_NUMERICHOST)
    family, _, _, _, name = found[0]
    sock = socket.socket(family, kind)
    sock.setblocking(False)
    return sock, name


def _source(address: str, family: int) -> SocketName:
    literal = ipaddress.ip_address(address)
    if (literal.version == 6) != (family == socket.AF_INET6):
        raise OSError(errno.EADDRNOTAVAIL, "The source address is of the other address family")
    return socket.getaddrinfo(address, 0, family, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0][4]


def _local_address(sock: socket.socket) -> str:
    host, _, *rest = sock.getsockname()
    literal = ipaddress.ip_address(host)
    if rest and rest[1] and "%" not in host:
        with contextlib.suppress(OSError):
            return f"{literal}%{socket.if_indextoname(rest[1])}"
    return str(literal)


def _qualified(name: str) -> str | None:
    """Return a fully qualified host name in lower case, None for what only looks like one."""
    name = name.removesuffix(".").lower()
    label = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    if len(name) > 253 or not re.fullmatch(rf"{label}(?:\.{label})+", name):
        return None
    if name.startswith("localhost") or name.endswith((".arpa", ".localdomain")) or parse_ip(name) is not None:
        return None
    return name
