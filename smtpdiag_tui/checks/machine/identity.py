"""This machine as others see it: its source addresses, their reverse DNS names, the name it greets with.

Nobody is asked for our address but those whom mail goes to anyway: what they say of it in their sessions counts.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.lookups.answers import Answer, describe, label, name_text
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.routing import HostLookup, MailHost, Resolution, look_up_host, resolve
from smtpdiag_tui.checks.machine.reverse_names import generic_reason
from smtpdiag_tui.checks.machine.seen_address import Echo, plain
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import DnsServer, parse_ip

MAX_NAMES = 8  # reverse names of one address whose addresses are looked up
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

EXPLANATION = """\
Before they look at the mail, receivers judge the machine that brings it: the address they see, its name in the
reverse DNS, and the name it greets with. The address is taken from what the mail hosts themselves say of it; no
third party is asked. Names are looked up at this machine's DNS servers. This test can warn for 4 reasons.
1) The address has no reverse DNS name (PTR), or one that does not lead back to it (FCrDNS).
2) The name looks like that of a home or rented machine, which nobody set up to send mail.
3) The name said in EHLO is not fully qualified, does not exist, or belongs to another address.
4) An address translator (NAT) gives connections another address than the one that all this was set up for."""
ADDRESS_EXPLANATION = """\
The address that mail hosts see must have a reverse DNS name, and that name must lead back to the address. Who runs
the address sets it: mostly the provider, on request."""
NAME_EXPLANATION = """\
The name said in EHLO must be this machine's fully qualified name, resolve, and belong to the address that is seen
(RFC 5321 §4.1.1.1, §4.1.4)."""


@dataclass(frozen=True, slots=True)
class SeenAddress:
    """One source address of this machine, and what servers say of it.

    `public` is about the source itself. `sessions` is how many servers were connected to from it.
    """

    source: str
    public: bool
    echoes: tuple[Echo, ...] = ()
    sessions: int = 0

    @property
    def votes(self) -> tuple[str, ...]:
        """The addresses that servers say they see, the most named first; the source first among equals."""
        counts = Counter(echo.address for echo in self.echoes)
        return tuple(sorted(counts, key=lambda item: (-counts[item], item != plain(self.source))))

    @property
    def outside(self) -> str | None:
        """The address that others see; None if this machine's is not public and no server says another.

        A server's word is needed for a translated address only: a public one is taken for what is seen, unless
        servers are sure of another (`_sure`).
        """
        source = plain(self.source)
        if self.public:
            return self.votes[0] if self.votes and self._sure(self.votes[0]) else source
        return next((item for item in self.votes if item != source), None)

    def _sure(self, address: str) -> bool:
        """Whether two hosts name an address, or the only one that was talked to does so outright."""
        named = [echo for echo in self.echoes if echo.address == address]
        hosts = {echo.said_by.partition(" [")[0] for echo in named}
        return len(hosts) > 1 or (self.sessions <= 1 and any(echo.strong for echo in named))

    @property
    def translated(self) -> bool:
        """Whether others see another address than the source."""
        return self.outside is not None and self.outside != plain(self.source)


@dataclass(frozen=True, slots=True)
class ReverseLookup:
    """The reverse DNS names of `address`, and for each the lookup of its addresses of the same family."""

    address: str
    ptr: Resolution
    forward: tuple[tuple[str, Resolution], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All the names, in the answer's order."""
        last = self.ptr.last
        if last is None or self.ptr.looping:
            return ()
        return tuple(dict.fromkeys(name_text(record.data) for record in last.records))

    def confirms(self, found: Resolution) -> bool:
        """Whether a name's addresses hold the one that it is the name of."""
        return self.address in addresses_of(found)

    @property
    def confirmed(self) -> tuple[str, ...]:
        """The names that lead back to the address: forward-confirmed reverse DNS."""
        return tuple(name for name, found in self.forward if self.confirms(found))


@dataclass(frozen=True, slots=True)
class AddressIdentity:
    """One source address, as others see it, with its reverse DNS; None where there is nothing to look up."""

    seen: SeenAddress
    reverse: ReverseLookup | None = None


@dataclass(frozen=True, slots=True)
class NameIdentity:
    """The name said in EHLO; `lookup` is None for an address literal, which `literal` then holds."""

    name: str
    literal: str | None = None
    lookup: HostLookup | None = None


async def observe_reverse(dns: DnsClient, servers: Sequence[DnsServer], address: str) -> ReverseLookup:
    """Look up the names of a public address, and each name's addresses (RFC 1035 §3.5, RFC 3596 §2.5)."""
    literal = parse_ip(address)
    if literal is None:
        raise ValueError(f"{address!r} is no IP address")
    ptr = await resolve(dns, servers, literal.reverse_pointer, "PTR")
    lookup = ReverseLookup(address, ptr)
    names = lookup.names[:MAX_NAMES]
    rdtype = "AAAA" if literal.version == 6 else "A"
    found = await asyncio.gather(*(resolve(dns, servers, name, rdtype) for name in names))
    return ReverseLookup(address, ptr, tuple(zip(names, found, strict=True)))


async def observe_name(dns: DnsClient, servers: Sequence[DnsServer], name: str) -> NameIdentity:
    """Look up the addresses of the name said in EHLO; an address literal has none to look up."""
    literal = ehlo_literal(name)
    if literal is not None or not is_qualified(name):
        return NameIdentity(name, literal)
    host = MailHost(name.removesuffix(".").lower(), None)
    return NameIdentity(name, None, await look_up_host(dns, servers, host))


def ehlo_literal(name: str) -> str | None:
    """Return the address of an address literal (RFC 5321 §4.1.3), None for anything else."""
    if not (name.startswith("[") and name.endswith("]")):
        return None
    return plain(name[1:-1].removeprefix("IPv6:")) or None


def is_qualified(name: str) -> bool:
    """Whether a name has the form of a host's fully qualified name (RFC 5321 §2.3.5)."""
    labels = name.removesuffix(".").lower().split(".")
    whole = len(labels) > 1 and len(name) <= 253 and not labels[-1].isdecimal()
    return whole and all(
        0 < len(item) <= 63
        and item.isascii()
        and item.replace("-", "a").isalnum()
        and "-" not in (item[0], item[-1])
        for item in labels
    )


def inside_only(name: str) -> bool:
    """Whether a name lies under a top-level name that the public DNS does not have."""
    labels = name.removesuffix(".").lower().split(".")
    return labels[-1] in _INSIDE or ".".join(labels[-2:]) in _INSIDE


def addresses_of(found: Resolution) -> tuple[str, ...]:
    """Return the addresses at the end of a resolution."""
    if found.last is None or found.looping:
        return ()
    return tuple(plain(record.data) for record in found.last.records)


def judge_address(seen: AddressIdentity) -> tuple[Finding, ...]:
    """Return the findings about one source address and its reverse DNS."""
    found = list(_translation(seen.seen))
    if seen.reverse is not None:
        found += _reverse(seen.reverse)
    return tuple(found)


_ALONE = (
    "It may be an address of the server's own, or a relay before it. One server's word does not outweigh a public"
    " source address, so that this machine's own is judged."
)


def _translation(seen: SeenAddress) -> list[Finding]:
    evidence = tuple(f"{echo.said_by}: {echo.line}" for echo in seen.echoes)
    outside = seen.outside
    if outside is None:
        message = f"{seen.source} is not public, and no server says which address it sees instead."
        if seen.votes:
            message = f"{seen.source} is not public, and the servers here see it as it is."
        return [finding("address-unseen", message, evidence=evidence)]
    found: list[Finding] = []
    if seen.translated:
        code = "address-rewritten" if seen.public else "address-translated"
        number = sum(echo.address == outside for echo in seen.echoes)
        who = next(echo.said_by for echo in seen.echoes if echo.address == outside)
        who += f" and {number - 1} more say" if number > 1 else " says"
        message = f"Connections from {seen.source} are seen as coming from {outside}, as {who}."
        found.append(finding(code, message, evidence=evidence))
    if len(seen.votes) > 1:
        message = f"Servers see different addresses for {seen.source}: {', '.join(seen.votes)}."
        found.append(finding("address-varies", message, evidence=evidence))
    elif seen.votes and outside not in seen.votes:
        message = f"{seen.echoes[0].said_by} alone speaks of {seen.votes[0]}, while {seen.source} connects to it."
        found.append(
            finding("address-varies", message, evidence=evidence, meaning=_ALONE, advice="Nothing need be done.")
        )
    return found


def _reverse(seen: ReverseLookup) -> list[Finding]:
    address = seen.address
    evidence = tuple(describe(answer) for answer in seen.ptr.answers)
    if seen.ptr.absent:
        message = f"{address} has no reverse DNS name (PTR)."
        return [finding("ptr-missing", message, evidence=evidence)]
    if not seen.names:
        message = f"The reverse DNS name of {address} could not be looked up."
        return [finding("ptr-lookup-failed", message, evidence=evidence)]
    found: list[Finding] = []
    found += _confirmation(seen)
    for name in seen.names[:MAX_NAMES]:
        reason = generic_reason(name, address)
        if reason is not None:
            message = f"The reverse DNS name {name} of {address} looks generic: {reason}."
            found.append(finding("ptr-generic", message))
            break
    if len(seen.names) > 1:
        message = f"{address} has {len(seen.names)} reverse DNS names: {', '.join(seen.names[:MAX_NAMES])}."
        found.append(finding("ptr-several", message))
    return found


def _confirmation(seen: ReverseLookup) -> list[Finding]:
    wrong = [(name, found) for name, found in seen.forward if found.absent or _elsewhere(seen, found)]
    if wrong:
        names = ", ".join(name for name, _ in wrong)
        noun, verb = ("name", "does") if len(wrong) == 1 else ("names", "do")
        message = f"The reverse DNS {noun} of {seen.address}, {names}, {verb} not lead back to that address."
        evidence = tuple(_leads(name, found) for name, found in wrong)
        return [finding("ptr-mismatch", message, evidence=evidence)]
    if seen.confirmed:
        return []
    message = f"Whether {seen.names[0]} leads back to {seen.address} could not be looked up."
    evidence = tuple(describe(answer) for _, found in seen.forward for answer in found.answers[-1:])
    return [finding("ptr-lookup-failed", message, evidence=evidence)]


def _elsewhere(seen: ReverseLookup, found: Resolution) -> bool:
    return (bool(addresses_of(found)) and not seen.confirms(found)) or found.looping


def _leads(name: str, found: Resolution) -> str:
    addresses = ", ".join(addresses_of(found))
    if addresses:
        return f"{name} leads to {addresses}"
    return f"{name} has no address of that family" if found.absent else f"{name}: the CNAMEs go in a circle"


def judge_name(seen: NameIdentity, addresses: Sequence[AddressIdentity]) -> tuple[Finding, ...]:
    """Return the findings about the name said in EHLO, beside the addresses that others see."""
    name = visible(seen.name)
    outside = [item for item in addresses if item.seen.outside is not None]
    if seen.literal is not None:
        return tuple(_literal(seen.literal, name, outside))
    if seen.lookup is None:
        message = f'The name said in EHLO, "{name}", is not fully qualified.'
        return (finding("ehlo-name-not-fqdn", message),)
    evidence = tuple(
        describe(answer) for item in (seen.lookup.a, seen.lookup.aaaa) if item for answer in item.answers
    )
    if inside_only(seen.name):
        message = f"The name said in EHLO, {name}, is not part of the public DNS: others cannot look it up."
        return (finding("ehlo-name-not-fqdn", message),)
    if not seen.lookup.addresses:
        if seen.lookup.failed or not evidence:
            message = f"The name said in EHLO, {name}, could not be looked up."
            return (finding("ehlo-name-lookup-failed", message, evidence=evidence),)
        message = f"The name said in EHLO, {name}, has no address in the DNS."
        return (finding("ehlo-name-unresolvable", message, evidence=evidence),)
    return _fitting(seen.lookup, name, outside)


def _literal(literal: str, name: str, outside: Sequence[AddressIdentity]) -> list[Finding]:
    others = [item.seen.outside or "" for item in outside]
    same_family = [item for item in others if (":" in item) == (":" in literal)]
    if same_family and literal not in same_family:
        message = f"This machine greets with {name}, while others see {', '.join(same_family)}."
        return [finding("ehlo-name-mismatch", message)]
    return [finding("ehlo-name-literal", f"This machine greets with the address literal {name}, not with a name.")]


def _fitting(lookup: HostLookup, name: str, outside: Sequence[AddressIdentity]) -> tuple[Finding, ...]:
    known = tuple(plain(item) for item in lookup.addresses)
    wrong = [item for item in outside if fits(lookup, item) is False]
    if not wrong:
        return ()
    seen_as = ", ".join(item.seen.outside or "" for item in wrong)
    message = f"The name said in EHLO, {name}, does not belong to {seen_as}, the address that others see."
    evidence = [f"{name} leads to {', '.join(known)}"]
    for item in wrong:
        if item.reverse is not None:
            names = ", ".join(item.reverse.names[:MAX_NAMES])
            evidence.append(f"{item.reverse.address} has {f'the name {names}' if names else 'no name'}")
    return (finding("ehlo-name-mismatch", message, evidence=tuple(evidence)),)


def fits(lookup: HostLookup, item: AddressIdentity) -> bool | None:
    """Whether a name belongs to an address as others see it: it leads there, or is the address's reverse name.

    None if that is not known, because a lookup failed or nobody says what is seen.
    """
    outside = item.seen.outside
    if outside is None:
        return None
    if outside in [plain(address) for address in lookup.addresses]:
        return True
    if item.reverse is not None and lookup.host.name in item.reverse.names:
        return True
    family = lookup.aaaa if ":" in outside else lookup.a
    failed = family is None or not (family.absent or addresses_of(family))
    reverse_failed = item.reverse is not None and not item.reverse.names and not item.reverse.ptr.absent
    return None if failed or reverse_failed else False


def address_notes(seen: AddressIdentity) -> tuple[str, ...]:
    """Return the lines that tell what was seen of an address, and what the DNS answered."""
    lines = [f"address of this machine: {plain(seen.seen.source)}"]
    lines += [f"seen by {echo.said_by}: {echo.line}" for echo in seen.seen.echoes]
    lines += [f"address of this machine: {item}" for item in seen.seen.votes if item != plain(seen.seen.source)]
    if seen.reverse is None:
        return tuple(lines)
    lines += [_answered(answer) for answer in seen.reverse.ptr.answers]
    names = (*seen.reverse.ptr.names[1:], *seen.reverse.names[:MAX_NAMES])
    lines += [f"name of this machine: {name}" for name in names]
    for _, found in seen.reverse.forward:
        lines += [_answered(answer) for answer in found.answers]
        lines += [f"address of that name: {address}" for address in addresses_of(found)]
    return tuple(dict.fromkeys(lines))


def name_notes(seen: NameIdentity) -> tuple[str, ...]:
    """Return the lines that tell what the name said in EHLO is, and what the DNS answered."""
    if seen.literal is not None:
        return (f"address of this machine: {seen.literal}",)
    lines = [f"name of this machine: {visible(seen.name)}"]
    if seen.lookup is not None:
        found = [item for item in (seen.lookup.a, seen.lookup.aaaa) if item is not None]
        lines += [_answered(answer) for item in found for answer in item.answers]
        lines += [f"name of this machine: {name}" for item in found for name in item.names[1:]]
        lines += [f"address of that name: {plain(item)}" for item in seen.lookup.addresses]
    return tuple(dict.fromkeys(lines))


def _answered(answer: Answer) -> str:
    data = " ".join(record.data for record in answer.records[:MAX_NAMES])
    return f"{label(answer)}: {describe(answer)}{f': {data}' if data else ''}"


def address_detail(seen: AddressIdentity) -> str:
    """Return the telling detail of an address in a few words."""
    if seen.seen.outside is None:
        return "no server says how it is seen"
    if seen.reverse is None or not seen.reverse.names:
        absent = seen.reverse is not None and seen.reverse.ptr.absent
        return "no reverse DNS name" if absent else "its reverse DNS name is not known"
    first = (*seen.reverse.confirmed, *seen.reverse.names)[0]
    return f"{first}, which leads back" if seen.reverse.confirmed else first
