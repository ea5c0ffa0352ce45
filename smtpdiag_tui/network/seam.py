"""The network seam: everything a run knows of the world comes through a `Network`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

import dns.message

from smtpdiag_tui.network.signer_files import SigningSelector
from smtpdiag_tui.settings import DnsServer

# The source address of a connection that another host made, which does not tell it; by address family.
UNKNOWN_SOURCES = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - nothing is bound


class Transport(StrEnum):
    """How a DNS question travels."""

    UDP = "udp"
    TCP = "tcp"


class KeyType(StrEnum):
    """A kind of key that a server may have a certificate for."""

    RSA = "rsa"
    ECDSA = "ecdsa"


class MalformedAnswerError(Exception):
    """A DNS server sent something that is no answer to our question; the text says what."""


class NotCarriedError(Exception):
    """A way through another host does not carry this; the text says what and through where, in a clause."""


class NotLetThroughError(OSError):
    """Another host does not make a connection for us: that says nothing about where it was to lead.

    The text begins with `WORDS`, and says who and why.
    """

    WORDS: ClassVar[str] = "not let through"


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
    """What a handshake agreed on. `chain` holds the certificates presented, DER, leaf first, unverified.

    `bits` is the strength of the cipher, `group` the key exchange's; each None where the library does not tell.
    """

    protocol: str
    cipher: str
    chain: tuple[bytes, ...]
    server_name: str | None
    bits: int | None = None
    group: str | None = None


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


@dataclass(frozen=True, slots=True)
class SystemResolver:
    """Whom the system's resolver library asks, and how (resolv.conf(5)).

    `servers` are those it uses: the first three, or 127.0.0.1 where none is named (`assumed`). `ignored` are the
    others, `invalid` words in the place of an address. `use_vc`: TCP alone; `rotate`: the servers take turns at
    being first. A server gets `timeout` seconds, and all of them `attempts` rounds. `trust_ad`: the way to them is
    trusted, so that an answer that says it is validated counts (AD, RFC 6840 §5.8). `remarks` are lines on whose
    configuration it is and from where its servers are asked, where that is not this host.
    """

    TIMEOUT: ClassVar[int] = 5
    ATTEMPTS: ClassVar[int] = 2

    servers: tuple[DnsServer, ...]
    ignored: tuple[DnsServer, ...] = ()
    assumed: bool = False
    invalid: tuple[str, ...] = ()
    use_vc: bool = False
    rotate: bool = False
    timeout: int = TIMEOUT
    attempts: int = ATTEMPTS
    trust_ad: bool = False
    remarks: tuple[str, ...] = ()


class ByteStream(Protocol):
    """One TCP connection. It owns its bytes: what was read before TLS is never taken for TLS."""

    @property
    def local_address(self) -> str:
        """The source address used, in RFC 5952 form; the family's unspecified one where nobody tells it."""

    @property
    def round_trip(self) -> float | None:
        """Seconds to the peer and back, as the system measured it when it connected; None if it does not tell."""

    @property
    def tls(self) -> TlsSession | None:
        """What the handshake agreed on, None in clear."""

    async def receive(self) -> bytes:
        """Return what has arrived, at least one byte and at most 64 KiB; b"" once the peer has closed.

        Raises OSError (ConnectionResetError and the like). Sets no limit of its own.
        """

    async def send(self, data: bytes) -> None:
        """Send all of `data`; raises OSError."""

    async def start_tls(self, server_name: str | None, limit: float, keys: KeyType | None = None) -> bytes:
        """Turn to TLS as client, without verification; return the plaintext that had arrived and is discarded.

        `server_name` is the SNI, None to send none. `keys`: offer ciphers for keys of this kind alone, and thereby
        TLS 1.2 at most: the ciphers of TLS 1.3 name no kind. Raises HandshakeError, TimeoutError after `limit` s.
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

    def pace(self, seconds: float) -> float:
        """Return how long a wait takes that the other side imposes: `seconds`, unless time is quick there."""

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        """Connect to a literal address; raises OSError as the system gives it, TimeoutError after `limit` s."""

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        """Ask one question once, of one server over one transport, without any fallback.

        Over UDP, datagrams that are no answer to the question do not end the wait. TCP connections are kept and
        shared by the questions to one server until `release`. Raises TimeoutError, OSError (refused, reset,
        unreachable), MalformedAnswerError, NotCarriedError.
        """

    def release(self) -> None:
        """Close all DNS connections that are kept open."""

    async def host_name(self) -> str | None:
        """This machine's fully qualified name in lower case without trailing dot, None if it has none."""

    def system_servers(self) -> tuple[DnsServer, ...]:
        """The DNS servers that the system uses, in its order."""

    def system_resolver(self) -> SystemResolver:
        """How the system's resolver library is configured, these servers included."""

    def is_own(self, address: str) -> bool:
        """Whether `address` is one of this machine's."""

    def is_public(self, address: str) -> bool:
        """Whether `address` counts as globally reachable."""

    def trust_store(self) -> TrustStore:
        """The certificate authorities that this machine trusts."""

    async def signing_selectors(self) -> tuple[SigningSelector, ...]:
        """The DKIM selectors that the programs on this machine sign mail with, as far as they can be read."""
