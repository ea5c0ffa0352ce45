"""As many domains as one likes on the demo's network, at some operators: healthy ones and some that are not."""

from dataclasses import replace

from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import build_zones

OPERATORS = 50
HOSTS = 2  # of each operator, with one address each
_GREYLISTED = (
    b"450 4.2.0 <postmaster>: Recipient address rejected: Greylisted, please try again in 300 seconds\r\n"
)
_UNKNOWN = b"550 5.1.1 <postmaster>: Recipient address rejected: User unknown\r\n"


def domain(number: int) -> str:
    return f"d{number:04}.example"


def operator(number: int) -> str:
    return f"op{number:02}.example"


def outcome(number: int, operators: int = OPERATORS) -> str:
    """Return what becomes of mail to a domain's postmaster."""
    return {1: "deferred", 2: "bounced"}.get(number % operators % 10, "accepted")


def add_domains(network: DemoNetwork, number: int, operators: int = OPERATORS) -> None:
    """Add so many domains; the mail of each is taken by one of the operators, in turn."""
    records = {}
    for place in range(operators):
        lines = []
        for host in range(1, HOSTS + 1):
            address = f"2001:db8:{place + 16:x}::{host:x}"
            lines.append(f"mx{host} AAAA {address}")
            name = f"mx{host}.{operator(place)}"
            reply = {1: _GREYLISTED, 2: _UNKNOWN}.get(place % 10, b"250 2.1.5 Ok\r\n")
            network.hosts[address] = SmtpScript(name, rcpt=reply)
        records[operator(place)] = "\n".join(lines)
    for place in range(number):
        exchanges = "\n".join(
            f"@ MX {10 * host} mx{host}.{operator(place % operators)}." for host in range(1, HOSTS + 1)
        )
        records[domain(place)] = f'{exchanges}\n@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p=none"'
    zones = build_zones(records)
    for address, script in network.resolvers.items():
        network.resolvers[address] = replace(script, zones={**script.zones, **zones})
