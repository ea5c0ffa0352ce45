"""The steps about MTA-STS and TLS-RPT in whole runs: beside the sessions, in reruns, where they do not apply."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from smtpdiag_tui.demo.hosts import Tls
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import BROKEN
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.report.events import Event, StepStarted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Relay, Settings, TlsPolicy
from tests.engine.policies import ADDRESS, MTA_STS, add_records, publish, sender
from tests.engine.resolving import everything_ended, names, put
from tests.engine.running import at, codes, open_files, others, run

BOB, DOMAIN = "bob@partner.example", "partner.example"
BRANCH, STS, RPT = "tls-policy", "tls-policy/mta-sts", "tls-policy/tls-rpt"
SESSION = "delivery/mx1.partner.example/192.0.2.21"
ACCEPTED = ("accepted", "mx1.partner.example [192.0.2.21] accepted the recipient (250 2.1.5)")


def told(report: Report, step: str = STS) -> tuple[str, str]:
    return at(report, step).status.value, at(report, step).detail


def requests(network: DemoNetwork) -> int:
    server = network.https.get(ADDRESS)
    return 0 if server is None else len(server.requests)


async def test_a_domain_that_publishes_nothing_is_well() -> None:
    async with DemoNetwork() as network:
        report = await run(network, BOB)
    assert told(report) == ("passed", "not published")
    assert told(report, RPT) == ("passed", "not published")
    assert {"mta-sts-none", "tls-rpt-none"} <= codes(report, BRANCH)
    assert sender(report, "mta-sts") == ACCEPTED


async def test_a_policy_that_all_hosts_meet() -> None:
    async with DemoNetwork() as network:
        publish(network, DOMAIN)
        report = await run(network, BOB)
        assert requests(network) == 1
    everything_ended(report)
    assert told(report) == ("passed", "enforce")
    assert at(report, BRANCH).detail == "MTA-STS policy, no DANE or TLS-RPT"
    assert sender(report, "mta-sts") == ACCEPTED
    notes = [entry.text for entry in at(report, STS).transcript]
    assert f"connecting to {ADDRESS} port 443" in notes
    assert notes[-2:] == ["mode enforce, max_age 604800", "mx *.partner.example"]


async def test_the_first_host_that_is_listed_gets_the_mail() -> None:
    async with DemoNetwork() as network:
        publish(network, DOMAIN, mx="mx2.partner.example")
        report = await run(network, BOB)
    assert told(report) == ("warning", "enforce (2 MX hosts not listed)")
    assert at(report, BRANCH).status == "warning"
    assert sender(report, "standard") == ACCEPTED
    # Both addresses of mx1 count as tried, then the sender comes to mx2.
    assert sender(report, "mta-sts")[0] == "accepted"
    assert "mx2.partner.example" in sender(report, "mta-sts")[1]


async def test_mail_waits_where_no_host_is_listed_be_it_the_domain_itself() -> None:
    async with DemoNetwork() as network:
        publish(network, "implicit.example", mx="*.implicit.example")
        report = await run(network, "bob@implicit.example")
    assert report.outcome == "accepted"
    assert sender(report, "mta-sts") == ("deferred", "not in the MTA-STS policy")
    async with DemoNetwork() as network:
        publish(network, "implicit.example", mx="implicit.example")
        report = await run(network, "bob@implicit.example")
    assert sender(report, "mta-sts")[0] == "accepted"


async def test_mode_testing_and_mode_none_never_keep_mail_back() -> None:
    for mode, status in (("testing", "warning"), ("none", "passed")):
        async with DemoNetwork() as network:
            publish(network, DOMAIN, mode, mx="mail.other.example")
            report = await run(network, BOB)
        assert told(report)[0] == status
        assert sender(report, "mta-sts") == ACCEPTED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"days": -3}, "certificate expired 3 days ago"),
        (
            {"days": 365, "names": ("www.expired.example",)},
            "certificate does not match (it names www.expired.example)",
        ),
        ({"days": 365, "tls": Tls.ABSENT}, "STARTTLS not offered"),
        ({"days": 365, "tls": Tls.REFUSED}, "STARTTLS refused"),
    ],
)
async def test_tls_that_is_not_verified_keeps_mail_back(changes: dict[str, object], reason: str) -> None:
    async with DemoNetwork() as network:
        network.hosts["192.0.2.37"] = replace(network.hosts["192.0.2.37"], **changes)  # type: ignore[arg-type]
        publish(network, "expired.example")
        report = await run(network, "bob@expired.example")
    assert "mta-sts-tls-failed" in codes(report, STS)
    assert sender(report, "mta-sts") == ("deferred", reason)
    assert sender(report, "tls-verified") == ("deferred", reason)


async def test_without_tls_in_the_session_what_it_is_like_is_not_known() -> None:
    async with DemoNetwork() as network:
        publish(network, DOMAIN)
        report = await run(network, BOB, tls=TlsPolicy.OFF)
    assert told(report) == ("passed", "enforce")
    assert sender(report, "mta-sts")[0] == "unknown"


BAD_SCRIPTS: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"days": -3}, "policy not fetched (certificate not verified)"),
    "foreign": ({"names": ("www.partner.example",)}, "policy not fetched (certificate not verified)"),
    "redirect": ({"status": 301}, "policy not fetched (redirect)"),
    "404": ({"status": 404}, "policy not fetched (status)"),
    "HTML": ({"content_type": "text/html"}, "policy not fetched (content type)"),
    "100 KiB": ({"text": b"mx: a.example\n" * 7400}, "policy not fetched (too long)"),
}


@pytest.mark.parametrize(("script", "detail"), BAD_SCRIPTS.values(), ids=BAD_SCRIPTS)
async def test_a_policy_that_is_not_served_well_counts_for_nothing(script: dict[str, Any], detail: str) -> None:
    async with DemoNetwork() as network:
        publish(network, DOMAIN, mx="mail.other.example", **script)
        report = await run(network, BOB)
    assert told(report) == ("warning", detail)
    assert codes(report, STS) == {"mta-sts-unreachable"}
    assert report.outcome == "accepted"
    assert sender(report, "mta-sts") == ACCEPTED


async def test_a_policy_of_html_and_a_record_without_id() -> None:
    async with DemoNetwork() as network:
        publish(network, DOMAIN, text=b"<html>", record='_mta-sts TXT "v=STSv1"')
        report = await run(network, BOB)
    assert told(report) == ("warning", "TXT record invalid and policy invalid")
    assert sender(report, "mta-sts") == ACCEPTED


async def test_a_policy_host_at_the_loopback_is_never_connected_to() -> None:
    async with DemoNetwork() as network:
        add_records(network, DOMAIN, MTA_STS, "mta-sts A 127.0.0.1", "mta-sts AAAA ::1")
        report = await run(network, BOB)
    assert told(report) == ("warning", "policy not fetched (unusable address)")
    assert not [entry for entry in at(report, STS).transcript if entry.text.startswith("connecting")]


async def test_a_silent_policy_host_ends_by_the_limit_of_the_run() -> None:
    async with DemoNetwork() as network:
        add_records(network, DOMAIN, MTA_STS, "mta-sts A 192.0.2.199")
        report = await run(network, BOB, timeout=0.3)
    assert told(report) == ("warning", "policy not fetched (timed out)")
    assert report.outcome == "accepted"
    assert (report.seconds or 9) < 3


async def limits_of(network: DemoNetwork) -> list[float | None]:
    """Return the limits that the step about MTA-STS was begun with, in a whole run."""
    begun: list[float | None] = []

    def emit(event: Event) -> None:
        if isinstance(event, StepStarted) and event.id == STS:
            begun.append(event.limit)

    await diagnose(network.prepare(Settings("alice@sender.example", BOB)), network, emit)
    return begun


async def test_the_step_has_a_limit_only_while_the_policy_is_fetched() -> None:
    async with DemoNetwork() as network:
        assert await limits_of(network) == [None], "without a policy it waits for the sessions alone"
    async with DemoNetwork() as network:
        publish(network, DOMAIN)
        assert await limits_of(network) == [None, 60.0, None]


async def test_a_session_that_is_held_again_is_judged_anew_and_nobody_is_asked() -> None:
    async with DemoNetwork() as network:
        network.hosts["192.0.2.37"] = replace(network.hosts["192.0.2.37"], days=-3)
        publish(network, "expired.example")
        first = await run(network, "bob@expired.example")
        assert sender(first, "mta-sts")[0] == "deferred"
        network.smtp["192.0.2.37"].script = replace(network.hosts["192.0.2.37"], days=90)
        session = "delivery/mx.expired.example/192.0.2.37"
        second = await run(network, "bob@expired.example", only={session}, previous=first)
        assert requests(network) == 1
        assert told(second) == ("passed", "enforce")
        assert sender(second, "mta-sts")[0] == "accepted"
        assert at(second, STS).transcript == at(first, STS).transcript
        third = await run(network, "bob@expired.example", only={"soa"}, previous=second)
        assert requests(network) == 1
        assert sender(third, "mta-sts")[0] == "accepted"
        assert at(third, STS) == at(second, STS)


async def test_the_step_by_itself_asks_anew_and_judges_the_sessions_that_were_held() -> None:
    async with DemoNetwork() as network:
        publish(network, DOMAIN, mx="mail.other.example")
        first = await run(network, BOB)
        held = len(network.smtp["192.0.2.21"].sessions)
        publish(network, DOMAIN)
        for only in ({STS}, {BRANCH}):
            again = await run(network, BOB, only=only, previous=first)
            assert told(again) == ("passed", "enforce")
            assert sender(again, "mta-sts") == ACCEPTED
            assert sorted(again.steps) == sorted(first.steps)
        assert requests(network) == 3
        assert len(network.smtp["192.0.2.21"].sessions) == held


async def test_the_server_that_was_given_is_judged_as_the_domain_s() -> None:
    async with DemoNetwork() as network:
        publish(network, DOMAIN, mx="mx1.partner.example")
        good = await run(network, BOB, server="mx1.partner.example")
        other = await run(network, BOB, server="mx2.partner.example")
        literal = await run(network, BOB, server="192.0.2.21")
    assert sender(good, "mta-sts")[0] == "accepted"
    assert sender(other, "mta-sts") == ("deferred", "not in the MTA-STS policy at all 2 addresses")
    assert sender(literal, "mta-sts")[0] == "unknown"
    assert codes(literal, STS) == {"mta-sts-policy"}


@pytest.mark.parametrize(
    ("recipient", "settings", "reason"),
    [
        ("bob@[192.0.2.27]", {}, "address literal, no domain to look up"),
        (BOB, {"relay": (Relay("mx1.partner.example", 25, mx=False),)}, "the message goes through a relay host"),
        ("bob@missing.example", {}, "recipient domain does not exist"),
    ],
)
async def test_where_no_policy_counts(recipient: str, settings: dict[str, Any], reason: str) -> None:
    async with DemoNetwork() as network:
        publish(network, DOMAIN, mx="mail.other.example")
        report = await run(network, recipient, **settings)
        assert requests(network) == 0
    everything_ended(report)
    for step in (STS, RPT):
        assert told(report, step) == ("skipped", reason)


async def test_a_domain_that_accepts_no_mail_may_have_a_policy() -> None:
    async with DemoNetwork() as network:
        publish(network, "null.example", mx="mail.other.example")
        report = await run(network, "bob@null.example")
    assert told(report) == ("passed", "enforce")
    assert report.outcome == "bounced"
    assert sender(report, "mta-sts")[0] == "bounced"


async def test_a_subdomain_has_no_part_in_the_policy_above_it() -> None:
    async with DemoNetwork() as network:
        publish(network, DOMAIN)
        add_records(network, DOMAIN, MTA_STS, f"mta-sts A {ADDRESS}", "sub MX 10 mx1")
        report = await run(network, "bob@sub.partner.example")
        assert requests(network) == 0
    assert told(report) == ("passed", "not published")


async def test_resolvers_that_answer_nothing_are_not_the_domain_s_fault() -> None:
    async with DemoNetwork() as network:
        put(network, broken=names("."))
        report = await run(network, BOB)
    for step in (STS, RPT):
        assert told(report, step) == ("unknown", "no usable answer from any DNS server")
        assert codes(report, step) == set()


async def test_a_record_that_cannot_be_looked_up_is_not_known() -> None:
    async with DemoNetwork() as network:
        publish(network, DOMAIN, mx="mail.other.example")
        put(network, broken=BROKEN | names("_mta-sts.partner.example", "_smtp._tls.partner.example"))
        report = await run(network, BOB)
    for step in (STS, RPT):
        assert told(report, step) == ("unknown", "TXT lookup failed (SERVFAIL)")
        assert not at(report, step).findings
    assert sender(report, "mta-sts") == ACCEPTED


async def test_a_run_that_is_called_off_while_it_fetches_leaves_nothing_open() -> None:
    before = open_files()
    async with DemoNetwork() as network:
        add_records(network, DOMAIN, MTA_STS, "mta-sts A 192.0.2.199")
        task = asyncio.create_task(run(network, BOB))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.sleep(0)
    assert others() == set()
    assert open_files() == before


async def test_tls_reports() -> None:
    async with DemoNetwork() as network:
        add_records(network, DOMAIN, '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@partner.example"')
        good = await run(network, BOB)
    async with DemoNetwork() as network:
        add_records(network, DOMAIN, '_smtp._tls TXT "v=TLSRPTv1; rua=tls@partner.example"')
        again = await run(network, BOB, only={RPT}, previous=good)
    assert told(good, RPT) == ("passed", "requested")
    assert at(good, BRANCH).detail == "TLS-RPT requested, no DANE or MTA-STS"
    assert told(again, RPT) == ("warning", "record invalid")
    assert codes(again, RPT) == {"tls-rpt-invalid"}
    assert at(again, BRANCH).status == "warning"
