"""A domain with as many mail hosts and addresses as one likes."""

from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import RECORDS, DnsScript, build_zones


def crowd(network: DemoNetwork, hosts: int, addresses: int, delay: float = 0.0) -> None:
    """Add the domain crowd.example with so many mail hosts and addresses."""
    lines = []
    for host in range(hosts):
        lines.append(f"@ MX {host} mx{host}")
        for number in range(addresses):
            address = f"2001:db8:{host + 1:x}::{number + 1:x}"
            lines.append(f"mx{host} AAAA {address}")
            network.hosts[address] = SmtpScript(
                f"mx{host}.crowd.example", greeting_delay=delay, names=("*.crowd.example",)
            )
    zones = build_zones({**RECORDS, "crowd.example": "\n".join(lines)})
    for key, script in network.resolvers.items():
        network.resolvers[key] = DnsScript({**script.zones, **zones}, script.recursive)
