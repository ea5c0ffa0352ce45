"""The demo's network with one zone more, whose delegation, name servers and resolver a test sets up by itself."""

import errno
import os
from collections.abc import Sequence
from dataclasses import replace

import dns.message
import dns.name
import dns.rdatatype
import dns.zone

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.settings import DnsServer, family_of

RESOLVER, PARENT = "192.0.2.53", "192.0.2.50"
DOMAIN = "moved.example"
MAIL = "@ MX 10 mx1.partner.example."  # a mail host that accepts
_RDTYPE = {4: "A", 6: "AAAA"}
ALL_WELL = "a A 192.0.2.121\nb A 192.0.2.122"


def text_of(names: Sequence[str], serial: int = 7, more: str = MAIL) -> str:
    """Return a zone with these name servers."""
    servers = "\n".join(f"@ NS {name}" for name in names)
    return f"@ SOA a.{DOMAIN}. hostmaster.{DOMAIN}. {serial} 7200 3600 1209600 300\n{servers}\n{more}\n"


def built(origin: str, text: str) -> dict[dns.name.Name, dns.zone.Zone]:
    """Return a zone by its name."""
    zone = dns.zone.from_text(f"$TTL 300\n{text}\n", f"{origin}.", relativize=False, check_origin=False)
    return {dns.name.from_text(origin): zone}


class Delegated(DemoNetwork):
    """Remembers who is asked what without recursion, and lets some addresses have no route."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, str]] = []
        self.unrouted: set[int] = set()  # address families without a route
        self.led_to_resolver: set[Transport] = set()  # what goes to name servers over these
        self.losing: set[str] = set()  # addresses that the next datagram is lost to
        self._parent = self.resolvers[PARENT]
        self._example = self._parent.zones[dns.name.from_text("example")].to_text(relativize=False)

    def known(self, text: str, domain: str = DOMAIN) -> None:
        """Let the resolvers hold this zone."""
        for address in (RESOLVER, "192.0.2.54"):
            script = self.resolvers[address]
            self.resolvers[address] = replace(script, zones={**script.zones, **built(domain, text)})

    def served(self, addresses: Sequence[str], text: str, domain: str = DOMAIN) -> None:
        """Let name servers at these addresses serve this zone, and no other."""
        for address in addresses:
            self.resolvers[address] = DnsScript(built(domain, text))

    def delegated(self, *servers: tuple[str, str]) -> None:
        """Let the parent delegate the domain to these name servers alone, each with an address as glue."""
        names = [f"{DOMAIN}. NS {name}.{DOMAIN}." for name in dict.fromkeys(name for name, _ in servers)]
        glue = [f"{name}.{DOMAIN}. {_RDTYPE[family_of(address)]} {address}" for name, address in servers]
        text = "\n".join([self._example, *names, *glue])
        script = self._parent
        self.resolvers[PARENT] = replace(script, zones={**script.zones, **built("example", text)})

    def intercept(self, addresses: Sequence[str]) -> None:
        """Let a resolver answer in the place of these."""
        for address in addresses:
            self.resolvers[address] = self.resolvers["192.0.2.54"]

    def set_up(self, mail: str = MAIL) -> None:
        """Let all be well: parent, zone and resolver say the same of a at 192.0.2.121 and b at 192.0.2.122."""
        text = text_of(("a", "b"), more=f"{mail}\n{ALL_WELL}")
        self.known(text)
        self.served(("192.0.2.121", "192.0.2.122"), text)
        self.delegated(("a", "192.0.2.121"), ("b", "192.0.2.122"))

    async def forget(self) -> None:
        """Stop the DNS servers that run, so that what is set up from now on counts."""
        for server in self.dns.values():
            await server.stop()
        self.dns.clear()
        self.release()

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        """Ask, unless there is no route; see DemoNetwork."""
        question = query.question[0]
        if not query.flags & dns.flags.RD:
            kind = dns.rdatatype.to_text(question.rdtype)
            self.asked.append((server.address, kind, question.name.to_text(omit_final_dot=True)))
        if server.address in self.losing and transport is Transport.UDP:
            self.losing.remove(server.address)
            raise TimeoutError
        if transport in self.led_to_resolver and server.address != RESOLVER:
            server = DnsServer("192.0.2.54")
        if family_of(server.address) in self.unrouted:
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        return await super().exchange(query, server, transport, limit)
