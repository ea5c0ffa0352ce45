"""What DNS servers of the demo have said, octet for octet: who asks the same again gets it without new work."""

from dataclasses import dataclass, field, fields
from functools import cache

import dns.message
import dns.rdatatype

from smtpdiag_tui.demo.answers import answer, is_silent, to_wire
from smtpdiag_tui.demo.zones import DnsScript, dns_servers
from smtpdiag_tui.network.seam import Transport

MAX_KEPT = 4096  # answers of one server
MAX_QUERY = 512  # octets of one that is kept
_ID = 2  # octets at the beginning of query and answer


@dataclass(frozen=True, slots=True)
class DnsMemory:
    """The answers of one server without their ID, by transport and query. `apart` are types that are not kept.

    Of the demo's own script answers are kept; another one may be changed while it is asked.
    """

    keeps: bool = True
    apart: frozenset[dns.rdatatype.RdataType] = frozenset()
    kept: dict[tuple[Transport, bytes], bytes | None] = field(default_factory=dict)

    def said(self, script: DnsScript, wire: bytes, transport: Transport) -> bytes | None:
        """Return what `script` says to a query, without the ID; None for silence.

        Raises DNSException for what is no query.
        """
        key = transport, wire[_ID:]
        if key in self.kept:
            return self.kept[key]
        query = dns.message.from_wire(wire)
        said = _say(query, script, transport)
        few = self.keeps and len(wire) <= MAX_QUERY and len(self.kept) < MAX_KEPT
        if few and not any(item.rdtype in self.apart for item in query.question):
            self.kept[key] = said
        return said


def memory_of(address: str, script: DnsScript) -> DnsMemory:
    """Return the memory of a server: all runs in this process share it as long as its script is the demo's own.

    Each run has certificates of its own, and records that are made from them: these are no part of it.
    """
    usual = dns_servers().get(address)
    made = {rdtype for _, rdtype in script.more}
    if usual is None or made != {dns.rdatatype.TLSA}:
        return DnsMemory(keeps=False)
    names = (item.name for item in fields(DnsScript) if item.name != "more")
    if any(getattr(usual, name) is not getattr(script, name) for name in names):
        return DnsMemory(keeps=False)
    return _shared(address)


@cache
def _shared(address: str) -> DnsMemory:  # noqa: ARG001 - one for each
    return DnsMemory(apart=frozenset({dns.rdatatype.TLSA}))


def _say(query: dns.message.Message, script: DnsScript, transport: Transport) -> bytes | None:
    if is_silent(query, script):
        return None
    if transport is Transport.TCP:
        return to_wire(answer(query, script), 65535)[_ID:]
    if query.edns >= 0 and not script.edns:
        return None
    said = to_wire(answer(query, script), query.payload if query.edns >= 0 else 512)
    return said[_ID:] if len(said) <= script.largest else None
