"""What the lookups about this machine's addresses and names come to as data. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.machine.ehlo_name import NameIdentity
from smtpdiag_tui.checks.machine.identity import MAX_NAMES, AddressIdentity
from smtpdiag_tui.checks.machine.views import NameView, addresses_of
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.visible import visible


def address_facts(seen: AddressIdentity) -> StepFacts:
    """Return what is known of an address of this machine: how others see it, its names, and where they lead."""
    source = canonical(seen.seen.source)
    votes = tuple(item for item in seen.seen.votes if item != source)
    sources: tuple[str, ...] = () if seen.seen.through else (source,)
    if seen.seen.instead_of is not None:
        sources, votes = tuple(map(canonical, seen.seen.instead_of)), (source, *votes)
    if seen.reverse is None:
        return StepFacts(sources=sources, seen_as=votes)
    return StepFacts(
        sources=sources,
        seen_as=votes,
        names=(*seen.reverse.ptr.names[1:], *seen.reverse.names[:MAX_NAMES]),
        addresses=(
            *(address for _, found in seen.reverse.forward for address in addresses_of(found)),
            *_inside(seen.reverse.views),
        ),
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
        addresses=(*(canonical(item) for item in seen.lookup.addresses), *_inside(seen.views)),
    )


def _inside(views: Sequence[NameView]) -> tuple[str, ...]:
    """Return the addresses that names have in this host's own network."""
    inside = [view.inside for view in views if view.inside is not None]
    return tuple(dict.fromkeys(address for found in inside for address in addresses_of(found)))
