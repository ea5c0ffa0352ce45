"""Mail hosts that answer alike, and beside whose reply something else is wrong: what decides must be the same."""

from dataclasses import replace
from typing import Any

from smtpdiag_tui.demo.hosts import Tls
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, build_zones
from smtpdiag_tui.report.report import Report
from tests.engine.running import run

INSIDE = "10.9.9.9"
REPLIES = {  # domain to the address of its one mail host
    "greylist.example": "192.0.2.33",
    "busy.example": "192.0.2.48",
    "blocklist.example": "192.0.2.43",
    "full.example": "192.0.2.81",
}
WRONG = ("tidy", "plain", "expired", "inside", "literal")


async def sibling(domain: str, wrong: str) -> Report:
    """Run to a domain whose host has one more thing wrong, `tidy` for none."""
    settings: dict[str, Any] = {"ehlo": "[192.0.2.10]"} if wrong == "literal" else {}
    async with DemoNetwork() as network:
        address = REPLIES[domain]
        script = network.hosts[address]
        if wrong == "plain":
            network.hosts[address] = replace(script, tls=Tls.ABSENT)
        elif wrong == "expired":
            network.hosts[address] = replace(script, days=-3, names=("other.example",))
        elif wrong == "inside":
            network.hosts[INSIDE] = script
            lead_to(network, domain, INSIDE)
        return await run(network, f"bob@{domain}", **settings)


def lead_to(network: DemoNetwork, domain: str, address: str) -> None:
    """Let a domain's one mail host have another address, as everybody sees it."""
    kind = "AAAA" if ":" in address else "A"
    zones = build_zones({domain: f"@ MX 10 mx\nmx {kind} {address}"})
    for key, script in list(network.resolvers.items()):
        network.resolvers[key] = DnsScript({**script.zones, **zones}, script.recursive, script.tcp)


def decided(report: Report) -> tuple[object, ...]:
    """Return what must not change: the first cause, the side, the first advice, and the outcome."""
    first = report.causes[0]
    return (first.code, first.side, first.reason, first.decides, report.side, report.advice[:1], report.outcome)
