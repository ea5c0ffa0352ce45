"""A demo whose full.example refuses with one reply, and the cause that is found for that."""

from dataclasses import replace
from typing import Any

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, build_zones
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.verdict.answer import actions_of, side_of
from smtpdiag_tui.verdict.causes import find_causes
from smtpdiag_tui.verdict.outcome import Verdict
from tests.engine.running import run
from tests.verdict.making import judged_as
from tests.verdict.siblings import lead_to


class Refusing(DemoNetwork):
    """A demo whose full.example defers all mail with one reply, over IPv4 or IPv6."""

    def __init__(self, reply: bytes, address: str = "192.0.2.81") -> None:
        super().__init__()
        self.hosts[address] = replace(self.hosts["192.0.2.81"], rcpt=reply)
        lead_to(self, "full.example", address)

    def without(self, domain: str, records: str | None = None) -> None:
        """Let the demo's resolvers hold other records of a domain, or none of it."""
        zones = build_zones({domain: records or ""})
        for key, script in list(self.resolvers.items()):
            kept = {**script.zones, **zones}
            if records is None:
                kept = {name: zone for name, zone in kept.items() if name not in zones}
            self.resolvers[key] = DnsScript(kept, script.recursive, script.tcp)


async def first_cause(network: DemoNetwork, reason: Reason, **settings: Any) -> tuple[Cause, Report]:
    """Run to full.example, and return the first cause of its reply as one about `reason`."""
    async with network:
        made = judged_as(await run(network, "bob@full.example", **settings), reason)
    verdict = Verdict(Outcome.DEFERRED, "It waits.", made.causes[0].evidence[0].rpartition("/")[0])
    found = find_causes(made, verdict)
    assert found[0].decides
    assert found[0].reason is reason
    assert side_of(made, verdict, found) is found[0].side is Side.HERE
    assert actions_of(made, verdict, found)[: len(found[0].actions)] == found[0].actions
    return found[0], made
