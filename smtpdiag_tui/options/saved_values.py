"""Values as a saved report may hold them, where a user may not give them so. Pure."""

import re
from collections.abc import Iterable

from smtpdiag_tui.options.message_values import parse_as_address
from smtpdiag_tui.settings import DnsServer, parse_blocklist, parse_dns_server, parse_port, parse_source

_MASKED_ADDRESS = re.compile(r"(own-ipv[46]-\d{1,9})(?::(\d{1,5}))?")


def saved_source(text: str) -> str:
    """Read a local address or the mask of one; raises SettingsError."""
    return text if _MASKED_ADDRESS.fullmatch(text) else parse_source(text)


def saved_addresses(texts: Iterable[str]) -> tuple[str, ...]:
    """Read addresses of another host, or the masks of them; raises SettingsError."""
    return tuple(text if _MASKED_ADDRESS.fullmatch(text) else parse_as_address(text) for text in texts)


def saved_dns_servers(texts: Iterable[str]) -> tuple[DnsServer, ...]:
    """Read DNS servers, one a text; raises SettingsError."""
    return tuple(_dns_server(text) for text in texts)


def saved_blocklists(texts: Iterable[str]) -> tuple[str, ...]:
    """Read blocklists by their domains: no word stands for a set here. Raises SettingsError."""
    return tuple(parse_blocklist(text) for text in texts)


def _dns_server(text: str) -> DnsServer:
    masked = _MASKED_ADDRESS.fullmatch(text)  # this machine's own, in a masked report: for show alone
    if masked is None:
        return parse_dns_server(text)
    return DnsServer(masked[1], parse_port(masked[2] or "53"))
