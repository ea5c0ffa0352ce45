"""An MX set without end: what is planned is bounded, and the rest is told by its number."""

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import RECORDS, DnsScript, build_zones
from smtpdiag_tui.engine.branches.unplanned import MAX_PLACES
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import TlsPolicy
from tests.engine.crowd import crowd
from tests.engine.running import at, codes, run


def serve(network: DemoNetwork, domain: str, records: str) -> None:
    """Have all resolvers of the demo know one more domain."""
    zones = build_zones({**RECORDS, domain: records})
    for key, script in network.resolvers.items():
        network.resolvers[key] = DnsScript({**script.zones, **zones}, script.recursive)


def places(report: Report) -> list[str]:
    return [step.id for step in report.descendants("delivery") if StepId(step.id).depth == 2]


async def test_beyond_256_mx_hosts_the_rest_is_one_step() -> None:
    async with DemoNetwork() as network:
        crowd(network, hosts=300, addresses=1)
        report = await run(network, "bob@crowd.example", tls=TlsPolicy.OFF)
        again = await run(network, "bob@crowd.example", only={"delivery/mx0.crowd.example"}, previous=report)
    hosts = [step.id for step in report.children("delivery")]
    assert len(hosts) == 257
    assert hosts[0] == "delivery/mx0.crowd.example"  # the most preferred are planned
    rest = at(report, "delivery/...")
    assert rest.status is Status.SKIPPED
    assert rest.title == "44 more MX hosts"
    assert [item.code for item in rest.findings] == ["mx-rest-not-tested"]
    assert report.outcome is Outcome.ACCEPTED
    assert "44 more MX hosts" in to_json(report)
    assert at(report, "remote").detail == "crowd.example: 256 MX hosts, 44 more not tested"
    assert at(again, "delivery/...") == rest


async def test_1800_mx_hosts_cost_no_more_than_256() -> None:
    dead = "\n".join(f"@ MX {number} h{number}" for number in range(1800))
    async with DemoNetwork() as network:
        serve(network, "many.example", dead)
        report = await run(network, "bob@many.example")
    assert at(report, "delivery/...").title == "1,544 more MX hosts"
    assert len(list(report.children("delivery"))) == 257
    assert len(to_json(report)) < 5_000_000
    assert "internal-error" not in codes(report)


async def test_beyond_64_addresses_of_a_host_the_rest_is_one_step_and_both_families_are_planned() -> None:
    addresses = [f"mx A 198.51.100.{number}" for number in range(1, 201)]
    addresses += [f"mx AAAA 2001:db8:5::{number:x}" for number in range(1, 201)]
    async with DemoNetwork() as network:
        serve(network, "wide.example", "\n".join(["@ MX 10 mx", *addresses]))
        report = await run(network, "bob@wide.example", timeout=0.5)
    planned = places(report)
    assert len(planned) == 65
    assert sum("198.51.100." in item for item in planned) == 32
    assert sum("2001:db8:5::" in item for item in planned) == 32
    rest = at(report, "delivery/mx.wide.example/...")
    assert (rest.status, rest.title) == (Status.SKIPPED, "336 more addresses")


async def test_one_family_may_have_the_room_of_the_other() -> None:
    addresses = [f"mx A 198.51.100.{number}" for number in range(1, 201)] + ["mx AAAA 2001:db8:5::1"]
    async with DemoNetwork() as network:
        serve(network, "wide.example", "\n".join(["@ MX 10 mx", *addresses]))
        report = await run(network, "bob@wide.example", timeout=0.5)
    assert sum("198.51.100." in item for item in places(report)) == 63
    assert at(report, "delivery/mx.wide.example/...").title == "137 more addresses"


async def test_the_addresses_of_all_hosts_together_are_bounded() -> None:
    lines = [f"@ MX {host} h{host}" for host in range(20)]
    lines += [f"h{host} A 198.51.{host}.{number}" for host in range(20) for number in range(1, 63)]
    async with DemoNetwork() as network:
        serve(network, "both.example", "\n".join(lines))
        report = await run(network, "bob@both.example", timeout=0.2)
    assert sum(not item.endswith("/...") for item in places(report)) == MAX_PLACES
    last = at(report, "delivery/h19.both.example")
    assert (last.status, last.detail) == (Status.SKIPPED, "not looked up: beyond the first 1,024 addresses")
    assert at(report, "delivery/h16.both.example/...").title == "30 more addresses"
    assert "30 more addresses" in to_json(report)


async def test_64_addresses_and_256_hosts_have_no_rest() -> None:
    lines = [f"@ MX {host} h{host}" for host in range(256)]
    lines += [f"h0 A 198.51.100.{number}" for number in range(1, 65)]
    async with DemoNetwork() as network:
        serve(network, "full.example", "\n".join(lines))
        report = await run(network, "bob@full.example", timeout=0.2)
    assert not [key for key in report.steps if key.endswith("/...")]
    assert "mx-rest-not-tested" not in codes(report)
