"""Judging whether this host reaches the SMTP port of other networks at all. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.checks.session.session import ConnectError, SessionObservation
from smtpdiag_tui.network.reachability import embedded_ipv4
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import parse_ip

_PREFIX_LENGTHS = {4: 24, 6: 48}  # of one site
_NOBODY = frozenset({ConnectError.TIMEOUT, ConnectError.UNREACHABLE})


def egress_blocked(
    sessions: Iterable[SessionObservation | None], is_public: Callable[[str], bool]
) -> tuple[Finding, ...]:
    """Return the one root cause of unrelated addresses that none of them can be connected to, if that is so.

    A firewall drops the packets, or says that there is no way; a host that is down or refuses is another thing.
    What lies inside some network (private, shared, reserved) says nothing of the way out, unless it answers.
    """
    tried = _with_route(sessions)
    if any(seen.connect_error is None for seen in tried):
        return ()
    outward = [seen for seen in tried if _says_something(seen.target.address, is_public)]
    addresses = list(dict.fromkeys(seen.target.address for seen in outward))
    unrelated = _unrelated_networks(addresses)
    if unrelated < 2 or not _nobody_answers(outward):
        return ()
    port = outward[0].target.port
    message = f"Outbound TCP port {port} appears blocked: {unrelated} unrelated networks did not answer"
    return (finding("smtp-egress-blocked", message, evidence=(f"tested: {', '.join(addresses)}",)),)


def _with_route(sessions: Iterable[SessionObservation | None]) -> list[SessionObservation]:
    return [seen for seen in sessions if seen is not None and seen.connect_error is not ConnectError.NO_ROUTE]


def _says_something(address: str, is_public: Callable[[str], bool]) -> bool:
    """Whether an address that nobody answers at says something of the way out."""
    return is_public(address) or not is_inside(address)


def _nobody_answers(sessions: Iterable[SessionObservation]) -> bool:
    return all(seen.connect_error in _NOBODY for seen in sessions)


def _unrelated_networks(addresses: Iterable[str]) -> int:
    """Return how many networks the addresses lie in, of the family that has more of them.

    One host with an address of each family is one host still.
    """
    networks = {network_of(address) for address in addresses}
    by_family = Counter(network.version for network in networks if network is not None)
    return max(by_family.values(), default=0)


def network_of(address: str) -> IPv4Network | IPv6Network | None:
    """Return the /24 or /48 that an address lies in: hosts of one site fail together for their own reasons."""
    literal = parse_ip(address)
    if literal is None:
        return None
    place = embedded_ipv4(literal) or literal
    return ip_network((int(place), _PREFIX_LENGTHS[place.version]), strict=False)
