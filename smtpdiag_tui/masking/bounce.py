"""Masking what a bounce or a log tells, and what it means. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.masking.called_by_peers import called_in
from smtpdiag_tui.masking.masks import Masker, Masks
from smtpdiag_tui.report.actions import Action

if TYPE_CHECKING:
    from smtpdiag_tui.bounces.explaining import Explained
    from smtpdiag_tui.bounces.told import Told


def redact_explained(
    items: "Sequence[Explained]", names: Collection[str] = (), masks: Masks | None = None
) -> "list[Explained]":
    """Return deliveries with local parts, this host's names and addresses, and private hosts masked.

    `names` are this host's. An address that a reply names is this host's unless it is the server's own. `masks`
    are those of what is told beside them, and what they mask is kept there.
    """
    masks = masks or Masks()
    return [_masked(item, masks, names) for item in items]


def _masked(item: "Explained", masks: Masks, names: Collection[str]) -> "Explained":
    told = item.told
    hosts, addresses = _own(told)
    own = sorted({*(name.lower() for name in names), *hosts}, key=lambda name: (-len(name), name))
    paths = tuple(path for path in (told.sender, told.recipient) if path)
    masker = Masker(paths, own, addresses, hosts=hosts, masks=masks)
    return replace(
        item,
        told=_masked_told(told, masker),
        message=masker.plain(item.message),
        meaning=masker.plain(item.meaning),
        actions=tuple(Action(masker.plain(action.who), masker.plain(action.what)) for action in item.actions),
    )


def _masked_told(told: "Told", masker: Masker) -> "Told":
    return replace(
        told,
        sender=masker.plain(told.sender) if told.sender else told.sender,
        recipient=masker.plain(told.recipient) if told.recipient else told.recipient,
        host=masker.name(told.host) if told.host else told.host,
        address=masker.name(told.address) if told.address else told.address,
        reply="\n".join(map(masker.words, told.reply.split("\n"))) if told.reply else told.reply,
        words=masker.words(told.words),
    )


def _own(told: "Told") -> tuple[set[str], set[str]]:
    """Return the names and addresses that are no public mail host's."""
    hosts, addresses = set[str](), set[str]()
    if told.address and is_inside(told.address):
        addresses.add(told.address)
        hosts |= {told.host} if told.host else set()
    theirs = {told.host or "", told.address or ""} - {""} - hosts - addresses
    for line in (told.reply or "").split("\n"):
        for kind, value in called_in(line, theirs):
            (addresses if kind == "address" else hosts).add(value)
    return hosts, addresses
