"""The network of a batch: what a run gives back is kept for the next."""

import asyncio
from datetime import datetime

import dns.message

from smtpdiag_tui.network.seam import ByteStream, DnsReply, Network, SystemResolver, Transport, TrustStore
from smtpdiag_tui.network.signer_files import SigningSelector
from smtpdiag_tui.settings import DnsServer

KEPT = 60.0  # seconds that what this host says of itself is kept


class KeptNetwork:
    """A `Network` over another one, whose DNS connections stay open when a run ends: `close` ends them.

    What this host says of itself is asked for once a minute.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._resolver: tuple[float, SystemResolver] | None = None
        self._name: tuple[float, asyncio.Task[str | None]] | None = None
        self._selectors: tuple[float, asyncio.Task[tuple[SigningSelector, ...]]] | None = None

    def now(self) -> float:
        """Seconds on a clock that never jumps."""
        return self._network.now()

    def utc(self) -> datetime:
        """The date and time, in UTC."""
        return self._network.utc()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._network.sleep(seconds)

    def pace(self, seconds: float) -> float:
        """Return how long a wait takes that the other side imposes."""
        return self._network.pace(seconds)

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        """Connect to a literal address; raises OSError, TimeoutError."""
        return await self._network.connect(address, port, source=source, limit=limit)

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        """Ask one question once; raises TimeoutError, OSError, MalformedAnswerError."""
        return await self._network.exchange(query, server, transport, limit)

    def release(self) -> None:
        """Keep the DNS connections: other runs use them."""

    async def close(self) -> None:
        """Close the DNS connections, and ask this host nothing more."""
        asking = [kept[1] for kept in (self._name, self._selectors) if kept is not None]
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        self._network.release()

    async def host_name(self) -> str | None:
        """This machine's fully qualified name, None if it has none."""
        if self._name is None or self.now() >= self._name[0]:
            self._name = (self.now() + KEPT, asyncio.create_task(self._network.host_name()))
        return await asyncio.shield(self._name[1])

    def system_servers(self) -> tuple[DnsServer, ...]:
        """The DNS servers that the system uses, in its order."""
        return self.system_resolver().servers

    def system_resolver(self) -> SystemResolver:
        """How the system's resolver library is configured."""
        if self._resolver is None or self.now() >= self._resolver[0]:
            self._resolver = (self.now() + KEPT, self._network.system_resolver())
        return self._resolver[1]

    def is_own(self, address: str) -> bool:
        """Whether `address` is one of this machine's."""
        return self._network.is_own(address)

    def is_public(self, address: str) -> bool:
        """Whether `address` counts as globally reachable."""
        return self._network.is_public(address)

    def trust_store(self) -> TrustStore:
        """The certificate authorities that this machine trusts."""
        return self._network.trust_store()

    async def signing_selectors(self) -> tuple[SigningSelector, ...]:
        """The DKIM selectors of this machine."""
        if self._selectors is None or self.now() >= self._selectors[0]:
            self._selectors = (self.now() + KEPT, asyncio.create_task(self._network.signing_selectors()))
        return await asyncio.shield(self._selectors[1])
