"""Runs that go out by way of a relay host."""

from dataclasses import replace

import pytest

from smtpdiag_tui.demo.hosts import SmtpScript, Tls
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import Relay
from tests.engine.running import at, codes, run

RELAY = "192.0.2.99"
SESSION = f"delivery/[{RELAY}]/{RELAY}"
LOGIN = b"530 5.7.0 Authentication required\r\n"
DENIED = b"554 5.7.1 <bob@partner.example>: Relay access denied\r\n"


async def relayed(script: SmtpScript, *, auth: bool | None = None, recipient: str = "bob@null.example") -> Report:
    """Run by way of a host that answers by `script`."""
    async with DemoNetwork() as network:
        network.hosts[RELAY] = script
        relay = (Relay(RELAY),)
        facts = ("Postfix is the local mail server", "Relay host: [192.0.2.99]")
        return await run(
            network,
            recipient,
            as_local_mta="Postfix",
            relay=relay,
            relay_auth=auth,
            local_facts=facts,
            source4="192.0.2.10",
        )


def script(**more: object) -> SmtpScript:
    return SmtpScript("relay.example", tls=Tls.ABSENT, **more)  # type: ignore[arg-type]


async def test_the_relay_is_talked_to_and_the_domain_is_shown_all_the_same() -> None:
    report = await relayed(script())
    assert report.outcome is Outcome.ACCEPTED
    assert [step.id for step in report.children("delivery")] == [f"delivery/[{RELAY}]"]
    assert at(report, f"delivery/[{RELAY}]").title == f"{RELAY} (relay host, port 25)"
    assert report.headline == "[192.0.2.99] accepted the recipient"
    assert "null-mx" in codes(report, "remote")
    assert "relay-route" in codes(report, "delivery")
    notes = [entry.text for entry in at(report, "delivery").transcript]
    assert notes == ["Postfix is the local mail server", "Relay host: [192.0.2.99]"]
    text = to_text(report, verbose=True)
    assert "as the local Postfix; relay host [192.0.2.99]; source 192.0.2.10" in " ".join(text.split())
    assert "connecting to 192.0.2.99 port 25 from 192.0.2.10" in text


async def test_without_a_relay_there_is_no_such_finding() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", as_local_mta="Postfix")
    assert not codes(report) & {"relay-route", "authentication-required"}
    assert "relay" not in report.summary


async def test_the_mx_of_a_relay_domain_are_followed() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@null.example", relay=(Relay("partner.example", mx=True),))
    hosts = [step.id for step in report.children("delivery")]
    assert hosts[0] == "delivery/mx1.partner.example"
    assert len(hosts) == 3
    assert report.outcome is Outcome.ACCEPTED


async def test_relays_are_tried_in_the_order_given() -> None:
    relays = (Relay("mx1.partner.example"), Relay(RELAY))
    async with DemoNetwork() as network:
        network.hosts[RELAY] = script(rcpt=b"550 5.1.1 no\r\n")
        first = await run(network, "bob@null.example", relay=relays)
        last = await run(network, "bob@null.example", relay=relays[::-1])
    assert (first.outcome, last.outcome) == (Outcome.ACCEPTED, Outcome.BOUNCED)
    assert last.causes[0].meaning.endswith("The relay host replied, not an MX host of the recipient.")


@pytest.mark.parametrize("relay", [Relay("missing.example", mx=True), Relay("null.example", mx=True)])
async def test_a_relay_that_cannot_be_found_is_waited_for(relay: Relay) -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", relay=(relay,))
    assert report.outcome is Outcome.DEFERRED
    assert report.headline == f"Relay host {relay.label} not found"
    assert at(report, "delivery").detail == "relay host not found"
    assert report.side is Side.HERE


@pytest.mark.parametrize(
    ("answers", "auth", "outcome"),
    [
        ({"mail": LOGIN}, True, Outcome.UNKNOWN),
        ({"mail": LOGIN}, None, Outcome.UNKNOWN),
        ({"mail": LOGIN}, False, Outcome.BOUNCED),
        ({"rcpt": DENIED}, True, Outcome.UNKNOWN),
    ],
)
async def test_a_relay_that_wants_a_login(answers: dict[str, bytes], auth: bool | None, outcome: Outcome) -> None:
    report = await relayed(script(**answers), auth=auth)
    assert report.outcome is outcome
    assert "authentication-required" in codes(report, SESSION)
    if outcome is Outcome.UNKNOWN:
        assert "requires authentication; smtpdiag never authenticates" in report.summary
        assert report.status is Status.UNKNOWN
    commands = [entry.text for entry in at(report, SESSION).transcript if entry.direction == "sent"]
    assert not any(text.startswith("AUTH") for text in commands)


async def test_a_relay_that_refuses_to_relay_where_no_login_is_meant() -> None:
    report = await relayed(script(rcpt=DENIED), auth=False)
    assert report.outcome is Outcome.BOUNCED
    assert "authentication-required" not in codes(report)


async def test_a_server_given_comes_before_the_relay() -> None:
    async with DemoNetwork() as network:
        network.hosts[RELAY] = script()
        report = await run(network, "bob@null.example", relay=(Relay("missing.example"),), server=RELAY)
    assert report.outcome is Outcome.ACCEPTED
    assert "relay-route" not in codes(report)


async def test_it_comes_back_from_json_and_is_masked() -> None:
    report = await relayed(script())
    assert from_json(to_json(report)).settings == report.settings
    assert to_json(from_json(to_json(report))) == to_json(report)
    named = replace(report, settings=replace(report.settings, ehlo="out.sender.example", source6="2001:db8::10"))
    masked = redact(named)
    assert '192.0.2.10"' not in to_json(masked)
    assert '2001:db8::10"' not in to_json(masked)
    assert from_json(to_json(masked)).settings.relay == masked.settings.relay
    assert RELAY not in to_json(masked)
    assert to_json(redact(masked)) == to_json(masked)
