"""The EHLO name of this host: fully qualified, in the DNS, and that of the address that others see.

RFC 5321 §4.1.1.1 and §4.1.4 ask for it; receivers hold against a machine what does not fit.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.lookups.answers import Answer, describe
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.routing import HostLookup, MailHost, Resolution
from smtpdiag_tui.checks.machine.identity import MAX_NAMES, AddressIdentity, answer_note, view_notes
from smtpdiag_tui.checks.machine.views import NameView, Views, addresses_of, judge_views, look_outside
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import address_literal, family_of

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Names that are looked up inside a site alone (RFC 6761, RFC 6762, RFC 8375; ICANN keeps .internal for that).
_INSIDE = frozenset(
    [
        "local",
        "localhost",
        "localdomain",
        "lan",
        "internal",
        "intranet",
        "home",
        "corp",
        "private",
        "invalid",
        "home.arpa",
    ]
)

NAME_EXPLANATION = """\
Resolves the EHLO name of this host. It must be fully qualified, and resolve to the public IP address or be its PTR
name (RFC 5321 §4.1.1.1, §4.1.4).
Warns if:
- the EHLO name is not fully qualified, or is an address literal
- it does not resolve, or resolves to another address and is not the PTR name either"""


@dataclass(frozen=True, slots=True)
class NameIdentity:
    """The name said in EHLO; `lookup` is None for an address literal, which `literal` then holds.

    `lookup` is what the outside sees; `views` holds what this host's resolvers say where that is private.
    """

    name: str
    literal: str | None = None
    lookup: HostLookup | None = None
    views: tuple[NameView, ...] = ()

    def known_inside_only(self, found: Resolution | None) -> bool:
        """Whether what was found of one family is the inside's answer, since nobody outside could be asked."""
        return any(view.seen is found and not view.known for view in self.views)


async def observe_name(dns: DnsClient, views: Views, name: str) -> NameIdentity:
    """Look up the addresses of the name said in EHLO; an address literal has none to look up."""
    literal = ehlo_literal(name)
    if literal is not None or not is_qualified(name):
        return NameIdentity(name, literal)
    host = MailHost(name.removesuffix(".").lower(), None)
    a, aaaa = await asyncio.gather(
        look_outside(dns, views, host.name, "A"), look_outside(dns, views, host.name, "AAAA")
    )
    inside = tuple(view for view in (a, aaaa) if view.inside is not None)
    return NameIdentity(name, None, HostLookup(host, a.seen, aaaa.seen), inside)


def ehlo_literal(name: str) -> str | None:
    """Return the address of an address literal (RFC 5321 §4.1.3), None for anything else."""
    if not (name.startswith("[") and name.endswith("]")):
        return None
    return canonical(name[1:-1].removeprefix("IPv6:")) or None


def is_qualified(name: str) -> bool:
    """Whether a name has the form of a host's fully qualified name (RFC 5321 §2.3.5)."""
    labels = name.removesuffix(".").lower().split(".")
    if len(labels) < 2 or len(name) > 253 or labels[-1].isdecimal():
        return False
    return all(_LABEL.fullmatch(label) for label in labels)


def inside_only(name: str) -> bool:
    """Whether a name lies under a top-level name that the public DNS does not have."""
    labels = name.removesuffix(".").lower().split(".")
    return labels[-1] in _INSIDE or ".".join(labels[-2:]) in _INSIDE


def judge_names(
    names: Sequence[NameIdentity],
    addresses: Sequence[AddressIdentity],
    is_public: Callable[[str], bool],
    given: str | None = None,
) -> tuple[Finding, ...]:
    """Return the findings about all names said in EHLO, beside the addresses that others see.

    Private address literals are what a host says that has no name, each session that of its own source: they are
    one problem of this host, whoever was connected to. `given` is the name that the user chose: it is judged as
    it stands.
    """
    private = [name for name in names if name.name != given and _is_private(name, is_public)]
    others = [name for name in names if name not in private]
    judged = [one for name in others for one in judge_name(name, addresses, given=name.name == given)]
    return (*_judge_private(private, addresses), *judged)


def _is_private(seen: NameIdentity, is_public: Callable[[str], bool]) -> bool:
    return seen.literal is not None and not is_public(seen.literal)


def _judge_private(names: Sequence[NameIdentity], addresses: Sequence[AddressIdentity]) -> tuple[Finding, ...]:
    if not names:
        return ()
    literals = " and ".join(visible(name.name) for name in names)
    message = f"EHLO name is the private literal {literals}; this host has no FQDN"
    outside = dict.fromkeys(item.seen.outside for item in addresses if item.seen.outside is not None)
    evidence = tuple(f"public IP address {address}" for address in outside)
    return (finding("ehlo-name-private", message, evidence=evidence, advice=_name_advice(addresses)),)


def judge_name(
    seen: NameIdentity, addresses: Sequence[AddressIdentity], *, given: bool = False
) -> tuple[Finding, ...]:
    """Return the findings about the name said in EHLO, beside the addresses that others see.

    `given`: the user chose it; else it is what this host calls itself.
    """
    name = visible(seen.name)
    if seen.literal is not None:
        return (_judge_literal(seen.literal, name, addresses, given=given),)
    if seen.lookup is None:
        message = f"EHLO name '{name}' is not fully qualified"
        return (finding("ehlo-name-not-fqdn", message, advice=_name_advice(addresses)),)
    if inside_only(seen.name):
        message = f"EHLO name {name} is not in the public DNS"
        return (finding("ehlo-name-not-fqdn", message, advice=_name_advice(addresses)),)
    split = judge_views(seen.views)
    if not seen.lookup.addresses:
        return (_without_address(seen.lookup, name), *split)
    return (*_judge_fit(seen, seen.lookup, name, addresses), *split)


def _outside(addresses: Sequence[AddressIdentity]) -> list[str]:
    """Return the addresses that others see."""
    return [address.seen.outside for address in addresses if address.seen.outside is not None]


def _name_advice(addresses: Sequence[AddressIdentity]) -> str:
    outside = _outside(addresses)
    what = f"resolves to {outside[0]}" if outside else "resolves to its public IP address"
    return f"Give this host a fully qualified name that {what}, and use it as EHLO name."


def _judge_literal(literal: str, name: str, addresses: Sequence[AddressIdentity], *, given: bool) -> Finding:
    """Judge an address literal in the place of a name: it must be the address of its family that others see."""
    family = family_of(literal)
    same_family = [address for address in _outside(addresses) if family_of(address) == family]
    if same_family and literal not in same_family:
        message = f"EHLO literal {name} is not the public IP {same_family[0]}"
        right = address_literal(same_family[0])
        advice = f"Set the EHLO name to the PTR name of {same_family[0]}, or to {right}."
        return finding("ehlo-name-mismatch", message, advice=advice)
    why = "" if given else "; this host has no FQDN"
    message = f"EHLO name is the literal {name}{why}"
    return finding("ehlo-name-literal", message, advice=_name_advice(addresses))


def _without_address(lookup: HostLookup, name: str) -> Finding:
    answers = _answers(lookup)
    evidence = tuple(describe(answer) for answer in answers)
    if lookup.failed or not answers:
        later = ("Rerun later.", f"Check the name servers of {name}, if it persists.")
        message = f"Address query for EHLO name {name} failed"
        return finding("ehlo-name-lookup-failed", message, evidence=evidence, advice=later)
    advice = f"Give {name} an A or AAAA record, or use a name that resolves as EHLO name."
    message = f"EHLO name {name} does not resolve"
    return finding("ehlo-name-unresolvable", message, evidence=evidence, advice=advice)


def _answers(lookup: HostLookup) -> list[Answer]:
    return [answer for resolution in lookup.found for answer in resolution.answers]


def _judge_fit(
    seen: NameIdentity, lookup: HostLookup, name: str, addresses: Sequence[AddressIdentity]
) -> tuple[Finding, ...]:
    wrong = [address for address in addresses if fits(seen, address) is False]
    if not wrong:
        return ()
    outside = wrong[0].seen.outside
    message = f"EHLO name {name} does not resolve to public IP {outside}"
    if len(wrong) > 1:
        message = f"EHLO name {name} does not resolve to {len(wrong)} public IP addresses"
    evidence = [f"{name} resolves to {', '.join(map(canonical, lookup.addresses))}"]
    for address in wrong:
        if address.reverse is not None:
            names = ", ".join(address.reverse.names[:MAX_NAMES])
            has = f"has the PTR name {names}" if names else "has no PTR record"
            evidence.append(f"{address.reverse.address} {has}")
    advice = f"Make {name} resolve to {outside}, or use the PTR name of {outside} as EHLO name."
    return (finding("ehlo-name-mismatch", message, evidence=tuple(evidence), advice=advice),)


def fits(seen: NameIdentity, address: AddressIdentity) -> bool | None:
    """Whether a name belongs to an address as others see it: it leads there, or is the address's reverse name.

    None if that is not known, because a lookup failed, or nobody says what is seen, or only the inside's view of
    the name is known.
    """
    outside, lookup = address.seen.outside, seen.lookup
    if outside is None or lookup is None:
        return None
    if outside in map(canonical, lookup.addresses):
        return True
    if address.has_name(lookup.host.name):
        return True
    resolution = lookup.aaaa if family_of(outside) == 6 else lookup.a
    if seen.known_inside_only(resolution) or not _is_settled(resolution):
        return None
    if address.reverse is not None and not address.reverse.settled:
        return None
    return False


def _is_settled(resolution: Resolution | None) -> bool:
    """Whether it is known which addresses of one family there are."""
    return resolution is not None and (resolution.absent or bool(addresses_of(resolution)))


def name_notes(seen: NameIdentity) -> tuple[str, ...]:
    """Return the lines that tell what the name said in EHLO is, and what the DNS answered."""
    if seen.literal is not None:
        return (f"EHLO literal: {seen.literal}",)
    lines = [f"EHLO name: {visible(seen.name)}"]
    if seen.lookup is not None:
        lines.extend(map(answer_note, _answers(seen.lookup)))
        for resolution in seen.lookup.found:
            lines.extend(f"CNAME: {alias}" for alias in resolution.names[1:])
        lines.extend(f"resolves to: {canonical(address)}" for address in seen.lookup.addresses)
        lines.extend(view_notes(seen.views))
    return tuple(dict.fromkeys(lines))
