"""DNSSEC and DANE in a run: from the answers and sessions that it has, judged anew where these are held again."""

import asyncio
from dataclasses import replace
from typing import Any

import dns.message
import pytest

from smtpdiag_tui.demo.hosts import Tls
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.network.seam import DnsReply, SystemResolver, Transport
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import DnsServer, Relay, Settings, TlsPolicy
from tests.engine.policies import publish
from tests.engine.running import at, codes, ignore, others, run

DANE, DNSSEC = "tls-policy/dane", "tls-policy/dnssec"


class OpenNetwork(DemoNetwork):
    """The demo without a trusted way to its resolver."""

    def system_resolver(self) -> SystemResolver:
        return SystemResolver(self.system_servers())


class CountingNetwork(DemoNetwork):
    """The demo, with the names and types that its DNS servers were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        self.asked.append(query.question[0].to_text())
        return await super().exchange(query, server, transport, limit)


def row(report: Report, name: str) -> tuple[str, str]:
    """Return what one kind of sender comes to."""
    found = next(item for item in report.senders if item.name == name)
    return found.outcome.value, found.summary


async def test_records_that_match_are_told_for_each_host() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@dane.example")
        assert all(len(server.sessions) == 1 for server in network.smtp.values())  # no session for its sake
    assert {step.id: step.status for step in report.children(DANE)} == {
        f"{DANE}/mx1.dane.example": Status.PASSED,
        f"{DANE}/mx2.dane.example": Status.PASSED,
    }
    assert codes(report, DANE) == {"dane-valid"}
    assert row(report, "dane")[0] == "accepted"
    assert at(report, DANE).detail == "applies to 2 of 2 MX hosts"
    assert at(report, DNSSEC).detail == "3 secure, 1 insecure"


async def test_a_renewed_certificate_keeps_mail_of_dane_senders_back_and_nobody_elses() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@rollover.example")
    assert report.outcome == "accepted"
    assert row(report, "dane") == ("deferred", "TLSA record does not match the certificate")
    assert row(report, "dane-or-mta-sts") == ("deferred", "TLSA record does not match the certificate")
    assert row(report, "standard")[0] == "accepted"
    assert (at(report, "tls-policy").status, report.status) == (Status.WARNING, Status.WARNING)


async def test_a_host_without_starttls_keeps_dane_senders_back() -> None:
    async with DemoNetwork() as network:
        network.hosts["192.0.2.175"] = replace(network.hosts["192.0.2.175"], tls=Tls.ABSENT)
        report = await run(network, "bob@rollover.example")
    assert codes(report, DANE) == {"dane-no-starttls"}
    assert row(report, "dane") == ("deferred", "STARTTLS not offered, DANE requires it")


async def test_without_a_trusted_way_nothing_is_certain() -> None:
    async with OpenNetwork() as network:
        valid = await run(network, "bob@dane.example")
        broken = await run(network, "bob@rollover.example")
    assert codes(valid, DANE) == {"dane-untrusted", "dane-valid"}
    assert row(valid, "dane")[0] == "accepted"  # signed or not, such a sender delivers
    assert at(valid, "tls-policy").status is not Status.UNKNOWN
    assert codes(broken, DANE) == {"dane-untrusted", "dane-mismatch"}
    assert row(broken, "dane")[0] == "unknown"
    assert at(broken, "tls-policy").status is Status.UNKNOWN
    assert codes(broken, DNSSEC) == {"dnssec-unknown"}


async def test_mta_sts_that_fails_beside_a_valid_dane_is_outweighed_only_where_that_is_proved() -> None:
    async with DemoNetwork() as network, OpenNetwork() as unproved:
        for place in (network, unproved):
            publish(place, "dane.example", mx="mail.elsewhere.example")
        proved = await run(network, "bob@dane.example")
        open_one = await run(unproved, "bob@dane.example")
    assert row(proved, "mta-sts") == ("deferred", "not in the MTA-STS policy at all 3 addresses")
    assert row(proved, "dane-or-mta-sts") == (
        "accepted",
        "mx1.dane.example [192.0.2.173] accepted the recipient (250 2.1.5);"
        " a valid DANE outweighs the failing MTA-STS (common practice)",
    )
    assert row(open_one, "dane")[0] == "accepted"
    assert row(open_one, "dane-or-mta-sts")[0] == "unknown"


async def test_what_is_unknown_to_most_hosts_colours_its_step_alone() -> None:
    async with OpenNetwork() as network:
        report = await run(network, "bob@plain.example", only=None)
    assert at(report, DNSSEC).status is Status.UNKNOWN
    assert at(report, "tls-policy").status is not Status.UNKNOWN
    assert codes(report, DANE) == {"dane-none"}


@pytest.mark.parametrize(
    ("recipient", "settings", "reason"),
    [
        ("bob@null.example", {}, "null MX"),
        ("bob@[192.0.2.27]", {}, "address literal, no name with TLSA records"),
        ("bob@missing.example", {}, "recipient domain does not exist"),
        ("bob@bogus.example", {}, "MX hosts could not be determined"),
        ("bob@rollover.example", {"server": "192.0.2.175"}, "the server was given by its address"),
        (
            "bob@rollover.example",
            {"relay": (Relay("mx1.partner.example"),)},
            "relay host, the MX hosts are not used",
        ),
    ],
)
async def test_where_dane_is_no_matter_it_is_skipped_with_the_reason(
    recipient: str, settings: dict[str, Any], reason: str
) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient, **settings)
    assert (at(report, DANE).status, at(report, DANE).detail) == (Status.SKIPPED, reason)
    assert list(report.children(DANE)) == []


async def test_a_given_server_is_judged_as_the_domains() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", server="mx.rollover.example")
    assert codes(report, DANE) == {"dane-mismatch"}
    assert row(report, "dane")[0] == "deferred"


async def test_with_tls_switched_off_nothing_is_known_of_the_certificate() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@rollover.example", tls=TlsPolicy.OFF)
    step = at(report, f"{DANE}/mx.rollover.example")
    assert (step.status, step.findings) == (Status.UNKNOWN, ())
    assert row(report, "dane")[0] == "unknown"


async def test_a_session_held_again_is_judged_anew_without_a_question() -> None:
    async with CountingNetwork() as network:
        first = await run(network, "bob@rollover.example")
        assert network.asked.count("_25._tcp.mx.rollover.example. IN TLSA") == 1
        assert network.asked.count(". IN SOA") == 1
        network.smtp["192.0.2.175"].script = replace(network.smtp["192.0.2.175"].script, tls=Tls.ABSENT)
        network.asked.clear()
        again = await run(network, "bob@rollover.example", only={"delivery"}, previous=first)
        assert not any(item.endswith("TLSA") or item == ". IN SOA" for item in network.asked)
    assert codes(again, DANE) == {"dane-no-starttls"}
    assert row(again, "dane") == ("deferred", "STARTTLS not offered, DANE requires it")
    assert at(again, DNSSEC) == at(first, DNSSEC)


@pytest.mark.parametrize("only", [DANE, f"{DANE}/mx.rollover.example", "tls-policy", DNSSEC])
async def test_each_step_runs_again_by_itself(only: str) -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@rollover.example")
        again = await run(network, "bob@rollover.example", only={only}, previous=first)
        assert len(network.smtp["192.0.2.175"].sessions) == 1
    assert codes(again, "tls-policy") == codes(first, "tls-policy")
    assert row(again, "dane") == row(first, "dane")
    assert at(again, only).status is at(first, only).status


async def test_what_is_not_run_again_keeps_what_it_held() -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@rollover.example")
        again = await run(network, "bob@rollover.example", only={"identity"}, previous=first)
    for step in (f"{DANE}/mx.rollover.example", DNSSEC):
        assert at(again, step) == at(first, step)
    assert row(again, "dane") == row(first, "dane")


async def test_cancelled_it_leaves_nothing_running() -> None:
    before = others()
    async with DemoNetwork() as network:
        settings = network.prepare(Settings(DEFAULT_SENDER, "bob@timeout.example"))
        running = asyncio.create_task(diagnose(settings, network, ignore))
        await asyncio.sleep(0.3)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert others() <= before
