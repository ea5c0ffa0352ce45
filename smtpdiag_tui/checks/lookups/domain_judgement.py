"""Judging a mail domain as the DNS servers see it: what its route comes to, and how the servers differ. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.checks.lookups.answers import MAX_CHAIN, Answer, AnswerKind, cite, difference, same
from smtpdiag_tui.checks.lookups.arbiter import Reading, Ruling
from smtpdiag_tui.checks.lookups.arbiter_judgement import judge_alias, judge_ruling
from smtpdiag_tui.checks.lookups.arbitration import Arbitration
from smtpdiag_tui.checks.lookups.domain import WITHOUT_HOST, WITHOUT_MX, DomainObservation, ServerLookup
from smtpdiag_tui.checks.lookups.routing import Route, RouteKind
from smtpdiag_tui.checks.lookups.soa_judgement import not_found_advice
from smtpdiag_tui.report.actions import by, dns_administrator
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, Severity, Side, finding

_READINGS = {
    Reading.REWRITTEN: "NXDOMAIN rewritten by the resolver",
    Reading.FILTERED: "answer filtered by the resolver",
    Reading.STALE: "outdated answer from the resolver",
    Reading.CONTRADICTS: "contradictory answers",
}


def judge(seen: DomainObservation) -> tuple[Finding, ...]:
    """Return the findings of the domain as a whole."""
    found = list(_judge_outside(seen) or _judge_route(seen))
    found += _judge_servers(seen)
    return tuple(_here(item) if seen.sender else item for item in found)


def _here(item: Finding) -> Finding:
    """Return a finding of the sender's domain: what is the recipient's side elsewhere is this one."""
    return replace(item, side=Side.HERE) if item.side is Side.RECIPIENT else item


def detail(seen: DomainObservation, findings: Sequence[Finding] = ()) -> str:
    """Return the domain and what it comes to, in a few words; `findings` tell whether servers differ on it."""
    differ = any(item.code == "dns-answers-differ" for item in findings)
    split = ", split DNS" if differ else ""
    return f"{seen.domain}: {_comes_to(seen)}{split}"


def _comes_to(seen: DomainObservation) -> str:
    route = seen.route
    if seen.ruling is not None and seen.ruling.reading in _READINGS:
        return _READINGS[seen.ruling.reading]
    match route.kind:
        case RouteKind.MX:
            return _mx_hosts(route)
        case RouteKind.IMPLICIT:
            return "no MX record, own address used"
        case RouteKind.NULL:
            return "null MX, accepts no mail"
        case RouteKind.NO_HOST:
            return "no MX, A or AAAA record"
        case RouteKind.NOT_FOUND:
            return "does not exist (NXDOMAIN)"
        case RouteKind.LOOP:
            return "CNAME loop"
        case RouteKind.FAILED:
            return _failed_words(route)


def _failed_words(route: Route) -> str:
    """Return how the lookup failed that the route rests on: "SERVFAIL for MX", "no answer for MX"."""
    answer = route.mx.last
    if answer is None:
        return "MX query failed"
    how = answer.rcode if answer.whole else "no usable answer"
    how = "referral" if answer.kind is AnswerKind.REFERRAL else how
    return f"{how} for {answer.question.rdtype}"


def _mx_hosts(route: Route) -> str:
    more = f", {route.unplanned:,} more not tested" if route.unplanned else ""
    return f"{counted(len(route.hosts), 'MX host')}{more}"


def _judge_outside(seen: DomainObservation) -> tuple[Finding, ...]:
    """Judge whether the sender's domain is known to the target servers alone (split horizon)."""
    if not seen.sender:
        return ()
    inside, outside = seen.at_system_servers, seen.at_targets
    absent = [lookup for lookup in inside if lookup.absent]
    if _known_to_any(inside) or not _known_to_any(outside) or not absent:
        return ()
    message = f"{seen.domain} resolves at {_servers(outside)}, but not at {_servers(absent)}"
    evidence = [
        f"{lookup.server.label}: {record}"
        for lookup in outside
        for pair in lookup.pairs
        for record in pair.best.records
    ]
    advice = (
        f"Make {seen.domain} resolve at {_servers(absent)} too, if servers in this network check sender domains."
    )
    return (finding("domain-only-outside", message, advice=advice, evidence=tuple(evidence)),)


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
    match seen.route.kind:
        case RouteKind.MX:
            return ()
        case RouteKind.NOT_FOUND:
            return (_not_found(seen),)
        case RouteKind.NULL:
            return (_null(seen),)
        case RouteKind.IMPLICIT | RouteKind.NO_HOST:
            return (_without_mx(seen),)
        case RouteKind.LOOP:
            return (_loop(seen, chain),)
        case RouteKind.FAILED:
            return _lookup_failed(seen)


def _null(seen: DomainObservation) -> Finding:
    domain = seen.domain
    advice = f"Use another address for the recipient; {domain} accepts no mail."
    if seen.sender:
        advice = f"Replace the null MX of {domain} with MX records, or use another sender domain."
    message = f"{domain} accepts no mail (null MX)"
    return finding("null-mx", message, advice=advice, evidence=_mx_records(seen.route))


def _without_mx(seen: DomainObservation) -> Finding:
    """Return the finding of a domain without MX: its own address stands in for one, or it has none either."""
    domain, evidence = seen.domain, _cited(seen.route)
    if seen.route.kind is RouteKind.IMPLICIT:
        message = f"{domain} has no MX record; sending servers use its own address"
        advice = by(_keeper(seen), f"add an MX record for {domain}, or a null MX if {domain} accepts no mail.")
        return finding("implicit-mx", message, advice=advice, evidence=evidence)
    message = f"{_whose(seen)} {domain} has no MX, A or AAAA record"
    actions = (f"Check the spelling of {domain}.", by(_keeper(seen), f"add an MX record for {domain}."))
    return finding("no-mail-host", message, advice=actions, evidence=evidence)


def _loop(seen: DomainObservation, chain: str) -> Finding:
    message = f"CNAME chain of {seen.domain} loops or is longer than {MAX_CHAIN}"
    server = f"{seen.route.server.label}: " if seen.route.server is not None else ""
    advice = by(_keeper(seen), f"correct the CNAME chain of {seen.domain}.")
    return finding("cname-loop", message, advice=advice, evidence=(f"{server}{chain}",))


def _keeper(seen: DomainObservation) -> str:
    """Return who keeps the domain: the reader, where it is the sender's."""
    return "" if seen.sender else dns_administrator(seen.domain)


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
        message = f"{seen.domain} is a CNAME for {seen.route.mx.names[-1]}"
        return (finding("mx-through-cname", message, evidence=(chain,)),)
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
    message = f"{seen.domain} has a null MX beside other MX records; it is ignored"
    advice = by(_keeper(seen), f"remove either the null MX or the other MX records of {seen.domain}.")
    return (finding("null-mx-not-alone", message, advice=advice, evidence=_mx_records(seen.route)),)


def _whose(seen: DomainObservation) -> str:
    return "Sender domain" if seen.sender else "Recipient domain"


def _cited(route: Route) -> tuple[str, ...]:
    """Return the MX answer that a route rests on, with the server that gave it."""
    return (cite(route.mx.last),) if route.mx.last is not None else ()


def _mx_records(route: Route) -> tuple[str, ...]:
    """Return the records of the MX answer, each with the server that gave it."""
    answer = route.mx.last
    return tuple(f"{answer.server.label}: {record}" for record in answer.answer) if answer is not None else ()


def _not_found(seen: DomainObservation) -> Finding:
    answer = seen.route.mx.last
    advice = not_found_advice(seen.domain)
    if seen.sender:
        advice = (advice[0], f"Check that {seen.domain} is registered and has not expired.")
    return finding(
        "domain-not-found",
        f"{_whose(seen)} {seen.domain} does not exist (NXDOMAIN)",
        side=_side(seen),
        advice=advice,
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
    # Silence and a referral are told where they were met; here only a server's word on the domain.
    if not answer.whole or answer.kind is AnswerKind.REFERRAL:
        return ()
    message = f"{answer.server.label} returned {answer.rcode} for {answer.question}"
    if seen.ruling is not None and seen.ruling.authority.complete:
        return (_failed_here(seen, answer, message),)
    repair = by(_keeper(seen), f"check the name servers and DNSSEC of {seen.domain}, if it persists.")
    advice = ("Rerun later.", repair)
    return (finding("dns-server-failure", message, side=_side(seen), advice=advice, evidence=(cite(answer),)),)


def _failed_here(seen: DomainObservation, answer: Answer, message: str) -> Finding:
    """Return the finding of a resolver that fails for a domain whose name servers all answer this host."""
    server = answer.server.label
    return finding(
        "dns-server-failure",
        message,
        meaning=f"All name servers of {seen.domain} answered this host; {server} does not reach or accept them.",
        advice=f"Check how {server} reaches the name servers of {seen.domain}, then flush its cache.",
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
    differing = _differing(followed, lookup)
    if not differing:
        return ()
    ruling = seen.ruling_at(lookup.server)
    if ruling is not None and not ruling.believed:
        return tuple(replace(item, severity=Severity.WARNING) for item in _judge_ruling(seen, ruling))
    if seen.ruling is not None and not seen.ruling.believed:  # what is followed is told as what it is
        return ()
    return (_views_differ(seen, followed.server.label, lookup.server.label, differing),)


def _views_differ(
    seen: DomainObservation, followed: str, other: str, differing: Sequence[tuple[Answer, Answer]]
) -> Finding:
    """Return the finding that two servers return different records for a domain."""
    types = list(dict.fromkeys(answer.question.rdtype for answer, _ in differing))
    records = f"{types[0]} records" if len(types) == 1 else "records"
    lines = [f"{answer.question}: {line}" for answer, theirs in differing for line in difference(answer, theirs)]
    return finding(
        "dns-answers-differ",
        f"{followed} and {other} return different {records} (expected with split DNS)",
        meaning=f"This run follows {followed}. A zone change in progress looks the same as split DNS.",
        advice=f"None, if {followed} and {other} differ for {seen.domain} on purpose.",
        evidence=tuple(lines),
    )


def _differing(followed: ServerLookup, lookup: ServerLookup) -> list[tuple[Answer, Answer]]:
    """Return the answers that differ, as far as both servers gave any: a refusal is no view of its own."""
    pairs = zip(followed.pairs, lookup.pairs, strict=True)
    both = [(pair.best, compared.best) for pair, compared in pairs]
    return [(own, theirs) for own, theirs in both if own.usable and theirs.usable and not same(own, theirs)]
