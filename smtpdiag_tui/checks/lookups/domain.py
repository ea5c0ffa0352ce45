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


@dataclass(frozen=True, slots=True)
class DomainObservation:
    """A domain at every server. `sender`: it is the sender's. `hosts`: its mail hosts' addresses, if looked up."""

    domain: str
    sender: bool
    lookups: tuple[ServerLookup, ...]
    route: Route
    targets: tuple[DnsServer, ...] = ()
    hosts: tuple[HostLookup, ...] = ()


async def observe_server(dns: DnsClient, server: DnsServer, domain: str) -> ServerLookup:
    """Ask one server for the domain's MX, A and AAAA over both transports."""
    questions = (Question(domain, rdtype) for rdtype in RDTYPES)
    return ServerLookup(server, tuple(await asyncio.gather(*(dns.pair(server, item) for item in questions))))


def judge(seen: DomainObservation) -> tuple[Finding, ...]:
    """Return the findings of the domain as a whole."""
    found = list(_judge_outside(seen) or _judge_route(seen))
    found += _judge_servers(seen)
    if seen.sender:
        found += [
            finding("sender-mx-unresolvable", f"{item.host.name}, a mail host of {seen.domain}, has no address.")
            for item in seen.hosts
            if not item.addresses and not item.is_address and not item.failed
        ]
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
    if not (seen.sender and seen.targets):
        return ()
    inside = [item for item in seen.lookups if item.server not in seen.targets]
    outside = [item for item in seen.lookups if item.server in seen.targets]
    if not inside or any(_known(item) for item in inside) or not any(_known(item) for item in outside):
        return ()
    absent = [item for item in inside if _absent(item)]
    if not absent:
        return ()
    return (
        finding(
            "domain-only-outside",
            f"{seen.domain} is known to {_servers(outside)}, not to {_servers(absent)}.",
            evidence=tuple(str(record) for item in outside for record in _records(item)),
        ),
    )


def _known(lookup: ServerLookup) -> bool:
    return any(pair.best.kind is AnswerKind.DATA for pair in lookup.pairs)


def _absent(lookup: ServerLookup) -> bool:
    kinds = {pair.best.kind for pair in lookup.pairs}
    return kinds <= {AnswerKind.NODATA, AnswerKind.NXDOMAIN}


def _records(lookup: ServerLookup) -> tuple[str, ...]:
    return tuple(str(record) for pair in lookup.pairs for record in pair.best.records)


def _servers(lookups: list[ServerLookup]) -> str:
    return ", ".join(item.server.label for item in lookups)


def _judge_route(seen: DomainObservation) -> tuple[Finding, ...]:
    route, whose = seen.route, "the sender's domain" if seen.sender else "the recipient's domain"
    answer = route.mx.last
    evidence = tuple(str(record) for record in answer.answer) if answer else ()
    found: list[Finding] = []
    if len(route.mx.names) > 1 and route.kind is not RouteKind.LOOP:
        chain = " → ".join(route.mx.names)
        found.append(finding("mx-through-cname", f"The MX question is answered through CNAME: {chain}."))
    match route.kind:
        case RouteKind.NOT_FOUND:
            found.append(_not_found(seen, whose))
        case RouteKind.NULL:
            message = f"{seen.domain} has a null MX: it says that it takes no mail."
            found.append(finding("null-mx", message, evidence=evidence))
        case RouteKind.IMPLICIT:
            message = f"{seen.domain} has no MX; senders take its own address as its mail host."
            found.append(finding("implicit-mx", message))
        case RouteKind.NO_HOST:
            found.append(finding("no-mail-host", f"{seen.domain}, {whose}, has neither MX nor address."))
        case RouteKind.LOOP:
            message = f"The CNAMEs of {seen.domain} go in a circle or on for too long."
            found.append(finding("cname-loop", message, evidence=(" → ".join(route.mx.names),)))
        case RouteKind.FAILED if answer is not None:
            found += _lookup_failed(seen, answer)
        case _:
            pass
    if route.null_ignored:
        message = f"{seen.domain} has a null MX beside other MX; the null MX is ignored."
        found.append(finding("null-mx-not-alone", message, evidence=evidence))
    return tuple(found)


def _not_found(seen: DomainObservation, whose: str) -> Finding:
    answer = seen.route.mx.last
    server = f" ({answer.server.label} says NXDOMAIN)" if answer else ""
    return finding(
        "domain-not-found",
        f"{seen.domain}, {whose}, does not exist{server}.",
        side=Side.HERE if seen.sender else None,
        evidence=tuple(str(record) for record in answer.authority) if answer else (),
    )


def _lookup_failed(seen: DomainObservation, answer: Answer) -> tuple[Finding, ...]:
    # Silence on both transports is told as dns-unreachable where it was met; here only a server's own word.
    if not answer.well_formed or answer.kind is AnswerKind.TRUNCATED:
        return ()
    said = answer.extended and f" ({answer.extended})"
    return (
        finding(
            "dns-server-failure",
            f"{answer.server.label} answers {answer.rcode} to {answer.question}{said or ''}:"
            f" the mail hosts of {seen.domain} are not known now.",
        ),
    )


def _judge_servers(seen: DomainObservation) -> tuple[Finding, ...]:
    """Compare the servers with the one whose answers are followed."""
    followed = next((item for item in seen.lookups if item.server == seen.route.server), None)
    if followed is None:
        return ()
    found: list[Finding] = []
    for other in seen.lookups:
        if other is followed:
            continue
        lines: list[str] = []
        for mine, theirs in zip(followed.pairs, other.pairs, strict=True):
            if mine.best.well_formed and theirs.best.well_formed and not same(mine.best, theirs.best):
                lines += [f"{mine.question}: {line}" for line in difference(mine.best, theirs.best)]
        if lines:
            message = (
                f"{other.server.label} knows {seen.domain} otherwise than {followed.server.label}, which is"
                " followed; split horizon does that, and so does a change under way."
            )
            found.append(finding("dns-answers-differ", message, evidence=tuple(lines)))
    return tuple(found)
