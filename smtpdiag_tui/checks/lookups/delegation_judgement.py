"""Judging the delegation: the parent's names and glue beside the zone's own, and a resolver's old copy. Pure."""

from collections.abc import Collection

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.checks.lookups.arbiter_judgement import duration
from smtpdiag_tui.checks.lookups.authority_judgement import authoritative, counted, hostmaster_words
from smtpdiag_tui.checks.lookups.mail_agreement import mail_set
from smtpdiag_tui.checks.lookups.name_servers import NameServer
from smtpdiag_tui.checks.lookups.soa import SoaObservation, ns_names
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import family_of

_SHOWN = 20  # names that evidence lists


def judge_delegation(seen: SoaObservation) -> tuple[Finding, ...]:
    """Return the findings of the delegation: names that differ, glue that differs, an old copy of it."""
    return (*_names(seen), *_glue(seen), *_stale(seen))


def _names(seen: SoaObservation) -> tuple[Finding, ...]:
    """Compare what the parent names with the apex NS sets at the servers that the parent names."""
    delegation, named = seen.zone.delegation, seen.zone.parent_names
    inside = _names_at_parents_servers(seen)
    if delegation is None or not named or not inside or inside == named:
        return ()
    only_in_parent = _some(f"only in the parent zone {delegation.parent}: ", named - inside)
    only_inside = _some("only in the zone itself: ", inside - named)
    apex = seen.zone.apex
    message = f"Parent zone {delegation.parent} and zone {apex} name different name servers"
    advice = Action(
        hostmaster_words(seen),
        f"make the delegation of {apex} at the registrar equal to the NS records of {apex}.",
    )
    return (finding("delegation-mismatch", message, advice=advice, evidence=(*only_in_parent, *only_inside)),)


def _names_at_parents_servers(seen: SoaObservation) -> frozenset[str]:
    found: set[str] = set()
    for view in seen.authorities:
        if view.host in seen.zone.parent_names and view.serial is not None:
            found |= ns_names(view.ns)
    return frozenset(found)


def _some(where: str, names: Collection[str]) -> list[str]:
    lines = [f"{where}{name}" for name in sorted(names)[:_SHOWN]]
    if len(names) > _SHOWN:
        lines.append(f"{where}{len(names) - _SHOWN} more")
    return lines


def _glue(seen: SoaObservation) -> tuple[Finding, ...]:
    """Compare the addresses that the parent gives with the zone's own, as its servers told them."""
    lines: list[str] = []
    hosts: list[str] = []
    delegation = seen.zone.delegation
    for host, own in seen.zone.own_addresses:
        glue = delegation.glue.get(host, ()) if delegation is not None else ()
        wrong = [address for address in glue if _is_wrong(seen, host, address, own)]
        if wrong:
            hosts.append(host)
            lines.append(f"{host}: {', '.join(wrong)} in the parent zone, {', '.join(own) or 'none'} in the zone")
    if delegation is None or not hosts:
        return ()
    names = ", ".join(hosts[:_SHOWN])
    message = f"Glue in parent zone {delegation.parent} differs from zone {seen.zone.apex}"
    advice = Action(hostmaster_words(seen), f"correct the host addresses of {names} at the registrar.")
    return (finding("glue-mismatch", message, advice=advice, evidence=tuple(lines[:_SHOWN])),)


def _is_wrong(seen: SoaObservation, host: str, address: str, own: Collection[str]) -> bool:
    """Whether a glue address is not the zone's own, and that matters.

    A name server whose addresses change gives some of them at a time: one that serves the zone, beside others that
    the zone gives too, is no fault.
    """
    if address in own:
        return False
    delegation = seen.zone.delegation
    glue = delegation.glue.get(host, ()) if delegation is not None else ()
    shared = [other for other in glue if other in own and family_of(other) == family_of(address)]
    serves = any(view.place == (host, address) and view.serial is not None for view in seen.authorities)
    return not (shared and serves)


def _stale(seen: SoaObservation) -> tuple[Finding, ...]:
    """Judge whether a resolver asks name servers that neither the parent nor the zone names any more."""
    zone, ns = seen.zone, seen.zone.ns
    named = zone.parent_names | _names_at_parents_servers(seen)
    old = zone.resolver_names - named
    if ns is None or not old or not _names_at_parents_servers(seen) or _view_of_its_own(seen, old):
        return ()
    ttl = min(record.ttl for record in ns.records)
    if not ttl or _harmless(seen, old):  # what lives no second is no copy
        return ()
    message = f"Resolver {ns.server.label} uses former name servers of {zone.apex}"
    evidence = (
        f"{ns.server.label}, for {duration(ttl)} more: {', '.join(sorted(zone.resolver_names)[:_SHOWN])}",
        f"the parent zone: {', '.join(sorted(zone.parent_names)[:_SHOWN])}",
        *(f"{view.label}: serial {view.serial}" for view in seen.authorities if view.serial is not None),
    )
    advice = f"Flush {zone.apex} from the cache of {ns.server.label}, or wait {duration(ttl)}, then rerun."
    return (finding("delegation-stale", message, advice=advice, evidence=evidence),)


def _view_of_its_own(seen: SoaObservation, old: Collection[str]) -> bool:
    """Whether the resolver holds another zone of that name (split horizon), not an old copy of this one."""
    answers = (seen.zone.ns, seen.zone.answer)
    if any(answer is not None and answer.authoritative for answer in answers):
        return True
    return _out_of_reach([server for server in seen.zone.name_servers.servers if server.host in old])


def _out_of_reach(servers: Collection[NameServer]) -> bool:
    """Whether name servers have no address that is known, or one that is not reached from everywhere."""
    if any(server.unusable for server in servers):
        return True
    addresses = [address for server in servers for address in server.addresses]
    return not addresses or any(is_inside(address) for address in addresses)


def _harmless(seen: SoaObservation, old: Collection[str]) -> bool:
    """Whether the former servers still hold the version that the zone's servers do, with the same mail hosts."""
    now = {(view.serial, mail_set(view)) for view in authoritative(seen)}
    before = [view for view in seen.authorities if view.host in old and view not in counted(seen)]
    return bool(before) and all((view.serial, mail_set(view)) in now for view in before) and len(now) == 1
