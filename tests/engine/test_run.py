"""The engine: what it runs again, how it ends early, what it does when something breaks."""

import asyncio
from collections import Counter

import dns.message
import pytest

from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.network.seam import ByteStream, DnsReply, Transport
from smtpdiag_tui.report.events import Event, RunFinished, RunStarted, StepFinished, StepPlanned
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId, within
from smtpdiag_tui.settings import DnsServer, Settings, TlsPolicy
from tests.engine.crowd import crowd
from tests.engine.running import NOT_GIVEN, at, codes, ignore, open_files, others, run

PAIR = Settings("alice@sender.example", "bob@partner.example")
SESSION = "delivery/mx1.partner.example/192.0.2.21"


async def test_the_report_is_the_fold_of_the_events() -> None:
    events: list[Event] = []
    async with DemoNetwork() as network:
        report = await diagnose(PAIR, network, events.append)
    folded = Report(PAIR)
    for event in events:
        folded = folded.apply(event)
    assert folded == report
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert {event.run for event in events} == {report.run}
    planned = [event.id for event in events if isinstance(event, StepPlanned)]
    assert len(planned) == len(set(planned))
    assert sorted(planned) == sorted(event.id for event in events if isinstance(event, StepFinished))


async def test_the_top_level_is_in_order_and_every_step_has_a_parent_before_it() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example")
    assert [step.id for step in report.children()] == [
        "syntax",
        "dns-servers",
        "soa",
        "local",
        "remote",
        "delivery",
        "identity",
        "authentication",
        "tls-policy",
        "senders",
    ]
    seen: set[str | None] = {None}
    for step in report.steps.values():
        assert step.parent in seen
        seen.add(step.id)
    phases = [StepId(item.id).phase for item in report.children(SESSION)]
    assert phases == ["connect", "greeting", "ehlo", "starttls", "mail-from", "rcpt-to", "quit"]


async def test_every_test_explains_itself() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example")
    for step in report.children():
        assert len(step.explanation) > 80, step.id
    assert all(item.explanation for item in report.children(SESSION))


async def test_an_invalid_address_sends_nothing() -> None:
    async with DemoNetwork() as network:
        report = await diagnose(Settings("alice@sender.example", "bob@partner.example."), network, ignore)
        assert (network.smtp, network.dns) == ({}, {})
    assert (report.outcome, report.status) == (Outcome.UNKNOWN, Status.FAILED)
    assert codes(report) >= {"address-trailing-dot"}


@pytest.mark.parametrize(
    ("named", "address"),
    [
        (SESSION, "192.0.2.21"),
        (f"{SESSION}/rcpt-to", "192.0.2.21"),
        ("delivery/mx2.partner.example", "192.0.2.22"),
    ],
)
async def test_only_what_is_named_runs_again(named: str, address: str) -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@partner.example")
        second = await run(network, "bob@partner.example", only={named}, previous=first)
        talked = {key: len(server.sessions) for key, server in network.smtp.items()}
    assert talked.pop(address) == 2
    again = {key for key in talked if talked[key] > 1}
    assert again == ({"2001:db8::22"} if StepId(named).depth == 1 else set())
    assert list(second.steps) == list(first.steps)
    branch = named.removesuffix("/rcpt-to")
    # What the sessions mean for strict senders, and what senders would do, is judged anew in every run.
    judged = (branch, "tls-policy", "senders")
    same = [key for key in first.steps if not any(within(key, item) or within(item, key) for item in judged)]
    assert same
    assert [key for key in same if second.steps[key] != first.steps[key]] == []
    assert second.outcome is Outcome.ACCEPTED
    assert at(second, branch).started != at(first, branch).started
    assert second.started == first.started


async def test_a_rerun_sees_what_has_changed() -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@greylist.example")
        assert first.outcome is Outcome.DEFERRED
        network.smtp["192.0.2.33"].script = SmtpScript("mx.greylist.example")
        failed = {key for key, step in first.steps.items() if step.status not in (Status.PASSED, Status.SKIPPED)}
        second = await run(network, "bob@greylist.example", only=failed, previous=first)
    assert second.outcome is Outcome.ACCEPTED
    assert "greylisted" not in codes(second)


@pytest.mark.parametrize("branch", ["dns-servers", "soa", "local", "remote", "delivery"])
async def test_a_branch_runs_again_by_itself(branch: str) -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@partner.example")
        second = await run(network, "bob@partner.example", only={branch}, previous=first)
    assert {key for key, step in second.steps.items() if step.status is not Status.PASSED} == NOT_GIVEN
    assert sorted(second.steps) == sorted(first.steps)


@pytest.mark.parametrize("recipient", ["bob@timeout.example", "bob@slow.example", "bob@tcp.example"])
async def test_a_cancelled_run_leaves_nothing_open(recipient: str) -> None:
    before = open_files()
    events: list[Event] = []
    async with DemoNetwork() as network:
        settings = network.prepare(Settings("alice@sender.example", recipient))
        task = asyncio.create_task(diagnose(settings, network, events.append))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.sleep(0)
    assert others() == set()
    assert open_files() == before
    ended = {event.id: event.status for event in events if isinstance(event, StepFinished)}
    assert Status.CANCELLED in ended.values()
    planned = {event.id for event in events if isinstance(event, StepPlanned)}
    assert planned == set(ended)


class Breaking(DemoNetwork):
    """A network in which our own code fails at one address."""

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        if address == "192.0.2.21":
            raise ZeroDivisionError("a mistake of ours")
        return await super().connect(address, port, source=source, limit=limit)

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        if server.address == "192.0.2.52":
            raise ZeroDivisionError("another one")
        return await super().exchange(query, server, transport, limit)


async def test_a_mistake_of_ours_stays_in_its_step() -> None:
    async with Breaking() as network:
        report = await run(network, "bob@partner.example")
    broken = at(report, SESSION)
    assert broken.status is Status.UNKNOWN
    [found] = [item for item in broken.findings if item.code == "internal-error"]
    assert any("ZeroDivisionError" in line for line in found.evidence)
    assert at(report, "delivery/mx1.partner.example/2001:db8::21").status is Status.PASSED
    assert at(report, "soa/ns1.dns.example/192.0.2.51").status is Status.PASSED
    assert at(report, "soa/ns2.dns.example/192.0.2.52").status is Status.UNKNOWN
    assert report.outcome is Outcome.ACCEPTED


async def test_sessions_are_few_at_a_time() -> None:
    most_a_host = most = 0
    async with DemoNetwork() as network:
        crowd(network, hosts=10, addresses=4, delay=0.05)
        running = asyncio.create_task(run(network, "bob@crowd.example"))
        while not running.done():
            hosts = Counter[str]()
            for server in network.smtp.values():
                hosts[server.script.host] += server.under_way
            most_a_host = max(most_a_host, *hosts.values(), 0)
            most = max(most, hosts.total())
            await asyncio.sleep(0.005)
        assert (await running).outcome is Outcome.ACCEPTED
        assert all(len(server.sessions) == 1 for server in network.smtp.values())
    assert 1 < most_a_host <= 2
    assert 8 < most <= 16


async def test_beyond_64_addresses_the_rest_is_skipped_unless_asked_for() -> None:
    async with DemoNetwork() as network:
        crowd(network, hosts=20, addresses=4)
        report = await run(network, "bob@crowd.example", tls=TlsPolicy.OFF)
        assert len(network.smtp) == 64
        skipped = [
            item for step in report.steps.values() for item in step.findings if item.code == "address-skipped"
        ]
        assert len(skipped) == 16
        everything = await run(network, "bob@crowd.example", tls=TlsPolicy.OFF, all_addresses=True)
        assert len(network.smtp) == 80
    assert "address-skipped" not in codes(everything)


async def test_two_runs_keep_their_distance_to_one_address() -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@plain.example")
        started = network.now()
        await run(network, "bob@plain.example", only={"delivery"}, previous=first)
        assert network.now() - started > 0.5
