"""The settings that tell of the message and of the host that sends it: one entry each, as in the table. Pure."""

from typing import Any

from smtpdiag_tui.message_file import MAX_MESSAGE, STANDARD_INPUT, parse_message, read_message
from smtpdiag_tui.options.message_values import (
    MAX_AS_ADDRESSES,
    MAX_SELECTORS,
    parse_as_addresses,
    parse_header_from,
    parse_selectors,
)
from smtpdiag_tui.options.option import Flag, InFile, Json, Masked, Option, Phrase, Shape, Typed, labels
from smtpdiag_tui.options.saved_values import saved_addresses
from smtpdiag_tui.settings import GivenMessage, Settings


def _message_words(settings: Settings) -> str:
    """Name the message."""
    message = settings.message
    if message is None:
        return ""
    return "message from standard input" if message.name == STANDARD_INPUT else f"message {message.name}"


def _in_json(message: GivenMessage | None) -> dict[str, Any] | None:
    """Return what a report tells of a message: nothing of its content."""
    return None if message is None else {"name": message.name, "size": message.size}


def _cannot_be_read_again(message: GivenMessage) -> bool:
    """Whether a message is known by name alone, or came over standard input."""
    return message.content is None or message.name == STANDARD_INPUT


MESSAGE_OPTIONS: tuple[Option, ...] = (
    Option(
        name="as_addresses",
        flags=(
            Flag(
                names=("--as-address",),
                metavar="IP",
                help="check SPF, reverse DNS and blocklists for this address instead of this host's; repeatable",
            ),
        ),
        parse=parse_as_addresses,
        several=True,
        in_file=InFile(allowed="one or more IP addresses, as a list or separated by spaces or commas", lists=True),
        form=Typed(label="As another host's address", placeholder="this host's", show=" ".join),
        phrase=Phrase(15, lambda settings: f"as {', '.join(settings.as_addresses)}"),
        json=Json(shape=Shape.TEXTS, parse=saved_addresses, most=MAX_AS_ADDRESSES),
        masked=Masked.OWN_ADDRESSES,
    ),
    Option(
        name="header_from",
        flags=(
            Flag(names=("--from",), metavar="ADDRESS", help="address of the From field (default: the sender's)"),
        ),
        parse=parse_header_from,
        in_file=InFile(allowed="a mail address"),
        form=Typed(label="From field", placeholder="the sender's address"),
        phrase=Phrase(16, lambda settings: f"From {settings.header_from}"),
        json=Json(shape=Shape.TEXT),
        masked=Masked.MAILBOX,
    ),
    Option(
        name="dkim_selectors",
        flags=(
            Flag(
                names=("--dkim-selector",),
                metavar="S[@DOMAIN]",
                help="check the DKIM key of this selector; repeatable (default: the local signer's selectors)",
            ),
        ),
        parse=parse_selectors,
        several=True,
        in_file=InFile(
            allowed="one or more of SELECTOR or SELECTOR@DOMAIN, as a list or separated by spaces or commas",
            lists=True,
        ),
        form=Typed(
            label="DKIM selectors",
            placeholder="the local signer's",
            show=lambda selectors: " ".join(labels(selectors)),
        ),
        phrase=Phrase(17, lambda settings: f"DKIM selectors {', '.join(labels(settings.dkim_selectors))}"),
        json=Json(shape=Shape.TEXTS, write=labels, most=MAX_SELECTORS),
        masked=Masked.SELECTORS,
    ),
    Option(
        name="message",
        flags=(
            Flag(
                names=("--message",),
                metavar="FILE",
                help="check this message as it goes out, up to"
                f" {MAX_MESSAGE // 1024 // 1024} MiB; none of it is sent ('-': standard input, prints a report)",
            ),
        ),
        parse=parse_message,
        form=Typed(
            label="Message file",
            placeholder="none",
            show=lambda message: message.name,
            parse=read_message,
            kept=_cannot_be_read_again,
        ),
        phrase=Phrase(18, _message_words),
        json=Json(shape=Shape.MESSAGE, write=_in_json),
        masked=Masked.MESSAGE,
    ),
)
