"""Masking the queue of the local mail server. Pure."""

import re
from collections.abc import Collection
from dataclasses import replace

from smtpdiag_tui.local_mta.queue import Queue, Queued
from smtpdiag_tui.masking.masks import Masker, Masks, is_mask
from smtpdiag_tui.masking.visible_escapes import without_escapes
from smtpdiag_tui.settings import parse_ip

_ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,45}"
_BARE = re.compile(
    rf"(?:(?<=ip[46]:)|(?<=ipv6:)|(?<![\w.:-]))(?P<address>{_ADDRESS})(?![\w:-]|\.\w)", re.IGNORECASE
)
# The host that a server turned to, as Postfix and Exim have it: "host mx.example[192.0.2.1] said".
_HOST = re.compile(rf"(?<![\w-])(?P<name>[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,10}})\s?\[(?P<address>{_ADDRESS})\]")
# What stands before a host that was turned to, in Postfix's words.
_TURNED_TO = (r"host ", r"connect to ", r"lost connection with ", r"conversation with ")


def redact_queue(queue: Queue, names: Collection[str] = ()) -> Queue:
    """Return the queue with local parts, private hosts, own names and addresses masked, in reasons too.

    `names` are this machine's. An address in a reason is own unless it is a public one that was turned to.
    """
    masks = Masks()
    return replace(queue, entries=tuple(_entry(item, masks, names) for item in queue.entries))


def _entry(item: Queued, masks: Masks, names: Collection[str]) -> Queued:
    hosts, addresses = _own(item.reason)
    own = sorted({*(name.lower() for name in names), *hosts}, key=lambda name: (-len(name), name))
    masker = Masker((item.sender, item.recipient), own, addresses, hosts=hosts, masks=masks)
    return replace(
        item,
        sender=masker.plain(item.sender),
        recipient=masker.plain(item.recipient),
        reason=masker.words(item.reason),
    )


def _own(reason: str) -> tuple[set[str], set[str]]:
    """Return the names and addresses in a reason that are no public mail host's."""
    reason = without_escapes(reason)
    hosts, turned_to = set[str](), set[str]()
    for found in _HOST.finditer(reason):
        literal = parse_ip(found["address"])
        if literal is not None and literal.is_private:
            hosts.add(found["name"].lower())
        elif reason[: found.start()].endswith(_TURNED_TO):
            turned_to.add(found["address"])
    found_addresses = {found["address"].rstrip(".:") for found in _BARE.finditer(reason)}
    addresses = {item for item in found_addresses - turned_to if parse_ip(item) is not None}
    return {name for name in hosts if not is_mask(name)}, addresses
