"""The values that tell of the message: its From, its DKIM selectors, its file, the addresses it is sent from."""

import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from smtpdiag_tui.files import read_regular
from smtpdiag_tui.settings import DkimSelector, GivenMessage, SettingsError, host_name, parse_ip

MAX_MESSAGE = 64 * 1024 * 1024  # bytes: more than any large receiver accepts
MAX_AS_ADDRESSES = 16
MAX_SELECTORS = 16
STANDARD_INPUT = "-"
_MAX_LOCAL_PART = 64  # bytes, RFC 5321 §4.5.3.1.1
_MAX_NAME = 253  # characters of a name in the DNS


def parse_as_address(text: str) -> str:
    """Read an address of another host; return it in RFC 5952 form, an IPv4-mapped one as the IPv4 address it is.

    Raises SettingsError. No zone may stand behind it: what receivers see has none.
    """
    address = parse_ip(text.strip(" "))
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            address = None
        elif address.ipv4_mapped is not None:
            address = address.ipv4_mapped
    if address is None:
        raise SettingsError(f"invalid address {text!r} for --as-address: must be an IP address without a zone")
    return str(address)


def parse_as_addresses(texts: Iterable[str]) -> tuple[str, ...]:
    """Read addresses of another host, each once; raises SettingsError."""
    found = tuple(dict.fromkeys(parse_as_address(text) for text in texts))
    if len(found) > MAX_AS_ADDRESSES:
        raise SettingsError(f"too many addresses for --as-address: {len(found)} given, at most {MAX_AS_ADDRESSES}")
    return found


def parse_header_from(text: str) -> str:
    """Read the address of the From field; return it with its domain as lower-case A-labels. Raises SettingsError.

    What else RFC 5321 asks of an address is judged where the sender is.
    """
    value = text.strip(" \t").removeprefix("<").removesuffix(">")
    local, at, domain = value.rpartition("@")
    name = host_name(domain)
    fits = 0 < len(local.encode("utf-8", "surrogatepass")) <= _MAX_LOCAL_PART
    if at and name and fits and value.isprintable() and not re.search(r"[<>]", value):
        return f"{local}@{name}"
    raise SettingsError(f"invalid From address {text!r}: must be a mail address such as alice@example.com")


def parse_selector(text: str) -> DkimSelector:
    """Read `S` or `S@DOMAIN`, both as lower-case A-labels (RFC 6376 §3.1); raises SettingsError."""
    selector, at, domain = text.strip(" ").partition("@")
    selector, domain = host_name(selector), host_name(domain)
    fits = len(f"{selector}._domainkey.{domain}") <= _MAX_NAME
    if selector and fits and bool(domain) == bool(at):
        return DkimSelector(selector, domain or None)
    raise SettingsError(f"invalid DKIM selector {text!r}: must be SELECTOR or SELECTOR@DOMAIN")


def parse_selectors(texts: Iterable[str]) -> tuple[DkimSelector, ...]:
    """Read DKIM selectors, each once; raises SettingsError."""
    found = tuple(dict.fromkeys(parse_selector(text) for text in texts))
    if len(found) > MAX_SELECTORS:
        raise SettingsError(f"too many DKIM selectors: {len(found)} given, at most {MAX_SELECTORS} allowed")
    return found


def parse_message(text: str) -> GivenMessage:
    """Read the file of a message; raises SettingsError.

    Standard input is named and not read: it is read once nothing else can be wrong with the command line.
    """
    if text == STANDARD_INPUT:
        return GivenMessage(STANDARD_INPUT, 0)
    return read_message(text)


def read_message(name: str) -> GivenMessage:
    """Return the message in a file, `~` being the user's home; raises SettingsError."""
    if name == STANDARD_INPUT:
        raise SettingsError(f"invalid message file {name!r}: must be the path of a file")
    try:
        content = read_regular(Path(name).expanduser(), MAX_MESSAGE)
    except (OSError, ValueError, RuntimeError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"cannot read message file {name!r}: {words}") from error
    return _message(name, content)


def read_standard_input(stream: BinaryIO) -> GivenMessage:
    """Return the message that comes over standard input; raises SettingsError."""
    try:
        content = stream.read(MAX_MESSAGE + 1)
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read the message from standard input: {error}") from error
    return _message(STANDARD_INPUT, content)


def _message(name: str, content: bytes) -> GivenMessage:
    if not content:
        raise SettingsError(f"empty message {name!r}: must hold a message with its header")
    if len(content) > MAX_MESSAGE:
        raise SettingsError(f"message {name!r} is too large: at most {MAX_MESSAGE // 1024 // 1024} MiB are read")
    return GivenMessage(name, len(content), content)
