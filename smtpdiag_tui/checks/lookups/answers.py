"""DNS answers as observations: what kind each is, and whether two say the same (RFC 1034, 2308, 6891, 8914)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset

from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import DnsServer

MAX_CHAIN = 16
# Records kept of one RRset: more than are ever followed. A message of 64 KiB can hold four thousand.
MAX_RECORDS = {"MX": 300}
MAX_OTHER_RECORDS = 80
MAX_UNSORTED = 6  # records of one RRset that are kept in the order in which they came
MAX_RRSETS = 100  # of one section; a chain of CNAMEs has seventeen at most
# Compressed names weigh two octets each on the wire and a thousand characters here.
MAX_WEIGHT = {"MX": 256 * 1024}  # characters kept of the answer section, by what was asked for
MAX_OTHER_WEIGHT = 32 * 1024
MAX_AUTHORITY_WEIGHT = 8 * 1024
MAX_DATA = 4096  # characters of one record; an SOA, of two names, has two thousand at most
MAX_ERRORS = 8  # extended errors of one answer
MAX_EXTENDED = 512  # characters of all extended errors together
MAX_DIFFERENCES = 20  # lines that tell how two answers differ


class AnswerKind(StrEnum):
    """What became of one question at one server over one transport."""

    DATA = "data"
    NODATA = "no data"
    NXDOMAIN = "NXDOMAIN"
    SERVFAIL = "SERVFAIL"
    REFUSED = "REFUSED"
    OTHER = "other rcode"
    TRUNCATED = "truncated"
    TIMEOUT = "timeout"
    CLOSED = "refused or reset"
    UNREACHABLE = "unreachable"
    NO_ROUTE = "no route"
    MALFORMED = "malformed"
    NO_SOCKET = "no socket"
    NOT_ASKED = "not asked"


WELL_FORMED = frozenset(
    {
        AnswerKind.DATA,
        AnswerKind.NODATA,
        AnswerKind.NXDOMAIN,
        AnswerKind.SERVFAIL,
        AnswerKind.REFUSED,
        AnswerKind.OTHER,
        AnswerKind.TRUNCATED,
    }
)
_KINDS = {
    dns.rcode.NXDOMAIN: AnswerKind.NXDOMAIN,
    dns.rcode.SERVFAIL: AnswerKind.SERVFAIL,
    dns.rcode.REFUSED: AnswerKind.REFUSED,
}
USABLE = frozenset({AnswerKind.DATA, AnswerKind.NODATA, AnswerKind.NXDOMAIN})
# This machine had no socket left, or the address is one that is never asked: no word about the server.
NOTHING_SENT = frozenset({AnswerKind.NO_SOCKET, AnswerKind.NOT_ASKED})


@dataclass(frozen=True, slots=True)
class Question:
    """A name (lower case, no trailing dot, "." for the root), a type, and whether recursion is desired."""

    name: str
    rdtype: str
    recurse: bool = True

    def __str__(self) -> str:
        return f"{self.rdtype} {self.name}"


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record; `data` is its RDATA in presentation form, names as they came."""

    owner: str
    rdtype: str
    ttl: int
    data: str

    @property
    def fields(self) -> list[str]:
        """The RDATA's fields; a name in it keeps its escapes."""
        return self.data.split(" ")

    def __str__(self) -> str:
        return f"{self.owner} {self.rdtype} {self.data}"


@dataclass(frozen=True, slots=True)
class Answer:
    """One question's result. `seconds` is the round trip of the try that was answered, the last of `tries`.

    `flags` are those set among AA, TC, RD, RA, AD, CD. `extended` is the extended error (RFC 8914) in words,
    `error` what went wrong where there was no answer. `edns` is False if the server wanted it without.
    Of an RRset of monstrous size the first records in canonical order are kept (of MX the most preferred);
    `omitted` counts the others of the answer section, and `digest` stands for the whole section then.
    `additional` (glue, in a referral) is kept only where recursion was not desired.
    """

    question: Question
    server: DnsServer
    transport: Transport
    kind: AnswerKind
    rcode: str = ""
    flags: tuple[str, ...] = ()
    size: int = 0
    seconds: float = 0.0
    tries: int = 1
    answer: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()
    extended: str = ""
    extended_codes: tuple[int, ...] = ()
    error: str = ""
    edns: bool = True
    omitted: int = 0
    digest: str = ""

    @property
    def well_formed(self) -> bool:
        """Whether the server answered at all, whatever it said."""
        return self.kind in WELL_FORMED

    @property
    def whole(self) -> bool:
        """Whether the server answered, and nothing of the answer was cut off."""
        return self.well_formed and self.kind is not AnswerKind.TRUNCATED

    @property
    def sent(self) -> bool:
        """Whether the server was asked at all."""
        return self.kind not in NOTHING_SENT

    @property
    def usable(self) -> bool:
        """Whether the answer settles the question: data, or a positive word that there is none."""
        return self.kind in USABLE

    @property
    def canonical(self) -> str:
        """The question's name at the end of the CNAME chain that the answer holds."""
        return self.chain[-1]

    @property
    def chain(self) -> tuple[str, ...]:
        """The names from the question's to the canonical one; a loop ends it at the name seen twice."""
        aliases = {record.owner: name_text(record.data) for record in self.answer if record.rdtype == "CNAME"}
        names = [self.question.name]
        while names[-1] in aliases and len(names) <= MAX_CHAIN + 1:
            names.append(aliases[names[-1]])
            if names[-1] in names[:-1]:
                break
        return tuple(names)

    @property
    def looping(self) -> bool:
        """Whether the CNAME chain goes in a circle or is longer than 16."""
        return len(self.chain) != len(set(self.chain)) or len(self.chain) > MAX_CHAIN + 1

    @property
    def records(self) -> tuple[Record, ...]:
        """The records of the type asked for, at the canonical name."""
        wanted, owner = self.question.rdtype, self.canonical
        return tuple(record for record in self.answer if record.rdtype == wanted and record.owner == owner)

    def soa(self) -> Record | None:
        """The SOA record of the answer section, else of the authority section (RFC 2308 §3)."""
        for record in (*self.answer, *self.authority):
            if record.rdtype == "SOA":
                return record
        return None


@dataclass(frozen=True, slots=True)
class Pair:
    """The same question over both transports."""

    udp: Answer
    tcp: Answer

    @property
    def question(self) -> Question:
        """The question that both are about."""
        return self.udp.question

    @property
    def best(self) -> Answer:
        """The answer that counts: UDP's, or TCP's where UDP failed or was truncated."""
        return self.udp if self.udp.usable or not self.tcp.well_formed else self.tcp

    @property
    def sent(self) -> bool:
        """Whether the server was asked over both transports."""
        return self.udp.sent and self.tcp.sent

    @property
    def differ(self) -> bool:
        """Whether both transports gave a whole answer and these are not the same."""
        return self.udp.whole and self.tcp.whole and not same(self.udp, self.tcp)

    @property
    def answered(self) -> bool:
        """Whether the server answered at all, over either transport."""
        return self.udp.well_formed or self.tcp.well_formed


def same(left: Answer, right: Answer) -> bool:
    """Whether two answers say the same: rcode and set of RDATA, whatever order, TTL and case of names."""
    return (left.rcode, left.digest) == (right.rcode, right.digest) and rdata_set(left) == rdata_set(right)


def rdata_set(answer: Answer) -> frozenset[tuple[str, str]]:
    """Return the answer section as a set of (type, RDATA), case of names ignored."""
    return frozenset((record.rdtype, record.data.lower()) for record in answer.answer)


def difference(left: Answer, right: Answer) -> tuple[str, ...]:
    """Return lines saying what only one of two answers holds."""
    if left.rcode != right.rcode:
        return (f"{label(left)}: {left.rcode}", f"{label(right)}: {right.rcode}")
    lines = [*_only_in(left, right), *_only_in(right, left)]
    if len(lines) > MAX_DIFFERENCES:
        lines = [*lines[:MAX_DIFFERENCES], f"… ({len(lines) - MAX_DIFFERENCES:,} more differences)"]
    if left.digest != right.digest:
        lines.append(f"the rest of the records differs ({_number(left):,} and {_number(right):,} in all)")
    return tuple(lines)


def _only_in(answer: Answer, compared: Answer) -> list[str]:
    missing = sorted(rdata_set(answer) - rdata_set(compared))
    return [f"only {label(answer)}: {rdtype} {data}" for rdtype, data in missing]


def _number(answer: Answer) -> int:
    return len(answer.answer) + answer.omitted


def label(answer: Answer) -> str:
    """Return who answered, and how."""
    return f"{answer.server.label} over {answer.transport.value.upper()}"


def describe(answer: Answer) -> str:
    """Return one line: rcode, number of records, flags, size, round trip, tries."""
    parts = _message_words(answer) if answer.well_formed else [_failure_words(answer)]
    if answer.extended:
        parts.append(f"extended error {answer.extended}")
    if answer.tries > 1:
        parts.append(f"{answer.tries} tries")
    if not answer.edns:
        parts.append("without EDNS, which the server did not understand")
    return f"{answer.question}: {', '.join(parts)}"


def _failure_words(answer: Answer) -> str:
    return f"{answer.kind} ({answer.error})" if answer.error else str(answer.kind)


def _message_words(answer: Answer) -> list[str]:
    words = [answer.rcode]
    if answer.kind is AnswerKind.NODATA:
        words = [f"{answer.rcode} (no data)"]
    elif answer.kind is AnswerKind.TRUNCATED:
        words = [answer.rcode, "truncated"]
    if answer.answer:
        words.append(counted(_number(answer), "record"))
    words.append("flags " + (" ".join(answer.flags) or "none"))
    words.append(f"{answer.size} octets in {answer.seconds * 1000:.0f} ms")
    return words


def from_reply(
    question: Question,
    server: DnsServer,
    transport: Transport,
    reply: DnsReply,
    tries: int = 1,
    *,
    edns: bool = True,
) -> Answer:
    """Return what a well-formed message says."""
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
        edns=edns,
        omitted=omitted,
        digest=digest,
    )
    return _with_kind(result, message)


def _with_kind(answer: Answer, message: dns.message.Message) -> Answer:
    rcode = message.rcode()
    if message.flags & dns.flags.TC:
        kind = AnswerKind.TRUNCATED
    elif rcode == dns.rcode.NOERROR:
        kind = AnswerKind.DATA if answer.records else AnswerKind.NODATA
    else:
        kind = _KINDS.get(rcode, AnswerKind.OTHER)
    return replace(answer, kind=kind)


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
            data = cut(visible(rdata.to_text()), MAX_DATA)
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


def _extended(message: dns.message.Message) -> str:
    errors = [option for option in message.options if isinstance(option, dns.edns.EDEOption)]
    words = []
    for error in errors[:MAX_ERRORS]:
        text = f" ({visible(error.text[:MAX_EXTENDED])})" if error.text else ""
        words.append(f"{int(error.code)} {str(error.code.name).replace('_', ' ').lower()}{text}")
    return cut("; ".join(words), MAX_EXTENDED)


def name_text(name: dns.name.Name | str) -> str:
    r"""Return a name in lower case without trailing dot; unprintable octets are `\DDD` (RFC 1035 §5.1)."""
    text = name if isinstance(name, str) else name.to_text()
    if text == ".":
        return text
    if text.endswith(".") and not text.endswith("\\."):
        text = text[:-1]
    return visible(text.lower())


def id_name(name: str) -> str:
    r"""Return a name as step ids hold it: `/`, blanks and what does not print become `\DDD`."""
    return "".join(
        char if char.isprintable() and char not in "/ " else f"\\{ord(char) & 0xFF:03d}" for char in name
    )
