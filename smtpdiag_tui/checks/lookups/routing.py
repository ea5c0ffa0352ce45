"""Finding the mail hosts of a domain (RFC 5321 §5.1, RFC 7505, RFC 2181 §10.3, RFC 8020)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.checks.lookups.answers import MAX_CHAIN, Answer, AnswerKind, Pair, Question, Record, name_text
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.settings import DnsServer, parse_ip

# What is planned. No domain in use has a tenth of it, and each host costs four questions, each address a session.
MAX_HOSTS = 256
MAX_HOST_ADDRESSES = 64


class RouteKind(StrEnum):
    """What the question for a domain's MX came to."""

    MX = "mx"
    IMPLICIT = "implicit"
    NULL = "null"
    NO_HOST = "no-host"
    NOT_FOUND = "not-found"
    FAILED = "failed"
    LOOP = "loop"


@dataclass(frozen=True, slots=True)
class MailHost:
    """One exchange: host name (or address, as it came), and its preference; None where no MX names it."""

    name: str
    preference: int | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """One question, its CNAMEs followed: the answers in order, the names gone through, whether they circle."""

    answers: tuple[Answer, ...]
    names: tuple[str, ...]
    looping: bool = False

    @property
    def last(self) -> Answer | None:
        """The answer at the end of the chain; None if there was no server to ask."""
        return self.answers[-1] if self.answers else None

    @property
    def records(self) -> tuple[Record, ...]:
        """The records at the end of the chain, as many as are kept."""
        return self.last.records if self.last is not None else ()

    @property
    def omitted(self) -> int:
        """How many records there are beyond those that are kept."""
        return self.last.omitted if self.last is not None else 0

    @property
    def kind(self) -> AnswerKind:
        """What the end of the chain came to."""
        return self.answers[-1].kind if self.answers else AnswerKind.TIMEOUT

    @property
    def absent(self) -> bool:
        """Whether a server said positively that there is nothing."""
        return self.kind in (AnswerKind.NODATA, AnswerKind.NXDOMAIN) and not self.looping


@dataclass(frozen=True, slots=True)
class Route:
    """The mail hosts of `domain`, by ascending preference, and how they were found.

    `null_ignored`: a "." stood beside other MX, or with a preference other than 0, and was left out.
    `unplanned` counts the MX records beyond the first 256 hosts, the least preferred ones.
    """

    domain: str
    kind: RouteKind
    mx: Resolution
    hosts: tuple[MailHost, ...] = ()
    null_ignored: bool = False
    unplanned: int = 0

    @property
    def server(self) -> DnsServer | None:
        """The server whose answer is followed."""
        return self.mx.last.server if self.mx.last else None


@dataclass(frozen=True, slots=True)
class HostLookup:
    """The addresses of one mail host. `pairs` holds A and AAAA over both transports, once both are there."""

    host: MailHost
    a: Resolution | None = None
    aaaa: Resolution | None = None
    pairs: tuple[Pair, ...] = ()

    @property
    def is_address(self) -> bool:
        """Whether the exchange looks like an address, where a host name must stand."""
        return parse_ip(self.host.name) is not None

    @property
    def found(self) -> tuple[Resolution, ...]:
        """What the lookups came to that were made: A, then AAAA."""
        return tuple(resolution for resolution in (self.a, self.aaaa) if resolution is not None)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses in RFC 5952 form, IPv4 first, in ascending order: how answers list them is chance.

        At most 64, with room for both families; `unplanned` counts the others.
        """
        half = MAX_HOST_ADDRESSES // 2
        ipv4, ipv6 = _addresses(self.a), _addresses(self.aaaa)
        kept = ipv4[: max(half, MAX_HOST_ADDRESSES - len(ipv6))]
        return (*kept, *ipv6[: MAX_HOST_ADDRESSES - len(kept)])

    @property
    def unplanned(self) -> int:
        """How many addresses of the host there are beyond those in `addresses`."""
        omitted = sum(found.omitted for found in self.found if not found.looping)
        known = len(_addresses(self.a)) + len(_addresses(self.aaaa))
        return omitted + max(0, known - MAX_HOST_ADDRESSES)

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names that the host's CNAMEs lead through, the first one left out."""
        for found in self.found:
            if len(found.names) > 1:
                return found.names[1:]
        return ()

    @property
    def failed(self) -> tuple[Answer, ...]:
        """The answers that settle nothing, of either family."""
        answers = [found.last for found in self.found]
        return tuple(answer for answer in answers if answer is not None and not answer.usable)

    @property
    def looping(self) -> bool:
        """Whether the host's CNAMEs circle."""
        return any(found.looping for found in self.found)


def _addresses(resolution: Resolution | None) -> tuple[str, ...]:
    if resolution is None or resolution.looping:
        return ()
    addresses = {str(parse_ip(record.data) or record.data) for record in resolution.records}
    return tuple(sorted(addresses, key=_rank))


def _rank(address: str) -> tuple[int, str]:
    literal = parse_ip(address)
    return (int(literal) if literal is not None else 0), address


async def resolve(dns: DnsClient, servers: Sequence[DnsServer], name: str, rdtype: str) -> Resolution:
    """Ask for `rdtype` at `name`, following CNAMEs that the server itself does not; at most 16 names."""
    answers: list[Answer] = []
    names = [name]
    while True:
        answer = await dns.first_usable(servers, Question(names[-1], rdtype))
        if answer is None:
            return Resolution((), tuple(names))
        answers.append(answer)
        aliases = answer.chain[1:]
        too_long = len(names) + len(aliases) > MAX_CHAIN + 1
        looping = answer.looping or too_long or not set(aliases).isdisjoint(names)
        names = [*names, *(alias for alias in aliases if alias not in names)]
        if looping or not _leads_on(answer):
            return Resolution(tuple(answers), tuple(names), looping=looping)


def _leads_on(answer: Answer) -> bool:
    """Whether a server gave aliases and no more, so that the name at their end is still to be asked for."""
    return len(answer.chain) > 1 and answer.kind is AnswerKind.NODATA and answer.soa() is None


async def find_route(dns: DnsClient, servers: Sequence[DnsServer], domain: str) -> Route:
    """Find the mail hosts of `domain`; goes on with the first usable answer."""
    mx = await resolve(dns, servers, domain, "MX")
    if mx.looping:
        return Route(domain, RouteKind.LOOP, mx)
    if mx.kind is AnswerKind.NXDOMAIN:
        return Route(domain, RouteKind.NOT_FOUND, mx)
    if mx.kind is AnswerKind.NODATA:
        return await _implicit(dns, servers, domain, mx)
    if mx.kind is not AnswerKind.DATA or mx.last is None:
        return Route(domain, RouteKind.FAILED, mx)
    return _explicit(domain, mx, mx.last)


def _explicit(domain: str, mx: Resolution, answer: Answer) -> Route:
    hosts = []
    for record in answer.records:
        preference, _, exchange = record.data.partition(" ")
        hosts.append(MailHost(name_text(exchange), int(preference)))
    if hosts == [MailHost(".", 0)]:
        return Route(domain, RouteKind.NULL, mx)
    named = sorted(
        {host for host in hosts if host.name != "."}, key=lambda host: (host.preference or 0, host.name)
    )
    best: dict[str, MailHost] = {}
    for host in named:
        best.setdefault(host.name, host)
    planned = tuple(best.values())[:MAX_HOSTS]
    return Route(
        domain,
        RouteKind.MX,
        mx,
        planned,
        null_ignored=len(named) < len(set(hosts)),
        unplanned=len(best) - len(planned) + answer.omitted,
    )


async def _implicit(dns: DnsClient, servers: Sequence[DnsServer], domain: str, mx: Resolution) -> Route:
    a, aaaa = await asyncio.gather(
        resolve(dns, servers, mx.names[-1], "A"), resolve(dns, servers, mx.names[-1], "AAAA")
    )
    if AnswerKind.DATA in (a.kind, aaaa.kind):
        return Route(domain, RouteKind.IMPLICIT, mx, (MailHost(domain, 0),))
    if a.absent and aaaa.absent:
        return Route(domain, RouteKind.NO_HOST, mx)
    failed = aaaa if a.absent else a
    return Route(domain, RouteKind.LOOP if failed.looping else RouteKind.FAILED, failed)


async def look_up_host(dns: DnsClient, servers: Sequence[DnsServer], host: MailHost) -> HostLookup:
    """Find a mail host's addresses: A and AAAA, each by the first usable answer."""
    if parse_ip(host.name) is not None:
        return HostLookup(host)
    a, aaaa = await asyncio.gather(resolve(dns, servers, host.name, "A"), resolve(dns, servers, host.name, "AAAA"))
    return HostLookup(host, a, aaaa)


async def both_transports(dns: DnsClient, lookup: HostLookup) -> tuple[Pair, ...]:
    """Return the host's questions over UDP and TCP side by side, at the server whose answer was followed."""
    followed = [found.answers[0] for found in lookup.found if found.answers]
    return tuple(await asyncio.gather(*(dns.pair(answer.server, answer.question) for answer in followed)))
