"""A `Network` over a made-up world: DNS servers and mail hosts in memory, on the virtual clock."""

import asyncio
import errno
import ipaddress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import cast

import dns.message
import trustme

from smtpdiag_tui.network.seam import (
    ByteStream,
    DnsReply,
    HandshakeError,
    MalformedAnswerError,
    Network,
    SystemResolver,
    TlsSession,
    Transport,
    TrustStore,
)
from smtpdiag_tui.network.signer_files import SigningSelector
from smtpdiag_tui.settings import DnsServer
from tests.checks.fake_network import Peer
from tests.contradictions.name_servers import reply_to
from tests.contradictions.world import OTHER_RESOLVER, RESOLVER, World

NOW = datetime(2026, 11, 27, tzinfo=UTC)
_CERTIFICATES = {"expired": "mx1.partner.example", "other name": "www.other.example"}
_ERRORS = {
    "refused": ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
    "unreachable": OSError(errno.EHOSTUNREACH, "No route to host"),
    "no route": OSError(errno.ENETUNREACH, "Network is unreachable"),
}
_PHASES = {"EHLO": "ehlo", "HELO": "helo", "STARTTLS": "starttls", "MAIL": "mail", "RCPT": "rcpt", "QUIT": "quit"}
_DEFAULTS = {"greeting": "220 mx.partner.example ESMTP", "mail": "250 2.1.0 Ok", "rcpt": "250 2.1.5 Ok"}
_DEFAULTS |= {"helo": "250 mx.partner.example", "quit": "221 2.0.0 Bye", "starttls": "220 2.0.0 Ready"}


@cache
def authority() -> trustme.CA:
    """Return the authority that this machine trusts."""
    return trustme.CA()


@cache
def chain(kind: str) -> tuple[bytes, ...]:
    """Return a certificate with its issuer, DER, leaf first."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    issuer = trustme.CA() if kind == "untrusted" else authority()
    name = _CERTIFICATES.get(kind, "*.partner.example")
    expiry = datetime(2026, 11, 24, tzinfo=UTC) if kind == "expired" else None
    issued = (
        issuer.issue_cert(name, "mx1.partner.example", not_after=expiry) if expiry else issuer.issue_cert(name)
    )
    pems = [pem.bytes() for pem in issued.cert_chain_pems]
    return tuple(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER) for pem in pems)


@dataclass
class MadeNetwork:
    """A `Network`; nothing of it takes time but what a world is slow or silent about."""

    world: World
    talks: set["asyncio.Task[None]"] = field(default_factory=set)

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def utc(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def pace(self, seconds: float) -> float:
        return seconds

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        reply = reply_to(query, self.world, server.address, transport.value)
        await asyncio.sleep(0.001)
        if reply == "silent":
            await asyncio.sleep(limit)
            raise TimeoutError
        if reply == "refused":
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        if isinstance(reply, str):
            raise MalformedAnswerError("ShortHeader")
        return DnsReply(reply, 100, 0.001)

    def release(self) -> None:
        for task in self.talks:
            task.cancel()

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        how = self.world.host(address, "connect")
        if how == "silent":
            await asyncio.sleep(limit)
            raise TimeoutError
        if how:
            raise _ERRORS[how]
        peer = Peer()
        peer.stream.local_address = "2001:db8::10" if ":" in address else "192.0.2.10"
        task = asyncio.ensure_future(_talk(peer, self.world, address))
        self.talks.add(task)
        task.add_done_callback(self.talks.discard)
        peer.stream.script = task
        return cast("ByteStream", peer.stream)

    async def host_name(self) -> str | None:
        return self.world.machine("name", "mail.sender.example") or None

    def system_servers(self) -> tuple[DnsServer, ...]:
        two = self.world.machine("resolvers", "1") == "2"
        return (DnsServer(RESOLVER), DnsServer(OTHER_RESOLVER)) if two else (DnsServer(RESOLVER),)

    def system_resolver(self) -> SystemResolver:
        return SystemResolver(self.system_servers())

    def is_own(self, address: str) -> bool:
        return address == self.world.machine("address", "192.0.2.10")

    def is_public(self, address: str) -> bool:
        parsed = ipaddress.ip_address(address)
        return parsed in ipaddress.ip_network("192.0.2.0/24" if parsed.version == 4 else "2001:db8::/32")

    def trust_store(self) -> TrustStore:
        return TrustStore(certificates=(_root(),))

    async def signing_selectors(self) -> tuple[SigningSelector, ...]:
        return ()

    def as_network(self) -> Network:
        """Return this as what a run takes."""
        return self


@cache
def _root() -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    return x509.load_pem_x509_certificate(authority().cert_pem.bytes()).public_bytes(Encoding.DER)


async def _talk(peer: Peer, world: World, address: str) -> None:
    """Play a mail host."""
    tls = world.host(address, "starttls")
    if tls == "broken":
        peer.tls = HandshakeError("server did not speak TLS")
    else:
        kind = tls if tls in ("expired", "other name", "untrusted") else "good"
        peer.tls = TlsSession("TLSv1.3", "TLS_AES_256_GCM_SHA384", chain(kind), None)
    if not await _say(peer, world.host(address, "greeting"), _DEFAULTS["greeting"]):
        return
    while True:
        line = await peer.line()
        phase = _PHASES.get(line[:8].split(b" ")[0].decode("ascii", "replace").upper(), "other")
        how = world.host(address, phase)
        if not await _say(peer, how if phase != "starttls" or " " in how[:4] else "", _default(phase, tls)):
            return


def _default(phase: str, tls: str) -> str:
    if phase == "ehlo":
        return (
            "250-mx.partner.example\n250 PIPELINING"
            if tls == "not offered"
            else "250-mx.partner.example\n250 STARTTLS"
        )
    return _DEFAULTS.get(phase, "502 5.5.1 What?")


async def _say(peer: Peer, how: str, default: str) -> bool:
    """Say a reply, or do what comes instead; return whether the conversation goes on."""
    if how == "silent":
        await asyncio.sleep(100_000)
    if how == "slow":
        await asyncio.sleep(20)
    if how == "closed":
        peer.close()
    elif how == "reset":
        peer.reset()
    elif how == "garbage":
        peer.say(b"HTTP/1.0 400 Bad Request\r\n")
    else:
        text = default if how in ("", "slow") else how
        peer.say("".join(f"{line}\r\n" for line in text.split("\n")).encode())
        return not text.startswith("421")
    return False
