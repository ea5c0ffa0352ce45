"""DNS answers as observations: what kind each is, and whether two say the same (RFC 1034, 2308, 6891, 8914)."""

from dataclasses import dataclass
from enum import StrEnum

import dns.name

from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import DnsServer

MAX_CHAIN = 16
MAX_DIFFERENCES = 20  # lines that tell how two answers differ


class AnswerKind(StrEnum):
    """What became of one question at one server over one transport."""

    DATA = "data"
    NODATA = "no data"
    NXDOMAIN = "NXDOMAIN"
    SERVFAIL = "SERVFAIL"
    REFUSED = "REFUSED"
    REFERRAL = "referral"
    OTHER = "other rcode"
    TRUNCATED = "truncated"
    TIMEOUT = "timeout"
    CLOSED = "refused or reset"
    UNREACHABLE = "unreachable"
    NO_ROUTE = "no route"
    MALFORMED = "malformed"
    NO_SOCKET = "no socket"
    NOT_ASKED = "not queried"
    NOT_CARRIED = "not available"


class EdnsTrouble(StrEnum):
    """Why an answer was asked for without EDNS in the end (RFC 6891 §7)."""

    REFUSED = "refused"  # the server said so: FORMERR, NOTIMP or BADVERS
    DROPPED = "dropped"  # nothing comes of any question with EDNS
    TOO_LARGE = "too large"  # small answers come with EDNS, this one does not


WELL_FORMED = frozenset(
    {
        AnswerKind.DATA,
        AnswerKind.NODATA,
        AnswerKind.NXDOMAIN,
        AnswerKind.SERVFAIL,
        AnswerKind.REFUSED,
        AnswerKind.REFERRAL,
        AnswerKind.OTHER,
        AnswerKind.TRUNCATED,
    }
)
USABLE = frozenset({AnswerKind.DATA, AnswerKind.NODATA, AnswerKind.NXDOMAIN})
# This machine had no socket left, the address is one that is never asked, or there is no way for the transport: no
# word about the server.
NOTHING_SENT = frozenset({AnswerKind.NO_SOCKET, AnswerKind.NOT_ASKED, AnswerKind.NOT_CARRIED})


@dataclass(frozen=True, slots=True)
class Question:
    """A name (lower case, no trailing dot, "." for the root), a type, and how it is asked.

    `recurse`: recursion is desired. `edns` False: as mail servers mostly ask. `checking` False: the resolver is
    to give what it holds even if that is bogus (CD, RFC 4035 §3.2.2).
    """

    name: str
    rdtype: str
    recurse: bool = True
    edns: bool = True
    checking: bool = True

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

    `flags` are those set among AA, TC, RD, RA, AD, CD. `extended` holds the extended errors (RFC 8914) in words,
    `extended_codes` their numbers; `error` is what went wrong where there was no answer. `edns_trouble` says why
    the answer came without EDNS where it was asked for with it. `plain_size`: the octets that header, question
    and answer section take without EDNS; over 512, who asks without it has to turn to TCP (RFC 2181 §9).
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
    edns_trouble: EdnsTrouble | None = None
    plain_size: int = 0
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
    def carried(self) -> bool:
        """Whether the way that the run takes carries this transport at all: through another host UDP is not."""
        return self.kind is not AnswerKind.NOT_CARRIED

    @property
    def edns(self) -> bool:
        """Whether the question was answered with EDNS."""
        return self.question.edns and self.edns_trouble is None

    @property
    def usable(self) -> bool:
        """Whether the answer settles the question: data, or a positive word that there is none."""
        return self.kind in USABLE

    @property
    def authoritative(self) -> bool:
        """Whether the server answered with authority (AA, RFC 1035 §4.1.1)."""
        return "AA" in self.flags

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
        """The answer that counts: UDP's, or TCP's where UDP failed, was truncated or is not carried."""
        if not self.udp.carried:
            return self.tcp
        return self.udp if self.udp.usable or not self.tcp.well_formed else self.tcp

    @property
    def sent(self) -> bool:
        """Whether the server was asked over every transport that the run's way carries."""
        return all(answer.sent for answer in self.carried)

    @property
    def carried(self) -> tuple[Answer, ...]:
        """The answers over the transports that the run's way carries; never none."""
        return tuple(answer for answer in (self.udp, self.tcp) if answer.carried) or (self.tcp,)

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
        lines.append(f"other records differ as well ({_number(left):,} and {_number(right):,} in total)")
    return tuple(lines)


def _only_in(answer: Answer, compared: Answer) -> list[str]:
    missing = sorted(rdata_set(answer) - rdata_set(compared))
    return [f"only from {label(answer)}: {rdtype} {data}" for rdtype, data in missing]


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
    if answer.edns_trouble is not None:
        parts.append(_EDNS_WORDS[answer.edns_trouble])
    return f"{answer.question}: {', '.join(parts)}"


def cite(answer: Answer) -> str:
    """Return the line of `describe` with the server that gave the answer: for where no step names it."""
    return f"{answer.server.label}: {describe(answer)}"


_EDNS_WORDS = {
    EdnsTrouble.REFUSED: "without EDNS (not supported by the server)",
    EdnsTrouble.DROPPED: "without EDNS (every query with EDNS failed)",
    EdnsTrouble.TOO_LARGE: "without EDNS (with EDNS no answer of that size arrived)",
}


def _failure_words(answer: Answer) -> str:
    return f"{answer.kind} ({answer.error})" if answer.error else str(answer.kind)


def _message_words(answer: Answer) -> list[str]:
    words = [answer.rcode]
    if answer.kind is AnswerKind.REFERRAL:
        words = [f"{answer.rcode} (referral, no recursion)"]
    elif answer.kind is AnswerKind.NODATA:
        words = [f"{answer.rcode} (no data)"]
    elif answer.kind is AnswerKind.TRUNCATED:
        words = [answer.rcode, "truncated"]
    if answer.answer:
        words.append(counted(_number(answer), "record"))
    words.append("flags " + (" ".join(answer.flags) or "none"))
    words.append(f"{answer.size} bytes in {answer.seconds * 1000:.0f} ms")
    return words


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
