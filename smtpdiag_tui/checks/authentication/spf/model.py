"""SPF as data: what is judged, what is asked and told, what records say, what came of each term (RFC 7208). Pure.

How it goes together: `spf_evaluator.evaluate(request)` is a generator that yields batches of `SpfQuestion`, gets
as many `SpfTold` in the same order, and returns an `SpfEvaluation`. `spf_judgement.judge(evaluation)` gives the
findings, `spf_judgement.to_report(evaluation)` what the report holds, `spf_trace.spf_lines(evaluation)` the notes.
Whoever drives it does no more than this:

    async def drive(dns, servers, work: SpfWork) -> SpfEvaluation:
        told: tuple[SpfTold, ...] | None = None
        while True:
            try:
                questions = work.send(told) if told is not None else next(work)
            except StopIteration as end:
                return end.value
            sets = await asyncio.gather(*(look_up(dns, servers, item.name, item.rdtype) for item in questions))
            told = tuple(SpfTold(item.found, item.data, item.texts, item.why) for item in sets)
"""

import ipaddress
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from smtpdiag_tui.checks.lookups.record_set import Found
from smtpdiag_tui.report.authentication import SpfResult
from smtpdiag_tui.settings import IPAddress

MOST_LOOKUPS = 10  # terms that look something up (§4.6.4)
MANY_LOOKUPS = 9  # from here on a record is at risk: one include more, anywhere below it, breaks it
MOST_VOID = 2  # of them, that find nothing (§4.6.4)
MOST_NAMES = 10  # of one mx or ptr term (§4.6.4)
UNKNOWN = "unknown"  # a name that is not known (§7.3)
POSTMASTER = "postmaster"


class SpfScope(StrEnum):
    """Which identity is judged (§2.3, §2.4); its value is the last part of the step's id."""

    MAIL_FROM = "mail-from"
    EHLO = "ehlo"


@dataclass(frozen=True)
class SpfRequest:
    """One question to SPF: may `address` send for this identity?

    `address`: of the sending host, IPv4, IPv6 or IPv4-mapped; ValueError in `ip` for anything else. `sender`: the
    reverse-path without brackets, "" for the null sender, which is judged as postmaster@EHLO name (§2.4). `ehlo`:
    the EHLO name or literal. Domains are A-labels. `receiver`: the name of the host that asks, `now`: seconds
    since 1970, for explanations alone (§7.3, `r` and `t`).
    """

    address: str
    sender: str
    ehlo: str
    scope: SpfScope = SpfScope.MAIL_FROM
    receiver: str = UNKNOWN
    now: int = 0

    @cached_property
    def ip(self) -> IPAddress:
        """The address; an IPv4-mapped one is an IPv4 address (§5)."""
        parsed = ipaddress.ip_address(self.address.partition("%")[0])
        mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
        return mapped or parsed

    @property
    def by_ehlo(self) -> bool:
        """Whether the EHLO name is what is judged: as such, or for the null sender."""
        return self.scope is SpfScope.EHLO or not self.sender

    @property
    def domain(self) -> str:
        """The domain that is judged, without trailing dot, in lower case."""
        name = self.ehlo if self.by_ehlo else self.sender.rpartition("@")[2]
        return name.removesuffix(".").lower()

    @property
    def local_part(self) -> str:
        """The local part; `postmaster` where there is none (§4.3)."""
        return (not self.by_ehlo and self.sender.rpartition("@")[0]) or POSTMASTER


@dataclass(frozen=True, slots=True)
class SpfQuestion:
    """A name in presentation form (lower case, no trailing dot) and a type: TXT, A, AAAA, MX or PTR."""

    name: str
    rdtype: str

    def __str__(self) -> str:
        return f"{self.rdtype} {self.name}"


@dataclass(frozen=True, slots=True)
class SpfTold:
    """What a question came to, as in `RecordSet`: RDATA in presentation form, TXT joined, why it failed."""

    found: Found
    data: tuple[str, ...] = ()
    texts: tuple[bytes, ...] = ()
    why: str = ""

    @property
    def void(self) -> bool:
        """Whether nothing was found (§4.6.4)."""
        return self.found in {Found.NODATA, Found.NXDOMAIN}


class Mechanism(StrEnum):
    """What a term may be (§5)."""

    ALL = "all"
    INCLUDE = "include"
    A = "a"
    MX = "mx"
    PTR = "ptr"
    IP4 = "ip4"
    IP6 = "ip6"
    EXISTS = "exists"


LOOKING_UP = frozenset({Mechanism.INCLUDE, Mechanism.A, Mechanism.MX, Mechanism.PTR, Mechanism.EXISTS})
QUALIFIERS = {
    "+": SpfResult.PASS,
    "-": SpfResult.FAIL,
    "~": SpfResult.SOFTFAIL,
    "?": SpfResult.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class SpfTerm:
    """One term of a record, as it stands in it (`text`); `error` says in a clause what is wrong with it.

    `mechanism` is None for a modifier, whose `name` is in lower case, and for what is none of both. `spec`: its
    domain-spec or macro-string, "" for none. `network`: of ip4 and ip6. `cidr4`, `cidr6`: of a and mx. `meant`:
    the term that probably should stand there, "" where that is not known.
    """

    text: str
    mechanism: Mechanism | None = None
    result: SpfResult = SpfResult.PASS
    name: str = ""
    spec: str = ""
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None = None
    cidr4: int = 32
    cidr6: int = 128
    error: str = ""
    meant: str = ""

    @property
    def looks_up(self) -> bool:
        """Whether it counts among the terms that look something up (§4.6.4)."""
        return self.mechanism in LOOKING_UP or (self.mechanism is None and self.name == "redirect")


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """One record: where it stands, its text (an octet over 127 is one character), all its terms in order."""

    domain: str
    text: str
    terms: tuple[SpfTerm, ...]

    @property
    def mechanisms(self) -> tuple[SpfTerm, ...]:
        """The mechanisms, in order."""
        return tuple(term for term in self.terms if term.mechanism is not None)

    @property
    def errors(self) -> tuple[SpfTerm, ...]:
        """The terms that are syntax errors."""
        return tuple(term for term in self.terms if term.error)

    @property
    def all_term(self) -> SpfTerm | None:
        """The `all` that ends it; None without one."""
        return next((term for term in self.terms if term.mechanism is Mechanism.ALL), None)

    def modifier(self, name: str) -> SpfTerm | None:
        """Return a modifier by its name; None without one."""
        return next((term for term in self.terms if term.mechanism is None and term.name == name), None)


class TermState(StrEnum):
    """What became of a term."""

    MATCHED = "matched"
    NO_MATCH = "no match"
    FOLLOWED = "followed"  # redirect
    IGNORED = "ignored"  # a modifier that changes nothing, or a redirect beside `all`
    ERROR = "error"  # permerror or temperror: the evaluation ended


@dataclass(frozen=True, slots=True)
class SpfAsked:
    """A question and what came of it; `values` are the first few of `count`."""

    question: SpfQuestion
    found: Found
    values: tuple[str, ...] = ()
    count: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class SpfTermSeen:
    """A term that was evaluated; `depth` is 0 in the first record, `number` its lookup's, 0 for none.

    `target` is the name that its domain-spec came to; `because` says in a clause what its state rests on.
    """

    depth: int
    domain: str
    term: SpfTerm
    state: TermState
    number: int = 0
    target: str = ""
    asked: tuple[SpfAsked, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True)
class SpfRecordSeen:
    """A record that was evaluated; `via` are the terms that led to it, `above` whose records hold them."""

    depth: int
    record: SpfRecord
    via: tuple[SpfTerm, ...] = ()
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpfLeftOut:
    """How many more entries there were in a trace than anybody reads."""

    depth: int
    count: int


SpfEntry = SpfTermSeen | SpfRecordSeen | SpfLeftOut


class ProblemKind(StrEnum):
    """Why SPF ended in permerror or temperror."""

    SYNTAX = "syntax"
    SEVERAL_RECORDS = "several-records"
    TOO_MANY_LOOKUPS = "too-many-lookups"
    TOO_MANY_VOID = "too-many-void"
    TOO_MANY_NAMES = "too-many-names"  # of an mx
    NO_RECORD = "no-record"  # where an include or redirect points
    DNS = "dns"  # a lookup failed: temperror


@dataclass(frozen=True, slots=True)
class SpfProblem:
    """What ended the evaluation.

    `domain`: whose record it is about, and `term` the term in it, where there is one. `target`: the name that has
    no record, or too many, or the name of the failed lookup. `texts`: the several records; `question` and `why`
    of the failed lookup; `void` the lookups that found nothing.
    """

    kind: ProblemKind
    domain: str
    term: SpfTerm | None = None
    target: str = ""
    texts: tuple[str, ...] = ()
    errors: tuple[SpfTerm, ...] = ()
    question: SpfQuestion | None = None
    why: str = ""
    void: tuple[SpfQuestion, ...] = ()


@dataclass(frozen=True, slots=True)
class SpfCost:
    """What a term costs in lookups, with all below it; `least`: it may be more.

    It stands in the record of `domain`: the first one, or where that only redirects to.
    """

    domain: str
    term: str
    lookups: int
    least: bool = False


@dataclass(frozen=True, slots=True)
class SpfDead:
    """An include or redirect in the record of `domain`, whose `target` has no SPF record."""

    domain: str
    term: SpfTerm
    target: str


@dataclass(frozen=True, slots=True)
class SpfEvaluation:
    """What SPF comes to for one request, and how.

    `decided`: the term that matched, outside of includes; None where none did, or after an error. `holder`: the
    record that it stands in, or at whose end nothing had matched; None without one. `explanation`: the domain's
    own, printable, "" without one. `void` are the lookups that found nothing; `void_lookups` counts the terms that
    made them. `costs` are known where there were too many lookups, or nearly, the dearest first. `dead`: the
    includes and redirects whose targets have no record, reached or not. `malformed`: the domain cannot have a
    record (§4.3). `near`: where there is none, the TXT records that look as if they were meant to be it.
    """

    request: SpfRequest
    result: SpfResult
    explanation: str = ""
    lookups: int = 0
    void_lookups: int = 0
    trace: tuple[SpfEntry, ...] = ()
    records: tuple[SpfRecordSeen, ...] = ()
    decided: SpfTermSeen | None = None
    holder: SpfRecordSeen | None = None
    problem: SpfProblem | None = None
    void: tuple[SpfQuestion, ...] = ()
    costs: tuple[SpfCost, ...] = ()
    dead: tuple[SpfDead, ...] = ()
    malformed: bool = False
    near: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """The domain that was judged."""
        return self.request.domain

    @property
    def first(self) -> SpfRecord | None:
        """The domain's own record; None without one."""
        return self.records[0].record if self.records else None


SpfWork = Generator[tuple[SpfQuestion, ...], tuple[SpfTold, ...], SpfEvaluation]
