"""Who takes the mail of a domain: what a batch is split by, and what it is polite to."""

import asyncio
import hashlib

from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.routing import Route, RouteKind, find_route
from smtpdiag_tui.checks.lookups.servers import MachineObservation
from smtpdiag_tui.checks.lookups.shared_answers import SharedAnswers
from smtpdiag_tui.checks.registered_domain import operator_of
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.settings import Settings, parse_ip

LIMIT = 30.0  # seconds for finding the mail hosts of a domain


def operator_by(route: Route) -> str:
    """Return the operator of the most preferred mail host; of several, the one whose name comes first.

    A domain without MX records, or whose lookup failed, stands for itself. Pure.
    """
    hosts = [host for host in route.hosts if host.preference is not None]
    if route.kind is not RouteKind.MX or not hosts:
        return operator_of(route.domain)
    return operator_of(min(hosts, key=lambda host: (host.preference, host.name)).name)


def shard_of(operator: str, number: int) -> int:
    """Return which of `number` parts an operator belongs to, from 1; the same on each machine. Pure."""
    digest = hashlib.blake2b(operator.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) % number + 1


async def find_operator(settings: Settings, network: Network, answers: SharedAnswers, domain: str) -> str:
    """Return the operator of a recipient's domain; the answers are those that its run needs too.

    Where the settings name a server, mail goes there whatever the domain.
    """
    if settings.server is not None:
        return operator_of(settings.server)
    if settings.relay:
        return operator_of(settings.relay[0].host)
    if parse_ip(domain) is not None:
        return domain
    dns = DnsClient(network, settings, answers)
    resolver = network.system_resolver()
    machine = MachineObservation(resolver.servers, settings.dns, resolver)
    try:
        async with asyncio.timeout(LIMIT):
            return operator_by(await find_route(dns, machine.route_servers, domain))
    except TimeoutError:
        return operator_of(domain)
    finally:
        await dns.close()
