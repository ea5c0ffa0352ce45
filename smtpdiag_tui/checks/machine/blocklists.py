"""DNS lists, queried for this host's public IP address (RFC 5782). None is believed untested."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.settings import DnsServer, parse_ip

# RFC 5782 §5: each list must hold the first and must not hold the second, in either family.
TEST_POINTS = {4: ("127.0.0.2", "127.0.0.1"), 6: ("::ffff:7f00:2", "::ffff:7f00:1")}

MAX_RECORDS = 16  # of one answer

_LISTINGS = ipaddress.IPv4Network("127.0.0.0/8")
_ERRORS = ipaddress.IPv4Network("127.255.255.0/24")
_NO_LISTING = "127.0.0.1"  # RFC 5782 §2.1 and §5: no list may answer with it, and what stands for "no" often is it
_TAKEN_OUT = (AnswerKind.NODATA, AnswerKind.NXDOMAIN, AnswerKind.REFUSED)

EXPLANATION = """\
Queries the given lists for the public IP address of this host, through the resolvers of this host. A list counts
if it lists 127.0.0.2 and does not list 127.0.0.1 (RFC 5782 §5).
Fails if:
- the address is listed on a blocklist
Could not be determined if:
- the list has closed, or refuses the resolver
- the resolver removes answers within 127.0.0.0/8 (protection against DNS rebinding)"""


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
        """Whether the list holds the address: an answer within 127.0.0.0/8 that is no error, and not 127.0.0.1."""
        return bool(self.listings)

    @property
    def listings(self) -> tuple[str, ...]:
        """The codes that hold the address."""
        return tuple(code for code in self.codes if _is_listing(code))

    @property
    def errors(self) -> tuple[str, ...]:
        """The error codes among the answers."""
        return tuple(code for code in self.codes if _within(code, _ERRORS))

    @property
    def says_no(self) -> bool:
        """Whether 127.0.0.1 alone is answered, which is no listing."""
        return bool(self.codes) and set(self.codes) == {_NO_LISTING}

    @property
    def refused(self) -> bool:
        """Whether the list answers with an error code of its own (127.255.255.0/24)."""
        return bool(self.errors)

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
    """What a list says of the two test addresses of one family, 4 or 6.

    Where the first, which each list holds, came to nothing: `zone` is the SOA of the list itself, and `text` the
    TXT record beside the address that is missing.
    """

    family: int
    must: ListAnswer
    must_not: ListAnswer
    zone: Answer | None = None
    text: Answer | None = None

    @property
    def passed(self) -> bool:
        """Whether the list can be believed."""
        return self.must.believable and self.must_not.absent

    @property
    def failed(self) -> bool:
        """Whether the list cannot be believed; many have no IPv6 addresses, which is no fault."""
        return not self.passed and not (self.family == 6 and self.absent and not self.filtered)

    @property
    def absent(self) -> bool:
        """Whether the list has no addresses of that family at all."""
        return self.must.absent and self.must_not.absent

    @property
    def alive(self) -> bool:
        """Whether the list's own zone is there."""
        return self.zone is not None and self.zone.kind is AnswerKind.DATA

    @property
    def filtered(self) -> bool:
        """Whether the answer was taken out on its way: the name is there, and the list too, without its address.

        The name is there if it has a TXT record, or if it is not NXDOMAIN that is said of it.
        """
        answer = self.must.answer
        if answer is None or answer.kind not in _TAKEN_OUT or not self.alive:
            return False
        has_text = self.text is not None and self.text.kind is AnswerKind.DATA
        return has_text or (self.family == 4 and answer.kind is not AnswerKind.NXDOMAIN)

    @property
    def perhaps_filtered(self) -> bool:
        """Whether the list is there, and the test address that each list holds is not: it may be filtered."""
        answer = self.must.answer
        return answer is not None and answer.kind in _TAKEN_OUT and self.alive and self.family == 4


@dataclass(frozen=True, slots=True)
class ListObservation:
    """One blocklist: `name` is its domain, `tests` one for each family asked, `answers` one for each address.

    `others_answer`: the same resolvers pass on the answers of another list, so that they filter none.
    """

    name: str
    tests: tuple[FamilyTest, ...] = ()
    answers: tuple[ListAnswer, ...] = ()
    others_answer: bool = False

    @property
    def filtered(self) -> FamilyTest | None:
        """The test by which this host's resolvers remove answers within 127.0.0.0/8, None if none shows it."""
        for test in self.tests:
            if test.filtered or (test.perhaps_filtered and not self.others_answer):
                return test
        return None

    @property
    def passes(self) -> bool:
        """Whether a test shows that the resolvers pass the list's answers on."""
        return any(test.passed for test in self.tests)

    @property
    def held(self) -> list[str]:
        """The addresses that the list holds."""
        return [answer.address for answer in self.answers if answer.listed]

    @property
    def failed_tests(self) -> list[FamilyTest]:
        """The tests for whose sake the list is not believed."""
        return [test for test in self.tests if test.failed]


def question_name(address: str, zone: str) -> str:
    """Return the name to ask for: octets or nibbles reversed, then the list's domain (RFC 5782 §2.1, §2.4)."""
    literal = parse_ip(address)
    if literal is None:
        raise ValueError(f"{address!r} is not an IP address")
    parts: Sequence[str] = str(literal).split(".")
    if literal.version == 6:
        parts = literal.packed.hex()
    return ".".join([*reversed(parts), zone])


async def observe_test(dns: DnsClient, servers: Sequence[DnsServer], zone: str, family: int) -> FamilyTest:
    """Ask a list for the two test addresses of a family, one after the other; a dead list is asked once.

    Where the first is missing, the list's SOA and the name's TXT record tell a closed list from a filter.
    """
    held, free = TEST_POINTS[family]
    must = await _ask(dns, servers, zone, held)
    must_not = ListAnswer(free, None)
    if must.answer is not None and must.answer.usable:
        must_not = await _ask(dns, servers, zone, free)
    if must.answer is None or must.answer.kind not in _TAKEN_OUT:
        return FamilyTest(family, must, must_not)
    alive = await dns.first_usable(servers, Question(zone, "SOA"))
    text = await dns.first_usable(servers, Question(question_name(held, zone), "TXT"))
    return FamilyTest(family, must, must_not, alive, text)


async def observe_listing(dns: DnsClient, servers: Sequence[DnsServer], zone: str, address: str) -> ListAnswer:
    """Ask a list for one address, and why if it lists it."""
    found = await _ask(dns, servers, zone, address)
    if not found.listed:
        return found
    reason = await dns.first_usable(servers, Question(question_name(address, zone), "TXT"))
    return ListAnswer(address, found.answer, reason)


async def _ask(dns: DnsClient, servers: Sequence[DnsServer], zone: str, address: str) -> ListAnswer:
    return ListAnswer(address, await dns.first_usable(servers, Question(question_name(address, zone), "A")))


def _is_listing(code: str) -> bool:
    return _within(code, _LISTINGS) and not _within(code, _ERRORS) and code != _NO_LISTING


def _within(code: str, network: ipaddress.IPv4Network) -> bool:
    literal = parse_ip(code)
    return isinstance(literal, ipaddress.IPv4Address) and literal in network
