"""What this run itself found about the address, name or domain that a refusal is about. Pure.

A receiver judges a sending host by what its own resolver tells it, and that may fail or hold an old answer. Where
this run looked up the very same thing, its answer stands beside the reply's claim; else nothing is said.
"""

import re
from collections.abc import Callable, Mapping

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.routing import RouteKind
from smtpdiag_tui.checks.machine.ehlo_name import NameIdentity
from smtpdiag_tui.checks.machine.identity import AddressIdentity
from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.report.actions import actions_in
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import family_of
from smtpdiag_tui.verdict.case import SHOWN, Case
from smtpdiag_tui.verdict.measured_authentication import encryption, sender_authentication
from smtpdiag_tui.verdict.measuring import (
    Measured,
    advice,
    agreeing,
    fresh,
    is_about,
    known_as,
    source_seen,
    source_step,
    their_resolver,
)
from smtpdiag_tui.verdict.quoting import whole_reply
from smtpdiag_tui.verdict.session_end import SessionEnd

NAME_STEP = "identity/ehlo-name"
_PTR = ("ptr-missing", "ptr-mismatch", "ptr-generic")
_NAME = (
    *("ehlo-name-private", "ehlo-name-literal", "ehlo-name-not-fqdn"),
    *("ehlo-name-unresolvable", "ehlo-name-mismatch"),
)
_DOMAIN = (
    *("domain-not-found", "null-mx", "no-mail-host", "cname-loop"),
    *("dns-server-failure", "domain-lookup-failed", "dnssec-bogus"),
)
_QUOTED = re.compile(r"<[^<>]{0,400}>:?")
# Words of a receiver that looked something up in the DNS, and says what came of it.
_LOOKED_UP = re.compile(
    r"not found|resolv|look ?up|\bdns\b|\b(?:mx|a|ptr) record|\bno mx\b|not exist|n.t exist|unknown|non-?exist",
    re.IGNORECASE,
)


def measured(case: Case, end: SessionEnd) -> Measured | None:
    """Return what this run found about what a refusal is about; None where it found nothing out about that."""
    look = _LOOKS.get(end.reason) if end.reason is not None else None
    # Behind a proxy of theirs the server speaks of another client than this host.
    if look is None or end.finding.party is Party.SERVER:
        return None
    return look(case, end)


def _reverse_name(case: Case, end: SessionEnd) -> Measured | None:
    """The PTR of the source address that the refused session was held from, and where it leads (RFC 8601 §3)."""
    step = source_step(case, end)
    if step is None:
        return None
    seen = step.observation
    if not isinstance(seen, AddressIdentity):
        return agreeing(step, _PTR)  # a report from a file has the findings alone
    if seen.reverse is None or not is_about(end.finding, known_as(seen)):
        return None
    wrong = agreeing(step, _PTR)
    if wrong is not None:
        return wrong
    address, names = seen.reverse.address, seen.reverse.confirmed
    if not names:
        return None
    fact = f"This run resolved {address} to {names[0]} and back: {their_resolver(end)}"
    checked = f"resolves {address} to {names[0]} and back"
    here = f"every name server of the reverse zone of {address}"
    return Measured(fact, False, advice(end, checked, here, (seen.reverse.ptr,)))


def _ehlo_name(case: Case, end: SessionEnd) -> Measured | None:
    """The name said in the refused session's EHLO, and where it leads (RFC 5321 §4.1.4)."""
    step = fresh(case, NAME_STEP)
    if step is None:
        return None
    name, seen = _name_said(case, end, step), source_seen(case, end)
    fits = _leads_to(name, seen)
    wrong = agreeing(step, _NAME)
    if wrong is not None and not fits:  # where the name fits, what is wrong is about the other address family
        return wrong
    if name is None or seen is None or not _speaks_of_lookup(end.finding):
        return None
    outside = seen.seen.outside
    if not outside:
        return None
    return _name_found(end, name, outside) if fits else _of_other_family(end, name, outside)


def _name_found(end: SessionEnd, name: NameIdentity, outside: str) -> Measured:
    """A name that leads to this host, though a server says that it found it not to."""
    fact = f"This run resolved {visible(name.name)} to {outside}: {their_resolver(end)}"
    checked = f"resolves {visible(name.name)} to {outside}"
    here = f"every name server of the zone of {visible(name.name)}"
    return Measured(fact, False, advice(end, checked, here, name.lookup.found if name.lookup is not None else ()))


def _of_other_family(end: SessionEnd, name: NameIdentity, outside: str) -> Measured | None:
    """A name that leads to this host in the other address family alone: over this one it may not be found."""
    elsewhere = name.lookup.addresses if name.lookup is not None else ()
    if not elsewhere:
        return None
    told, record = visible(name.name), "AAAA" if family_of(outside) == 6 else "A"
    found = ", ".join(elsewhere[:SHOWN])
    fact = f"This run resolved {told} to {found}, not to {outside}, the address that {end.host} sees."
    return Measured(fact, True, actions_in(f"Give {told} an {record} record with {outside}."))


def _name_said(case: Case, end: SessionEnd, step: Step) -> NameIdentity | None:
    """Return what was looked up of the name that was said in EHLO in a session."""
    seen = case.observed(end.address, SessionObservation)
    names = step.observation if isinstance(step.observation, tuple) else ()
    said = seen.envelope.ehlo if seen is not None else ""
    return next((item for item in names if isinstance(item, NameIdentity) and item.name == said), None)


def _leads_to(name: NameIdentity | None, seen: AddressIdentity | None) -> bool:
    """Whether a name leads to the address that others see; not if either is unknown."""
    if name is None or name.lookup is None or seen is None:
        return False
    outside = seen.seen.outside
    return outside is not None and outside in map(canonical, name.lookup.addresses)


def _sender_domain(case: Case, end: SessionEnd) -> Measured | None:
    """The sender's domain, and whether mail could come back to it (RFC 5321 §5.1)."""
    step = fresh(case, "local")
    seen = step.observation if step is not None else None
    if step is None or not isinstance(seen, DomainObservation):
        return None
    wrong = agreeing(step, _DOMAIN)
    if wrong is not None:
        return wrong
    if seen.route.kind not in (RouteKind.MX, RouteKind.IMPLICIT) or not _speaks_of_lookup(end.finding):
        return None
    what = "an address"
    if seen.route.kind is RouteKind.MX:
        names = ", ".join(host.name for host in seen.route.hosts[:SHOWN])
        what = f"the MX {names}"
    fact = f"This run found {what} for {seen.domain}: {their_resolver(end)}"
    here = f"every name server of the zone of {seen.domain}"
    return Measured(fact, False, advice(end, f"finds {what} for {seen.domain}", here, (seen.route.mx,)))


_LOOKS: Mapping[Reason, Callable[[Case, SessionEnd], Measured | None]] = {
    Reason.REVERSE_DNS: _reverse_name,
    Reason.EHLO_NAME: _ehlo_name,
    Reason.SENDER_DOMAIN: _sender_domain,
    Reason.AUTHENTICATION: sender_authentication,
    Reason.TLS_REQUIRED: encryption,
}


def _speaks_of_lookup(refusal: Finding) -> bool:
    return bool(_LOOKED_UP.search(_QUOTED.sub("", whole_reply(refusal.evidence))))
