"""An internet in memory that answers every question and takes every mail, at once: for what a user may type."""

import asyncio
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import dns.message
import dns.rdatatype
import dns.rrset

from smtpdiag_tui.network.seam import (
    ByteStream,
    DnsReply,
    HandshakeError,
    Network,
    SystemResolver,
    Transport,
    TrustStore,
)
from smtpdiag_tui.network.signer_files import SigningSelector
from smtpdiag_tui.settings import DnsServer
from tests.checks.fake_network import Peer

RECORDS = {
    "MX": "10 mx.partner.example.",
    "A": "9.9.9.9",
    "AAAA": "2620:fe::9",
    "NS": "ns.partner.example.",
    "PTR": "mail.sender.example.",
    "TXT": '"text"',
    "SOA": "ns.partner.example. hostmaster.partner.example. 7 7200 3600 1209600 300",
}
HELLO = b"250-mx.partner.example\r\n250-STARTTLS\r\n250 SMTPUTF8\r\n"
LAST = {b"QUIT": b"221 2.0.0 Bye\r\n"}


@dataclass
class InstantNetwork:
    """A `Network`. `lines` holds every command that was sent, without its CR LF."""

    lines: list[bytes] = field(default_factory=list)
    talks: set["asyncio.Task[None]"] = field(default_factory=set)

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def utc(self) -> datetime:
        return datetime(2026, 11, 27, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def pace(self, seconds: float) -> float:
        return seconds

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        query = dns.message.from_wire(query.to_wire())  # what cannot go on the wire must not pass here either
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        question = query.question[0]
        data = RECORDS.get(dns.rdatatype.to_text(question.rdtype))
        if data is not None:
            reply.answer.append(dns.rrset.from_text(question.name, 300, "IN", question.rdtype, data))
        return DnsReply(reply, 100, 0.0)

    def release(self) -> None:
        for task in self.talks:
            task.cancel()

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        for literal in (address, source or address):
            socket.getaddrinfo(literal, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        peer = Peer()
        peer.tls = HandshakeError("no TLS here")
        task = asyncio.ensure_future(self._talk(peer))
        self.talks.add(task)
        task.add_done_callback(self.talks.discard)
        peer.stream.script = task
        return cast("ByteStream", peer.stream)

    async def _talk(self, peer: Peer) -> None:
        peer.say(b"220 mx.partner.example ESMTP\r\n")
        while True:
            line = await peer.line()
            self.lines.append(line)
            peer.say(HELLO if line.startswith(b"EHLO") else LAST.get(line, b"250 2.1.5 Ok\r\n"))

    async def host_name(self) -> str | None:
        return "mail.sender.example"

    def system_servers(self) -> tuple[DnsServer, ...]:
        return (DnsServer("192.0.2.53"),)

    def system_resolver(self) -> SystemResolver:
        return SystemResolver(self.system_servers())

    def is_own(self, address: str) -> bool:
        return address == "192.0.2.1"

    def is_public(self, address: str) -> bool:
        return True

    def trust_store(self) -> TrustStore:
        return TrustStore()

    async def signing_selectors(self) -> tuple[SigningSelector, ...]:
        return ()

    def as_network(self) -> Network:
        """Return this as what a run takes."""
        return self
