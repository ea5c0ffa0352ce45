"""Judging each name server of a zone: does it serve the zone, who names it, whose word counts. Pure.

A server that does not serve a zone it is named for is lame (RFC 1912 §2.8); what it says of the zone is no word of
the zone's.
"""

from collections.abc import Collection
from enum import StrEnum

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Record, describe
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.interception import intercepted
from smtpdiag_tui.checks.lookups.soa import SoaObservation, ns_names
from smtpdiag_tui.checks.lookups.transports import no_route
from smtpdiag_tui.report.actions import Action, dns_administrator
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import family_of

_MAX_MAILBOX = 254  # characters (RFC 5321 §4.5.3.1.3)
_INSTEAD = {AnswerKind.DATA: "not authoritative", AnswerKind.NODATA: "no SOA"}


class Naming(StrEnum):
    """Where a name server is named."""

    EVERYWHERE = "everywhere"  # or it is not known where
    PARENT = "by the parent zone only"
    ZONE = "by the zone itself only"
    COPY = "in a resolver's copy only"


class Standing(StrEnum):
    """How a name server's address stands to the zone."""

    SERVES = "serves the zone"
    LAME = "answers without serving the zone"
    DEAD = "does not answer, though others do"
    SILENT = "does not answer; the cause may be at this host"
    COPY = "named by a resolver's copy alone"
    INTERCEPTED = "intercepted"


def counted(seen: SoaObservation) -> tuple[AuthorityView, ...]:
    """Return the name servers whose word on the zone counts.

    These are the ones that the parent names and those that they name in turn; all of them where the parent told
    no delegation or none that it names serves the zone.
    """
    named = _named_in_turn(seen)
    views = tuple(view for view in seen.authorities if view.host in named)
    return views if any(view.serial is not None for view in views) else seen.authorities


def all_serve(seen: SoaObservation) -> bool:
    """Whether each name server whose word counts answers with authority, and there is one."""
    views = authoritative(seen)
    return bool(views) and len(views) == len(counted(seen))


def authoritative(seen: SoaObservation) -> tuple[AuthorityView, ...]:
    """Return those whose word counts, as far as they answer with authority."""
    return tuple(view for view in counted(seen) if view.serial is not None)


def _named_in_turn(seen: SoaObservation) -> frozenset[str]:
    named = set(seen.zone.parent_names)
    for view in seen.authorities:
        if view.host in seen.zone.parent_names and view.serial is not None:
            named |= ns_names(view.ns)
    return frozenset(named)


def zone_names(seen: SoaObservation) -> frozenset[str]:
    """Return the name servers that the zone itself names; as the resolvers know it where none serves it."""
    found: set[str] = set()
    for view in authoritative(seen):
        found |= ns_names(view.ns)
    return frozenset(found) or seen.zone.resolver_names


def naming(seen: SoaObservation, host: str) -> Naming:
    """Return where a name server is named: by the parent zone, by the zone itself, by both."""
    parent, inside = seen.zone.parent_names, zone_names(seen)
    if not parent or not inside or seen.zone.delegation is None:
        return Naming.EVERYWHERE
    if host in parent:
        return Naming.EVERYWHERE if host in inside else Naming.PARENT
    return Naming.ZONE if host in inside else Naming.COPY


def where_named(seen: SoaObservation, host: str) -> tuple[str, ...]:
    """Return a line on where a name server is named, none if it is named everywhere."""
    where = naming(seen, host)
    if where is Naming.EVERYWHERE:
        return ()
    if where is Naming.PARENT and seen.zone.delegation is not None:
        return (f"named by the parent zone {seen.zone.delegation.parent} only",)
    return (f"named {where}",)


def standing(seen: SoaObservation, view: AuthorityView) -> Standing:
    """Return how a name server's address stands to the zone."""
    if view.serial is not None:
        return Standing.SERVES if view in counted(seen) else Standing.COPY
    if view not in counted(seen):
        return Standing.COPY
    families = {family for family, _ in intercepted(seen)}
    if family_of(view.address) in families or (families and view.lame):
        return Standing.INTERCEPTED  # what answers in one family may well refuse in the other
    if view.lame:
        return Standing.LAME
    return Standing.DEAD if _dead(seen, view) and not families else Standing.SILENT


def _dead(seen: SoaObservation, view: AuthorityView) -> bool:
    """Whether an address is silent while the way from here to others of its family is open."""
    if view.answers or malformed(view) or not outside(view):
        return False
    return family_of(view.address) in reached_families(seen)


def malformed(view: AuthorityView) -> bool:
    """Whether something came from a name server that is no answer."""
    return AnswerKind.MALFORMED in (view.pair.udp.kind, view.pair.tcp.kind)


def reached_families(seen: SoaObservation) -> set[int]:
    """Return the address families over which any name server, the parent's included, answers."""
    found = {family_of(view.address) for view in seen.authorities if view.answers and not view.inside}
    delegation = seen.zone.delegation
    for told in delegation.views if delegation is not None else ():
        if told.answer.well_formed:
            found.add(family_of(told.answer.server.address))
    return found


def outside(view: AuthorityView) -> bool:
    """Whether a name server that is silent here says something about the way from here to the outside."""
    return view.pair.sent and not view.inside and not no_route([view.pair])


def judge_authority(seen: SoaObservation, view: AuthorityView) -> tuple[Finding, ...]:
    """Return the finding of one address of a name server that it does not serve its zone, if so."""
    if view.inside and view.pair.sent and not view.answers:
        message = f"{view.label} did not answer; its address is not public"
        return (finding("soa-lame-server", message, advice=lame_advice(seen, view.host)),)
    match standing(seen, view):
        case Standing.LAME:
            best = view.best
            instead = _INSTEAD.get(best.kind, best.rcode)
            return (_lame(seen, view, f"does not serve {seen.zone.apex} ({instead})", (describe(best),)),)
        case Standing.DEAD:
            errors = (f"over {one.transport.value.upper()}: {one.error or one.kind}" for one in _both(view))
            return (_lame(seen, view, f"did not answer for {seen.zone.apex}", tuple(errors)),)
        case _:
            return ()


def _lame(seen: SoaObservation, view: AuthorityView, what: str, evidence: Collection[str]) -> Finding:
    lines = (*where_named(seen, view.host), *evidence)
    return finding("soa-lame-server", f"{view.label} {what}", advice=lame_advice(seen, view.host), evidence=lines)


def _both(view: AuthorityView) -> tuple[Answer, Answer]:
    return view.pair.udp, view.pair.tcp


def lame_advice(seen: SoaObservation, host: str) -> Action:
    """Say who should do what about a name server that does not serve the zone."""
    apex = seen.zone.apex
    place = {
        Naming.PARENT: f"the delegation of {apex} at the registrar",
        Naming.ZONE: f"the NS records of {apex}",
    }.get(naming(seen, host), f"the name servers of {apex}")
    return Action(hostmaster_words(seen), f"make {host} serve {apex}, or remove it from {place}.")


def judge_unresolved(seen: SoaObservation) -> tuple[Finding, ...]:
    """Return the findings of name servers that no address is known of; none are told where nobody is lame."""
    found: list[Finding] = []
    if intercepted(seen):
        return ()
    for server in seen.zone.name_servers.servers:
        if server.addresses or not server.problem:
            continue
        message = f"Name server {server.host} of {seen.zone.apex} does not resolve"
        lines = (*where_named(seen, server.host), server.problem)
        found.append(finding("soa-lame-server", message, advice=lame_advice(seen, server.host), evidence=lines))
    return tuple(found)


def judge_unusable(seen: SoaObservation, host: str, address: str) -> tuple[Finding, ...]:
    """Return the finding of a name server's address that is never asked."""
    if intercepted(seen):
        return ()
    message = f"{host} [{address}] has {unusable_reason(address)}; it was not queried"
    return (finding("soa-lame-server", message, advice=lame_advice(seen, host)),)


def hostmaster_words(seen: SoaObservation) -> str:
    """Return who runs the zone: "DNS administrator of partner.example (hostmaster@partner.example)"."""
    return dns_administrator(seen.zone.apex or seen.zone.domain, _mailbox(seen))


def _mailbox(seen: SoaObservation) -> str:
    """Return the mailbox that the zone's SOA names as responsible (RFC 1035 §3.3.13); "" if none is known."""
    soa = _apex_soa(seen)
    if soa is None or len(soa.fields) != 7:
        return ""
    local, _, domain = soa.fields[1].rstrip(".").replace("\\.", "\0").partition(".")
    mailbox = f"{local}@{domain}".replace("\0", ".")
    if not local or not domain or len(mailbox) > _MAX_MAILBOX:
        return ""
    return mailbox


def _apex_soa(seen: SoaObservation) -> Record | None:
    """Return the zone's SOA as a name server gives it, else as a resolver does; None if neither gives one."""
    answers = [view.best for view in authoritative(seen)]
    if seen.zone.answer is not None:
        answers.append(seen.zone.answer)
    for answer in answers:
        soa = answer.soa()
        if soa is not None and soa.owner == seen.zone.apex:
            return soa
    return None
