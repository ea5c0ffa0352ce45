"""Receivers' requirements in whole runs: whose they are, and from where their facts come."""

import pytest

from smtpdiag_tui.checks.authentication.seen import DkimKey, KeyState
from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.engine.branches.authentication.receiver_steps import STEP
from smtpdiag_tui.report.authentication import SpfResult
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import Relay
from tests.engine.authenticating import V4, V6, Publishing, given, spf_of
from tests.engine.running import at, codes, run

TO = "bob@large-receiver.example"
ZONES = {"large-receiver.example": "@ MX 10 mx\nmx A 192.0.2.21\nmx AAAA 2001:db8::21"}
NO_PTR6 = {"8.b.d.0.1.0.0.2.ip6.arpa": "@ TXT nothing"}


async def test_nobody_known(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4))
    async with Publishing() as network:
        report = await run(network, "bob@partner.example")
        literal = await run(network, "bob@[192.0.2.27]")
    for item in (report, literal):
        assert (at(item, STEP).status, at(item, STEP).detail) == (
            Status.SKIPPED,
            "no published requirements known for the MX hosts",
        )


async def test_all_met(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4), spf_of(V6))
    async with Publishing(ZONES) as network:
        report = await run(network, TO)
    assert at(report, STEP).status is Status.PASSED
    assert at(report, STEP).detail == "Large Receiver (4 met)"
    assert codes(report, STEP) == {"receiver-requirements-met"}


async def test_no_ptr_over_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4), spf_of(V6))
    async with Publishing({**ZONES, **NO_PTR6}) as network:
        report = await run(network, TO)
    [found] = at(report, STEP).findings
    assert (found.code, found.message) == (
        "receiver-requirement-unmet",
        "No PTR for 2001:db8::10: Large Receiver rejects mail over IPv6, 550 5.7.25",
    )
    assert at(report, STEP).status is Status.FAILED
    assert at(report, STEP).detail == "Large Receiver (1 not met, 3 met)"


async def test_spf_that_fails_is_a_risk_without_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4, SpfResult.FAIL), keys=(DkimKey("s", "sender.example", KeyState.MISSING),))
    async with Publishing(ZONES) as network:
        report = await run(network, TO, family=4)
    [found] = at(report, STEP).findings
    assert (found.code, found.message) == (
        "receiver-requirement-at-risk",
        "SPF fails for 192.0.2.10: Large Receiver requires SPF or DKIM, 550 5.7.26",
    )


async def test_a_given_server_is_the_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4))
    async with Publishing(ZONES) as network:
        report = await run(network, "bob@partner.example", server="mx.large-receiver.example")
    assert codes(report, STEP) == {"receiver-requirements-met"}


async def test_through_a_relay_the_receiver_sees_the_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(None, None))
    async with Publishing(ZONES) as network:
        network.hosts["192.0.2.99"] = SmtpScript("relay.example")
        report = await run(network, TO, relay=(Relay("192.0.2.99"),))
    assert (at(report, STEP).status, at(report, STEP).detail) == (
        Status.SKIPPED,
        "relayed; the receiver sees the relay host",
    )


async def test_through_a_relay_whose_address_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of("192.0.2.99"))
    async with Publishing(ZONES) as network:
        network.hosts["192.0.2.99"] = SmtpScript("relay.example")
        report = await run(network, TO, relay=(Relay("192.0.2.99"),), as_addresses=("192.0.2.99",))
    assert codes(report, STEP) == {"receiver-requirements-met"}
    lines = [entry.text for entry in at(report, STEP).transcript]
    assert "TLS, 550 5.7.29" not in " ".join(lines)
    assert "TLS: unknown (TLS unknown)" in lines


async def test_a_rerun_judges_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4))
    async with Publishing(ZONES) as network:
        first = await run(network, TO)
        kept = await run(network, TO, only={"authentication/dmarc"}, previous=first)
        given(monkeypatch, spf_of(V4, SpfResult.FAIL))
        again = await run(network, TO, only={STEP}, previous=first)
    assert at(kept, STEP) == at(first, STEP)
    assert codes(again, STEP) == {"receiver-requirement-at-risk"}
