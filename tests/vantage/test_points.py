"""Runs from vantage points in the process: this host, and a proxy that leads into the demo's internet."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.events import Event, StepStarted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DnsServer, Settings, Via
from smtpdiag_tui.vantage.points import VantageError, open_point
from tests.engine.running import at, codes, ignore, open_files, others
from tests.network.socks_server import SocksServer

SENDER, RECIPIENT, RESOLVER = "alice@sender.example", "bob@partner.example", "192.0.2.53"
NAT, HOLE = "bob@nat.example", "bob@timeout.example"


@pytest.fixture
async def network() -> AsyncIterator[DemoNetwork]:
    async with DemoNetwork() as made:
        yield made


@pytest.fixture
async def proxy(network: DemoNetwork) -> AsyncIterator[SocksServer]:
    async with SocksServer(network) as made:
        yield made


async def through(proxy: SocksServer, network: DemoNetwork, settings: Settings) -> Report:
    async with open_point(proxy.via, local=network) as point:
        assert (point.via, point.whole) == (proxy.via, False)
        return await point.diagnose(network.prepare(settings), ignore)


async def test_this_host_runs_over_its_own_network(network: DemoNetwork) -> None:
    async with open_point(Via("local"), local=network) as point:
        report = await point.diagnose(Settings(SENDER, RECIPIENT, via=(Via("local"),)), ignore)
    assert (point.whole, report.outcome, report.settings.via) == (True, Outcome.ACCEPTED, ())


async def test_connections_and_dns_go_through_a_proxy(network: DemoNetwork, proxy: SocksServer) -> None:
    report = await through(proxy, network, Settings(SENDER, RECIPIENT))
    assert (report.outcome, report.settings.via) == (Outcome.ACCEPTED, (proxy.via,))
    assert {(RESOLVER, 53), ("192.0.2.21", 25)} <= set(proxy.asked)
    udp, tcp = at(report, f"remote/{RESOLVER}/udp"), at(report, f"remote/{RESOLVER}/tcp")
    assert (udp.status, udp.detail) == (Status.SKIPPED, f"UDP does not go through {proxy.via.label}")
    assert (tcp.status, at(report, f"remote/{RESOLVER}").status) == (Status.PASSED, Status.PASSED)
    assert at(report, "dns-servers").detail == f"{RESOLVER} over TCP"
    assert not {"dns-udp-failed", "dns-unreachable", "dns-answers-differ", "no-ipv6-route"} & codes(report)
    texts = [entry.text for step in report.steps.values() for entry in step.transcript]
    assert f"connected through {proxy.via.label}" in texts
    assert not [text for text in texts if "0.0.0.0" in text]


async def test_the_public_address_is_what_the_mail_hosts_report(network: DemoNetwork, proxy: SocksServer) -> None:
    report = await through(proxy, network, Settings(SENDER, NAT))
    step = at(report, "identity/ipv4")
    assert step.title == "192.0.2.70"
    assert "ptr-missing" in codes(report, "identity/ipv4")
    assert not {"address-translated", "address-unseen"} & codes(report)
    assert report.facts.sources == ()


async def test_where_no_mail_host_reports_it_the_public_address_is_unknown(
    network: DemoNetwork, proxy: SocksServer
) -> None:
    report = await through(proxy, network, Settings(SENDER, "bob@deadmx.example", server="mx.plain.example"))
    messages = [item.message for item in at(report, "identity").findings] + [at(report, "identity").detail]
    assert not [text for text in messages if "0.0.0.0" in text or "::" in text]


async def test_a_resolver_that_is_not_public_is_asked_from_here(network: DemoNetwork, proxy: SocksServer) -> None:
    inside = network.is_public
    network.is_public = lambda address: address != RESOLVER and inside(address)  # type: ignore[method-assign]
    report = await through(proxy, network, Settings(SENDER, RECIPIENT))
    assert report.outcome is Outcome.ACCEPTED
    assert (RESOLVER, 53) not in proxy.asked
    assert at(report, f"remote/{RESOLVER}/udp").status is Status.PASSED
    lines = [entry.text for entry in at(report, "dns-servers").transcript]
    assert any(line.startswith("Queried from this host, not through socks5://") for line in lines)


async def test_a_given_resolver_is_asked_through_the_proxy_whatever_its_address(
    network: DemoNetwork, proxy: SocksServer
) -> None:
    inside = network.is_public
    network.is_public = lambda address: address != RESOLVER and inside(address)  # type: ignore[method-assign]
    await through(proxy, network, Settings(SENDER, RECIPIENT, dns=(DnsServer(RESOLVER),)))
    assert (RESOLVER, 53) in proxy.asked


@pytest.mark.parametrize(
    "more", [{"source": "192.0.2.10"}, {"as_local_mta": "Postfix"}, {"source4": "192.0.2.10"}]
)
async def test_what_is_of_this_host_alone_is_refused(
    network: DemoNetwork, proxy: SocksServer, more: dict[str, str]
) -> None:
    with pytest.raises(VantageError, match="does not apply through another host: omit"):
        await through(proxy, network, Settings(SENDER, RECIPIENT, **more))  # type: ignore[arg-type]
    assert proxy.asked == []


async def test_a_proxy_that_forbids_all_ends_the_run_without_a_report(network: DemoNetwork) -> None:
    replies = {address: bytes([5, 2, 0, 1]) + bytes(6) for address in (RESOLVER, "192.0.2.21", "192.0.2.22")}
    async with SocksServer(network, replies=replies) as proxy:
        with pytest.raises(VantageError, match="the proxy forbids every connection") as raised:
            await through(proxy, network, Settings(SENDER, RECIPIENT))
    assert raised.value.report is None


async def test_a_proxy_that_dies_ends_the_run_with_what_was_known(
    network: DemoNetwork, proxy: SocksServer
) -> None:
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, StepStarted) and event.id.endswith("/greeting"):
            dying.append(asyncio.ensure_future(proxy.stop()))

    dying: list[asyncio.Future[None]] = []
    async with open_point(proxy.via, local=network) as point:
        with pytest.raises(VantageError, match=r"the proxy is gone|check that the proxy runs") as raised:
            await point.diagnose(network.prepare(Settings(SENDER, RECIPIENT)), emit)
    report = raised.value.report
    assert report is not None
    assert (report.outcome, report.status) == (Outcome.UNKNOWN, Status.CANCELLED)
    assert len(report.headline) <= 80
    assert at(report, "syntax").status is Status.PASSED


async def test_a_run_that_is_called_off_leaves_nothing_open(network: DemoNetwork, proxy: SocksServer) -> None:
    before, tasks = open_files(), others()
    async with open_point(proxy.via, local=network) as point:
        running = asyncio.ensure_future(point.diagnose(network.prepare(Settings(SENDER, HOLE)), ignore))
        await asyncio.sleep(0.5)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    for _ in range(100):
        if open_files() <= before + 2 * (len(network.dns) + len(network.smtp)) + 4:
            break
        await asyncio.sleep(0.05)
    await proxy.stop()
    assert not {task for task in others() - tasks if "diagnose" in repr(task) or "lost" in repr(task)}


async def test_a_rerun_of_one_step_goes_through_the_proxy_too(network: DemoNetwork, proxy: SocksServer) -> None:
    async with open_point(proxy.via, local=network) as point:
        settings = network.prepare(Settings(SENDER, RECIPIENT))
        first = await point.diagnose(settings, ignore)
        proxy.asked.clear()
        again = await point.diagnose(settings, ignore, ["remote"], first)
    assert again.outcome is Outcome.ACCEPTED
    assert RESOLVER in {address for address, _ in proxy.asked}
    assert not [port for _, port in proxy.asked if port != 53]
    assert again.steps.keys() == first.steps.keys()
