"""The network as another host sees it: connections and DNS over TCP go through it, and UDP does not."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import dns.message

from smtpdiag_tui.network.carrier import Carrier
from smtpdiag_tui.network.dns_wire import DnsConnection, DnsConnections
from smtpdiag_tui.network.seam import (
    UNKNOWN_SOURCES,
    ByteStream,
    DnsReply,
    MalformedAnswerError,
    Network,
    NotCarriedError,
    SystemResolver,
    Transport,
    TrustStore,
)
from smtpdiag_tui.network.signer_files import SigningSelector
from smtpdiag_tui.network.stream import StreamProtocol
from smtpdiag_tui.network.system import TcpStream
from smtpdiag_tui.settings import DnsServer, family_of, parse_ip


@dataclass(frozen=True, slots=True)
class FarFacts:
    """What the other host tells of itself: its name, its addresses, its resolver; nothing where it does not.

    `called` is what it is called here, as a host name, if it is. `remarks` are lines for the report.
    """

    name: str | None = None
    called: str | None = None
    addresses: tuple[str, ...] = ()
    resolver: SystemResolver | None = None
    remarks: tuple[str, ...] = ()


class ThroughNetwork:
    """A `Network` whose connections are made by another host.

    The clock, what counts as public and the trust store are this host's. Where the other host's resolvers are not
    known, this host's are asked: through the other host where their addresses are public, else from here. The
    servers `given` are always asked through it.
    """

    def __init__(
        self, local: Network, carrier: Carrier, facts: FarFacts, given: Collection[DnsServer] = ()
    ) -> None:
        self._local = local
        self._carrier = carrier
        self._facts = facts
        self._dns = DnsConnections(self._open_dns)
        own = local.system_resolver()
        far = facts.resolver
        inside = frozenset(server for server in own.servers if not local.is_public(server.address))
        self._from_here = frozenset[DnsServer]() if far else inside.difference(given)
        stub = far or own
        self._resolver = replace(
            stub,
            use_vc=stub.use_vc or not self._from_here,  # where UDP does not go, there is nothing to say of it
            remarks=(*facts.remarks, *self._remarks(stub)),
        )

    def _remarks(self, stub: SystemResolver) -> tuple[str, ...]:
        label = self._carrier.label
        if self._facts.resolver is not None:
            return (f"Resolver configuration of {label}; queries go through it, over TCP only",)
        lines = [f"Resolver configuration of this host; that of {label} is not known"]
        through = [server.label for server in stub.servers if server not in self._from_here]
        here = [server.label for server in stub.servers if server in self._from_here]
        if through:
            lines.append(f"Queried through {label}, over TCP only: {', '.join(through)}")
        if here:
            lines.append(f"Queried from this host, not through {label} (address not public): {', '.join(here)}")
        return tuple(lines)

    def now(self) -> float:
        """Seconds on a clock that never jumps."""
        return self._local.now()

    def utc(self) -> datetime:
        """The date and time, in UTC."""
        return self._local.utc()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._local.sleep(seconds)

    def pace(self, seconds: float) -> float:
        """Return how long a wait takes that the other side imposes."""
        return self._local.pace(seconds)

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        """Connect from the other host; raises OSError as it tells it, TimeoutError after `limit` s."""
        if source is not None:
            raise OSError(f"no source address can be chosen through {self._carrier.label}")
        protocol = StreamProtocol()
        try:
            async with asyncio.timeout(limit):
                await self._open(protocol, address, port)
        except BaseException:
            protocol.abort()
            raise
        return TcpStream(protocol, self._source(family_of(address)))

    def _source(self, family: int) -> str:
        """Return the address that the other host connects from, if it can be one alone, as far as it tells."""
        literals = (parse_ip(address) for address in self._facts.addresses if family_of(address) == family)
        usable = [str(item) for item in literals if item and not (item.is_loopback or item.is_link_local)]
        public = [address for address in usable if self._local.is_public(address)]
        likely = public or usable
        return likely[0] if len(likely) == 1 else UNKNOWN_SOURCES[family]

    async def _open(self, protocol: asyncio.Protocol, address: str, port: int) -> None:
        sock = await self._carrier.connect(address, port)
        try:
            await asyncio.get_running_loop().create_connection(lambda: protocol, sock=sock)
        except BaseException:
            sock.close()
            raise

    async def _open_dns(self, connection: DnsConnection, server: DnsServer) -> None:
        await self._open(connection, server.address, server.port)

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        """Ask one question once over TCP, from the other host unless the server is asked from here.

        Raises TimeoutError, OSError, MalformedAnswerError, and NotCarriedError over UDP.
        """
        if server in self._from_here:
            return await self._local.exchange(query, server, transport, limit)
        if transport is Transport.UDP:
            raise NotCarriedError(f"UDP does not go through {self._carrier.label}")
        received = await self._dns.ask(query, server, asyncio.get_running_loop().time() + limit)
        if received.message is None:
            raise MalformedAnswerError(received.fault)
        return DnsReply(received.message, received.size, received.seconds)

    def release(self) -> None:
        """Close all DNS connections; questions outstanding end with ConnectionAbortedError."""
        self._dns.release()
        if self._from_here:
            self._local.release()

    async def host_name(self) -> str | None:
        """The name to greet with: the other host's, this host's where that is not known."""
        return self._facts.name or await self._local.host_name() or self._facts.called

    def system_servers(self) -> tuple[DnsServer, ...]:
        """The DNS servers that are asked."""
        return self._resolver.servers

    def system_resolver(self) -> SystemResolver:
        """How the resolver library is configured there, as far as that is known."""
        return self._resolver

    def is_own(self, address: str) -> bool:
        """Whether `address` is one of the other host's, as far as it tells them."""
        literal = parse_ip(address)
        return literal is not None and (literal.is_loopback or str(literal) in self._facts.addresses)

    def is_public(self, address: str) -> bool:
        """Whether `address` counts as globally reachable."""
        return self._local.is_public(address)

    def trust_store(self) -> TrustStore:
        """The certificate authorities that this host trusts."""
        return self._local.trust_store()

    async def signing_selectors(self) -> tuple[SigningSelector, ...]:
        """None: the signers on this host do not sign what the other host sends."""
        return ()
