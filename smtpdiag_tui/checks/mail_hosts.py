"""Judging the mail hosts and their addresses, before anybody talks to them."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import MAX_CHAIN, cite
from smtpdiag_tui.checks.lookups.extended_errors import is_bogus, judge_bogus
from smtpdiag_tui.checks.lookups.routing import HostLookup
from smtpdiag_tui.checks.mail_host_names import judge_host_name, without_address
from smtpdiag_tui.report.actions import Action, by, dns_administrator
from smtpdiag_tui.report.amounts import noun_for
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import family_of, parse_ip

HOST_EXPLANATION = """\
Queries the A and AAAA records of each MX host. Sending servers skip an MX host without addresses, and an MX target
that is an IP address (RFC 5321 §5.1, RFC 1035 §3.3.9).
Fails if:
- the MX host does not exist, or has no A or AAAA record
- the MX target is an IP address
- the final dot of the MX target is missing in the zone file, so that it ends in the name of the zone twice"""


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """What is known of one address before the connection. `hosts`: all mail hosts that share it."""

    address: str
    host: str
    public: bool
    own: bool
    hosts: tuple[str, ...] = ()
    probed_as: str = ""


def judge_host(lookup: HostLookup, owners: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Return the findings about a mail host's name and lookups.

    `owners` are the names that its MX record stands at (see `judge_host_name`); none where no MX names the host.
    """
    name = visible(lookup.host.name)
    who = dns_administrator(visible(owners[0])) if owners else ""
    if lookup.is_address:
        return (_address_as_target(name, owners, who),)
    found = list(judge_host_name(lookup, owners)) if owners else []
    if lookup.looping:
        message = f"CNAME chain of {name} loops or is longer than {MAX_CHAIN}"
        advice = Action(dns_administrator(name), f"correct the CNAME chain of {name}.")
        found.append(finding("mx-unresolvable", message, advice=advice))
    elif lookup.aliases and lookup.host.name not in owners:  # an alias at the domain itself is told there
        end = lookup.aliases[-1]
        replaced = by(who, f"put {end} instead of {name} into the MX record.") if owners else None
        found.append(finding("mx-is-cname", f"{name} is a CNAME for {end}", advice=replaced))
    bogus = next(filter(is_bogus, lookup.failed), None)
    if bogus is not None:
        found.append(judge_bogus(bogus, None, None))
    return (*found, *_judge_addresses(lookup, name, owners[0] if owners else ""))


def _address_as_target(name: str, owners: Sequence[str], who: str) -> Finding:
    advice = (
        by(who, f"put a host name that resolves to {name} into the MX record, not {name}.") if owners else None
    )
    return finding("mx-is-address", f"MX target {name} is an IP address; it must be a host name", advice=advice)


def judge_sender_hosts(lookups: Sequence[HostLookup], owners: Sequence[str]) -> tuple[Finding, ...]:
    """Return the findings about the mail hosts of the sender's domain, which replies and bounces go to."""
    found: list[Finding] = []
    for lookup in lookups:
        found += judge_host_name(lookup, owners, Side.HERE)
        if not (lookup.addresses or lookup.is_address or lookup.failed):
            found.append(without_address(lookup, "sender-mx-unresolvable", ""))
    return tuple(found)


def _judge_addresses(lookup: HostLookup, name: str, domain: str) -> tuple[Finding, ...]:
    """Judge what addresses a mail host has, of both families."""
    failures = tuple(map(cite, lookup.failed))
    if lookup.addresses and failures:
        message = f"{_types(lookup)} query for {name} failed; the other address family is tested"
        what = f"make the name servers of {name} answer for A and AAAA, with NOERROR where there is no record."
        return (
            finding("mx-lookup-partial", message, evidence=failures, advice=Action(dns_administrator(name), what)),
        )
    if lookup.addresses:
        ipv6_only = all(family_of(address) == 6 for address in lookup.addresses)
        return (finding("mx-ipv6-only", f"{name} has IPv6 addresses only"),) if ipv6_only else ()
    if failures:
        message = f"{_types(lookup)} {noun_for(len(failures), 'query')} for {name} {_what_happened(lookup)}"
        advice = (
            "Rerun later.",
            Action(dns_administrator(name), f"check the name servers of {name}, if it persists."),
        )
        return (finding("mx-lookup-failed", message, evidence=failures, advice=advice),)
    if lookup.looping:
        return ()
    return (without_address(lookup, "mx-unresolvable", domain),)


def _what_happened(lookup: HostLookup) -> str:
    """Return that the queries failed, or why none was sent."""
    if any(answer.sent for answer in lookup.failed):
        return "failed"
    return f"not sent ({lookup.failed[0].error})"


def _types(lookup: HostLookup) -> str:
    """Return the record types whose queries failed: "A", "AAAA" or "A and AAAA"."""
    return " and ".join(dict.fromkeys(answer.question.rdtype for answer in lookup.failed))


def judge_address(facts: AddressFacts) -> tuple[Finding, ...]:
    """Return the findings about one address of a mail host."""
    reason = unusable_reason(facts.address)
    if reason:
        message = f"{facts.address} is {reason}; no connection is made to it"
        advice = None
        if facts.host and parse_ip(facts.host) is None:
            what = f"replace {facts.address} in the address records of {facts.host} with its public address."
            advice = Action(dns_administrator(facts.host), what)
        return (finding("mx-address-unusable", message, advice=advice),)
    found: list[Finding] = []
    if facts.own:
        found.append(finding("mx-is-this-machine", f"{facts.address} is an address of this host"))
    if not facts.public:
        found.append(finding("mx-address-not-public", f"{facts.address} is not a public address"))
    if len(facts.hosts) > 1:
        message = f"{len(facts.hosts)} MX hosts share {facts.address}; it is tested once"
        evidence = (f"tested as {facts.probed_as}", *facts.hosts)
        found.append(finding("mx-shared-address", message, evidence=evidence))
    return tuple(found)


def none_usable(lookups: Sequence[HostLookup], domain: str) -> Finding | None:
    """Return the finding that no mail host of `domain` can be reached by any sender, None if one may be."""
    for lookup in lookups:
        usable = [address for address in lookup.addresses if not unusable_reason(address)]
        if usable or lookup.failed:
            return None
    names = tuple(visible(lookup.host.name) for lookup in lookups)
    if any(lookup.host.preference is None for lookup in lookups):  # hosts that were given, by no MX record
        return finding("mx-none-usable", f"No address of {domain} is usable", evidence=names)
    advice = Action(dns_administrator(domain), f"correct the MX records of {domain}.")
    return finding("mx-none-usable", f"No MX host of {domain} has a usable address", evidence=names, advice=advice)
