"""Which IP addresses may be connected to at all."""

import ipaddress

from smtpdiag_tui.settings import IPAddress, parse_ip

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_THIS_NETWORK = ipaddress.IPv4Network("0.0.0.0/8")


def unwrap(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv4-mapped or NAT64 (RFC 6052) address stands for, else `address`."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def unusable_reason(address: str) -> str | None:
    """Say why `address` is never connected to ("a loopback address", ...), None if it may be."""
    parsed = parse_ip(address)
    if parsed is None:
        return "no IP address"
    plain = unwrap(parsed)
    if plain.is_loopback:
        return "a loopback address"
    if plain.is_unspecified or (isinstance(plain, ipaddress.IPv4Address) and plain in _THIS_NETWORK):
        return "an unspecified address"
    if plain.is_multicast:
        return "a multicast address"
    if plain.is_link_local:
        return "a link-local address"
    if plain == ipaddress.IPv4Address("255.255.255.255"):
        return "the broadcast address"
    return None
