"""Which addresses the whole internet reaches, by IANA's special-purpose registries (RFC 6890). Pure."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network

from smtpdiag_tui.settings import IPAddress

_UNICAST = IPv6Network("2000::/3")  # all that is given out (RFC 4291 §2.4)
_DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637; older versions of ipaddress do not know it
_SIX_TO_FOUR = IPv6Network("2002::/16")  # RFC 3056 §2
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1


def globally_reachable(address: IPAddress) -> bool:
    """Whether an address is reached from everywhere; one that leads to an IPv4 address is what that is."""
    within = embedded_ipv4(address)
    if within is not None:
        return within.is_global
    if isinstance(address, IPv4Address):
        return address.is_global
    return address in _UNICAST and address not in _DOCUMENTATION and address.is_global


def embedded_ipv4(address: IPAddress) -> IPv4Address | None:
    """Return the IPv4 address that a mapped (RFC 4291), NAT64 or 6to4 address leads to, None for any other."""
    if not isinstance(address, IPv6Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
