"""The real network of this host: it opens sockets, as do the ways through another host, and nobody else."""

import asyncio
import contextlib
import ipaddress
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import dns.message

from smtpdiag_tui.network import machine
from smtpdiag_tui.network.dns_wire import DatagramAnswer, DnsConnection, DnsConnections, Received
from smtpdiag_tui.network.reachability import globally_reachable
from smtpdiag_tui.network.resolv_conf import read_resolv_conf
from smtpdiag_tui.network.seam import (
    ByteStream,
    DnsReply,
    HandshakeError,
    KeyType,
    MalformedAnswerError,
    SystemResolver,
    TlsSession,
    Transport,
    TrustStore,
)
from smtpdiag_tui.network.signer_files import SigningSelector
from smtpdiag_tui.network.stream import StreamProtocol
from smtpdiag_tui.network.system_words import in_system_words
from smtpdiag_tui.network.tls import client_context, handshake_words, key_group, presented_chain, sni
from smtpdiag_tui.settings import DnsServer, parse_ip

HOST_NAME_LIMIT = 2.0  # seconds
_RTT_AT = 68  # octets before tcpi_rtt in Linux's struct tcp_info, whose beginning never changes


class TcpStream:
    """The real `ByteStream`."""

    def __init__(self, protocol: StreamProtocol, local_address: str, round_trip: float | None = None) -> None:
        self._protocol = protocol
        self._clear = protocol.transport  # what TLS, once there, runs on
        self._local_address = local_address
        self._round_trip = round_trip
        self._tls: TlsSession | None = None

    @property
    def local_address(self) -> str:
        """The source address used, in RFC 5952 form."""
        return self._local_address

    @property
    def round_trip(self) -> float | None:
        """Seconds to the peer and back, as the system measured it when it connected; None if it does not tell."""
        return self._round_trip

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

    async def start_tls(self, server_name: str | None, limit: float, keys: KeyType | None = None) -> bytes:
        """Turn to TLS, unverified; return the plaintext that had arrived. What fails closes the connection.

        A `server_name` that is no host name is not sent. Raises HandshakeError, TimeoutError after `limit` s.
        """
        # Two turns of the loop let it read what has already reached this machine: plaintext too.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        early = self._protocol.take()
        clear, name = self._clear, sni(server_name)
        if self._protocol.ended or clear is None:
            raise HandshakeError("server closed the connection before the handshake")
        self._protocol.secure = True
        try:
            async with asyncio.timeout(limit):
                secured = await asyncio.get_running_loop().start_tls(
                    clear,
                    self._protocol,
                    client_context(keys),
                    server_hostname=name,
                    ssl_handshake_timeout=limit + 5,  # ours comes first, and says TimeoutError
                )
            self._tls = _session(secured, name)
        except TimeoutError:
            self.abort()
            raise
        except OSError as error:
            self.abort()
            raise HandshakeError(handshake_words(error)) from error
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


def _session(transport: asyncio.Transport | None, server_name: str | None) -> TlsSession:
    tls = transport.get_extra_info("ssl_object") if transport is not None else None
    version, cipher = (tls.version(), tls.cipher()) if tls is not None else (None, None)
    if tls is None or version is None or cipher is None:
        raise ConnectionAbortedError  # closed from this side while the handshake was under way
    return TlsSession(version, cipher[0], presented_chain(tls), server_name, cipher[2], key_group(tls))


class SystemNetwork:
    """The real `Network`. Subclasses may send its traffic elsewhere by `endpoint` and `local_name`."""

    resolv_conf = Path("/etc/resolv.conf")

    def __init__(self) -> None:
        self._dns = DnsConnections(self._open_dns)

    def endpoint(self, address: str, port: int, kind: Literal["udp", "tcp"]) -> tuple[str, int]:  # noqa: ARG002
        """Return where traffic for `address` and `port` really goes; may raise OSError, as for no route."""
        return address, port

    def local_name(self, address: str, remote: str) -> str:  # noqa: ARG002
        """Return how the local `address` of a connection to `remote` is shown."""
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

    def pace(self, seconds: float) -> float:
        """Return how long a wait takes that the other side imposes: as long as it says."""
        return seconds

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        """Connect to a literal address; raises OSError as the system gives it, TimeoutError after `limit` s."""
        protocol = StreamProtocol()
        try:
            async with asyncio.timeout(limit):
                local = await self._open(protocol, address, port, source)
        except BaseException:
            protocol.abort()
            raise
        transport = protocol.transport
        trip = _round_trip(transport.get_extra_info("socket")) if transport is not None else None
        return TcpStream(protocol, self.local_name(local, address), trip)

    async def _open(self, protocol: asyncio.Protocol, address: str, port: int, source: str | None = None) -> str:
        """Connect `protocol` by TCP; return the local address."""
        sock, remote = _socket(*self.endpoint(address, port, "tcp"), socket.SOCK_STREAM)
        loop = asyncio.get_running_loop()
        try:
            if source is not None:
                sock.bind(machine.source_name(source, sock.family))
            await loop.sock_connect(sock, remote)
            local = machine.address_of(sock.getsockname())
        except OSError as error:
            sock.close()
            raise in_system_words(error) from None
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
            received = await self._dns.ask(query, server, asyncio.get_running_loop().time() + limit)
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

    async def _open_dns(self, connection: DnsConnection, server: DnsServer) -> None:
        await self._open(connection, server.address, server.port)

    def release(self) -> None:
        """Close all DNS connections; questions outstanding end with ConnectionAbortedError."""
        self._dns.release()

    async def host_name(self) -> str | None:
        """This machine's fully qualified name in lower case, None if it has none or it is not told within 2 s."""
        return await machine.host_name(HOST_NAME_LIMIT)

    def system_servers(self) -> tuple[DnsServer, ...]:
        """The DNS servers that the system uses, in its order."""
        return self.system_resolver().servers

    def system_resolver(self) -> SystemResolver:
        """How the system's resolver library is configured."""
        return read_resolv_conf(self.resolv_conf)

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
        return literal is not None and globally_reachable(literal)

    def trust_store(self) -> TrustStore:
        """The certificate authorities that this machine trusts, as OpenSSL finds them."""
        cafile, capath = machine.trust_paths()
        return TrustStore(cafile=cafile, capath=capath)

    async def signing_selectors(self) -> tuple[SigningSelector, ...]:
        """The DKIM selectors of the signers installed here; the files may lie on a slow disk, or be large."""
        from smtpdiag_tui.network.signers import read_signers  # most runs end before it is asked for

        return await asyncio.to_thread(read_signers)


def _socket(address: str, port: int, kind: socket.SocketKind) -> tuple[socket.socket, machine.SocketName]:
    """Return a new socket for a literal address, and the address in the form it takes."""
    # As octets: of text, Python makes labels of a domain, and fails at an IPv6 zone with dots (`eth0.`).
    found = socket.getaddrinfo(address.encode(), port, type=kind, flags=socket.AI_NUMERICHOST)
    family, _, _, _, name = found[0]
    sock = socket.socket(family, kind)
    sock.setblocking(False)
    return sock, name


def _round_trip(sock: socket.socket) -> float | None:
    """Return the seconds that the system counts to the peer of a TCP connection and back; None if it tells none.

    Just connected, that is the time between SYN and SYN/ACK; none is known where a SYN had to be sent again.
    """
    if sys.platform != "linux":
        return None
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RTT_AT + 4)
    except OSError:
        return None
    if len(told) < _RTT_AT + 4:
        return None
    microseconds = int.from_bytes(told[_RTT_AT : _RTT_AT + 4], sys.byteorder)
    return microseconds / 1_000_000 if microseconds else None
