"""A mail domain as the DNS servers see it: MX, A and AAAA over both transports, and the route that follows."""

import asyncio
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair, Question, cite, difference, same
from smtpdiag_tui.checks.lookups.arbiter import Reading, Ruling
from smtpdiag_tui.checks.lookups.arbiter_judgement import judge_alias, judge_ruling
from smtpdiag_tui.checks.lookups.arbitration import Arbitration
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.extended_errors import is_bogus, judge_bogus
from smtpdiag_tui.checks.lookups.routing import HostLookup, Route, RouteKind
from smtpdiag_tui.checks.lookups.stub import StubView
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, Severity, Side, finding
from smtpdiag_tui.settings import DnsServer

RDTYPES = ("MX", "A", "AAAA")

LOCAL_EXPLANATION = """\
The sender's domain is asked for its MX, A and AAAA records over UDP and TCP, to see whether replies and bounces
could come back, and whether receivers can verify the sender. This test can fail for 3 reasons, and rightly so
for the third.
1) The domain is not set up in the DNS: receivers reject mail from it, and nothing can be returned to it.
2) A firewall blocks DNS over UDP or TCP. Mail that comes in does not suffer, mail that goes out does.
3) The DNS inside does not know what the outside knows (split horizon), which some networks want that way."""

REMOTE_EXPLANATION = """\
The recipient's domain is asked for its MX, A and AAAA records over UDP and TCP: without them no mail goes out.
This test can fail for 3 reasons.
1) A firewall blocks DNS over UDP or TCP. Mail servers ask over UDP first and need TCP for long answers.
2) The DNS server used here cannot look up names outside. Use one that can, or give a target DNS server.
3) The recipient's domain does not exist, or takes no mail. Then failing is right."""

WITHOUT_HOST = frozenset({RouteKind.NOT_FOUND, RouteKind.NO_HOST, RouteKind.NULL})
WITHOUT_MX = WITHOUT_HOST | {RouteKind.IMPLICIT}
_READINGS = {
    Reading.REWRITTEN: "NXDOMAIN is rewritten",
    Reading.FILTERED: "the answer is filtered",
    Reading.STALE: "the answer is outdated",
    Reading.CONTRADICTS: "the answers contradict each other",
}


@dataclass(frozen=True, slots=True)
class ServerLookup:
    """What one server says of the domain: one pair for each of MX, A and AAAA.

    `unchecked`: what it says with checking disabled (CD), asked where it fails one of these.
    """

    server: DnsServer
    pairs: tuple[Pair, ...]
    unchecked: Answer | None = None

    def best(self, rdtype: str) -> Answer | None:
        """The answer that counts for `rdtype`, None if it was not asked."""
        return next((pair.best for pair in self.pairs if pair.question.rdtype == rdtype), None)

    @property
    def kinds(self) -> set[AnswerKind]:
        """What became of the questions."""
        return {pair.best.kind for pair in self.pairs}

    @property
    def bogus(self) -> Answer | None:
        """The answer that the server fails because of DNSSEC, None if there is none."""
        failed = (pair.best for pair in self.pairs)
        return next((answer for answer in failed if is_bogus(answer, self._unchecked(answer))), None)

    def _unchecked(self, answer: Answer) -> Answer | None:
        """Return the answer to the same question with checking disabled, if it was asked for."""
        unchecked = self.unchecked
        same_question = unchecked is not None and unchecked.question == replace(answer.question, checking=False)
        return unchecked if same_question else None

    def judge_bogus(self, side: Side | None) -> tuple[Finding, ...]:
        """Return the finding that the domain's signatures are not accepted, if so; `side` is the domain's."""
        answer = self.bogus
        return (judge_bogus(answer, self._unchecked(answer), side),) if answer is not None else ()

    @property
    def absent(self) -> bool:
        """Whether the server says positively that there is nothing of the domain."""
        return self.kinds <= {AnswerKind.NODATA, AnswerKind.NXDOMAIN}


@dataclass(frozen=True, slots=True)
class DomainObservation:
    """A domain at every server. `sender`: it is the sender's. `hosts`: its mail hosts' addresses, if looked up.

    `arbitration` holds its answers against the authority's; None where that could not be done.
    `stub` is what a mail server on this host meets with the MX question at the servers that the route follows;
    `system` the same at the system's own servers, where targets are followed instead. `useless` are servers that
    say nothing of the domain because of themselves.
    """

    domain: str
    sender: bool
    lookups: tuple[ServerLookup, ...]
    route: Route
    targets: tuple[DnsServer, ...] = ()
    hosts: tuple[HostLookup, ...] = ()
    arbitration: Arbitration | None = None
    stub: tuple[StubView, ...] = ()
    system: tuple[StubView, ...] = ()
    useless: tuple[DnsServer, ...] = ()

    @property
    def ruling(self) -> Ruling | None:
        """What the answer that is followed is judged to be, None where nothing tells."""
        return self.ruling_at(self.route.server)

    def ruling_at(self, server: DnsServer | None) -> Ruling | None:
        """What a server's answer is judged to be, None where nothing tells."""
        return self.arbitration.ruling(server) if self.arbitration is not None else None

    def lookup_at(self, server: DnsServer | None) -> ServerLookup | None:
        """What a server says, None if it was not asked."""
        return next((lookup for lookup in self.lookups if lookup.server == server), None)

    @property
    def hidden(self) -> bool:
        """Whether a CNAME at the domain hides its MX."""
        alias = self.arbitration.alias if self.arbitration is not None else None
        return alias is not None and alias.hides

    @property
    def at_targets(self) -> list[ServerLookup]:
        """What the target servers say."""
        return [lookup for lookup in self.lookups if lookup.server in self.targets]

    @property
    def at_system_servers(self) -> list[ServerLookup]:
        """What the servers say that are not targets."""
        return [lookup for lookup in self.lookups if lookup.server not in self.targets]


async def observe_server(dns: DnsClient, server: DnsServer, domain: str) -> ServerLookup:
    """Ask one server for the domain's MX, A and AAAA over both transports.

    Where it fails one, that is asked for once more with checking disabled, unless it has said why.
    """
    questions = [Question(domain, rdtype) for rdtype in RDTYPES]
    pairs = await asyncio.gather(*(dns.pair(server, question) for question in questions))
    failed = [pair.best for pair in pairs if pair.best.kind is AnswerKind.SERVFAIL]
    if not failed or any(map(is_bogus, failed)):
        return ServerLookup(server, tuple(pairs))
    unchecked = await dns.first_usable([server], replace(failed[0].question, checking=False))
    return ServerLookup(server, tuple(pairs), unchecked)


def judge(seen: DomainObservation) -> tuple[Finding, ...]:
    """Return the findings of the domain as a whole."""
    found = list(_judge_outside(seen) or _judge_route(seen))
    found += _judge_servers(seen)
    return tuple(_here(item) if seen.sender else item for item in found)


def _here(item: Finding) -> Finding:
    """Return a finding of the sender's domain: what is the recipient's side elsewhere is this one."""
    return replace(item, side=Side.HERE) if item.side is Side.RECIPIENT else item


def detail(seen: DomainObservation) -> str:
    """Return the telling detail in a few words."""
    route = seen.route
    if seen.ruling is not None and seen.ruling.reading in _READINGS:
        return _READINGS[seen.ruling.reading]
    match route.kind:
        case RouteKind.MX:
            return _mx_hosts(route)
        case RouteKind.IMPLICIT:
            return "no MX: the domain's own addresses"
        case RouteKind.NULL:
            return "null MX: takes no mail"
        case RouteKind.NO_HOST:
            return "neither MX nor address"
        case RouteKind.NOT_FOUND:
            return "the domain does not exist"
        case RouteKind.LOOP:
            return "its CNAMEs circle"
        case RouteKind.FAILED:
            return "the lookup failed"


def _mx_hosts(route: Route) -> str:
    more = f", {route.unplanned:,} more not planned" if route.unplanned else ""
    return f"{counted(len(route.hosts), 'MX host')}{more}"


def _judge_outside(seen: DomainObservation) -> tuple[Finding, ...]:
    """Judge whether the sender's domain is known to the target servers alone (split horizon)."""
    if not seen.sender:
        return ()
    inside, outside = seen.at_system_servers, seen.at_targets
    absent = [lookup for lookup in inside if lookup.absent]
    if _known_to_any(inside) or not _known_to_any(outside) or not absent:
        return ()
    message = f"{seen.domain} is known to {_servers(outside)}, not to {_servers(absent)}."
    evidence = [
        f"{lookup.server.label}: {record}"
        for lookup in outside
        for pair in lookup.pairs
        for record in pair.best.records
    ]
    return (finding("domain-only-outside", message, evidence=tuple(evidence)),)


def _known_to_any(lookups: list[ServerLookup]) -> bool:
    return any(AnswerKind.DATA in lookup.kinds for lookup in lookups)


def _servers(lookups: list[ServerLookup]) -> str:
    return ", ".join(lookup.server.label for lookup in lookups)


def _judge_route(seen: DomainObservation) -> tuple[Finding, ...]:
    chain = " → ".join(seen.route.mx.names)
    alias = _judge_alias(seen, chain)
    if seen.ruling is not None and not seen.ruling.believed:
        return (*_judge_ruling(seen, seen.ruling), *alias, *_null_ignored(seen))
    if seen.hidden and seen.route.kind in WITHOUT_MX:
        return alias
    return (*alias, *_judge_kind(seen, chain), *_null_ignored(seen))


def _judge_kind(seen: DomainObservation, chain: str) -> tuple[Finding, ...]:
    route = seen.route
    match route.kind:
        case RouteKind.MX:
            return ()
        case RouteKind.NOT_FOUND:
            return (_not_found(seen),)
        case RouteKind.NULL:
            message = f"{seen.domain} has a null MX: it says that it takes no mail."
            return (finding("null-mx", message, evidence=_mx_records(route)),)
        case RouteKind.IMPLICIT:
            message = f"{seen.domain} has no MX; senders take its own address as its mail host."
            return (finding("implicit-mx", message, evidence=_cited(route)),)
        case RouteKind.NO_HOST:
            message = f"{seen.domain}, {_whose(seen)}, has neither MX nor address."
            return (finding("no-mail-host", message, evidence=_cited(route)),)
        case RouteKind.LOOP:
            message = f"The CNAMEs of {seen.domain} go in a circle or on for too long."
            server = f"{route.server.label}: " if route.server is not None else ""
            return (finding("cname-loop", message, evidence=(f"{server}{chain}",)),)
        case RouteKind.FAILED:
            return _lookup_failed(seen)


def _judge_alias(seen: DomainObservation, chain: str) -> tuple[Finding, ...]:
    """Judge a CNAME at the domain: at the apex of a zone, or beside an MX, there must be none."""
    alias = seen.arbitration.alias if seen.arbitration is not None else None
    beside_mx = seen.route.kind is RouteKind.MX and len(seen.route.mx.names) == 1
    # Nobody but a zone of its own can be below a top-level domain.
    registered = seen.domain.count(".") == 1
    if alias is not None and (alias.cut or beside_mx or registered):
        grave = Severity.FAILURE if seen.route.kind in WITHOUT_HOST else None
        return (judge_alias(alias, seen.domain, here=seen.sender, severity=grave),)
    if len(seen.route.mx.names) > 1 and seen.route.kind is not RouteKind.LOOP:
        return (finding("mx-through-cname", f"The MX question is answered through CNAME: {chain}."),)
    return ()


def _judge_ruling(seen: DomainObservation, ruling: Ruling) -> tuple[Finding, ...]:
    """Judge what one server says otherwise than the authority."""
    arbitration = seen.arbitration or Arbitration()
    random = arbitration.random_at(ruling.server)
    told = judge_ruling(ruling, now=arbitration.at, here=seen.sender, random=random)
    return (told,) if told is not None else ()


def _null_ignored(seen: DomainObservation) -> tuple[Finding, ...]:
    if seen.route.kind is not RouteKind.MX or not seen.route.null_ignored:
        return ()
    message = f"{seen.domain} has a null MX beside other MX; the null MX is ignored."
    return (finding("null-mx-not-alone", message, evidence=_mx_records(seen.route)),)


def _whose(seen: DomainObservation) -> str:
    return "the sender's domain" if seen.sender else "the recipient's domain"


def _cited(route: Route) -> tuple[str, ...]:
    """Return the MX answer that a route rests on, with the server that gave it."""
    return (cite(route.mx.last),) if route.mx.last is not None else ()


def _mx_records(route: Route) -> tuple[str, ...]:
    """Return the records of the MX answer, each with the server that gave it."""
    answer = route.mx.last
    return tuple(f"{answer.server.label}: {record}" for record in answer.answer) if answer is not None else ()


def _not_found(seen: DomainObservation) -> Finding:
    answer = seen.route.mx.last
    server = f" ({answer.server.label} says NXDOMAIN)" if answer else ""
    return finding(
        "domain-not-found",
        f"{seen.domain}, {_whose(seen)}, does not exist{server}.",
        side=_side(seen),
        evidence=(cite(answer), *map(str, answer.authority)) if answer else (),
    )


def _lookup_failed(seen: DomainObservation) -> tuple[Finding, ...]:
    answer = seen.route.mx.last
    if answer is None:
        return ()
    lookup = seen.lookup_at(answer.server)
    bogus = lookup.judge_bogus(_side(seen)) if lookup is not None else ()
    if bogus:
        return bogus
    # Silence on both transports is told where it was met; here only a server's own word.
    if not answer.whole:
        return ()
    extended = f" ({answer.extended})" if answer.extended else ""
    message = (
        f"{answer.server.label} answers {answer.rcode} to {answer.question}{extended}:"
        f" the mail hosts of {seen.domain} are not known now."
    )
    if seen.ruling is not None and seen.ruling.authority.complete:
        return (_failed_here(seen, answer, message),)
    return (finding("dns-server-failure", message, side=_side(seen), evidence=(cite(answer),)),)


def _failed_here(seen: DomainObservation, answer: Answer, message: str) -> Finding:
    """Return the finding of a resolver that fails for a domain whose name servers all answer this host."""
    server = answer.server.label
    return finding(
        "dns-server-failure",
        message,
        meaning=f"All name servers of {seen.domain} answered this host; {server} does not reach or accept them.",
        advice=f"Check how {server} reaches the name servers of {seen.domain}, and flush its cache.",
        side=Side.HERE,
        evidence=(cite(answer),),
    )


def _side(seen: DomainObservation) -> Side | None:
    """Return the domain's side, where it is not the recipient's."""
    return Side.HERE if seen.sender else None


def _judge_servers(seen: DomainObservation) -> tuple[Finding, ...]:
    """Compare the servers with the one whose answers are followed."""
    followed = seen.lookup_at(seen.route.server)
    if followed is None:
        return ()
    found: list[Finding] = []
    for lookup in seen.lookups:
        if lookup is followed:
            continue
        if lookup.server not in seen.useless:
            found += lookup.judge_bogus(_side(seen))  # the other one does not check: no views of their own
        found += _judge_difference(seen, followed, lookup)
    return tuple(found)


def _judge_difference(
    seen: DomainObservation, followed: ServerLookup, lookup: ServerLookup
) -> tuple[Finding, ...]:
    lines = _differences(followed, lookup)
    if not lines:
        return ()
    ruling = seen.ruling_at(lookup.server)
    if ruling is not None and not ruling.believed:
        return tuple(replace(item, severity=Severity.WARNING) for item in _judge_ruling(seen, ruling))
    if seen.ruling is not None and not seen.ruling.believed:  # what is followed is told as what it is
        return ()
    message = (
        f"{lookup.server.label} knows {seen.domain} otherwise than {followed.server.label}, which is"
        " followed; split horizon does that, and so does a change under way."
    )
    return (finding("dns-answers-differ", message, evidence=tuple(lines)),)


def _differences(followed: ServerLookup, lookup: ServerLookup) -> list[str]:
    """Return lines on how answers differ, as far as both servers gave any: a refusal is no view of its own."""
    lines: list[str] = []
    for pair, compared in zip(followed.pairs, lookup.pairs, strict=True):
        answer, theirs = pair.best, compared.best
        if answer.usable and theirs.usable and not same(answer, theirs):
            lines.extend(f"{pair.question}: {line}" for line in difference(answer, theirs))
    return lines
