"""The values that tell of the message: its From, its DKIM selectors, the addresses it is sent from. Pure."""

import ipaddress
import re
from collections.abc import Iterable

from smtpdiag_tui.settings import DkimSelector, SettingsError, host_name, parse_ip

MAX_AS_ADDRESSES = 16
MAX_SELECTORS = 16
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
