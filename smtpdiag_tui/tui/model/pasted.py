"""Addresses in what people paste: a mailbox with its name, a mailto link, a log line, headers, a list. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from smtpdiag_tui.settings import SettingsError, parse_dns_server
from smtpdiag_tui.tui.model.request import NULL

_MOST = 20_000  # characters that are read
_MOST_SERVERS = 16
_ATOM = r'[^\s<>()\[\],;:"]++'
_DOMAIN = rf"(?:\[[^\[\]\s]{{1,80}}+\]|{_ATOM})"
_QUOTED = r'"(?:[^"\\\n]|\\.)*+"'
# A quoted local part with its domain, a path in brackets, a quoted name, a word that may end in a literal.
_PIECE = re.compile(
    rf'({_QUOTED}@{_DOMAIN})|<((?:{_QUOTED}|[^<>"\n])*+)>?|"(?:[^"\\\n]|\\.)*+"?|({_ATOM}(?:\[[^\[\]\s]{{1,80}}+\])?)'
)
_SENDER_HEADERS = "from|sender|return-path|envelope-from|x-envelope-from"
_RECIPIENT_HEADERS = (
    "to|delivered-to|x-original-to|envelope-to|x-envelope-to|final-recipient|original-recipient|resent-to"
)
# Postfix, Sendmail and OpenSMTPD write from=<…> and to=<…>, Exim arrows, sessions MAIL FROM:<…> and RCPT TO:<…>.
_ROLE = re.compile(
    rf"(?<![\w.@=-])(?:(?P<log_sender>from=|sender=|envelope-from(?=\s<))|(?P<log_recipient>to=|rcpt=|recipient=|for(?=\s<))"
    rf"|(?P<smtp_sender>mail\sfrom:)|(?P<smtp_recipient>rcpt\sto:)"
    rf"|(?P<sender>(?:{_SENDER_HEADERS}):)|(?P<recipient>(?:{_RECIPIENT_HEADERS}):))"
    r"|(?<=\s)(?:(?P<exim_sender><=)|(?P<exim_recipient>=>|->|==|\*\*))(?=\s)",
    re.IGNORECASE,
)
_MAILTO = re.compile(r"mailto:([^\s<>\"()]{1,4000}+)", re.IGNORECASE)
_AROUND = "'`\u2018\u2019\u201c\u201d"  # signs that people quote with


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a paste puts into the fields: an address, `<>` for the null sender, None where it says nothing.

    `left_out` counts the further addresses.
    """

    sender: str | None = None
    recipient: str | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Named:
    """An address with the role that the text gives it; `sure` where the text is about this very message."""

    sender: bool
    sure: bool
    address: str


def read_pasted(text: str, field: str) -> Pasted | None:
    """Return what a text pasted into `field`, "sender" or "recipient", puts where; None if it has no address."""
    text = text[:_MOST]
    if text.strip() == NULL:
        return Pasted(sender=NULL) if field == "sender" else None
    named = list(_named(text))
    if named:
        return _by_roles(named, field)
    linked = _linked(text)
    found = list(dict.fromkeys(linked or _addresses(text)))
    if not found:
        return None
    if len(found) == 2 and not linked:  # those of a link are all recipients
        return Pasted(found[0], found[1])
    return _in_field(field, found[0], len(found) - 1)


def tidied(text: str, field: str) -> Pasted | None:
    """Return what a field's text means that is no address as it stands, None if that is not clear.

    What was typed is taken for a list of addresses if it holds nothing else: else a blank in one would cut it.
    """
    words = [word for word in re.split(r"[\s,;]+", text[:_MOST]) if _bare(word)]
    marked = "<" in text or _MAILTO.search(text) or _ROLE.search(text)
    if not marked and not all(_is_address(_bare(word)) for word in words):
        return None
    pasted = read_pasted(text, field)
    return None if pasted is None or pasted.left_out else pasted


def servers_in(text: str) -> str:
    """Return the DNS servers in a paste of several words or lines, as of resolv.conf or dig; empty for none."""
    found: dict[str, None] = {}
    for word in text[:_MOST].replace(",", " ").split():
        try:
            found[parse_dns_server(word.partition("(")[0].replace("#", ":")).label] = None
        except SettingsError:
            continue
        if len(found) == _MOST_SERVERS:
            break
    return " ".join(found)


def _in_field(field: str, address: str, left_out: int) -> Pasted:
    if field == "sender":
        return Pasted(sender=address, left_out=left_out)
    return Pasted(recipient=address, left_out=left_out)


def _by_roles(named: list[_Named], field: str) -> Pasted:
    senders = list(dict.fromkeys(item.address for item in named if item.sender))
    recipients = list(dict.fromkeys(item.address for item in named if not item.sender))
    left_out = max(0, len(senders) - 1) + max(0, len(recipients) - 1)
    if senders and recipients:
        return Pasted(senders[0], recipients[0], left_out)
    [first, *_] = senders or recipients
    if first == NULL:
        return Pasted(sender=NULL, left_out=left_out)
    if any(item.sure for item in named):
        field = "sender" if senders else "recipient"
    # Else it is a header: who it is from may be whom the user wants to write to.
    return _in_field(field, first, left_out)


def _named(text: str) -> Iterator[_Named]:
    """Yield the addresses whose role the text tells."""
    roles = list(_ROLE.finditer(text))
    ends = (*(role.start() for role in roles[1:]), len(text))
    for role, end in zip(roles, ends, strict=False):
        name = role.lastgroup or ""
        part = _value(text[role.end() : end])
        sender = name.endswith("sender")
        if part.lstrip(" \t").startswith(NULL):
            if sender:
                yield _Named(sender, "_" in name, NULL)
            continue
        found = list(_addresses(part))
        header = "_" not in name
        for address in found if header else found[:1]:
            yield _Named(sender, not header, address)


def _value(text: str) -> str:
    """Return the line that a text begins with, and those that go on with it (RFC 5322 §2.2.3)."""
    lines = text.splitlines()
    value = lines[:1]
    for line in lines[1:]:
        if line[:1] not in (" ", "\t"):
            break
        value.append(line)
    return " ".join(value)


def _linked(text: str) -> list[str]:
    """Return the addresses of mailto links (RFC 6068 §2)."""
    found: list[str] = []
    for link in _MAILTO.finditer(text):
        to, _, fields = link[1].partition("?")
        for part in fields.split("&"):
            name, _, value = part.partition("=")
            if name.lower() == "to":
                to = f"{to},{value}"
        found += [_bare(unquote(address)) for address in to.split(",") if address]
    return [address for address in found if _is_address(address)]


def _addresses(text: str) -> Iterator[str]:
    """Yield the addresses of a text, in its order."""
    for piece in _PIECE.finditer(text):
        quoted, path, word = piece.groups()
        if path is not None:
            yield from _of_path(path)
            continue
        address = _bare(quoted or word or "")
        if _is_address(address):
            yield address


def _of_path(path: str) -> Iterator[str]:
    """Yield the address between angle brackets, without a source route (RFC 5321 §4.1.1.3)."""
    path = path.strip()
    if path[:7].lower() == "mailto:":
        yield from _linked(path)
        return
    if path.startswith("@"):
        path = path.rpartition(":")[2]
    if '"' in path or not re.search(r"\s", path):
        if _is_address(path):
            yield path
        return
    yield from _addresses(path.replace("<", " "))


def _bare(word: str) -> str:
    """Return a word without what a sentence or a list puts around it."""
    return word.strip(_AROUND).rstrip(".").strip(_AROUND)


def _is_address(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    # With what does not print in it, it is shown whole, for the reader to judge: half of it would look right.
    return bool(at and local and domain.strip(".")) and text.isprintable()
