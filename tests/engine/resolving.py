"""DNS servers of the demo that are changed for a test, and what holds for every run over them."""

from dataclasses import replace
from typing import Any

import dns.name

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import DnsServer
from tests.engine.running import at, codes, others

RESOLVER, SECOND = "192.0.2.53", "192.0.2.54"
TWO = (DnsServer(RESOLVER), DnsServer(SECOND))


def names(*domains: str) -> frozenset[dns.name.Name]:
    """Return domains as the scripts of DNS servers hold them."""
    return frozenset(map(dns.name.from_text, domains))


def put(network: DemoNetwork, address: str = RESOLVER, **changes: Any) -> None:
    """Change how a DNS server of the demo behaves."""
    network.resolvers[address] = replace(network.resolvers[address], **changes)


def finding_at(report: Report, step: str, code: str) -> Side | None:
    """Return the side of the one finding of a code at a step."""
    [found] = [item for item in at(report, step).findings if item.code == code]
    return found.side


def everything_ended(report: Report) -> None:
    """Assert that a run ended without an accident and left nothing behind."""
    assert "internal-error" not in codes(report)
    assert all(step.status.ended for step in report.steps.values())
    assert others() == set()
