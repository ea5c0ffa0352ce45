"""This machine as others see it: its source addresses and their reverse DNS names.

Nobody is asked for our address but those whom mail goes to anyway: what they say of it in their sessions counts.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.lookups.answers import Answer, describe, label, name_text
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.routing import Resolution, resolve
from smtpdiag_tui.checks.machine.reverse_names import generic_reason
from smtpdiag_tui.checks.machine.seen_address import Echo
from smtpdiag_tui.checks.machine.views import NameView, Views, addresses_of, judge_views, look_outside
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import parse_ip

MAX_NAMES = 8  # reverse names of one address whose addresses are looked up
EXPLANATION = """\
Before they look at the mail, receivers judge the machine that brings it: the address they see, its name in the
reverse DNS, and the name it greets with. The address is taken from what the mail hosts themselves say of it; no
third party is asked. Names are looked up as the outside sees them: at the target servers where given, else at this
machine's, and at the zone's own name servers where these say a private address. This test can warn for 4 reasons.
1) The address has no reverse DNS name (PTR), or one that does not lead back to it (FCrDNS).
2) The name looks like that of a home or rented machine, which nobody set up to send mail.
3) The name said in EHLO is not fully qualified, does not exist, or belongs to another address.
4) An address translator (NAT) gives connections another address than the one that all this was set up for."""
ADDRESS_EXPLANATION = """\
The address that mail hosts see must have a reverse DNS name, and that name must lead back to the address. Who runs
the address sets it: mostly the provider, on request."""


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
        source = canonical(self.source)
        return tuple(sorted(counts, key=lambda address: (-counts[address], address != source)))

    @property
    def outside(self) -> str | None:
        """The address that others see; None if this machine's is not public and no server says another.

        A server's word is needed for a translated address only: a public one is taken for what is seen, unless
        servers are sure of another (`_sure`).
        """
        source = canonical(self.source)
        if self.public:
            return self.votes[0] if self.votes and self._sure(self.votes[0]) else source
        return next((address for address in self.votes if address != source), None)

    def echoes_of(self, address: str) -> list[Echo]:
        """The echoes that name `address`."""
        return [echo for echo in self.echoes if echo.address == address]

    def _sure(self, address: str) -> bool:
        """Whether two hosts name an address, or the only one that was talked to does so outright."""
        echoes = self.echoes_of(address)
        hosts = {echo.said_by.partition(" [")[0] for echo in echoes}
        return len(hosts) > 1 or (self.sessions <= 1 and any(echo.strong for echo in echoes))

    @property
    def translated(self) -> bool:
        """Whether others see another address than the source."""
        return self.outside is not None and self.outside != canonical(self.source)


@dataclass(frozen=True, slots=True)
class ReverseLookup:
    """The reverse DNS names of `address`, and for each the lookup of its addresses of the same family.

    `views` holds what this host's resolvers say of those names that only the inside has a private address for.
    """

    address: str
    ptr: Resolution
    forward: tuple[tuple[str, Resolution], ...] = ()
    views: tuple[NameView, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All the names, in the answer's order."""
        if self.ptr.looping:
            return ()
        return tuple(dict.fromkeys(name_text(record.data) for record in self.ptr.records))

    @property
    def hidden(self) -> frozenset[str]:
        """The names whose addresses are not known as the outside sees them."""
        return frozenset(view.name for view in self.views if not view.known)

    def confirms(self, found: Resolution) -> bool:
        """Whether a name's addresses hold the one that it is the name of."""
        return self.address in addresses_of(found)

    def contradicts(self, found: Resolution) -> bool:
        """Whether a name is known to lead nowhere, or elsewhere."""
        if found.absent or found.looping:
            return True
        return bool(addresses_of(found)) and not self.confirms(found)

    @property
    def settled(self) -> bool:
        """Whether it is known which names the address has, or that it has none."""
        return bool(self.names) or self.ptr.absent

    @property
    def contradicting(self) -> dict[str, Resolution]:
        """The names that do not lead back to the address as the outside sees them, each with its lookup."""
        return {name: found for name, found in self.forward if name not in self.hidden and self.contradicts(found)}

    @property
    def confirmed(self) -> tuple[str, ...]:
        """The names that lead back to the address: forward-confirmed reverse DNS."""
        return tuple(name for name, found in self.forward if self.confirms(found))


@dataclass(frozen=True, slots=True)
class AddressIdentity:
    """One source address, as others see it, with its reverse DNS; None where there is nothing to look up."""

    seen: SeenAddress
    reverse: ReverseLookup | None = None

    def has_name(self, name: str) -> bool:
        """Whether a name is one of the address's reverse DNS names."""
        return self.reverse is not None and name in self.reverse.names


async def observe_reverse(dns: DnsClient, views: Views, address: str) -> ReverseLookup:
    """Look up the names of a public address, and each name's addresses (RFC 1035 §3.5, RFC 3596 §2.5)."""
    literal = parse_ip(address)
    if literal is None:
        raise ValueError(f"{address!r} is no IP address")
    ptr = await resolve(dns, views.servers, literal.reverse_pointer, "PTR")
    lookup = ReverseLookup(address, ptr)
    names = lookup.names[:MAX_NAMES]
    rdtype = "AAAA" if literal.version == 6 else "A"
    found = await asyncio.gather(*(look_outside(dns, views, name, rdtype) for name in names))
    forward = tuple((view.name, view.seen) for view in found)
    return ReverseLookup(address, ptr, forward, tuple(view for view in found if view.inside is not None))


def judge_address(seen: AddressIdentity) -> tuple[Finding, ...]:
    """Return the findings about one source address and its reverse DNS."""
    found = list(_translation(seen.seen))
    if seen.reverse is not None:
        found += [*_reverse(seen.reverse), *judge_views(seen.reverse.views)]
    return tuple(found)


_ALONE = (
    "It may be an address of the server's own, or a relay before it. One server's word does not outweigh a public"
    " source address, so that this machine's own is judged."
)


def _translation(seen: SeenAddress) -> list[Finding]:
    evidence = tuple(f"{echo.said_by}: {echo.line}" for echo in seen.echoes)
    if seen.outside is None:
        message = f"{seen.source} is not public, and no server says which address it sees instead."
        if seen.votes:
            message = f"{seen.source} is not public, and the servers here see it as it is."
        return [finding("address-unseen", message, evidence=evidence)]
    found: list[Finding] = []
    if seen.translated:
        code = "address-rewritten" if seen.public else "address-translated"
        message = f"Connections from {seen.source} are seen as coming from {seen.outside}, as {_say_so(seen)}."
        found.append(finding(code, message, evidence=evidence))
    if len(seen.votes) > 1:
        message = f"Servers see different addresses for {seen.source}: {', '.join(seen.votes)}."
        found.append(finding("address-varies", message, evidence=evidence))
    elif seen.votes and seen.outside not in seen.votes:
        message = f"{seen.echoes[0].said_by} alone speaks of {seen.votes[0]}, while {seen.source} connects to it."
        found.append(
            finding("address-varies", message, evidence=evidence, meaning=_ALONE, advice="Nothing need be done.")
        )
    return found


def _say_so(seen: SeenAddress) -> str:
    """Return who says which address others see, with the verb."""
    first, *more = seen.echoes_of(seen.outside or "")
    return f"{first.said_by} and {len(more)} more say" if more else f"{first.said_by} says"


def _reverse(seen: ReverseLookup) -> list[Finding]:
    address = seen.address
    evidence = tuple(describe(answer) for answer in seen.ptr.answers)
    if seen.ptr.absent:
        message = f"{address} has no reverse DNS name (PTR)."
        return [finding("ptr-missing", message, evidence=evidence, advice=_set_ptr(address))]
    if not seen.names:
        message = f"The reverse DNS name of {address} could not be looked up."
        return [finding("ptr-lookup-failed", message, evidence=evidence, advice=_reverse_zone(address))]
    found = _confirmation(seen)
    for name in seen.names[:MAX_NAMES]:
        reason = generic_reason(name, address)
        if reason is not None:
            message = f"The reverse DNS name {name} of {address} looks generic: {reason}."
            advice = f"{_set_ptr(address)} Or send through your provider's relay."
            found.append(finding("ptr-generic", message, advice=advice))
            break
    if len(seen.names) > 1:
        message = f"{address} has {len(seen.names)} reverse DNS names: {', '.join(seen.names[:MAX_NAMES])}."
        found.append(finding("ptr-several", message))
    return found


def _confirmation(seen: ReverseLookup) -> list[Finding]:
    wrong = seen.contradicting
    if wrong:
        return [_mismatch(seen.address, wrong)]
    if seen.confirmed or seen.hidden:
        return []
    message = f"Whether {seen.names[0]} leads back to {seen.address} could not be looked up."
    answers = [resolution.last for _, resolution in seen.forward if resolution.last is not None]
    advice = f"Rerun later. If it persists, check the name servers of {seen.names[0]}."
    return [finding("ptr-lookup-failed", message, evidence=tuple(map(describe, answers)), advice=advice)]


def _mismatch(address: str, wrong: Mapping[str, Resolution]) -> Finding:
    """Return the finding about the names of an address that do not lead back to it."""
    noun, verb = ("name", "does") if len(wrong) == 1 else ("names", "do")
    message = f"The reverse DNS {noun} of {address}, {', '.join(wrong)}, {verb} not lead back to that address."
    evidence = tuple(_leads(name, resolution) for name, resolution in wrong.items())
    first = next(iter(wrong))
    advice = (
        f"Give {first} an address record with {address}, or ask whoever assigned {address} (your provider)"
        " to set its PTR to a name that has one."
    )
    return finding("ptr-mismatch", message, evidence=evidence, advice=advice)


def _set_ptr(address: str) -> str:
    return f"Ask whoever assigned {address} (your provider) to set its PTR to the EHLO name of this host."


def _reverse_zone(address: str) -> str:
    return (
        f"Rerun later. If it persists, tell whoever assigned {address} (your provider) that its reverse zone does"
        " not answer."
    )


def _leads(name: str, found: Resolution) -> str:
    addresses = ", ".join(addresses_of(found))
    if addresses:
        return f"{name} leads to {addresses}"
    return f"{name} has no address of that family" if found.absent else f"{name}: the CNAMEs go in a circle"


def address_notes(seen: AddressIdentity) -> tuple[str, ...]:
    """Return the lines that tell what was seen of an address, and what the DNS answered."""
    source, reverse = canonical(seen.seen.source), seen.reverse
    lines = [f"address of this machine: {source}"]
    lines.extend(f"seen by {echo.said_by}: {echo.line}" for echo in seen.seen.echoes)
    lines.extend(f"address of this machine: {address}" for address in seen.seen.votes if address != source)
    if reverse is None:
        return tuple(lines)
    lines.extend(map(answer_note, reverse.ptr.answers))
    names = (*reverse.ptr.names[1:], *reverse.names[:MAX_NAMES])
    lines.extend(f"name of this machine: {name}" for name in names)
    for _, resolution in reverse.forward:
        lines.extend(map(answer_note, resolution.answers))
        lines.extend(f"address of that name: {address}" for address in addresses_of(resolution))
    lines.extend(view_notes(reverse.views))
    return tuple(dict.fromkeys(lines))


def view_notes(views: Sequence[NameView]) -> list[str]:
    """Return the lines that tell what this host's resolvers say where the outside's answer is judged."""
    lines: list[str] = []
    for view in views:
        if view.inside is not None:
            lines.extend(map(answer_note, view.inside.answers))
            lines.extend(f"address of that name inside: {address}" for address in addresses_of(view.inside))
    return lines


def answer_note(answer: Answer) -> str:
    """Return one line on who answered, how, and with what data."""
    data = " ".join(record.data for record in answer.records[:MAX_NAMES])
    line = f"{label(answer)}: {describe(answer)}"
    return f"{line}: {data}" if data else line


def address_detail(seen: AddressIdentity) -> str:
    """Return the telling detail of an address in a few words."""
    reverse = seen.reverse
    if seen.seen.outside is None:
        return "no server says how it is seen"
    if reverse is not None and reverse.confirmed:
        return f"{reverse.confirmed[0]}, which leads back"
    if reverse is not None and reverse.names:
        return reverse.names[0]
    if reverse is not None and reverse.ptr.absent:
        return "no reverse DNS name"
    return "its reverse DNS name is not known"
