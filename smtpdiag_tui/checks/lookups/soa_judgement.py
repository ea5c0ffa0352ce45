"""Judging a zone as a whole: its versions, who is behind, why resolvers fail for it (RFC 1982). Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, cite
from smtpdiag_tui.checks.lookups.arbiter import existing, filtering_errors
from smtpdiag_tui.checks.lookups.arbiter_judgement import duration
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.authority_judgement import (
    Standing,
    all_serve,
    authoritative,
    counted,
    hostmaster_words,
    judge_unresolved,
    outside,
    reached_families,
    standing,
)
from smtpdiag_tui.checks.lookups.delegation_judgement import judge_delegation
from smtpdiag_tui.checks.lookups.extended_errors import is_bogus
from smtpdiag_tui.checks.lookups.interception import intercepted, judge_interception
from smtpdiag_tui.checks.lookups.mail_agreement import judge_mail, mail_differs
from smtpdiag_tui.checks.lookups.soa import RETRY_AFTER, ResolverView, SoaObservation, ZoneObservation
from smtpdiag_tui.checks.lookups.transports import no_route
from smtpdiag_tui.report.actions import Action, Advice, dns_administrator
from smtpdiag_tui.report.amounts import listed, noun_for
from smtpdiag_tui.report.findings import Finding, Side, finding

_SHOWN = 20  # names that evidence lists
_HALF = 2**31
_MODULUS = 2**32


def behind(serial: int, other: int) -> int:
    """Return by how much `serial` is behind `other` in serial number arithmetic (RFC 1982 §3.2); 0 if it is not.

    Serials exactly 2^31 apart have no order; the number is returned as it is.
    """
    gap = (other - serial) % _MODULUS
    return gap if gap <= _HALF else 0


def newest(serials: Sequence[int]) -> int:
    """Return the serial that the fewest others are ahead of."""
    return min(serials, key=lambda serial: (len([ahead for ahead in serials if behind(serial, ahead)]), -serial))


def judge(seen: SoaObservation) -> tuple[Finding, ...]:
    """Return the findings of the zone as a whole."""
    found = (*_resolution(seen), *judge_interception(seen))
    if seen.zone.apex is None:
        return found
    return (
        *found,
        *_serials(seen),
        *judge_mail(seen),
        *judge_delegation(seen),
        *_egress(seen),
        *judge_unresolved(seen),
        *_resolvers(seen),
    )


_ALSO = {
    "soa-mx-mismatch": "MX hosts differ",
    "mx-differ-same-serial": "MX hosts differ",
    "delegation-mismatch": "delegation differs",
    "glue-mismatch": "glue differs",
    "delegation-stale": "former delegation in use",
}


def zone_detail(seen: SoaObservation, findings: Sequence[Finding] = ()) -> str:
    """Return the zone and its serial in a few words: "a.example, serial 7 on 3 of 4 name server addresses".

    What `findings` tell besides is added.
    """
    also = dict.fromkeys(_ALSO[item.code] for item in findings if item.code in _ALSO)
    return ", ".join([_serial_detail(seen), *also])


def zone_serial(seen: SoaObservation) -> int | None:
    """Return the newest serial of the zone that its name servers tell, None where none does."""
    serials = _serials_of(authoritative(seen))
    return newest(serials) if serials else None


def _serial_detail(seen: SoaObservation) -> str:
    zone = seen.zone
    if zone.apex is None:
        return f"{zone.domain}: {_without_zone(zone)}"
    serials = _serials_of(authoritative(seen))
    if not serials:
        return f"{zone.apex}, {_without_serial(seen)}"
    asked = [view for view in counted(seen) if not no_route([view.pair])]
    top, total = newest(serials), len(asked)
    where = f"on {serials.count(top)} of {total} name server {noun_for(total, 'address')}"
    if len(set(serials)) > 1:
        return f"{zone.apex}, serials differ: newest {top} {where}"
    return f"{zone.apex}, serial {top} {where}"


def _without_zone(zone: ZoneObservation) -> str:
    denied = zone.answer is not None and zone.answer.kind is AnswerKind.NXDOMAIN
    denied = denied or (zone.delegation is not None and zone.delegation.denied)
    return "does not exist (NXDOMAIN)" if denied else "no zone found"


def _without_serial(seen: SoaObservation) -> str:
    """Say why no name server tells the serial."""
    if intercepted(seen):
        return "port 53 intercepted"
    if any(view.answers for view in seen.authorities):
        return "no name server serves the zone"
    return "no name server answered" if seen.authorities else "no name server address known"


def _resolution(seen: SoaObservation) -> tuple[Finding, ...]:
    """Judge what the resolver answered where it told no zone, beside what the zones above say."""
    zone, answer = seen.zone, seen.zone.answer
    if answer is None or zone.told_by_resolvers or _judged_elsewhere(answer):
        return ()
    serves = bool(authoritative(seen))
    evidence = (cite(answer), *_way(zone))
    if answer.kind is AnswerKind.NXDOMAIN:
        if serves:  # the zone exists, whatever the resolver says
            return ()
        message = f"{zone.domain} does not exist (NXDOMAIN from {answer.server.label})"
        return (finding("domain-not-found", message, advice=not_found_advice(zone.domain), evidence=evidence),)
    if answer.kind is AnswerKind.REFUSED and serves:  # a rule of the resolver's, told where it is looked up
        return ()
    if not answer.usable:
        return _failure(seen, answer, evidence, serves=serves)
    return () if zone.walked else (_no_zone(zone, evidence),)


def _judged_elsewhere(answer: Answer) -> bool:
    """Whether an answer is no word on the zone, and is told where the domain or the server itself is judged."""
    return not answer.well_formed or filtering_errors(answer) or answer.kind is AnswerKind.REFERRAL


def _no_zone(zone: ZoneObservation, evidence: tuple[str, ...]) -> Finding:
    """Return the finding of a domain that a resolver knows no zone of, and nobody else does."""
    if zone.delegation is not None and zone.delegation.denied:
        message = f"{zone.domain} does not exist (NXDOMAIN from parent zone {zone.delegation.parent})"
        return finding("domain-not-found", message, advice=not_found_advice(zone.domain), evidence=evidence)
    message = f"No SOA record found for {zone.domain} or any zone above"
    advice = Action(dns_administrator(zone.domain), f"publish an SOA record for the zone of {zone.domain}.")
    return finding("soa-missing", message, advice=advice, evidence=evidence)


def not_found_advice(domain: str) -> tuple[str, ...]:
    """Return what to do about a recipient's domain that does not exist."""
    return (
        f"Check the spelling of {domain}.",
        f"Ask the recipient through another channel whether {domain} has expired.",
    )


def exists_all_the_same(item: Finding, zone: ZoneObservation, answers: Sequence[Answer]) -> Finding:
    """Return the finding that a domain does not exist as what it is where the resolver gives records of the name.

    Some servers know one type only, and say NXDOMAIN for all others, the SOA too (RFC 8020 §2).
    """
    told = zone.answer
    others = (
        [] if told is None else existing([item for item in answers if item.server == told.server], zone.domain)
    )
    if item.code != "domain-not-found" or told is None or not others:
        return item
    types = ", ".join(sorted({answer.question.rdtype for answer in others}))
    return finding(
        "answers-contradict",
        f"{told.server.label} returned NXDOMAIN for SOA {zone.domain}, but records for {types}",
        advice=Action(
            dns_administrator(zone.domain),
            f"return NOERROR without records for types that do not exist at {zone.domain}.",
        ),
        evidence=tuple(dict.fromkeys((*item.evidence, *map(cite, others)))),
    )


def _failure(
    seen: SoaObservation, answer: Answer, evidence: tuple[str, ...], *, serves: bool
) -> tuple[Finding, ...]:
    zone, label = seen.zone, answer.server.label
    message = f"{label} returned {answer.rcode} for {answer.question}"
    if not zone.walked:
        return (finding("dns-server-failure", message, evidence=evidence),)
    side = None
    advice: Advice = (
        f"Query {zone.domain} at another resolver.",
        Action(hostmaster_words(seen), f"check the name servers and DNSSEC of {zone.apex}, if that fails too."),
    )
    if serves:
        # Where each of them serves the zone, it is the resolver that fails, unless it says that DNSSEC does.
        side = Side.HERE if all_serve(seen) and not is_bogus(answer) else None
        meaning = (
            f"Name servers of {zone.apex} answered this host authoritatively. DNSSEC validation may have failed at"
            f" {label}, or it does not reach them."
        )
    elif not _any_failed(seen):
        meaning = f"This host could not query any name server of {zone.apex} itself. Sending servers retry."
    else:
        meaning = f"No name server that the parent zone names serves {zone.apex}. Sending servers retry."
        advice = Action(hostmaster_words(seen), f"repair the name servers of {zone.apex}, or its delegation.")
    return (finding("dns-server-failure", message, meaning=meaning, side=side, advice=advice, evidence=evidence),)


def _any_failed(seen: SoaObservation) -> bool:
    """Whether a name server does not serve the zone, by what it answers or by its silence, or none is known."""
    failing = (Standing.LAME, Standing.DEAD)
    return not seen.authorities or any(standing(seen, view) in failing for view in seen.authorities)


def _way(zone: ZoneObservation) -> list[str]:
    """Return what the servers of the zone above say, a line each."""
    if zone.delegation is None:
        return []
    lines = []
    for view in zone.delegation.views:
        said = f"{view.says}"
        if view.cut is not None:
            said = f"{view.cut} is delegated to {', '.join(sorted(view.names)[:_SHOWN])}"
        lines.append(f"{view.label} (zone {view.parent}): {said}")
    return lines


def _serials(seen: SoaObservation) -> tuple[Finding, ...]:
    views = authoritative(seen)
    serials = _serials_of(views)
    if len(set(serials)) < 2:  # that they match is told beside the step's title
        return ()
    top = newest(serials)
    late = [view for view in views if view.serial != top]
    evidence = [f"{view.label}: {view.serial}, behind by {behind(view.serial or 0, top)}" for view in late]
    if seen.asked_again:
        evidence.append(f"queried again after {RETRY_AFTER:g} s: still different")
    names = list(dict.fromkeys(view.host for view in late))
    who = f"{names[0]} is" if len(names) == 1 else f"{len(names)} name servers are"
    message = f"{who} behind on {seen.zone.apex} (newest serial {top})"
    advice = (
        f"Rerun after the refresh time of {seen.zone.apex}.",
        Action(hostmaster_words(seen), f"repair the zone transfer to {listed(names[:_SHOWN])}, if it persists."),
    )
    return (finding("soa-serial-mismatch", message, advice=advice, evidence=tuple(evidence)),)


def _serials_of(views: Sequence[AuthorityView]) -> list[int]:
    return [view.serial for view in views if view.serial is not None]


def views_differ(seen: SoaObservation) -> bool:
    """Whether name servers that answer with authority hold different versions or other mail hosts."""
    views = authoritative(seen)
    return len(set(_serials_of(views))) > 1 or mail_differs(views)


def nobody_answers(seen: SoaObservation) -> bool:
    """Whether no name server outside answers, the parent's included, on any transport, and there is one."""
    return any(outside(view) for view in seen.authorities) and not reached_families(seen)


def egress_blocked(seen: SoaObservation) -> bool:
    """Whether no name server answers this host, though the resolvers do."""
    return any(view.pair.answered for view in seen.resolvers) and nobody_answers(seen)


def _egress(seen: SoaObservation) -> tuple[Finding, ...]:
    if not egress_blocked(seen):
        return ()
    asked = [view.label for view in seen.authorities if outside(view)]
    delegation = seen.zone.delegation
    asked += [f"{view.label} (zone {view.parent})" for view in delegation.views] if delegation is not None else []
    message = "No name server outside answered this host on port 53; its resolvers did"
    return (finding("dns-egress-blocked", message, evidence=(f"queried: {', '.join(asked)}",)),)


def late_resolvers(seen: SoaObservation) -> list[ResolverView]:
    """Return the resolvers whose copy of the zone is older than the newest that a name server holds."""
    serials = _serials_of(authoritative(seen))
    if not serials:
        return []
    top = newest(serials)
    return [view for view in seen.resolvers if view.serial is not None and behind(view.serial, top)]


def _resolvers(seen: SoaObservation) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for view in late_resolvers(seen):
        top = newest(_serials_of(authoritative(seen)))
        late, ttl = behind(view.serial or 0, top), view.pair.best.records[0].ttl
        message = f"{view.server.label} has serial {view.serial} in its cache, {late} behind {top}"
        found.append(finding("soa-resolver-behind", message, evidence=(f"expires in {duration(ttl)}",)))
    return tuple(found)
