"""What is not the same from every vantage point, from the outcome down to one certificate. Pure."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

from smtpdiag_tui.report.agreement.model import Disagreement, Topic, View
from smtpdiag_tui.report.agreement.seen import NOT_TRIED, SILENT, TALKED, Place, Seen
from smtpdiag_tui.report.agreement.words import named, they
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome

K = TypeVar("K", bound=Hashable)
_MAY_BE_EHLO = (None, Reason.UNEXPLAINED, Reason.EHLO_NAME)
_MOST_HOSTS = 6  # that one sentence lists
_DAYS_APART = 1  # of one certificate, seen by two clocks
_NO_HOSTS = "none found"
_ENDS = {
    SessionEnd.ACCEPTED: "accepted",
    SessionEnd.DEFERRED: "deferred",
    SessionEnd.REJECTED: "rejected",
    SessionEnd.GREETING_REFUSED: "refused",
    SessionEnd.CONNECTION_REFUSED: "connection refused",
    SessionEnd.TIMEOUT: "timed out",
    SessionEnd.RESET: "connection reset",
    SessionEnd.UNREACHABLE: "unreachable",
    SessionEnd.CLOSED: "closed without a reply",
    SessionEnd.NO_SMTP: "no SMTP reply",
    SessionEnd.TLS_FAILED: "TLS handshake failed",
    SessionEnd.TLS_MISSING: "no TLS",
    SessionEnd.SMTPUTF8_MISSING: "no SMTPUTF8",
}
_CERTIFICATES = {
    CertificateVerdict.VERIFIED: "verified",
    CertificateVerdict.UNTRUSTED: "untrusted",
    CertificateVerdict.EXPIRED: "expired",
    CertificateVerdict.NAME_MISMATCH: "name mismatch",
    CertificateVerdict.MALFORMED: "malformed",
    CertificateVerdict.NOT_JUDGED: "not judged",
}
_OTHER_MX = "Resolvers differ: split DNS, an answer by location, or a change under way."
_OTHER_ADDRESSES = "Answers by location or in turn do that, and so does a change under way."
_SERIALS = "A zone update that has not reached every name server does that."
_PORT = "A firewall of that network blocks port 25, or the recipient's firewall drops that address."
_IPV6 = "A host without IPv6 tests IPv4 addresses only."
_NO_STARTTLS = "A firewall in between that inspects SMTP can remove STARTTLS."
_CERTIFICATE = "Several servers behind one address, another set of trusted issuers, or TLS interception does that."


def differences(seen: Sequence[Seen]) -> tuple[Disagreement, ...]:
    """Return what the vantage points saw differently, what decides most first."""
    if len(seen) < 2:
        return ()
    return (
        *_outcomes(seen),
        *_mx(seen),
        *_addresses(seen),
        *_serials(seen),
        *_ports(seen),
        *_ipv6(seen),
        *_sessions(seen),
        *_starttls(seen),
        *_tls(seen),
        *_certificates(seen),
        *_ehlo(seen),
    )


def grouped(seen: Sequence[Seen], key: Callable[[Seen], K]) -> dict[K, list[str]]:
    """Return the labels of those for which `key` is the same, in order."""
    found: dict[K, list[str]] = {}
    for item in seen:
        found.setdefault(key(item), []).append(item.point)
    return found


def _views(groups: Mapping[K, Sequence[str]], words: Callable[[K], str]) -> tuple[View, ...]:
    return tuple(View(tuple(points), words(key)) for key, points in groups.items())


def _odd_one(groups: Mapping[K, Sequence[str]]) -> str:
    """Return the one vantage point that stands against several which agree, "" where it is not so."""
    alone = [points[0] for points in groups.values() if len(points) == 1]
    return alone[0] if len(groups) == 2 and len(alone) == 1 else ""


def _outcomes(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    groups = grouped(seen, lambda item: (item.word, item.cause.code if item.cause else "", item.reason))
    if len(groups) < 2:
        return
    told = {item.point: item.report.headline or item.report.summary for item in seen}
    views = tuple(View(tuple(points), f"{word}; {told[points[0]]}") for (word, _, _), points in groups.items())
    same = len({item.outcome for item in seen}) == 1
    yield Disagreement(Topic.OUTCOME, "Reasons differ" if same else "Outcomes differ", views)


def _mx(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    groups = grouped(seen, lambda item: item.hosts)
    if len(groups) < 2:
        return
    odd = _odd_one(groups)
    headline = f"The resolver of {odd} returns other MX hosts" if odd else "Resolvers return different MX hosts"
    yield Disagreement(Topic.MX, headline, _views(groups, _hosts_listed), note=_OTHER_MX)


def _hosts_listed(hosts: tuple[tuple[int | None, str], ...] | None) -> str:
    if not hosts:
        return _NO_HOSTS
    names = [host if preference is None else f"{preference} {host}" for preference, host in hosts]
    more = len(names) - _MOST_HOSTS
    return ", ".join(names if more <= 0 else [*names[:_MOST_HOSTS], f"{more} more"])


def _addresses(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    """Yield the MX hosts that have other addresses elsewhere."""
    for host in dict.fromkeys(host for item in seen for host in item.addresses):
        knowing = [item for item in seen if host in item.addresses]
        groups = grouped(knowing, lambda item: item.addresses[host])  # noqa: B023 - called at once
        if len(groups) > 1:
            views = _views(groups, lambda found: ", ".join(sorted(found)))
            yield Disagreement(
                Topic.ADDRESSES, f"{host} resolves to other addresses", views, host=host, note=_OTHER_ADDRESSES
            )


def _serials(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    groups = grouped([item for item in seen if item.serial is not None], lambda item: item.serial)
    if len(groups) > 1:
        views = _views(groups, lambda serial: f"serial {serial}")
        yield Disagreement(Topic.SERIAL, "Zone serials differ", views, note=_SERIALS)


def _ports(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    """Yield where no MX host answers, though the same addresses answer elsewhere."""
    blocked = blocked_from(seen)
    if not blocked:
        return
    others = [item.point for item in seen if item.point not in blocked]
    only = " only" if len(blocked) == 1 else ""
    port = next(item.report.settings.port for item in seen)
    views = (View(tuple(blocked), "no MX host answered"), View(tuple(others), "answered"))
    yield Disagreement(Topic.PORT, f"Port {port} is blocked from {named(blocked)}{only}", views, note=_PORT)


def blocked_from(seen: Sequence[Seen]) -> list[str]:
    """Return the vantage points that no MX host answered, where one of the same addresses answers another."""
    answered = {place for item in seen for place, facts in item.sessions.items() if _answered(facts)}
    return [item.point for item in seen if item.silent and item.tried & answered]


def _answered(facts: SessionFacts) -> bool:
    return facts.end not in SILENT and facts.end not in NOT_TRIED


def _ipv6(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    lacking = [item.point for item in seen if item.without_ipv6]
    if lacking and len(lacking) < len(seen):
        others = [item.point for item in seen if not item.without_ipv6]
        views = (View(tuple(lacking), "no IPv6 route"), View(tuple(others), "IPv6 tested"))
        verb = they(lacking, "has", "have")
        yield Disagreement(Topic.IPV6, f"{named(lacking)} {verb} no IPv6 route", views, note=_IPV6)


def _by_place(seen: Sequence[Seen]) -> Iterator[tuple[Place, list[tuple[Seen, SessionFacts]]]]:
    """Yield the addresses that several vantage points tried, with what each met there.

    Whom no address answers is told once.
    """
    blocked = blocked_from(seen)
    for place in dict.fromkeys(place for item in seen for place in item.sessions):
        met = [(item, item.sessions[place]) for item in seen if place in item.tried and item.point not in blocked]
        if len(met) > 1:
            yield place, met


def _met_alike(met: Sequence[tuple[Seen, SessionFacts]], key: Callable[[SessionFacts], K]) -> dict[K, list[str]]:
    found: dict[K, list[str]] = {}
    for item, facts in met:
        found.setdefault(key(facts), []).append(item.point)
    return found


def _where(place: Place) -> str:
    host, address = place
    literal = f"[{address}]"
    return literal if host in ("", literal) else f"{host} {literal}"


def _at(topic: Topic, place: Place, words: str, views: tuple[View, ...], note: str = "") -> Disagreement:
    return Disagreement(topic, f"{_where(place)} {words}", views, place[0], place[1], note)


def _sessions(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    for place, met in _by_place(seen):
        groups = _met_alike(met, lambda facts: (facts.end, facts.reply[:3]))
        if len(groups) > 1:
            whole = {item.point: facts.reply for item, facts in met}
            views = tuple(
                View(tuple(points), f"{_ENDS.get(end, end.value)} {whole[points[0]]}".rstrip())
                for (end, _), points in groups.items()
            )
            yield _at(Topic.SESSION, place, "replied differently", views)


def _starttls(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    for place, met in _by_place(seen):
        talked = [item for item, facts in met if facts.end in TALKED]
        lacking = [item.point for item in talked if place in item.no_starttls]
        offered = [item.point for item in talked if item.sessions[place].tls]
        if lacking and offered:
            views = (View(tuple(lacking), "not offered"), View(tuple(offered), "offered"))
            yield _at(Topic.TLS, place, f"does not offer STARTTLS to {named(lacking)}", views, _NO_STARTTLS)


def _tls(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    for place, met in _by_place(seen):
        secured = [(item, facts) for item, facts in met if facts.tls]
        groups = _met_alike(secured, lambda facts: facts.tls)
        if len(groups) > 1:
            views = _views(groups, lambda protocol: protocol.replace("TLSv", "TLS "))
            yield _at(Topic.TLS, place, "negotiates different TLS versions", views)


def _certificates(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    """Yield the addresses that show one certificate here and another there, or one that is not judged alike."""
    for place, met in _by_place(seen):
        shown = [(item, facts) for item, facts in met if facts.tls and facts.certificate]
        judged = [(item, facts) for item, facts in shown if CertificateVerdict.NOT_JUDGED not in facts.certificate]
        days = [facts.days for _, facts in shown if facts.days is not None]
        if len(_met_alike(judged, lambda facts: frozenset(facts.certificate))) > 1:
            groups = _met_alike(judged, lambda facts: facts.certificate)
            views = _views(groups, lambda verdicts: ", ".join(_CERTIFICATES[verdict] for verdict in verdicts))
            yield _at(Topic.CERTIFICATE, place, "certificate is not judged alike", views, _CERTIFICATE)
        elif days and max(days) - min(days) > _DAYS_APART:
            expiries = _met_alike(shown, lambda facts: facts.days)
            views = _views(expiries, lambda left: "no expiry" if left is None else _left(left))
            yield _at(Topic.CERTIFICATE, place, "shows different certificates", views, _CERTIFICATE)


def _left(days: int) -> str:
    return f"expired {counted(-days, 'day')} ago" if days < 0 else f"{counted(days, 'day')} left"


def _ehlo(seen: Sequence[Seen]) -> Iterator[Disagreement]:
    """Yield the names that each identifies itself by, where that may be why replies differ."""
    groups = grouped([item for item in seen if item.ehlo], lambda item: item.ehlo)
    refused = [item for item in seen if item.outcome is not Outcome.ACCEPTED and not item.silent]
    accepted = any(item.outcome is Outcome.ACCEPTED for item in seen)
    if len(groups) > 1 and accepted and any(item.reason in _MAY_BE_EHLO for item in refused):
        yield Disagreement(Topic.EHLO, "EHLO names differ", _views(groups, str))
