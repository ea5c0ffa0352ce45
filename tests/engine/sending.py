"""Hosts that send over the demo's network: one behind a translator, and what their domains publish."""

import asyncio

import dns.message
import dns.rdatatype

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import RECORDS, DnsScript, build_zones
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.settings import DnsServer

INSIDE = "10.0.0.10"
MAIL_HOSTS = "@ MX 10 mx\nmx A 192.0.2.11\nmail A 192.0.2.10\nmail AAAA 2001:db8::10\n"


class Inside(DemoNetwork):
    """A network where this host has a private address, whomever it connects to, and nobody says what they see."""

    def local_name(self, address: str, remote: str) -> str:
        return INSIDE


class Asked(DemoNetwork):
    """A network that writes down when each question was first asked; TXT records are `late` by so many seconds."""

    def __init__(self, late: float = 0.0) -> None:
        super().__init__()
        self.late = late
        self.asked: dict[str, float] = {}

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        question = query.question[0]
        rdtype = dns.rdatatype.to_text(question.rdtype)
        self.asked.setdefault(f"{rdtype} {question.name}", self.now())
        if rdtype == "TXT" and self.late:
            if self.late > limit:
                await asyncio.sleep(limit)
                raise TimeoutError
            await asyncio.sleep(self.late)
        return await super().exchange(query, server, transport, limit)


def publish(network: DemoNetwork, domain: str, records: str) -> None:
    """Let the resolvers of a network hold other records of a domain."""
    zones = build_zones({**RECORDS, domain: records})
    for key, script in network.resolvers.items():
        network.resolvers[key] = DnsScript({**script.zones, **zones}, script.recursive)


def with_spf(network: DemoNetwork, *records: str, more: str = "") -> None:
    """Let sender.example publish these SPF records, none without any."""
    lines = "".join(f"@ TXT {_strings(record)}\n" for record in records)
    publish(network, "sender.example", f"{MAIL_HOSTS}{lines}{more}")


def _strings(record: str) -> str:
    """Return a record in character-strings that are short enough (RFC 7208 §3.3)."""
    return " ".join(f'"{record[start : start + 200]}"' for start in range(0, len(record), 200))
