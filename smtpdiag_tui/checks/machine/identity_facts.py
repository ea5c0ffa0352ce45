"""What the lookups about this machine's addresses and names come to as data. Pure."""

from smtpdiag_tui.checks.machine.ehlo_name import NameIdentity
from smtpdiag_tui.checks.machine.identity import MAX_NAMES, AddressIdentity, addresses_of
from smtpdiag_tui.checks.machine.seen_address import canonical
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.visible import visible


def address_facts(seen: AddressIdentity) -> StepFacts:
    """Return what is known of an address of this machine: how others see it, its names, and where they lead."""
    source = canonical(seen.seen.source)
    votes = tuple(item for item in seen.seen.votes if item != source)
    if seen.reverse is None:
        return StepFacts(sources=(source,), seen_as=votes)
    return StepFacts(
        sources=(source,),
        seen_as=votes,
        names=(*seen.reverse.ptr.names[1:], *seen.reverse.names[:MAX_NAMES]),
        addresses=tuple(address for _, found in seen.reverse.forward for address in addresses_of(found)),
    )


def name_facts(seen: NameIdentity) -> StepFacts:
    """Return what is known of the name said in EHLO: the names that it stands for, and where they lead."""
    if seen.literal is not None:
        return StepFacts(ehlo=visible(seen.name), addresses=(seen.literal,))
    name = visible(seen.name)
    if seen.lookup is None:
        return StepFacts(ehlo=name, names=(name,))
    found = [item for item in (seen.lookup.a, seen.lookup.aaaa) if item is not None]
    return StepFacts(
        ehlo=name,
        names=(name, *(other for item in found for other in item.names[1:])),
        addresses=tuple(canonical(item) for item in seen.lookup.addresses),
    )
