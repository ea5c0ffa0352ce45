"""By which address a reply calls the client, where that is not this host's (RFC 5321 §4.1.1.1). Pure.

A server behind a proxy or a translator of its own sees that in place of its clients. What it then says of an
address is about the proxy, and only its administrator can mend it.
"""

import re

from smtpdiag_tui.checks.addresses import canonical, is_inside
from smtpdiag_tui.checks.session.replies.names import Names, is_public
from smtpdiag_tui.checks.session.replies.normal_form import NormalReply
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.settings import family_of, parse_ip

_IP = r"(?:ipv6:)?((?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-f:]{3,40}(?:\.[0-9]{1,3}){0,3})(?![\w:/.]*[\w/])"
# Where a client is spoken of: "client host [address]", "your IP address", "from address", "ip=address".
_CALLED = re.compile(
    r"(?:\bclient(?: host| address| ip)?|\byour (?:ip|host|server|address|ip address)(?: is| address)?|\byou are"
    r"|\bfrom|\bsending ip|\bbanned sender|\bconnecting ip|\bhostname,|\bip(?: address)?|\bbecause|[?&;]ip=)"
    rf"[ :=]{{0,3}}[\[(<]?{_IP}"
)
_OPENING = re.compile(rf"^\[{_IP}[\]\s]")
_NAMED = re.compile(rf"(?<![\w.:]){_IP}")
_ABOUT_CLIENT = frozenset(
    {
        Reason.AUTHENTICATION, Reason.REVERSE_DNS, Reason.IP_BLOCKLIST, Reason.IP_REPUTATION,
        Reason.DYNAMIC_ADDRESS, Reason.RATE_LIMIT, Reason.GREYLISTING,
    }
)  # fmt: skip
_IN_LINK = re.compile(rf"[?&;](?:ip|client|addr)={_IP}")


def other_client(reply: NormalReply, names: Names, reason: Reason | None = None) -> str:
    """Return the address by which a reply calls the client and which is not this host's, "" if there is none.

    It is looked for only where this host's own address is public: behind a translator of ours they see another.
    In a reply that is about its client, as `reason` tells, an address of a private network is their proxy's,
    whatever words stand about it: no host of the Internet comes from there.
    """
    if not is_public(names.source):
        return ""
    for text in _called(reply):
        address = canonical(text)
        if address in names.clients:
            return ""
        if _is_another(address, names):
            return address
    return _private(reply, names) if reason in _ABOUT_CLIENT else ""


def _private(reply: NormalReply, names: Names) -> str:
    """Return the first address of a private network (RFC 1918, RFC 4193) in a reply.

    "" if there is none, or if the reply names this host's own address too.
    """
    said = reply.said.lower()
    named = [canonical(match[1]) for match in _NAMED.finditer(said)]
    if names.clients.intersection(named):
        return ""
    private = (address for address in named if is_inside(address) and address not in names.ehlo)
    return next((address for address in private if _is_another(address, names)), "")


def _called(reply: NormalReply) -> list[str]:
    found = [match[1] for pattern in (_OPENING, _CALLED) for match in pattern.finditer(reply.said.lower())]
    for link in reply.links:
        found += [match[1] for match in _IN_LINK.finditer(link)]
    return found


def _is_another(address: str, names: Names) -> bool:
    literal = parse_ip(address) if address else None
    if literal is None or address in names.servers or literal.is_loopback or literal.is_unspecified:
        return False
    return family_of(address) == family_of(names.source)
