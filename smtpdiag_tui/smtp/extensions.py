"""What an EHLO reply offers (RFC 5321 §4.1.1.1). An absence counts only if a whole 250 reply shows it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from smtpdiag_tui.smtp.reply import Reply

_KEYWORD = re.compile(rb"[A-Za-z0-9][A-Za-z0-9-]*")
_SIZE = re.compile(rb"SIZE ([0-9]{1,20}) *", re.IGNORECASE)


class Said(Protocol):
    """A command and the reply to it, each None where there was none."""

    @property
    def command(self) -> bytes | None:
        """The command line."""

    @property
    def reply(self) -> Reply | None:
        """The whole reply."""


@dataclass(frozen=True, slots=True)
class Offered:
    """EHLO keywords, upper case: of the `first` EHLO of a conversation, and of the last, the one that `counts`.

    None: not known, since there was no 2yz reply to that EHLO. Only a set without a keyword shows its absence.
    """

    first: frozenset[str] | None
    counts: frozenset[str] | None


def keywords(reply: Reply | None) -> frozenset[str] | None:
    """Return the keywords of an EHLO reply, upper case, without parameters; None unless it is a whole 2yz reply.

    The first line holds the server's name and greets.
    """
    if reply is None or reply.first_digit != 2:
        return None
    words = (text.split(b" ", 1)[0] for text in reply.text[1:])
    return frozenset(word.decode("ascii").upper() for word in words if _KEYWORD.fullmatch(word))


def size_limit(reply: Reply | None) -> int | None:
    """Return the most octets of a message that an EHLO reply announces (RFC 1870 §3), None where it names none.

    Without a number, or with 0, there is no fixed limit.
    """
    if reply is None or reply.first_digit != 2:
        return None
    for text in reply.text[1:]:
        found = _SIZE.fullmatch(text)
        if found is not None:
            return int(found[1]) or None
    return None


def offered(exchanges: Iterable[Said]) -> Offered:
    """Return what the EHLO replies of a conversation offer, TLS and a second session in clear included."""
    replies = [item.reply for item in exchanges if item.command is not None and item.command.startswith(b"EHLO ")]
    if not replies:
        return Offered(None, None)
    return Offered(keywords(replies[0]), keywords(replies[-1]))
