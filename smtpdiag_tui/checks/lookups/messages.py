"""DNS messages read as answers: as much of them is kept as is ever followed or shown (RFC 1035, 8914)."""

import copy
import hashlib
from collections.abc import Iterable
from dataclasses import replace

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, EdnsTrouble, Question, Record, name_text
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import DnsServer

# Records kept of one RRset: more than are ever followed. A message of 64 KiB can hold four thousand.
MAX_RECORDS = {"MX": 300, "TLSA": 300}
MAX_OTHER_RECORDS = 80
MAX_UNSORTED = 6  # records of one RRset that are kept in the order in which they came
MAX_RRSETS = 100  # of one section; a chain of CNAMEs has seventeen at most
# Compressed names weigh two octets each on the wire and a thousand characters here.
# Characters kept of the answer section, by what was asked for; a TXT record may fill a message by itself.
MAX_WEIGHT = {"MX": 256 * 1024, "TXT": 256 * 1024, "TLSA": 256 * 1024}
MAX_OTHER_WEIGHT = 32 * 1024
MAX_AUTHORITY_WEIGHT = 8 * 1024
MAX_DATA = 4096  # characters of one record; an SOA, of two names, has two thousand at most
MAX_TEXT = 256 * 1024  # characters of one record that is read: one that is cut off would be misjudged
READ = frozenset({"TXT", "TLSA"})  # a TLSA record may hold a whole certificate
MAX_ERRORS = 8  # extended errors of one answer
MAX_EXTENDED = 512  # characters of all extended errors together
PLAIN_PAYLOAD = 512  # octets of a datagram without EDNS (RFC 1035 §4.2.1)
_KINDS = {
    dns.rcode.NXDOMAIN: AnswerKind.NXDOMAIN,
    dns.rcode.SERVFAIL: AnswerKind.SERVFAIL,
    dns.rcode.REFUSED: AnswerKind.REFUSED,
}


def from_reply(
    question: Question,
    server: DnsServer,
    transport: Transport,
    reply: DnsReply,
    tries: int = 1,
    *,
    edns_trouble: EdnsTrouble | None = None,
) -> Answer:
    """Return what a well-formed message says; `edns_trouble`: why it was asked for without EDNS."""
    message = reply.message
    weight = MAX_WEIGHT.get(question.rdtype, MAX_OTHER_WEIGHT)
    answer, omitted, digest = _answer_section(message.answer, weight)
    result = Answer(
        question=question,
        server=server,
        transport=transport,
        kind=AnswerKind.OTHER,
        rcode=dns.rcode.to_text(message.rcode()),
        flags=tuple(dns.flags.to_text(message.flags & ~dns.flags.QR).split()),
        size=reply.size,
        seconds=reply.seconds,
        tries=tries,
        answer=answer,
        authority=_records(message.authority, MAX_AUTHORITY_WEIGHT),
        additional=_records([] if question.recurse else message.additional, MAX_AUTHORITY_WEIGHT),
        extended=_extended(message),
        extended_codes=tuple(int(error.code) for error in _errors(message)),
        edns_trouble=edns_trouble,
        plain_size=_plain_size(message, reply.size),
        omitted=omitted,
        digest=digest,
    )
    return _with_kind(result, message)


def _with_kind(answer: Answer, message: dns.message.Message) -> Answer:
    rcode = message.rcode()
    if message.flags & dns.flags.TC:
        kind = AnswerKind.TRUNCATED
    elif rcode == dns.rcode.NOERROR and answer.records:
        kind = AnswerKind.DATA
    elif rcode == dns.rcode.NOERROR:
        kind = AnswerKind.REFERRAL if _refers(answer, message) else AnswerKind.NODATA
    else:
        kind = _KINDS.get(rcode, AnswerKind.OTHER)
    return replace(answer, kind=kind)


def _refers(answer: Answer, message: dns.message.Message) -> bool:
    """Whether a server that was to resolve names others to ask instead (RFC 1034 §4.3.1); it is no NODATA.

    The C library turns to its next server where neither AA nor RA is set.
    """
    if not answer.question.recurse or message.flags & (dns.flags.RA | dns.flags.AA) or message.answer:
        return False
    types = {rrset.rdtype for rrset in message.authority}
    return dns.rdatatype.NS in types and dns.rdatatype.SOA not in types


def _plain_size(message: dns.message.Message, size: int) -> int:
    """Return the octets of a message that who asks without EDNS needs: what is additional may be left out."""
    if size <= PLAIN_PAYLOAD:
        return size
    bare = copy.copy(message)
    bare.authority, bare.additional = [], []
    bare.use_edns(False)
    try:
        return len(bare.to_wire(max_size=65535))
    except (dns.exception.DNSException, ValueError):
        return size


def _answer_section(section: list[dns.rrset.RRset], weight: int) -> tuple[tuple[Record, ...], int, str]:
    """Return the records, the number of those left out, and a digest of the section if any were."""
    records = _records(section, weight)
    omitted = sum(len(rrset) for rrset in section if rrset.rdtype != dns.rdatatype.RRSIG) - len(records)
    if not omitted:
        return records, 0, ""
    whole = sorted((rrset.rdtype, rdata.to_digestable()) for rrset in section for rdata in rrset)
    return records, omitted, hashlib.sha256(repr(whole).encode()).hexdigest()


def _records(section: list[dns.rrset.RRset], weight: int) -> tuple[Record, ...]:
    """Return the records of a section until their names and data weigh so many characters."""
    # An alias for each name, or a name for each record, makes a set of one each: these are bounded too.
    rrsets = [rrset for rrset in section if rrset.rdtype != dns.rdatatype.RRSIG][:MAX_RRSETS]
    records: list[Record] = []
    for rrset in rrsets:
        owner, rdtype = name_text(rrset.name), dns.rdatatype.to_text(rrset.rdtype)
        for rdata in _first(rrset, MAX_RECORDS.get(rdtype, MAX_OTHER_RECORDS)):
            data = cut(visible(rdata.to_text()), MAX_TEXT if rdtype in READ else MAX_DATA)
            weight -= len(owner) + len(data)
            if weight < 0:
                return tuple(records)
            records.append(Record(owner, rdtype, rrset.ttl, data))
    return tuple(records)


def cut(text: str, most: int) -> str:
    """Return a text, of one that is longer its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _first(rrset: dns.rrset.RRset, most: int) -> Iterable[dns.rdata.Rdata]:
    """Return the first records in canonical order (RFC 4034 §6.3): which are kept is no chance then."""
    if len(rrset) <= min(most, MAX_UNSORTED):
        return rrset
    return sorted(rrset, key=lambda rdata: rdata.to_digestable())[:most]


def _errors(message: dns.message.Message) -> list[dns.edns.EDEOption]:
    return [option for option in message.options if isinstance(option, dns.edns.EDEOption)][:MAX_ERRORS]


def _extended(message: dns.message.Message) -> str:
    words = []
    for error in _errors(message):
        text = f" ({visible(error.text[:MAX_EXTENDED])})" if error.text else ""
        words.append(f"{int(error.code)} {str(error.code.name).replace('_', ' ').lower()}{text}")
    return cut("; ".join(words), MAX_EXTENDED)
