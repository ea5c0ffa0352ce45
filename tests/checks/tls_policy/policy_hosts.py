"""Policy hosts of the demo's network, and hostile ones on the loopback, as the fetching client meets them."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from smtpdiag_tui.checks.lookups.routing import HostLookup, MailHost, Resolution
from smtpdiag_tui.checks.tls_policy.fetched import Fetched
from smtpdiag_tui.checks.tls_policy.https_client import fetch
from smtpdiag_tui.demo.certificates import Authority
from smtpdiag_tui.demo.https_hosts import HttpsScript
from smtpdiag_tui.network.seam import Network, TrustStore
from smtpdiag_tui.report.transcript import Direction, Entry, Transcript
from smtpdiag_tui.settings import Settings, family_of
from tests.checks.making import answer
from tests.hostile_servers import MappedNetwork, tcp_server

HOST, PATH = "mta-sts.partner.example", "/.well-known/mta-sts.txt"
ADDRESS = "192.0.2.180"
TEXT = b"version: STSv1\r\nmode: enforce\r\nmx: mx1.partner.example\r\nmax_age: 604800\r\n"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class TrustingNetwork(MappedNetwork):
    """The loopback, and an authority that is trusted."""

    def __init__(self, ports: dict[tuple[str, str], int], authority: Authority) -> None:
        super().__init__(ports)
        self._trusted = authority

    def trust_store(self) -> TrustStore:
        return TrustStore(certificates=(self._trusted.der,))


def lookup(*addresses: str, host: str = HOST) -> HostLookup:
    """Return a host that has these addresses."""
    found = {4: [item for item in addresses if family_of(item) == 4]}
    found[6] = [item for item in addresses if family_of(item) == 6]
    a = Resolution((answer("A", found[4], name=host),), (host,))
    aaaa = Resolution((answer("AAAA", found[6], name=host),), (host,))
    return HostLookup(MailHost(host, None), a, aaaa)


def settings(timeout: float | None = None, **more: object) -> Settings:
    return Settings("alice@sender.example", "bob@partner.example", timeout=timeout, **more)  # type: ignore[arg-type]


async def fetched(
    network: Network, *addresses: str, timeout: float | None = None, **more: object
) -> tuple[Fetched, list[str]]:
    """Fetch the policy from a host with these addresses; return what came of it, and the notes."""
    entries: list[Entry] = []
    transcript = Transcript(network.now, entries.extend)
    asked = settings(timeout, **more)
    seen = await fetch(lookup(*(addresses or (ADDRESS,))), PATH, asked, network, transcript)
    transcript.flush()
    assert {entry.direction for entry in entries} == {Direction.NOTE}
    assert all(entry.text.isprintable() for entry in entries)
    return seen, [entry.text for entry in entries]


@contextlib.asynccontextmanager
async def talking(talk: Talk, names: Sequence[str] = (HOST,), days: int = 365) -> AsyncIterator[TrustingNetwork]:
    """Serve ADDRESS by `talk` under TLS, with a certificate of a trusted authority for these names."""
    authority = Authority()
    context = authority.context(HttpsScript(HOST, names=tuple(names), days=days))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ssl.SSLError):
            await writer.start_tls(context)
            await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)

    async with in_clear(serve, authority) as network:
        yield network


@contextlib.asynccontextmanager
async def in_clear(talk: Talk, authority: Authority | None = None) -> AsyncIterator[TrustingNetwork]:
    """Serve ADDRESS by `talk`, TLS or not."""
    async with tcp_server(talk) as port:
        network = TrustingNetwork({(ADDRESS, "tcp"): port}, authority or Authority())
        try:
            yield network
        finally:
            network.release()
