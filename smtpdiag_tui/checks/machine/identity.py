"""This host as others see it: its source addresses and their PTR names.

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
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import family_of, parse_ip

MAX_NAMES = 8  # reverse names of one address whose addresses are looked up
_SHOWN = 2  # addresses that a headline names
EXPLANATION = """\
Checks what receivers see of this host before they look at the message: its public IP address, the PTR record of
that address, and the EHLO name. The public IP address is what the MX hosts report in their sessions; no third
party is queried. Names are resolved as the outside sees them: at the target servers if given, else at the
resolvers of this host, and at the name servers of the zone where those return a private address.
Warns if:
- the address has no PTR record, or its PTR name does not resolve back to it (FCrDNS)
- the PTR name looks like that of a residential or rented host
- the EHLO name is not fully qualified, does not resolve, or resolves to another address
- NAT gives connections another source address than the one that all this was set up for"""
ADDRESS_EXPLANATION = """\
Queries the PTR record of the public IP address, and resolves the PTR name back to an address (FCrDNS). The
provider that assigned the address sets the PTR record.
Warns if:
- there is no PTR record, or its name does not resolve back to the address
- the PTR name looks generic"""


@dataclass(frozen=True, slots=True)
class SeenAddress:
    """One source address of this machine, and what servers say of it.

    `public` is about the source itself. `sessions` is how many servers were connected to from it. `instead_of`
    is None but for an address of another host, which is judged in this one's place: it holds those that the
    sessions left from. What servers say then is about these. `through` names what connections go through where
    nobody tells the source, which is the unspecified address then; "" where it is known.
    """

    source: str
    public: bool
    echoes: tuple[Echo, ...] = ()
    sessions: int = 0
    instead_of: tuple[str, ...] | None = None
    through: str = ""

    @property
    def given(self) -> bool:
        """Whether it is another host's, judged in this one's place."""
        return self.instead_of is not None

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
        if self.given:
            return source
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
        return not self.through and self.outside is not None and self.outside != canonical(self.source)


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
        raise ValueError(f"{address!r} is not an IP address")
    ptr = await resolve(dns, views.servers, literal.reverse_pointer, "PTR")
    lookup = ReverseLookup(address, ptr)
    names = lookup.names[:MAX_NAMES]
    rdtype = "AAAA" if literal.version == 6 else "A"
    found = await asyncio.gather(*(look_outside(dns, views, name, rdtype) for name in names))
    forward = tuple((view.name, view.seen) for view in found)
    return ReverseLookup(address, ptr, forward, tuple(view for view in found if view.inside is not None))


def judge_address(seen: AddressIdentity, ehlo: str = "") -> tuple[Finding, ...]:
    """Return the findings about one source address and its reverse DNS; `ehlo` is the EHLO name, if any."""
    found = list(_translation(seen.seen))
    if seen.reverse is not None:
        name = ehlo or "the full name of this host"
        found += [*_reverse(seen.reverse, name), *judge_views(seen.reverse.views)]
    return tuple(found)


_ALONE = (
    "The reported address may be the server's own, or that of a relay in front of it. One report does not outweigh"
    " a public source address, so the source address is checked."
)


def _translation(seen: SeenAddress) -> list[Finding]:
    if seen.given:
        return []
    evidence = tuple(f"{echo.said_by}: {echo.line}" for echo in seen.echoes)
    if seen.outside is None:
        message = f"{seen.source} is not public, and no server reported the public IP address"
        if seen.through:
            message = f"No server reported the public IP address behind {seen.through}"
        elif seen.votes:
            message = f"{seen.source} is not public, and servers see it unchanged"
        return [finding("address-unseen", message, evidence=evidence)]
    found: list[Finding] = []
    if seen.translated:
        code = "address-rewritten" if seen.public else "address-translated"
        message = f"Connections from {seen.source} are seen as {seen.outside}"
        found.append(finding(code, message, evidence=evidence))
    if len(seen.votes) > 1:
        message = f"Servers see different addresses for {seen.through or seen.source} ({_first(seen.votes)})"
        found.append(finding("address-varies", message, evidence=evidence))
    elif seen.votes and seen.outside not in seen.votes:
        message = f"One server alone reports {seen.votes[0]} for connections from {seen.source}"
        found.append(finding("address-varies", message, evidence=evidence, meaning=_ALONE, advice="None."))
    return found


def _first(addresses: Sequence[str]) -> str:
    more = len(addresses) - _SHOWN
    return ", ".join(addresses[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _reverse(seen: ReverseLookup, right_name: str) -> list[Finding]:
    """Judge the PTR records of an address; `right_name` is what it should be named."""
    address = seen.address
    evidence = tuple(describe(answer) for answer in seen.ptr.answers)
    if seen.ptr.absent:
        advice = f"Ask your provider to set the PTR of {address} to {right_name}."
        return [finding("ptr-missing", f"{address} has no PTR record", evidence=evidence, advice=advice)]
    if not seen.names:
        message = f"PTR query for {address} failed"
        return [finding("ptr-lookup-failed", message, evidence=evidence, advice=_reverse_zone(address))]
    found = _confirmation(seen)
    for name in seen.names[:MAX_NAMES]:
        reason = generic_reason(name, address)
        if reason is not None:
            found.append(_generic(name, address, right_name, reason))
            break
    if len(seen.names) > 1:
        message = f"{address} has {len(seen.names)} PTR records"
        found.append(finding("ptr-several", message, evidence=seen.names[:MAX_NAMES]))
    return found


def _generic(name: str, address: str, right_name: str, reason: str) -> Finding:
    """Return the finding of a PTR name that looks as if it were given to every address of a range."""
    what = f"set the PTR of {address} to {right_name}"
    advice = f"Ask your provider to {what}, or send through your provider's relay."
    if right_name == name:
        advice = f"Give this host and {address} a name of your own domain, or send through your provider's relay."
    return finding("ptr-generic", f"PTR name {name} looks generic ({reason})", advice=advice)


def _confirmation(seen: ReverseLookup) -> list[Finding]:
    wrong = seen.contradicting
    if wrong:
        return [_mismatch(seen.address, wrong)]
    if seen.confirmed or seen.hidden:
        return []
    name = seen.names[0]
    message = f"Address query for PTR name {name} of {seen.address} failed"
    answers = [resolution.last for _, resolution in seen.forward if resolution.last is not None]
    advice = ("Rerun later.", f"Check the name servers of {name}, if it persists.")
    return [finding("ptr-lookup-failed", message, evidence=tuple(map(describe, answers)), advice=advice)]


def _mismatch(address: str, wrong: Mapping[str, Resolution]) -> Finding:
    """Return the finding about the names of an address that do not lead back to it."""
    first = next(iter(wrong))
    message = f"PTR name {first} does not resolve back to {address}"
    if len(wrong) > 1:
        message = f"{len(wrong)} PTR names of {address} do not resolve back to it"
    rdtype = "AAAA" if family_of(address) == 6 else "A"
    evidence = tuple(_resolves(name, rdtype, resolution) for name, resolution in wrong.items())
    advice = f"Make {first} resolve to {address}, or ask your provider to set its PTR to a name that does."
    return finding("ptr-mismatch", message, evidence=evidence, advice=advice)


def _reverse_zone(address: str) -> tuple[str | Action, ...]:
    what = f"make the name servers of the reverse zone of {address} answer, if it persists."
    return ("Rerun later.", Action(f"Provider of {address}", what))


def _resolves(name: str, rdtype: str, found: Resolution) -> str:
    addresses = ", ".join(addresses_of(found))
    if addresses:
        return f"{name} resolves to {addresses}"
    return f"{name} has no {rdtype} record" if found.absent else f"{name} is in a CNAME loop"


def address_notes(seen: AddressIdentity) -> tuple[str, ...]:
    """Return the lines that tell what was seen of an address, and what the DNS answered."""
    source, reverse = canonical(seen.seen.source), seen.reverse
    lines = [f"connections through: {seen.seen.through}" if seen.seen.through else f"source address: {source}"]
    if seen.seen.instead_of is not None:
        lines = [f"given address: {source}"]
        lines.extend(f"the sessions left from: {canonical(item)}" for item in seen.seen.instead_of)
    lines.extend(f"reported by {echo.said_by}: {echo.line}" for echo in seen.seen.echoes)
    lines.extend(f"reported address: {address}" for address in seen.seen.votes if address != source)
    if reverse is None:
        return tuple(lines)
    lines.extend(map(answer_note, reverse.ptr.answers))
    names = (*reverse.ptr.names[1:], *reverse.names[:MAX_NAMES])
    lines.extend(f"PTR name: {name}" for name in names)
    for _, resolution in reverse.forward:
        lines.extend(map(answer_note, resolution.answers))
        lines.extend(f"resolves to: {address}" for address in addresses_of(resolution))
    lines.extend(view_notes(reverse.views))
    return tuple(dict.fromkeys(lines))


def view_notes(views: Sequence[NameView]) -> list[str]:
    """Return the lines that tell what this host's resolvers say where the outside's answer is judged."""
    lines: list[str] = []
    for view in views:
        if view.inside is not None:
            lines.extend(map(answer_note, view.inside.answers))
            lines.extend(f"resolves inside to: {item}" for item in addresses_of(view.inside))
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
        return "public IP address unknown"
    if reverse is None or not (reverse.names or reverse.ptr.absent):
        return "PTR record unknown"
    if reverse.contradicting:
        return f"PTR {next(iter(reverse.contradicting))} does not resolve back"
    if reverse.confirmed:
        return f"PTR {reverse.confirmed[0]} resolves back"
    return f"PTR {reverse.names[0]}" if reverse.names else "no PTR record"
