"""A mail host's addresses at the resolver held against those at its own authority, and at other servers. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.arbiter import (
    NEGATIVE,
    Reading,
    filtering_errors,
    has_null,
    is_foreign,
    is_null,
    leads_elsewhere,
    seconds_left,
    usable_addresses,
)
from smtpdiag_tui.checks.lookups.arbiter_judgement import cited, expiry, flush_advice
from smtpdiag_tui.checks.lookups.host_views import HostView, lies_in
from smtpdiag_tui.report.findings import Finding, Severity, Side, finding
from smtpdiag_tui.settings import parse_ip

_LASTING = 1800  # seconds; addresses that are balanced by the DNS are given out for minutes
_SHOWN = 4  # addresses that a sentence names


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of a host's addresses: those that no session came about with, or that do not know the domain."""

    failed: frozenset[str] = frozenset()


def read_host(view: HostView, reached: Reached) -> Reading:
    """Judge what the resolver that is followed says of a mail host's addresses."""
    told = view.followed
    says_filtered = any(filtering_errors(answer) for answer in told)
    if not says_filtered and not all(answer.usable for answer in told):
        return Reading.UNDECIDED
    if view.rewrites and not usable_addresses(view.truth):
        return Reading.REWRITTEN
    if not _truth_known(view):
        withheld = says_filtered and not usable_addresses(told)
        return Reading.FILTERED if withheld else Reading.UNDECIDED
    return _beside_truth(view, reached)


def _truth_known(view: HostView) -> bool:
    """Whether the host's authority itself says which addresses the host has."""
    return bool(view.truth) and not any(leads_elsewhere(answer) for answer in view.truth)


def _beside_truth(view: HostView, reached: Reached) -> Reading:
    """Judge a resolver's addresses by those that the authority gives."""
    told = view.followed
    known, true = usable_addresses(told), usable_addresses(view.truth)
    if _private(known) and not _private(true):
        return Reading.OWN_VIEW
    if true and not known:
        reading = _missing(view, told)
    elif _outdated(view, known, true, reached):
        reading = Reading.STALE
    else:
        return Reading.AGREES
    # Who answers with authority has no old copy, but a zone of its own.
    own = any(answer.authoritative for answer in told)
    return Reading.OWN_VIEW if own and reading is Reading.STALE else reading


def nearest(told: Sequence[Answer], truths: Sequence[tuple[Answer, ...]]) -> tuple[Answer, ...]:
    """Return the answers of the name server that a resolver's are from, of several that differ; else the first's.

    What one of them gives out is no old copy, whatever the others do.
    """
    known = usable_addresses(told)
    return next((truth for truth in truths if usable_addresses(truth) == known), truths[0])


def _outdated(view: HostView, known: frozenset[str], true: frozenset[str], reached: Reached) -> bool:
    """Whether addresses that the authority does not give are outdated, and do not just vary by place or rotate.

    They are where the zone lets others keep them for long, or, in the recipient's own zone, nobody takes the mail
    there. Large providers, whose zones are others, give each resolver addresses close to it.
    """
    extra = {address for address in known - true if not _synthesized(address, true)}
    if not extra:
        return False
    lasting = min((record.ttl for answer in view.truth for record in answer.answer), default=0) >= _LASTING
    own = view.zone is not None and view.zone.own
    return (own and extra <= reached.failed) or (lasting and known.isdisjoint(true))


def _synthesized(address: str, true: Collection[str]) -> bool:
    """Whether a resolver made an IPv6 address from one of the host's IPv4 ones, for NAT64 (RFC 6147 §5.1.7)."""
    parsed = parse_ip(address)
    return parsed is not None and parsed.version == 6 and str(IPv4Address(int(parsed) & 0xFFFFFFFF)) in true


def _missing(view: HostView, told: Sequence[Answer]) -> Reading:
    """Judge a host that has addresses at its authority and none at the resolver: kept back, or not yet known."""
    if any(filtering_errors(answer) or is_foreign(answer) for answer in told) or has_null(told):
        return Reading.FILTERED
    denied = any(answer.kind is AnswerKind.NXDOMAIN for answer in told)
    from_cache = any(_from_cache(answer, view.host) for answer in told)
    return Reading.FILTERED if denied and not from_cache else Reading.STALE


def _from_cache(answer: Answer, host: str) -> bool:
    """Whether a negative answer comes with the SOA of a zone that holds the host, as a cache keeps it."""
    soa = answer.soa()
    return answer.kind in NEGATIVE and soa is not None and lies_in(host, soa.owner)


def _private(addresses: Collection[str]) -> bool:
    return any(is_inside(address) for address in addresses)


def judge_host_view(view: HostView, reached: Reached, now: datetime | None) -> tuple[Finding, ...]:
    """Return what is told of a mail host's addresses: beside its authority, and at the servers in use."""
    if not view.followed:
        return ()
    match read_host(view, reached):
        case Reading.FILTERED:
            return (_filtered(view),)
        case Reading.REWRITTEN:
            return (_rewritten(view),)
        case Reading.STALE:
            return (_stale(view, now),)
        case Reading.OWN_VIEW:
            return (_own_view(view),)
        case _:
            return judge_servers(view)


def _server(view: HostView) -> str:
    return view.resolvers[0][0].server.label


def _stale(view: HostView, now: datetime | None) -> Finding:
    server, told = _server(view), view.resolvers[0]
    known, true = usable_addresses(told), usable_addresses(view.truth)
    left = [seconds for answer in told if (seconds := seconds_left(answer)) is not None]
    least = min(left, default=None)
    differ = f"{server} returns {_some(known)}; the name server of {view.host} returns {_some(true)}."
    return finding(
        "stale-resolver",
        f"Resolver {server} returns outdated addresses for {view.host}",
        meaning=f"{differ} {expiry(server, least, now)}",
        advice=flush_advice(server, view.host, least),
        evidence=_evidence(view),
        severity=None if known else Severity.FAILURE,
    )


def _filtered(view: HostView) -> Finding:
    server, told = _server(view), view.resolvers[0]
    error = next(
        (f" with extended DNS error {answer.extended}" for answer in told if filtering_errors(answer)), ""
    )
    words = ", ".join(dict.fromkeys(_word(answer) for answer in told))
    true = usable_addresses(view.truth)
    truth = f"; the name server of {view.host} returned {_some(true)}" if view.truth else ""
    return finding(
        "answer-filtered",
        f"Resolver {server} withholds the addresses of {view.host}",
        meaning=(
            f"{server} returned {words}{error}{truth}. Mail from this host cannot reach that MX host while"
            f" {server} filters its name."
        ),
        advice=f"Exempt {view.host} from the filter of {server}, or use a resolver that does not filter.",
        evidence=_evidence(view),
        severity=Severity.WARNING if usable_addresses(told) else None,
    )


def _word(answer: Answer) -> str:
    return ", ".join(record.data for record in answer.records) or str(answer.kind)


def _rewritten(view: HostView) -> Finding:
    server = _server(view)
    return finding(
        "nxdomain-rewritten",
        f"Resolver {server} returns an address for nonexistent {view.host}",
        advice=f"Turn off NXDOMAIN rewriting at {server}, or use another resolver; then rerun.",
        evidence=_evidence(view),
    )


def _own_view(view: HostView) -> Finding:
    server = _server(view)
    told, true = usable_addresses(view.resolvers[0]), usable_addresses(view.truth)
    return finding(
        "dns-answers-differ",
        f"Resolver {server} has its own addresses for {view.host} (split DNS)",
        meaning=f"Mail from this host goes to {_some(told)}; the name server of the host returns {_some(true)}.",
        advice=f"None, if {server} has its own addresses for {view.host} on purpose.",
        side=Side.HERE,
        evidence=_evidence(view),
    )


def judge_servers(view: HostView) -> tuple[Finding, ...]:
    """Return what it says that the servers in use give a host different addresses.

    They may rotate or vary by place; where one side has private, null or no addresses, or refuses, they do not.
    """
    first, others = view.followed, view.resolvers[1:]
    return tuple(_differing(view.host, first, other) for other in others if _differ(first, other))


def _differ(first: Sequence[Answer], other: Sequence[Answer]) -> bool:
    """Whether another server gives other addresses than the first; one that is silent gives no others."""
    if not first or not any(answer.well_formed for answer in other):
        return False
    return _addresses(first) != _addresses(other)


def _differing(host: str, first: Sequence[Answer], other: Sequence[Answer]) -> Finding:
    servers = f"{first[0].server.label} and {other[0].server.label}"
    message = f"{servers} return different addresses for {host}"
    evidence = tuple(line for answer in (*first, *other) for line in cited(answer))
    if _unlike(first) == _unlike(other):
        return finding("mail-host-addresses-differ", message, evidence=evidence)
    return finding(
        "mail-host-addresses-differ",
        message,
        meaning=_GRAVE,
        advice=f"Find out why {servers} differ for {host}; mail follows {first[0].server.label} in this run.",
        severity=Severity.WARNING,
        evidence=evidence,
    )


_GRAVE = "One of them returns private, null or no addresses: split DNS, a filter, or a server that refuses."


def _unlike(answers: Sequence[Answer]) -> str:
    """Return which kind of addresses a server gives: public, private, null or none."""
    addresses = _addresses(answers)
    if any(is_null(address) for address in addresses):
        return "null"
    if not addresses:
        return "none"
    return "private" if _private(addresses) else "public"


def _addresses(answers: Sequence[Answer]) -> frozenset[str]:
    return frozenset(record.data.lower() for answer in answers for record in answer.records)


def _some(addresses: Collection[str]) -> str:
    """Return addresses in a few words."""
    listed = sorted(addresses)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return f"{', '.join(listed[:_SHOWN])}{more}" if listed else "none"


def _evidence(view: HostView) -> tuple[str, ...]:
    return tuple(line for answer in (*view.resolvers[0], *view.truth) for line in cited(answer))
