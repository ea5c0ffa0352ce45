"""Who is who in a session: the addresses and names that a reply may speak of. Pure."""

import ipaddress
import re
from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.session.interference import proxy
from smtpdiag_tui.checks.session.session import Phase, SessionObservation
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import parse_ip

_LONGEST = 1000  # characters of a greeting or a reply to EHLO that are looked at
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:IPv6:)?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f:]{2,40}(?:\.\d{1,3}){0,3})(?![\w:])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Names:
    """What a session knows of its two sides, "" or empty where it knows nothing.

    Names are in lower case, mail addresses as they were sent: the case of a local part is its host's affair
    (RFC 5321 §2.4).

    `clients` are the addresses that the client is known by: its source and those by which the server called it in
    its reply to EHLO; `source` is the first, in RFC 5952 form. `servers` are the server's own. `sender` is None
    where no session is known, "" for the null sender. `greeting` is what the server said before MAIL; `proxied`:
    it is that of a provider's proxy. `aside`: the host is a relay or a given server, no MX host of the recipient's
    domain.
    """

    source: str = ""
    clients: frozenset[str] = frozenset()
    servers: frozenset[str] = frozenset()
    sender: str | None = None
    recipient: str = ""
    ehlo: str = ""
    host: str = ""
    greeting: str = ""
    proxied: bool = False
    aside: bool = False

    @property
    def sender_domain(self) -> str:
        """The domain of the sender's address."""
        return (self.sender or "").rpartition("@")[2]

    @property
    def recipient_domain(self) -> str:
        """The domain of the recipient's address."""
        return self.recipient.rpartition("@")[2]


NOBODY = Names()


def names_of(seen: SessionObservation) -> Names:
    """Return who is who in a session."""
    source = canonical(seen.source or "")
    said = _said(seen)
    called = addresses_in(_first_line(seen, Phase.EHLO))
    server = canonical(seen.target.address)
    return Names(
        source=source,
        clients=frozenset({source, *called}) - {"", server},
        servers=frozenset({server}) - {""},
        sender=seen.envelope.sender,
        recipient=seen.envelope.recipient,
        ehlo=seen.envelope.ehlo.lower(),
        host=seen.target.host.lower(),
        greeting=said.lower(),
        proxied=_proxied(seen),
        aside=bool(seen.settings.relay or seen.settings.server),
    )


def addresses_in(text: str) -> tuple[str, ...]:
    """Return the IP addresses in a text, in RFC 5952 form, each once, in their order."""
    found = (canonical(match[1]) for match in _ADDRESS.finditer(text[:_LONGEST]))
    return tuple(dict.fromkeys(address for address in found if address))


def is_public(address: str) -> bool:
    """Whether an address, in RFC 5952 form, is one that hosts elsewhere can be reached by."""
    literal = parse_ip(address)
    return literal is not None and (literal.is_global or _is_documentation(literal))


def _is_documentation(literal: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address stands for a public one in examples (RFC 5737, RFC 3849)."""
    return any(literal.version == net.version and literal in net for net in _DOCUMENTATION)


_DOCUMENTATION = tuple(
    ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


def _proxied(seen: SessionObservation) -> bool:
    greeted = seen.last(Phase.GREETING)
    domain = seen.envelope.recipient.rpartition("@")[2]
    return greeted is not None and proxy(greeted.reply, (seen.target.host, domain)) is not None


def _said(seen: SessionObservation) -> str:
    """Return the first lines of the greeting and of the reply to EHLO."""
    return "\n".join(_first_line(seen, phase) for phase in (Phase.GREETING, Phase.EHLO))


def _first_line(seen: SessionObservation, phase: Phase) -> str:
    last = seen.last(phase)
    if last is None or last.reply is None or not last.reply.text:
        return ""
    return visible(last.reply.text[0][:_LONGEST])
