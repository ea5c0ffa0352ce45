"""Judging the mail hosts and their addresses, before anybody talks to them."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import cite
from smtpdiag_tui.checks.lookups.extended_errors import is_bogus, judge_bogus
from smtpdiag_tui.checks.lookups.routing import HostLookup
from smtpdiag_tui.checks.mail_host_names import judge_host_name, without_address
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import family_of

HOST_EXPLANATION = """\
Each mail host must have a name with addresses. A host without any is passed over by senders; so is an exchange
that is written as an address, since only names may stand there (RFC 5321 §5.1, RFC 1035 §3.3.9).
Fails if:
- the host does not exist, has no address, or its target is written as an address
- the final dot is missing behind the target in the zone file, so that the zone's name stands in it twice"""


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
    if lookup.is_address:
        return (finding("mx-is-address", f"The exchange {name} is an address, where only a host name may stand."),)
    found = list(judge_host_name(lookup, owners)) if owners else []
    if lookup.looping:
        found.append(finding("mx-unresolvable", f"The CNAMEs of {name} go in a circle or on for too long."))
    elif lookup.aliases:
        found.append(finding("mx-is-cname", f"{name} is a CNAME for {lookup.aliases[-1]}."))
    bogus = next(filter(is_bogus, lookup.failed), None)
    if bogus is not None:
        found.append(judge_bogus(bogus, None, None))
    return (*found, *_judge_addresses(lookup, name, owners[0] if owners else ""))


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
        message = f"One address family of {name} could not be looked up; the other is tested."
        return (finding("mx-lookup-partial", message, evidence=failures),)
    if lookup.addresses:
        ipv6_only = all(family_of(address) == 6 for address in lookup.addresses)
        return (finding("mx-ipv6-only", f"{name} has IPv6 addresses only."),) if ipv6_only else ()
    if failures:
        message = f"The addresses of {name} could not be looked up."
        return (finding("mx-lookup-failed", message, evidence=failures),)
    if lookup.looping:
        return ()
    return (without_address(lookup, "mx-unresolvable", domain),)


def judge_address(facts: AddressFacts) -> tuple[Finding, ...]:
    """Return the findings about one address of a mail host."""
    reason = unusable_reason(facts.address)
    if reason:
        message = f"{facts.address} is {reason}: it is not connected to."
        return (finding("mx-address-unusable", message),)
    found: list[Finding] = []
    if facts.own:
        found.append(finding("mx-is-this-machine", f"{facts.address} is an address of this machine."))
    if not facts.public:
        found.append(finding("mx-address-not-public", f"{facts.address} is not a public address."))
    if len(facts.hosts) > 1:
        others = ", ".join(name for name in facts.hosts if name != facts.host)
        message = f"{facts.address} also stands for {others}; it is talked to once, as {facts.probed_as}."
        found.append(finding("mx-shared-address", message))
    return tuple(found)


def none_usable(lookups: Sequence[HostLookup], domain: str) -> Finding | None:
    """Return the finding that no mail host of `domain` can be reached by any sender, None if one may be."""
    for lookup in lookups:
        usable = [address for address in lookup.addresses if not unusable_reason(address)]
        if usable or lookup.failed:
            return None
    names = ", ".join(visible(lookup.host.name) for lookup in lookups)
    return finding("mx-none-usable", f"None of the mail hosts of {domain} has a usable address: {names}.")
