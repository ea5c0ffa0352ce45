"""A mail domain as the DNS servers see it: MX, A and AAAA over both transports, and the route that follows."""

import asyncio
from dataclasses import dataclass

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair, Question, difference, same
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.routing import HostLookup, Route, RouteKind
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, Side, finding
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


@dataclass(frozen=True, slots=True)
class ServerLookup:
    """What one server says of the domain: one pair for each of MX, A and AAAA."""

    server: DnsServer
    pairs: tuple[Pair, ...]

    def best(self, rdtype: str) -> Answer | None:
        """The answer that counts for `rdtype`, None if it was not asked."""
        return next((pair.best for pair in self.pairs if pair.question.rdtype == rdtype), None)

    @property
    def kinds(self) -> set[AnswerKind]:
        """What became of the questions."""
        return {pair.best.kind for pair in self.pairs}

    @property
    def absent(self) -> bool:
        """Whether the server says positively that there is nothing of the domain."""
        return self.kinds <= {AnswerKind.NODATA, AnswerKind.NXDOMAIN}


@dataclass(frozen=True, slots=True)
class DomainObservation:
    """A domain at every server. `sender`: it is the sender's. `hosts`: its mail hosts' addresses, if looked up."""

    domain: str
    sender: bool
    lookups: tuple[ServerLookup, ...]
    route: Route
    targets: tuple[DnsServer, ...] = ()
    hosts: tuple[HostLookup, ...] = ()

    @property
    def at_targets(self) -> list[ServerLookup]:
        """What the target servers say."""
        return [lookup for lookup in self.lookups if lookup.server in self.targets]

    @property
    def at_system_servers(self) -> list[ServerLookup]:
        """What the servers say that are not targets."""
        return [lookup for lookup in self.lookups if lookup.server not in self.targets]


async def observe_server(dns: DnsClient, server: DnsServer, domain: str) -> ServerLookup:
    """Ask one server for the domain's MX, A and AAAA over both transports."""
    questions = [Question(domain, rdtype) for rdtype in RDTYPES]
    pairs = await asyncio.gather(*(dns.pair(server, question) for question in questions))
    return ServerLookup(server, tuple(pairs))


def judge(seen: DomainObservation) -> tuple[Finding, ...]:
    """Return the findings of the domain as a whole."""
    found = list(_judge_outside(seen) or _judge_route(seen))
    found += _judge_servers(seen)
    if seen.sender:
        for lookup in seen.hosts:
            if not (lookup.addresses or lookup.is_address or lookup.failed):
                message = f"{lookup.host.name}, a mail host of {seen.domain}, has no address."
                found.append(finding("sender-mx-unresolvable", message))
    return tuple(found)


def detail(seen: DomainObservation) -> str:
    """Return the telling detail in a few words."""
    route = seen.route
    match route.kind:
        case RouteKind.MX:
            more = f", {route.unplanned:,} more not planned" if route.unplanned else ""
            return f"{counted(len(route.hosts), 'MX host')}{more}"
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


def _judge_outside(seen: DomainObservation) -> tuple[Finding, ...]:
    """Judge whether the sender's domain is known to the target servers alone (split horizon)."""
    if not seen.sender:
        return ()
    inside, outside = seen.at_system_servers, seen.at_targets
    absent = [lookup for lookup in inside if lookup.absent]
    if _known_to_any(inside) or not _known_to_any(outside) or not absent:
        return ()
    message = f"{seen.domain} is known to {_servers(outside)}, not to {_servers(absent)}."
    evidence = [str(record) for lookup in outside for pair in lookup.pairs for record in pair.best.records]
    return (finding("domain-only-outside", message, evidence=tuple(evidence)),)


def _known_to_any(lookups: list[ServerLookup]) -> bool:
    return any(AnswerKind.DATA in lookup.kinds for lookup in lookups)


def _servers(lookups: list[ServerLookup]) -> str:
    return ", ".join(lookup.server.label for lookup in lookups)


def _judge_route(seen: DomainObservation) -> tuple[Finding, ...]:
    route, chain = seen.route, " → ".join(seen.route.mx.names)
    found: list[Finding] = []
    if len(route.mx.names) > 1 and route.kind is not RouteKind.LOOP:
        found.append(finding("mx-through-cname", f"The MX question is answered through CNAME: {chain}."))
    match route.kind:
        case RouteKind.NOT_FOUND:
            found.append(_not_found(seen))
        case RouteKind.NULL:
            message = f"{seen.domain} has a null MX: it says that it takes no mail."
            found.append(finding("null-mx", message, evidence=_mx_records(route)))
        case RouteKind.IMPLICIT:
            message = f"{seen.domain} has no MX; senders take its own address as its mail host."
            found.append(finding("implicit-mx", message))
        case RouteKind.NO_HOST:
            found.append(finding("no-mail-host", f"{seen.domain}, {_whose(seen)}, has neither MX nor address."))
        case RouteKind.LOOP:
            message = f"The CNAMEs of {seen.domain} go in a circle or on for too long."
            found.append(finding("cname-loop", message, evidence=(chain,)))
        case RouteKind.FAILED:
            found += _lookup_failed(seen)
        case RouteKind.MX if route.null_ignored:
            message = f"{seen.domain} has a null MX beside other MX; the null MX is ignored."
            found.append(finding("null-mx-not-alone", message, evidence=_mx_records(route)))
    return tuple(found)


def _whose(seen: DomainObservation) -> str:
    return "the sender's domain" if seen.sender else "the recipient's domain"


def _mx_records(route: Route) -> tuple[str, ...]:
    return tuple(map(str, route.mx.last.answer)) if route.mx.last else ()


def _not_found(seen: DomainObservation) -> Finding:
    answer = seen.route.mx.last
    server = f" ({answer.server.label} says NXDOMAIN)" if answer else ""
    return finding(
        "domain-not-found",
        f"{seen.domain}, {_whose(seen)}, does not exist{server}.",
        side=Side.HERE if seen.sender else None,
        evidence=tuple(str(record) for record in answer.authority) if answer else (),
    )


def _lookup_failed(seen: DomainObservation) -> tuple[Finding, ...]:
    answer = seen.route.mx.last
    # Silence on both transports is told where it was met; here only a server's own word.
    if answer is None or not answer.whole:
        return ()
    extended = f" ({answer.extended})" if answer.extended else ""
    message = (
        f"{answer.server.label} answers {answer.rcode} to {answer.question}{extended}:"
        f" the mail hosts of {seen.domain} are not known now."
    )
    return (finding("dns-server-failure", message, side=Side.HERE if seen.sender else None),)


def _judge_servers(seen: DomainObservation) -> tuple[Finding, ...]:
    """Compare the servers with the one whose answers are followed."""
    followed = next((lookup for lookup in seen.lookups if lookup.server == seen.route.server), None)
    if followed is None:
        return ()
    found: list[Finding] = []
    for lookup in seen.lookups:
        lines = _differences(followed, lookup)
        if lines:
            message = (
                f"{lookup.server.label} knows {seen.domain} otherwise than {followed.server.label}, which is"
                " followed; split horizon does that, and so does a change under way."
            )
            found.append(finding("dns-answers-differ", message, evidence=tuple(lines)))
    return tuple(found)


def _differences(followed: ServerLookup, lookup: ServerLookup) -> list[str]:
    """Return lines on how answers differ, as far as both servers gave any: a refusal is no view of its own."""
    lines: list[str] = []
    for pair, compared in zip(followed.pairs, lookup.pairs, strict=True):
        answer, theirs = pair.best, compared.best
        if answer.usable and theirs.usable and not same(answer, theirs):
            lines.extend(f"{pair.question}: {line}" for line in difference(answer, theirs))
    return lines
