"""Judging whether this machine gets out to the SMTP port at all. Pure."""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.checks.session.session import ConnectError, SessionObservation
from smtpdiag_tui.network.reachability import embedded_ipv4
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import parse_ip

_IPV4 = 4
_NOBODY = frozenset({ConnectError.TIMEOUT, ConnectError.UNREACHABLE})


def egress_blocked(
    sessions: Iterable[SessionObservation | None], is_public: Callable[[str], bool]
) -> tuple[Finding, ...]:
    """Return the one root cause of unrelated addresses that nobody lets us connect to, if that is so.

    A firewall drops the packets, or says that there is no way; a host that is down or refuses is another thing.
    What lies inside some network (private, shared, reserved) says nothing of the way out, unless it answers.
    """
    seen = [item for item in sessions if item is not None and item.connect_error is not ConnectError.NO_ROUTE]
    if any(item.connect_error is None for item in seen):
        return ()
    seen = [item for item in seen if is_public(item.target.address) or not is_inside(item.target.address)]
    networks = {network for item in seen if (network := _network(item.target.address)) is not None}
    # One host with an address of each family is one host still.
    unrelated = max(sum(item.version == version for item in networks) for version in (4, 6))
    if unrelated < 2 or any(item.connect_error not in _NOBODY for item in seen):
        return ()
    port = seen[0].target.port
    message = f"Outbound TCP port {port} looks blocked from here: {unrelated} unrelated networks do not answer."
    tried = ", ".join(dict.fromkeys(item.target.address for item in seen))
    return (finding("smtp-egress-blocked", message, evidence=(f"tried: {tried}",)),)


def _network(address: str) -> IPv4Network | IPv6Network | None:
    """Return the /24 or /48 that an address lies in: hosts of one site fail together for their own reasons."""
    literal = parse_ip(address)
    if literal is None:
        return None
    place = embedded_ipv4(literal) or literal
    return ip_network((int(place), 24 if place.version == _IPV4 else 48), strict=False)
