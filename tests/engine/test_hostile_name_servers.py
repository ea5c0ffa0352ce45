"""Zones whose name servers are traps: inside addresses, thousands of them, and a host that runs out of sockets."""

import errno
import os
from collections.abc import Iterator, Mapping

import dns.message
import dns.name
import dns.zone
import pytest

from smtpdiag_tui.checks.lookups.name_servers import MAX_ADDRESSES, MAX_NAME_SERVERS
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, build_zones
from smtpdiag_tui.engine.branches.name_servers import LEFT_OUT
from smtpdiag_tui.network.seam import ByteStream, DnsReply, Transport
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import DnsServer
from tests.engine.running import at, codes, run

RESOLVER = "192.0.2.53"
HEAD = "@ SOA ns1.dns.example. hostmaster.trap.example. 7 7200 3600 1209600 300\n@ MX 10 mx\nmx A 192.0.2.21\n"


class Watched(DemoNetwork):
    """Knows one zone more, and remembers who is asked."""

    def __init__(self, names: Mapping[str, list[str]]) -> None:
        super().__init__()
        text = HEAD + "".join(_lines(names))
        zone = dns.zone.from_text(f"$TTL 300\n{text}", "trap.example.", relativize=False, check_origin=False)
        script = self.resolvers[RESOLVER]
        self.resolvers[RESOLVER] = DnsScript(
            {**script.zones, dns.name.from_text("trap.example"): zone}, recursive=True
        )
        self.asked: set[str] = set()
        self.fails: OSError | None = None

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        self.asked.add(server.address)
        if self.fails is not None and server.address != RESOLVER:
            raise self.fails
        return await super().exchange(query, server, transport, limit)


def _lines(names: Mapping[str, list[str]]) -> Iterator[str]:
    for name, addresses in names.items():
        yield f"@ NS {name}\n"
        for address in addresses:
            yield f"{name} {'AAAA' if ':' in address else 'A'} {address}\n"


async def trapped(names: Mapping[str, list[str]], fails: OSError | None = None) -> tuple[Report, Watched]:
    """Run against a zone with these name servers."""
    async with Watched(names) as network:
        network.fails = fails
        report = await run(network, "bob@trap.example", timeout=0.2)
    assert "internal-error" not in codes(report)
    assert all(step.status.ended for step in report.steps.values())
    assert report.outcome is Outcome.ACCEPTED
    return report, network


def below(report: Report, branch: str) -> list[Step]:
    return [step for step in report.steps.values() if step.id.startswith(f"{branch}/")]


TRAPS = [
    "127.0.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "224.0.0.251",
    "255.255.255.255",
    "::1",
    "fe80::1",
    "ff02::fb",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::1",
]


@pytest.mark.parametrize("address", TRAPS)
async def test_a_name_server_at_such_an_address_is_never_asked(address: str) -> None:
    report, network = await trapped({"ns": [address]})
    assert network.asked == {RESOLVER, *_demo_name_servers(network)}
    [step] = below(report, "soa/ns.trap.example")
    assert (step.status, [item.code for item in step.findings]) == (Status.WARNING, ["soa-lame-server"])
    assert "was not queried" in step.findings[0].message
    assert step.findings[0].side == "recipient"
    assert "dns-egress-blocked" not in codes(report)
    assert at(report, "soa/ns.trap.example").status is Status.WARNING
    assert at(report, "soa").status is Status.WARNING


def _demo_name_servers(network: Watched) -> set[str]:
    """Return who is asked for the delegation: the parent's server, which is an ordinary one."""
    return network.asked & {"192.0.2.50"}


async def test_good_addresses_beside_a_trap_are_asked() -> None:
    report, network = await trapped({"ns": ["127.0.0.1", "192.0.2.51"]})
    assert "192.0.2.51" in network.asked
    assert at(report, "soa/ns.trap.example/127.0.0.1").status is Status.WARNING
    assert at(report, "soa/ns.trap.example/192.0.2.51/udp").status is Status.PASSED


async def test_a_rerun_does_not_ask_them_either() -> None:
    async with Watched({"ns": ["127.0.0.1", "192.0.2.51"]}) as network:
        first = await run(network, "bob@trap.example", timeout=0.2)
        for only in ("soa", "soa/ns.trap.example", "soa/ns.trap.example/127.0.0.1"):
            again = await run(network, "bob@trap.example", timeout=0.2, only=[only], previous=first)
            assert at(again, "soa/ns.trap.example/127.0.0.1").status is Status.WARNING
            assert "internal-error" not in codes(again)
    assert "127.0.0.1" not in network.asked


async def test_silent_name_servers_inside_prove_nothing_about_the_way_outside() -> None:
    report, network = await trapped({"a": ["10.9.9.9"], "b": ["192.168.9.9"], "c": ["100.64.9.9"]})
    assert {"10.9.9.9", "192.168.9.9", "100.64.9.9"} <= network.asked
    assert "dns-egress-blocked" not in codes(report)
    assert "soa-lame-server" in codes(report, "soa/a.trap.example")


async def test_silent_name_servers_outside_are_dead_where_the_parents_answer() -> None:
    report, _ = await trapped({"a": ["192.0.2.211"], "b": ["192.0.2.212", "127.0.0.1"]})
    assert "dns-egress-blocked" not in codes(report)
    for step_id in ("soa/a.trap.example/192.0.2.211", "soa/b.trap.example/192.0.2.212"):
        assert at(report, step_id).status is Status.WARNING
        assert codes(report, step_id) == {"soa-lame-server"}


async def test_silent_name_servers_outside_are_one_cause_where_the_parents_are_silent_too() -> None:
    async with Watched({"a": ["192.0.2.211"], "b": ["192.0.2.212", "127.0.0.1"]}) as network:
        del network.resolvers["192.0.2.50"]
        report = await run(network, "bob@trap.example", timeout=0.2)
    [found] = [item for item in at(report, "soa").findings if item.code == "dns-egress-blocked"]
    assert "192.0.2.211" in found.evidence[0]
    assert "a.nic.example [192.0.2.50]" in found.evidence[0]
    assert at(report, "soa/a.trap.example/192.0.2.211").status is Status.UNKNOWN
    assert codes(report, "soa/a.trap.example/192.0.2.211") == set()
    assert codes(report, "soa/b.trap.example/127.0.0.1") == {"soa-lame-server"}


async def test_thousands_of_addresses_are_capped_and_told_in_one_step() -> None:
    many = [f"198.51.100.{number + 1}" for number in range(100)]
    names = {f"ns{number:02}": many for number in range(40)}
    report, network = await trapped(names)
    asked = [item for item in network.asked if item.startswith("198.51.")]
    assert len(asked) <= MAX_ADDRESSES
    left = at(report, LEFT_OUT)
    assert left.status is Status.SKIPPED
    assert f"{40 - MAX_NAME_SERVERS} more names" in left.detail
    assert f"{MAX_NAME_SERVERS * 100 - MAX_ADDRESSES} more addresses" in left.detail
    assert len(below(report, "soa")) < 3 * MAX_ADDRESSES + 2 * MAX_NAME_SERVERS + 10


async def test_a_host_without_sockets_left_blames_nobody() -> None:
    limit = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    report, _ = await trapped({"a": ["192.0.2.211"], "b": ["192.0.2.212"]}, fails=limit)
    found = codes(report, "soa")
    assert "machine-limit" in found
    assert not found & {"dns-egress-blocked", "soa-lame-server", "dns-unreachable", "dns-udp-failed"}
    step = at(report, "soa/a.trap.example/192.0.2.211")
    assert step.status is Status.UNKNOWN
    assert step.findings[0].side == "here"


async def test_no_socket_for_anything_is_unknown() -> None:
    class Exhausted(DemoNetwork):
        async def exchange(
            self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
        ) -> DnsReply:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    async with Exhausted() as network:
        report = await run(network, "bob@partner.example")
    assert report.outcome is Outcome.UNKNOWN
    assert "machine-limit" in codes(report)
    assert not codes(report) & {
        "dns-unreachable",
        "dns-egress-blocked",
        "dns-server-failure",
        "dns-resolver-broken",
    }


async def test_no_socket_for_the_mail_hosts_addresses_is_unknown() -> None:
    class Exhausted(DemoNetwork):
        async def exchange(
            self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
        ) -> DnsReply:
            if query.question[0].name.labels[0].startswith(b"mx"):
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return await super().exchange(query, server, transport, limit)

    async with Exhausted() as network:
        report = await run(network, "bob@partner.example")
    assert (report.outcome, report.side) == (Outcome.UNKNOWN, "here")
    assert report.headline == "A and AAAA queries for mx1.partner.example not sent (too many open files)"


async def test_no_socket_for_a_session_is_unknown() -> None:
    class Exhausted(DemoNetwork):
        async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
            raise OSError(errno.EMFILE, f"Connect call failed ('{address}', {port})")

    async with Exhausted() as network:
        report = await run(network, "bob@partner.example")
    assert report.outcome is Outcome.UNKNOWN
    assert "machine-limit" in codes(report, "delivery")
    assert not codes(report) & {"smtp-egress-blocked", "network-unreachable", "egress-blocked"}
    assert "Connect call failed" not in str(report)
    told = [
        item for step in report.descendants("delivery") for item in step.findings if item.code == "machine-limit"
    ]
    assert any(os.strerror(errno.EMFILE) in line for item in told for line in (item.message, *item.evidence))


async def test_the_parents_servers_are_guarded_too() -> None:
    async with DemoNetwork() as network:
        asked: set[str] = set()
        exchange = network.exchange

        async def watched(
            query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
        ) -> DnsReply:
            asked.add(server.address)
            return await exchange(query, server, transport, limit)

        network.exchange = watched  # type: ignore[method-assign]
        script = network.resolvers[RESOLVER]
        zones = dict(script.zones)
        head = "@ SOA a b 1 2 3 4 5\n@ NS trap\ntrap A 127.0.0.1\ntrap AAAA ::1\ntrap A 192.0.2.50\n"
        text = f"$TTL 300\n{head}\n"
        zones[dns.name.from_text("up.example")] = dns.zone.from_text(
            text, "up.example.", relativize=False, check_origin=False
        )
        zones.update(build_zones({"child.up.example": "@ MX 10 mx.partner.example."}))
        network.resolvers[RESOLVER] = DnsScript(zones, recursive=True)
        report = await run(network, "bob@child.up.example", timeout=0.2)
    assert at(report, "soa").status.ended
    assert not asked & {"127.0.0.1", "::1"}
    assert "192.0.2.50" in asked
