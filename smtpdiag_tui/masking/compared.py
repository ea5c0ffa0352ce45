"""Masking two runs that are compared: what is the same in both has the same mask."""

import re
from collections.abc import Collection

from smtpdiag_tui.masking.masks import Masks, is_mask
from smtpdiag_tui.masking.of_this_machine import own_things
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.report.report import Report

_USER = re.compile(r"user\d+")


def is_masked(report: Report) -> bool:
    """Whether a report was masked and saved: what it says of its host are masks, or else both its local parts."""
    facts = report.facts
    own = [name for name in (facts.host_name, *facts.sources, *facts.seen_as) if name]
    if own:
        return any(map(is_mask, own))
    local = [path.rpartition("@")[0] for path in (report.settings.sender, report.settings.recipient)]
    return bool(local[1]) and all(_USER.fullmatch(part) for part in local if part)


def masked_pair(
    old: Report, new: Report, names: Collection[str] = (), addresses: Collection[str] = ()
) -> tuple[Report, Report]:
    """Return two reports masked as one: each also without what the other tells of its host."""
    masks = Masks()
    own = [own_things(report) for report in (old, new)]
    more_names = {*names, *(name for item in own for name in item.names)}
    more_addresses = {*addresses, *(address for item in own for address in item.addresses)}
    first = redact(old, sorted(more_names), sorted(more_addresses), masks=masks)
    return first, redact(new, sorted(more_names), sorted(more_addresses), masks=masks)


def masked_here(old: Report, new: Report) -> tuple[Report, Report]:
    """Return two reports masked as one, this machine's own names and addresses included."""
    from smtpdiag_tui.masking.own import own_addresses
    from smtpdiag_tui.network.machine import own_names
    from smtpdiag_tui.network.system import SystemNetwork

    network = SystemNetwork()
    addresses = {address for report in (old, new) for address in own_addresses(report, network.is_own)}
    return masked_pair(old, new, own_names(), addresses)
