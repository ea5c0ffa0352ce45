"""One RRset as the servers in use tell it, for checks that want records and no transports (RFC 1034, RFC 2308)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.txtbase import TXTBase

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question, cite
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.routing import Resolution, resolve
from smtpdiag_tui.settings import DnsServer


class Found(StrEnum):
    """What a question came to."""

    DATA = "data"
    NODATA = "no data"  # the name is there
    NXDOMAIN = "NXDOMAIN"
    FAILED = (
        "failed"  # SERVFAIL, timeout and the like, or CNAMEs in a circle: whether there is something is unknown
    )


@dataclass(frozen=True, slots=True)
class RecordSet:
    """The records of a type at a name, its CNAMEs followed.

    `data` holds each record's RDATA in presentation form, as it came. `why` says in a clause why it failed.
    `resolution` holds the answers that tell it, with flags, TTL and extended errors.
    """

    question: Question
    found: Found
    data: tuple[str, ...]
    resolution: Resolution
    why: str = ""

    @property
    def answer(self) -> Answer | None:
        """The answer at the end of the CNAMEs; None without a server to ask."""
        return self.resolution.last

    @property
    def authenticated(self) -> bool:
        """Whether a server said of every answer that it validated it (AD, RFC 4035 §3.2.3)."""
        return bool(self.resolution.answers) and all("AD" in item.flags for item in self.resolution.answers)

    @property
    def texts(self) -> tuple[bytes, ...]:
        """The TXT records, the character-strings of each joined without blanks (RFC 7208 §3.3)."""
        return tuple(text for record in self.data if (text := text_of(record)) is not None)


async def look_up(dns_client: DnsClient, servers: Sequence[DnsServer], name: str, rdtype: str) -> RecordSet:
    """Ask the servers in turn for `rdtype` at `name` (lower case, no final dot): UDP, and TCP where it fails."""
    return record_set(await resolve(dns_client, servers, name, rdtype), Question(name, rdtype))


def record_set(resolution: Resolution, question: Question) -> RecordSet:
    """Return what a resolution comes to."""
    if resolution.looping:
        return RecordSet(question, Found.FAILED, (), resolution, "its CNAMEs form a loop")
    match resolution.kind:
        case AnswerKind.DATA:
            data = tuple(record.data for record in resolution.records)
            return RecordSet(question, Found.DATA, data, resolution)
        case AnswerKind.NODATA:
            return RecordSet(question, Found.NODATA, (), resolution)
        case AnswerKind.NXDOMAIN:
            return RecordSet(question, Found.NXDOMAIN, (), resolution)
        case _:
            why = cite(resolution.last) if resolution.last is not None else "no DNS server to query"
            return RecordSet(question, Found.FAILED, (), resolution, why)


def text_of(data: str) -> bytes | None:
    """Return a TXT record's character-strings joined, from its presentation form; None for one cut off."""
    try:
        record = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TXT, data)
    except (dns.exception.DNSException, ValueError):
        return None
    return b"".join(record.strings) if isinstance(record, TXTBase) else None
