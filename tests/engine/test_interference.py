"""A device on the path in whole runs: it is told beside the reply that decides, and not of hosts that are well."""

from smtpdiag_tui.demo.hosts import SmtpScript, Tls
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import RECORDS, DnsScript, build_zones
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome, Status
from tests.engine.running import at, codes, run

PROXY = b"220 smtp-out.isp.test ESMTP proxy\r\n"
MASKED = "delivery/mx.masked.example/192.0.2.162"


def with_zone(network: DemoNetwork, domain: str, records: str) -> None:
    zones = build_zones({**RECORDS, domain: records})
    for key, script in network.resolvers.items():
        network.resolvers[key] = DnsScript({**script.zones, **zones}, script.recursive)


async def test_a_masked_banner_is_told_and_the_servers_reply_decides() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@masked.example")
    assert (report.outcome, report.status) == (Outcome.ACCEPTED, Status.WARNING)
    [banner] = at(report, f"{MASKED}/greeting").findings
    assert (banner.code, banner.side) == ("path-interference", Side.PATH)
    assert codes(report, f"{MASKED}/ehlo") == {"path-interference", "ehlo-rejected"}
    assert codes(report, f"{MASKED}/rcpt-to") == {"recipient-accepted"}
    assert "starttls-not-offered" not in codes(report)


async def test_a_masked_banner_before_a_greylisting_server_hides_neither() -> None:
    async with DemoNetwork() as network:
        mask, later = b"220 " + b"*" * 40 + b"\r\n", b"450 4.2.0 Greylisted, try again in 300 seconds\r\n"
        network.hosts["192.0.2.162"] = SmtpScript("mx.masked.example", greeting=mask, rcpt=later)
        report = await run(network, "bob@masked.example")
    assert report.outcome is Outcome.DEFERRED
    assert {"path-interference", "greylisted"} <= codes(report, MASKED)


async def test_a_proxy_is_told_at_its_session_and_its_refusal_decides() -> None:
    refusal = b"550 5.7.1 Authentication required - please use your ISP's outgoing mail server\r\n"
    async with DemoNetwork() as network:
        script = SmtpScript("smtp-out.isp.test", greeting=PROXY, tls=Tls.ABSENT, rcpt=refusal)
        network.hosts["192.0.2.46"] = script
        report = await run(network, "bob@plain.example")
    [found] = at(report, "delivery/mx.plain.example/192.0.2.46").findings
    assert (found.code, found.side) == ("path-interference", Side.PATH)
    assert report.outcome is Outcome.BOUNCED


async def test_a_server_that_proves_its_name_is_no_proxy() -> None:
    async with DemoNetwork() as network:
        names = ("mx.plain.example",)
        network.hosts["192.0.2.46"] = SmtpScript("smtp-out.isp.test", greeting=PROXY, names=names)
        report = await run(network, "bob@plain.example")
    assert "path-interference" not in codes(report)


async def test_a_server_given_may_be_a_proxy() -> None:
    async with DemoNetwork() as network:
        network.hosts["192.0.2.46"] = SmtpScript("smtp-out.isp.test", greeting=PROXY, tls=Tls.ABSENT)
        report = await run(network, "bob@partner.example", server="192.0.2.46")
    assert "path-interference" not in codes(report)


async def test_one_banner_before_unrelated_hosts_is_told_once_at_the_branch() -> None:
    ready = b"220 mail.isp.test ESMTP ready\r\n"
    async with DemoNetwork() as network:
        for address in ("192.0.2.46", "198.51.100.25"):
            network.hosts[address] = SmtpScript("mail.isp.test", greeting=ready, tls=Tls.ABSENT)
        with_zone(network, "plain.example", "@ MX 10 mx\n@ MX 20 mx1.blocked.example.\nmx A 192.0.2.46")
        report = await run(network, "bob@plain.example")
    assert "path-interference" in {item.code for item in at(report, "delivery").findings}
    assert (report.outcome, report.status) == (Outcome.ACCEPTED, Status.WARNING)


async def test_a_rerun_of_one_session_keeps_what_it_showed() -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@masked.example")
        again = await run(network, "bob@masked.example", only=[MASKED], previous=first)
    assert codes(again, MASKED) == codes(first, MASKED)


async def test_the_masked_story_names_no_domain_that_it_need_not() -> None:
    async with DemoNetwork() as network:
        with_zone(network, "masked.example", "@ MX 10 mx.masked.example\nmx.masked.example A 192.0.2.162")
        report = await run(network, "bob@masked.example")
    doubled = "delivery/mx.masked.example.masked.example"
    assert {item.code for item in at(report, doubled).findings} == {"mx-missing-dot"}
    assert "path-interference" in codes(report, doubled)
    assert report.outcome is Outcome.ACCEPTED


async def test_a_sender_whose_mail_host_lacks_its_dot_is_told_on_this_side() -> None:
    async with DemoNetwork() as network:
        with_zone(network, "sender.example", "@ MX 10 mx.sender.example\n@ A 192.0.2.10\nmail A 192.0.2.10")
        report = await run(network, "bob@plain.example")
    found = {item.code: item.side for item in at(report, "local").findings}
    assert found["mx-missing-dot"] is Side.HERE
    assert found["sender-mx-unresolvable"] is Side.HERE
