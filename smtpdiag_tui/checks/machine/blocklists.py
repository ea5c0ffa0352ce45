"""DNS blocklists, asked whether they list this machine's address (RFC 5782). None is believed untested."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question, describe, label
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import DnsServer, parse_ip

# RFC 5782 §5: each list must hold the first and must not hold the second, in either family.
TEST_POINTS = {4: ("127.0.0.2", "127.0.0.1"), 6: ("::ffff:7f00:2", "::ffff:7f00:1")}

MAX_RECORDS = 16  # of one answer

_LISTINGS = ipaddress.IPv4Network("127.0.0.0/8")
_ERRORS = ipaddress.IPv4Network("127.255.255.0/24")

EXPLANATION = """\
Many receivers refuse addresses that a blocklist names. Only the address that others see is asked for, at the lists
that were given, through this machine's DNS servers. A list is believed if it holds 127.0.0.2 and does not hold
127.0.0.1 (RFC 5782 §5). This test can warn for one reason: the address is listed."""


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """What a list says of one address; None: it could not be asked. `reason` is its TXT record where it lists."""

    address: str
    answer: Answer | None
    reason: Answer | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The addresses that the list answers with, as many as a list has reason to give."""
        records = self.answer.records if self.answer is not None else ()
        return tuple(record.data for record in records[:MAX_RECORDS])

    @property
    def listed(self) -> bool:
        """Whether the list holds the address: an answer within 127.0.0.0/8 that is no error."""
        return any(_within(code, _LISTINGS) and not _within(code, _ERRORS) for code in self.codes)

    @property
    def refused(self) -> bool:
        """Whether the list answers with an error code of its own (127.255.255.0/24)."""
        return any(_within(code, _ERRORS) for code in self.codes)

    @property
    def strange(self) -> bool:
        """Whether an answer is no listing at all: the domain is for sale, or somebody rewrites answers."""
        return any(not _within(code, _LISTINGS) for code in self.codes)

    @property
    def believable(self) -> bool:
        """Whether the list holds the address and says nothing of an error."""
        return self.listed and not self.refused

    @property
    def absent(self) -> bool:
        """Whether the list says positively that it does not hold the address."""
        return self.answer is not None and self.answer.kind in (AnswerKind.NXDOMAIN, AnswerKind.NODATA)


@dataclass(frozen=True, slots=True)
class FamilyTest:
    """What a list says of the two test addresses of one family, 4 or 6."""

    family: int
    must: ListAnswer
    must_not: ListAnswer

    @property
    def passed(self) -> bool:
        """Whether the list can be believed."""
        return self.must.believable and self.must_not.absent

    @property
    def failed(self) -> bool:
        """Whether the list cannot be believed; many have no IPv6 addresses, which is no fault."""
        return not self.passed and not (self.family == 6 and self.absent)

    @property
    def absent(self) -> bool:
        """Whether the list has no addresses of that family at all."""
        return self.must.absent and self.must_not.absent


@dataclass(frozen=True, slots=True)
class ListObservation:
    """One blocklist: `name` is its domain, `tests` one for each family asked, `answers` one for each address."""

    name: str
    tests: tuple[FamilyTest, ...] = ()
    answers: tuple[ListAnswer, ...] = ()

    @property
    def failed_tests(self) -> list[FamilyTest]:
        """The tests for whose sake the list is not believed."""
        return [test for test in self.tests if test.failed]


def question_name(address: str, zone: str) -> str:
    """Return the name to ask for: octets or nibbles reversed, then the list's domain (RFC 5782 §2.1, §2.4)."""
    literal = parse_ip(address)
    if literal is None:
        raise ValueError(f"{address!r} is no IP address")
    parts: Sequence[str] = str(literal).split(".")
    if literal.version == 6:
        parts = literal.packed.hex()
    return ".".join([*reversed(parts), zone])


async def observe_test(dns: DnsClient, servers: Sequence[DnsServer], zone: str, family: int) -> FamilyTest:
    """Ask a list for the two test addresses of a family, one after the other; a dead list is asked once."""
    held, free = TEST_POINTS[family]
    must = await _ask(dns, servers, zone, held)
    must_not = ListAnswer(free, None)
    if must.answer is not None and must.answer.usable:
        must_not = await _ask(dns, servers, zone, free)
    return FamilyTest(family, must, must_not)


async def observe_listing(dns: DnsClient, servers: Sequence[DnsServer], zone: str, address: str) -> ListAnswer:
    """Ask a list for one address, and why if it lists it."""
    found = await _ask(dns, servers, zone, address)
    if not found.listed:
        return found
    reason = await dns.first_usable(servers, Question(question_name(address, zone), "TXT"))
    return ListAnswer(address, found.answer, reason)


async def _ask(dns: DnsClient, servers: Sequence[DnsServer], zone: str, address: str) -> ListAnswer:
    return ListAnswer(address, await dns.first_usable(servers, Question(question_name(address, zone), "A")))


def judge(seen: ListObservation) -> tuple[Finding, ...]:
    """Return the findings about one list."""
    found: list[Finding] = []
    if seen.failed_tests:
        found.append(_unusable(seen.name, seen.failed_tests[0]))
    for listing in seen.answers:
        if listing.believable:
            found.append(_listed(seen.name, listing))
        elif not listing.absent:
            found.append(_no_answer(seen.name, listing))
    return tuple(found)


def _unusable(name: str, test: FamilyTest) -> Finding:
    message = f"What {name} says is not believed: {_unusable_because(test)}."
    return finding("dnsbl-unusable", message, evidence=_lines(test.must, test.must_not))


def _unusable_because(test: FamilyTest) -> str:
    must, must_not = test.must, test.must_not
    if must.refused or must_not.refused:
        return "it refuses questions by this machine's DNS servers"
    if must_not.listed:
        return f"it also holds {must_not.address}, which no list may hold"
    if must.strange or must_not.strange:
        return "its answers are none that a list gives"
    if must.absent:
        return f"it does not hold {must.address}, which each list must hold"
    return _failure(must, must_not)


def _failure(*asked: ListAnswer) -> str:
    """Say how the first question failed that came to nothing."""
    for list_answer in asked:
        answer = list_answer.answer
        if answer is not None and not answer.usable:
            return f"the answer is {answer.rcode}" if answer.rcode else "no answer comes"
    return "no answer comes"


def _listed(name: str, listing: ListAnswer) -> Finding:
    lines = list(_lines(listing))
    if listing.reason is not None:
        lines.extend(f"{record.rdtype}: {record.data}" for record in listing.reason.records[:MAX_RECORDS])
    message = f"{name} lists {listing.address}, the address that others see ({', '.join(listing.codes)})."
    return finding("dnsbl-listed", message, evidence=tuple(lines))


def _no_answer(name: str, asked: ListAnswer) -> Finding:
    why = "gives an error, not a listing" if asked.refused else "gives no usable answer"
    return finding("dnsbl-unusable", f"{name} {why} for {asked.address}.", evidence=_lines(asked))


def _lines(*asked: ListAnswer) -> tuple[str, ...]:
    """Return a line for each answer that came, with the codes that it holds."""
    lines: list[str] = []
    for list_answer in asked:
        if list_answer.answer is not None:
            line = f"{label(list_answer.answer)}: {describe(list_answer.answer)}"
            codes = ", ".join(list_answer.codes)
            lines.append(f"{line}: {codes}" if codes else line)
    return tuple(lines)


def notes(seen: ListObservation) -> tuple[str, ...]:
    """Return all that was asked and answered, as lines."""
    tested = [list_answer for test in seen.tests for list_answer in (test.must, test.must_not)]
    return _lines(*tested, *seen.answers)


def detail(seen: ListObservation) -> str:
    """Return what a list comes to in a few words."""
    listed = [answer.address for answer in seen.answers if answer.believable]
    absent = [answer.address for answer in seen.answers if answer.absent]
    if listed:
        return f"lists {', '.join(listed)}"
    if seen.failed_tests:
        return "not believed"
    if not seen.answers:
        return "lists no IPv6 addresses" if seen.tests else ""
    if len(absent) == len(seen.answers):
        return f"does not list {', '.join(absent)}"
    return "no usable answer"


def _within(code: str, network: ipaddress.IPv4Network) -> bool:
    literal = parse_ip(code)
    return isinstance(literal, ipaddress.IPv4Address) and literal in network
