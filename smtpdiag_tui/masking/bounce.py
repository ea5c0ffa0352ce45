"""Masking what a text tells of deliveries, and what is said where one is set beside a run. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from smtpdiag_tui.bounces.then_and_now import Beside
from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.checks.session.replies.named import addresses_named
from smtpdiag_tui.masking.masks import Masker, Masks
from smtpdiag_tui.masking.redact import sentences_of
from smtpdiag_tui.masking.visible_escapes import without_escapes
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import parse_ip


def redact_told(told: Sequence[Told], names: Collection[str] = ()) -> tuple[Told, ...]:
    """Return deliveries with local parts, private hosts, own names and client addresses masked, each by one mask.

    `names` are this machine's. An address in a reply is the client's unless it is the server's.
    """
    masks = Masks()
    return tuple(_told(item, masks, names) for item in told)


def _told(item: Told, masks: Masks, names: Collection[str]) -> Told:
    text = without_escapes(f"{item.reply or ''} {item.words}")
    literal = parse_ip(item.address or "")
    inside = item.ours or (literal is not None and literal.is_private)
    hosts = {item.host} if inside and item.host else set[str]()
    addresses = addresses_named(text) - {item.address or ""}
    if inside and item.address:
        addresses.add(item.address)
    own = sorted({*(name.lower() for name in names), *hosts}, key=lambda name: (-len(name), name))
    masker = Masker((item.sender or "", item.recipient or ""), own, addresses, hosts=hosts, masks=masks)
    return replace(
        item,
        sender=item.sender and masker.plain(item.sender),
        recipient=item.recipient and masker.plain(item.recipient),
        host=item.host and masker.plain(item.host),
        address=masker.plain(item.address) if inside and item.address else item.address,
        reply=item.reply and "\n".join(map(masker.words, item.reply.split("\n"))),
        words=masker.words(item.words),
    )


def redact_beside(
    item: Beside, report: Report, names: Collection[str] = (), addresses: Collection[str] = ()
) -> Beside:
    """Return what is said with this host's names and addresses masked as in the report; `report` is not masked."""
    sentence = sentences_of(report, names, addresses)
    return replace(item, then=sentence(item.then), now=sentence(item.now), because=sentence(item.because))
