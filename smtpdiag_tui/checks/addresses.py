"""Which IP addresses may be connected to at all (RFC 6890), in whatever form IPv6 carries an IPv4 one."""

import ipaddress
from collections.abc import Iterator
from functools import lru_cache

from smtpdiag_tui.settings import IPAddress, parse_ip

_THIS_NETWORK = ipaddress.IPv4Network("0.0.0.0/8")
_BROADCAST = ipaddress.IPv4Address("255.255.255.255")
# Prefixes whose last 32 bits are an IPv4 address: IPv4-mapped (RFC 4291 §2.5.5.2), IPv4-translated (RFC 2765
# §2.1), NAT64's well-known one (RFC 6052 §2.1) and IPv4-compatible (RFC 4291 §2.5.5.1).
_LAST_32_BITS = tuple(
    ipaddress.IPv6Network(prefix) for prefix in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "::/96")
)
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215
# Where RFC 6052 §2.2 puts the IPv4 octets behind prefixes of 48, 56 and 64 bits; octet 8 is never one of them.
_NAT64_OCTETS = ((6, 7, 9, 10), (7, 9, 10, 11), (9, 10, 11, 12))
# What only its own site reaches: private (RFC 1918, RFC 4193), shared (RFC 6598), reserved (RFC 1112 §4).
_INSIDE = tuple(
    ipaddress.ip_network(prefix)
    for prefix in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "240.0.0.0/4", "fc00::/7", "fec0::/10",
    )
)  # fmt: skip


@lru_cache(maxsize=1024)  # a run asks again and again for some ten addresses
def unusable_reason(address: str) -> str | None:
    """Say why `address` is never connected to ("a loopback address", ...), None if it may be.

    An IPv6 address that carries IPv4 ones is judged by itself and by each of them, which the reason then names.
    """
    parsed = parse_ip(address)
    if parsed is None:
        return "not an IP address"
    if isinstance(parsed, ipaddress.IPv4Address):
        return _reason(parsed)
    # What a mapped address is by itself depends on the version of Python: only what it carries counts.
    if parsed.ipv4_mapped is None and (own := _reason(parsed)):
        return own
    for inner in _carried(parsed):
        if reason := _reason(inner):
            return f"{reason} ({inner})"
    return None


def canonical(text: str) -> str:
    """Return an address in RFC 5952 form, without zone, an IPv4-mapped one as IPv4; "" for anything else."""
    literal = parse_ip(text.partition("%")[0])
    if isinstance(literal, ipaddress.IPv6Address) and literal.ipv4_mapped is not None:
        literal = literal.ipv4_mapped
    return str(literal) if literal is not None else ""


@lru_cache(maxsize=1024)
def is_inside(address: str) -> bool:
    """Whether only its own site reaches `address`: that it is silent proves nothing about the way outside."""
    parsed = parse_ip(address)
    if parsed is None:
        return False
    addresses: list[IPAddress] = [parsed]
    if isinstance(parsed, ipaddress.IPv6Address):
        addresses.extend(_carried(parsed))
    return any(address in network for address in addresses for network in _INSIDE)


def _reason(address: IPAddress) -> str | None:
    if address.is_loopback:
        return "a loopback address"
    if address.is_unspecified or (isinstance(address, ipaddress.IPv4Address) and address in _THIS_NETWORK):
        return "an unspecified address"
    if address.is_multicast:
        return "a multicast address"
    if address.is_link_local:
        return "a link-local address"
    if address == _BROADCAST:
        return "the broadcast address"
    return None


def _carried(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses that packets to `address` may end at; 6to4 is RFC 3056 §2, Teredo RFC 4380 §4."""
    octets = address.packed
    if any(address in prefix for prefix in _LAST_32_BITS):
        yield ipaddress.IPv4Address(octets[12:])
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield address.teredo[1]
    if address in _LOCAL_NAT64:
        yield from _behind_local_nat64(octets)


def _behind_local_nat64(octets: bytes) -> list[ipaddress.IPv4Address]:
    """Return what a translator makes of the octets, for each length that a prefix within the /48 can have.

    Only the site knows its length, so all are read: 96, 48, 56 and 64 bits (32 and 40 would reach beyond the
    /48). The zeros that fill up a longer or follow a shorter prefix count as an address only where all are zero.
    """
    embedded = [octets[12:], *(bytes(octets[place] for place in places) for places in _NAT64_OCTETS)]
    readings = [ipaddress.IPv4Address(four_octets) for four_octets in embedded]
    return [inner for inner in readings if inner not in _THIS_NETWORK] or readings[:1]
