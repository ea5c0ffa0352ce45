"""The demo's network: documentation addresses (RFC 5737, RFC 3849) lead to servers on the loopback."""

import asyncio
import contextlib
import errno
import os
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from types import TracebackType
from typing import Literal, Self

import dns.message

from smtpdiag_tui import settings as values
from smtpdiag_tui.demo.authentication import SECOND_UPLINK, SIGNED_MESSAGE, signed_message
from smtpdiag_tui.demo.certificates import Authority
from smtpdiag_tui.demo.dns_memory import memory_of
from smtpdiag_tui.demo.dns_server import DemoDnsServer
from smtpdiag_tui.demo.hosts import BLACK_HOLES, LARGE, REFUSING, SMTP_HOSTS, TRANSLATING, UPLINKED
from smtpdiag_tui.demo.https_hosts import HTTPS_HOSTS
from smtpdiag_tui.demo.https_server import HttpsServer
from smtpdiag_tui.demo.smtp_server import SmtpServer
from smtpdiag_tui.demo.stories import DEFAULT_SENDER, QUICK, story_of
from smtpdiag_tui.demo.tls_policies import tlsa_records
from smtpdiag_tui.demo.zones import Datagrams, DnsScript, dns_servers
from smtpdiag_tui.network.seam import ByteStream, DnsReply, SystemResolver, Transport, TrustStore
from smtpdiag_tui.network.signer_files import SigningSelector
from smtpdiag_tui.network.system import SystemNetwork
from smtpdiag_tui.settings import DnsServer, GivenMessage, Settings, family_of, parse_ip

HOST_NAME = "mail.sender.example"
OWN = ("192.0.2.10", "2001:db8::10")
PRIVATE = "10.0.0.10"  # its address where a translator stands before it
BLOCKLIST = "bl.example"
SELECTOR = "mail"
SYSTEM_SERVERS = (DnsServer("192.0.2.53"),)
SMTP_PORT = 25
HTTPS_PORT = 443
DNS_PORT = 53
_LARGE = frozenset(LARGE.values())
_NETWORKS: tuple[IPv4Network | IPv6Network, ...] = (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))


class DemoNetwork(SystemNetwork):
    """An internet of its own. Documentation addresses that nobody serves are black holes; others have no route.

    Use as an async context manager: on leaving, all its servers and connections are closed. `hosts`,
    `policy_hosts` and `resolvers` say who is there, `smtp`, `https` and `dns` hold the servers that run: all are
    open to additions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.smtp: dict[str, SmtpServer] = {}
        self.https: dict[str, HttpsServer] = {}
        self.dns: dict[str, DemoDnsServer] = {}
        self.hosts = dict(SMTP_HOSTS)
        self.policy_hosts = dict(HTTPS_HOSTS)
        self._authority = Authority()
        more = tlsa_records(self._authority)
        self.resolvers = {address: replace(script, more=more) for address, script in dns_servers().items()}
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Begin; servers start when they are first asked."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close everything."""
        self.release()
        stopping = [server.stop() for server in self.smtp.values()]
        stopping += [server.stop() for server in self.https.values()]
        stopping += [server.stop() for server in self.dns.values()]
        await asyncio.gather(*stopping)

    def prepare(self, settings: Settings) -> Settings:
        """Return the settings with what the recipient's story needs, where the user gave nothing.

        The demo has one blocklist of its own, which stands for the default set.
        """
        lists = (BLOCKLIST,) if settings.dnsbl == values.DEFAULT_BLOCKLISTS else settings.dnsbl
        story = story_of(settings.recipient)
        if story is None:
            return replace(settings, dnsbl=lists)
        servers = settings.dns or tuple(values.parse_dns_server(text) for text in story.dns)
        timeout = story.timeout if settings.timeout is None else settings.timeout
        retry = settings.retry_greylisted or story.retry_greylisted
        ehlo = settings.ehlo or story.ehlo
        settings = replace(settings, dns=servers, timeout=timeout, dnsbl=lists, retry_greylisted=retry, ehlo=ehlo)
        if story.signed and settings.message is None:
            content = signed_message()
            settings = replace(settings, message=GivenMessage(SIGNED_MESSAGE, len(content), content))
        return replace(settings, sender=story.sender) if settings.sender == DEFAULT_SENDER else settings

    def pace(self, seconds: float) -> float:
        """Return how long a wait takes that the other side imposes: in the demo, its minute is a second."""
        return seconds / QUICK

    def endpoint(self, address: str, port: int, kind: Literal["udp", "tcp"]) -> tuple[str, int]:
        """Return the port on the loopback that stands for `address` and `port`.

        Raises OSError: no route to an address outside the demo, refused where nothing listens.
        """
        if not self._inside(address):
            raise _error(errno.ENETUNREACH)
        if port == DNS_PORT and address in self.dns:
            server = self.dns[address]
            return "127.0.0.1", server.udp_port if kind == "udp" else server.tcp_port
        if port == SMTP_PORT and kind == "tcp" and address in self.smtp:
            return "127.0.0.1", self.smtp[address].port
        if port == HTTPS_PORT and kind == "tcp" and address in self.https:
            return "127.0.0.1", self.https[address].port
        raise _error(errno.ECONNREFUSED)

    def local_name(self, address: str, remote: str) -> str:  # noqa: ARG002 - every local address is the loopback
        """Return the demo's own address of the family that it talks to `remote` with."""
        if remote in TRANSLATING:
            return PRIVATE
        ipv4, ipv6 = SECOND_UPLINK if remote in UPLINKED else OWN
        return ipv6 if values.family_of(remote) == 6 else ipv4

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        """Connect within the demo; raises OSError and TimeoutError as the real one does."""
        if source is not None and (not self.is_own(source) or family_of(source) != family_of(address)):
            raise _error(errno.EADDRNOTAVAIL)
        if port == SMTP_PORT and (address in self.hosts or address in self.smtp):
            await self._serve_smtp(address)
        elif port == HTTPS_PORT and (address in self.policy_hosts or address in self.https):
            await self._serve_https(address)
        elif self._inside(address) and address not in REFUSING and not self.is_own(address):
            await _nothing(limit)
        return await super().connect(address, port, source=None, limit=limit)

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        """Ask within the demo; raises as the real one does."""
        script = self.resolvers.get(server.address) if server.port == DNS_PORT else None
        if script is not None and _is_lost(script, transport):
            await _nothing(limit)
        elif script is not None and script.udp is Datagrams.REFUSED and transport is Transport.UDP:
            raise _error(errno.ECONNREFUSED)
        elif script is not None:
            await self._serve_dns(server.address, script)
        elif self._inside(server.address) and server.address not in self.dns:
            await _nothing(limit)
        return await super().exchange(query, server, transport, limit)

    async def host_name(self) -> str | None:
        """Return the name of the demo's sending machine."""
        return HOST_NAME

    def system_servers(self) -> tuple[DnsServer, ...]:
        """Return the demo's resolver."""
        return SYSTEM_SERVERS

    def system_resolver(self) -> SystemResolver:
        """Return the demo's resolver, asked in the usual way, over a path that is trusted: DANE is to be seen."""
        return SystemResolver(self.system_servers(), trust_ad=True)

    def is_own(self, address: str) -> bool:
        """Whether `address` is the demo's sending machine's."""
        return address in (*OWN, *SECOND_UPLINK, PRIVATE)

    def is_public(self, address: str) -> bool:
        """Whether `address` counts as public: in the demo, the documentation addresses do."""
        return _documentation(address) or address in _LARGE

    def trust_store(self) -> TrustStore:
        """The demo's own authority, and no other."""
        return TrustStore(certificates=(self._authority.der,))

    async def signing_selectors(self) -> tuple[SigningSelector, ...]:
        """Return the one selector that the demo's sending machine signs with."""
        return (SigningSelector(SELECTOR, "sender.example", "OpenDKIM"),)

    def _inside(self, address: str) -> bool:
        served = address in self.hosts or address in self.policy_hosts
        return served or address in REFUSING or _documentation(address)

    async def _serve_smtp(self, address: str) -> None:
        async with self._starting:
            if address not in self.smtp:
                server = SmtpServer(self.hosts[address], self._authority.context)
                await _start(server)
                self.smtp[address] = server

    async def _serve_https(self, address: str) -> None:
        async with self._starting:
            if address not in self.https:
                server = HttpsServer(self.policy_hosts[address], self._authority.context)
                await _start(server)
                self.https[address] = server

    async def _serve_dns(self, address: str, script: DnsScript) -> None:
        async with self._starting:
            if address not in self.dns:
                server = DemoDnsServer(script, memory_of(address, script))
                await _start(server)
                self.dns[address] = server


def _documentation(address: str) -> bool:
    literal = parse_ip(address)
    return address in BLACK_HOLES or (literal is not None and any(literal in network for network in _NETWORKS))


async def _start(server: SmtpServer | HttpsServer | DemoDnsServer) -> None:
    """Start a server; if that is cancelled, close what it had opened."""
    starting = asyncio.ensure_future(server.start())
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        # asyncio loses a listening socket whose start is cut short, so it is seen through, cancelled twice or not.
        while not starting.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(starting)
        await server.stop()
        raise


def _is_lost(script: DnsScript, transport: Transport) -> bool:
    """Whether what is sent to a DNS server over a transport never arrives."""
    return not script.tcp if transport is Transport.TCP else script.udp is Datagrams.LOST


async def _nothing(limit: float) -> None:
    """Be a black hole: no answer comes, however long one waits."""
    await asyncio.sleep(limit)
    raise TimeoutError


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
