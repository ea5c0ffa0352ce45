"""Whether a reverse DNS name looks as if a provider had given it to every address of a range. Pure.

Receivers take such names for those of homes and rented machines that nobody set up to send mail (M3AAWG, Sender
Best Common Practices; RFC 8601 §3 on what a reverse name is worth).
"""

import ipaddress
import re
from collections.abc import Container, Iterable

from smtpdiag_tui.checks.registered_domain import below_registered
from smtpdiag_tui.settings import IPAddress, parse_ip

# As a whole word of the name, below its registered domain.
_POOL_WORDS = frozenset(
    [
        "dyn",
        "dynamic",
        "dynip",
        "dhcp",
        "pool",
        "pools",
        "ppp",
        "pppoe",
        "dsl",
        "adsl",
        "vdsl",
        "xdsl",
        "sdsl",
        "cable",
        "cablemodem",
        "dialup",
        "dial",
        "dialin",
        "cust",
        "customer",
        "customers",
        "unassigned",
        "unallocated",
        "unused",
        "broadband",
        "residential",
        "ftth",
        "gpon",
        "cpe",
        "catv",
        "staticip",
    ]
)
# These are used for real names too, so that they count beside digits of the address only.
_HOST_WORDS = frozenset(
    [
        "static",
        "host",
        "ip",
        "client",
        "clients",
        "user",
        "users",
        "home",
        "mobile",
        "wireless",
        "node",
        "unknown",
        "rev",
        "reverse",
        "vps",
        "server",
        "instance",
        "compute",
    ]
)
_MAIL_WORD = re.compile(
    r"(?:e?mail|mx|smtp|mta|mailout|mailgw|out|outbound|relay|exchange|mg|post)", re.IGNORECASE
)


def generic_reason(name: str, address: str) -> str | None:
    """Say why `name` looks generic for `address` ("contains the address", ...), None if it does not."""
    literal = parse_ip(address)
    if literal is None:
        return None
    name = name.lower()
    if _holds(name, literal):
        return "contains the address"
    if any(_MAIL_WORD.fullmatch(word) for word in _words(name.partition(".")[0])):
        return None
    below = below_registered(name)
    words = _words(below)
    pool = _first_of(_POOL_WORDS, words)
    if pool is None and "static-ip" in below:
        pool = "static-ip"
    if pool is not None:
        return f'contains "{pool}"'
    host = _first_of(_HOST_WORDS, words)
    if host is not None and _holds_half(name, literal):
        return f'contains "{host}" and parts of the address'
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text)


def _first_of(known: Container[str], words: Iterable[str]) -> str | None:
    return next((word for word in words if word in known), None)


def _holds(name: str, address: IPAddress) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return _holds_ipv4(name, address)
    return _holds_ipv6(name, address)


def _holds_ipv4(name: str, address: ipaddress.IPv4Address) -> bool:
    octets = str(address).split(".")
    for order in (octets, octets[::-1]):
        spaced = r"[-._x]".join(f"0*{octet}" for octet in order)
        padded = "".join(octet.zfill(3) for octet in order)
        if re.search(rf"(?<!\d){spaced}(?!\d)", name) or padded in name:
            return True
    packed = address.packed
    return any(re.search(rf"(?<![0-9a-f]){data.hex()}(?![0-9a-f])", name) for data in (packed, packed[::-1]))


def _holds_ipv6(name: str, address: ipaddress.IPv6Address) -> bool:
    digits = address.exploded.replace(":", "")
    bare = re.sub(r"[-._]", "", name)
    if digits in bare or digits[::-1] in bare or digits[16:] in bare:
        return True
    groups = address.exploded.split(":")
    short = "-".join(f"{int(group, 16):x}" for group in groups)
    forms = {short, str(address).replace(":", "-"), "-".join(groups[4:])}
    return any(re.search(rf"(?<![0-9a-f]){re.escape(form)}(?![0-9a-f])", name) for form in forms)


def _holds_half(name: str, address: IPAddress) -> bool:
    """Whether the last two octets of an IPv4 address stand side by side in the name."""
    if isinstance(address, ipaddress.IPv6Address):
        return False
    third, fourth = str(address).split(".")[2:]
    orders = (third, fourth), (fourth, third)
    return any(re.search(rf"(?<!\d)0*{left}[-._]0*{right}(?!\d)", name) for left, right in orders)
