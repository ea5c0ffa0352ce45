"""Judging what the DNS servers and the name servers say of a zone (RFC 1982, RFC 2308)."""

from collections.abc import Collection, Sequence

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import AnswerKind, describe, rdata_set
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.soa import ResolverView, SoaObservation, ZoneObservation, ns_names
from smtpdiag_tui.checks.lookups.transports import no_route
from smtpdiag_tui.report.findings import Finding, finding

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
    zone = seen.zone
    if zone.apex is None:
        return _no_apex(zone)
    return (
        *_serials(seen),
        *_mail_hosts(seen),
        *_delegation(seen),
        *_egress(seen),
        *_unresolved(zone),
        *_resolvers(seen),
    )


def judge_authority(view: AuthorityView) -> tuple[Finding, ...]:
    """Return the finding of one address of a name server that it does not serve its zone, if so."""
    if view.inside and view.pair.sent and not view.answers:
        message = f"{view.host} [{view.address}] is not a public address, and did not answer"
        return (finding("soa-lame-server", message),)
    if not view.lame:
        return ()
    best = view.pair.best
    instead = {AnswerKind.DATA: "an answer without authority", AnswerKind.NODATA: "no SOA"}.get(
        best.kind, best.rcode
    )
    message = (
        f"{view.host} [{view.address}] is named as a name server of {best.question.name}, but gives {instead}."
    )
    return (finding("soa-lame-server", message, evidence=(describe(best),)),)


def judge_unusable(host: str, address: str) -> Finding:
    """Return the finding of a name server's address that is never asked."""
    return finding("soa-lame-server", f"{host} [{address}] was not queried: {unusable_reason(address)}")


def _no_apex(zone: ZoneObservation) -> tuple[Finding, ...]:
    answer = zone.answer
    if answer is None or not answer.well_formed:
        return ()
    if answer.kind is AnswerKind.NXDOMAIN:
        message = f"{zone.domain} does not exist ({answer.server.label} says NXDOMAIN)."
        return (finding("domain-not-found", message, evidence=(describe(answer),)),)
    if not answer.usable:
        message = f"{answer.server.label} answers {answer.rcode} to {answer.question}."
        return (finding("dns-server-failure", message, evidence=(describe(answer),)),)
    message = f"No SOA record is to be had for {zone.domain}, neither its own nor of a zone above."
    return (finding("soa-missing", message, evidence=(describe(answer),)),)


def _serials(seen: SoaObservation) -> tuple[Finding, ...]:
    serials = _serials_of(seen.authorities)
    if not serials:
        return ()
    if len(set(serials)) == 1:
        count = len(serials)
        plural = "addresses of name servers" if count > 1 else "address of a name server"
        return (finding("soa-serial-match", f"Serial number {serials[0]} at {count} {plural}: they match."),)
    top = newest(serials)
    late: dict[str, None] = {}  # names in order
    evidence: list[str] = []
    for view in seen.authorities:
        if view.serial is not None and view.serial != top:
            late[view.host] = None
            evidence.append(f"{view.host} [{view.address}]: {view.serial}, behind by {behind(view.serial, top)}")
    again = ", also when asked again after a few seconds" if seen.asked_again else ""
    message = (
        f"The name servers hold different versions of {seen.zone.apex}{again}: {', '.join(late)} behind {top}."
    )
    return (finding("soa-serial-mismatch", message, evidence=tuple(evidence)),)


def _serials_of(views: Sequence[AuthorityView]) -> list[int]:
    return [view.serial for view in views if view.serial is not None]


def _mail_hosts(seen: SoaObservation) -> tuple[Finding, ...]:
    sets: dict[frozenset[tuple[str, str]], list[str]] = {}
    for view in seen.authorities:
        if view.serial is not None and view.mx is not None and view.mx.usable:
            sets.setdefault(rdata_set(view.mx), []).append(f"{view.host} [{view.address}]")
    if len(sets) < 2:
        return ()
    evidence: list[str] = []
    for records, servers in sets.items():
        hosts = sorted(data for _, data in records)
        evidence.append(f"{', '.join(servers)}: {'; '.join(hosts) or 'no MX'}")
    message = f"The name servers give different mail hosts for {seen.zone.domain}."
    return (finding("soa-mx-mismatch", message, evidence=tuple(evidence)),)


def _delegation(seen: SoaObservation) -> tuple[Finding, ...]:
    """Compare what the parent names with the apex NS sets at the servers that the parent names."""
    delegation, named = seen.zone.delegation, seen.zone.parent_names
    if delegation is None or not named:
        return ()
    inside: set[str] = set()
    for view in seen.authorities:
        if view.host in named:
            inside |= ns_names(view.ns)
    if not inside or inside == named:
        return ()
    only_in_parent = _some(f"only in the parent zone {delegation.parent}: ", named - inside)
    only_inside = _some("only in the zone itself: ", inside - named)
    message = f"The parent zone and {seen.zone.apex} itself name different name servers."
    return (finding("delegation-mismatch", message, evidence=(*only_in_parent, *only_inside)),)


def _some(where: str, names: Collection[str]) -> list[str]:
    lines = [f"{where}{name}" for name in sorted(names)[:_SHOWN]]
    if len(names) > _SHOWN:
        lines.append(f"{where}{len(names) - _SHOWN} more")
    return lines


def outside(view: AuthorityView) -> bool:
    """Whether a name server that is silent here says something about the way from here to the outside."""
    return view.pair.sent and not view.inside and not no_route([view.pair])


def nobody_answers(views: Sequence[AuthorityView]) -> bool:
    """Whether no name server outside answers on any transport, and there is one."""
    asked = [view for view in views if outside(view)]
    return bool(asked) and not any(view.answers for view in asked)


def views_differ(views: Sequence[AuthorityView]) -> bool:
    """Whether name servers that answer with authority hold different versions or other mail hosts."""
    return len(set(_serials_of(views))) > 1 or _mail_differs(views)


def _mail_differs(views: Sequence[AuthorityView]) -> bool:
    told = [view.mx for view in views if view.serial is not None and view.mx is not None and view.mx.usable]
    return len({rdata_set(answer) for answer in told}) > 1


def egress_blocked(seen: SoaObservation) -> bool:
    """Whether no name server answers here on any transport, though the DNS servers in use do."""
    return any(view.pair.answered for view in seen.resolvers) and nobody_answers(seen.authorities)


def _egress(seen: SoaObservation) -> tuple[Finding, ...]:
    if not egress_blocked(seen):
        return ()
    asked = ", ".join(f"{view.host} [{view.address}]" for view in seen.authorities if outside(view))
    message = "No authoritative name server answers this machine, over UDP or TCP, though its DNS servers answer."
    return (finding("dns-egress-blocked", message, evidence=(f"asked: {asked}",)),)


def _unresolved(zone: ZoneObservation) -> tuple[Finding, ...]:
    return tuple(
        finding(
            "soa-lame-server", f"The name server {server.host} of {zone.apex} has no address: {server.problem}."
        )
        for server in zone.name_servers.servers
        if not server.addresses and server.problem
    )


def late_resolvers(seen: SoaObservation) -> list[ResolverView]:
    """Return the DNS servers whose copy of the zone is older than the newest that a name server holds."""
    serials = _serials_of(seen.authorities)
    if not serials:
        return []
    top = newest(serials)
    return [view for view in seen.resolvers if view.serial is not None and behind(view.serial, top)]


def _resolvers(seen: SoaObservation) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for view in late_resolvers(seen):
        top = newest(_serials_of(seen.authorities))
        late, ttl = behind(view.serial or 0, top), view.pair.best.records[0].ttl
        message = (
            f"{view.server.label} still has serial {view.serial}, behind {top} by {late};"
            f" its copy expires in {ttl} s."
        )
        found.append(finding("soa-resolver-behind", message))
    return tuple(found)
