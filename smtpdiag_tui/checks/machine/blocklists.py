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
        return self.must.listed and not self.must.refused and self.must_not.absent

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


def question_name(address: str, zone: str) -> str:
    """Return the name to ask for: octets or nibbles reversed, then the list's domain (RFC 5782 §2.1, §2.4)."""
    literal = parse_ip(address)
    if literal is None:
        raise ValueError(f"{address!r} is no IP address")
    parts = str(literal).split(".") if literal.version == 4 else list(literal.packed.hex())
    return ".".join([*reversed(parts), zone])


async def observe_test(dns: DnsClient, servers: Sequence[DnsServer], zone: str, family: int) -> FamilyTest:
    """Ask a list for the two test addresses of a family, one after the other; a dead list is asked once."""
    held, free = TEST_POINTS[family]
    must = await _ask(dns, servers, zone, held)
    settled = must.answer is not None and must.answer.usable
    return FamilyTest(family, must, await _ask(dns, servers, zone, free) if settled else ListAnswer(free, None))


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
    unusable = [test for test in seen.tests if not test.passed and not (test.family == 6 and test.absent)]
    if unusable:
        found.append(_unusable(seen.name, unusable[0]))
    for item in seen.answers:
        if item.listed and not item.refused:
            found.append(_listed(seen.name, item))
        elif not item.absent:
            found.append(_no_answer(seen.name, item))
    return tuple(found)


def _unusable(name: str, test: FamilyTest) -> Finding:
    must, must_not = TEST_POINTS[test.family]
    evidence = tuple(_line(item) for item in (test.must, test.must_not) if item.answer is not None)
    if test.must.refused or test.must_not.refused:
        why = "it refuses questions by this machine's DNS servers"
    elif test.must_not.listed:
        why = f"it also holds {must_not}, which no list may hold"
    elif test.must.strange or test.must_not.strange:
        why = "its answers are none that a list gives"
    elif test.must.absent:
        why = f"it does not hold {must}, which each list must hold"
    else:
        answer = test.must.answer if test.must.answer and not test.must.answer.usable else test.must_not.answer
        why = f"the answer is {answer.rcode}" if answer is not None and answer.rcode else "no answer comes"
    return finding("dnsbl-unusable", f"What {name} says is not believed: {why}.", evidence=evidence)


def _listed(name: str, item: ListAnswer) -> Finding:
    lines = [_line(item)]
    if item.reason is not None:
        lines += [f"{record.rdtype}: {record.data}" for record in item.reason.records[:MAX_RECORDS]]
    message = f"{name} lists {item.address}, the address that others see ({', '.join(item.codes)})."
    return finding("dnsbl-listed", message, evidence=tuple(lines))


def _no_answer(name: str, item: ListAnswer) -> Finding:
    why = "gives an error, not a listing" if item.refused else "gives no usable answer"
    evidence = (_line(item),) if item.answer is not None else ()
    return finding("dnsbl-unusable", f"{name} {why} for {item.address}.", evidence=evidence)


def _line(item: ListAnswer) -> str:
    if item.answer is None:
        return f"{item.address}: no answer in time"
    codes = f": {', '.join(item.codes)}" if item.codes else ""
    return f"{label(item.answer)}: {describe(item.answer)}{codes}"


def notes(seen: ListObservation) -> tuple[str, ...]:
    """Return all that was asked and answered, as lines."""
    tested = [item for test in seen.tests for item in (test.must, test.must_not)]
    return tuple(_line(item) for item in (*tested, *seen.answers) if item.answer is not None)


def detail(seen: ListObservation) -> str:
    """Return what a list comes to in a few words."""
    listed = [item.address for item in seen.answers if item.listed and not item.refused]
    if listed:
        return f"lists {', '.join(listed)}"
    if any(not test.passed and not (test.family == 6 and test.absent) for test in seen.tests):
        return "not believed"
    if seen.answers and all(item.absent for item in seen.answers):
        return f"does not list {', '.join(item.address for item in seen.answers)}"
    if not seen.answers:
        return "lists no IPv6 addresses" if seen.tests else ""
    return "no usable answer"


def _within(code: str, network: ipaddress.IPv4Network) -> bool:
    literal = parse_ip(code)
    return isinstance(literal, ipaddress.IPv4Address) and literal in network
