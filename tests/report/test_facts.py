"""Facts: what a run tells beside its sentences."""

from datetime import UTC, datetime

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.events import RunStarted, StepFinished, StepPlanned, TranscriptGrew
from smtpdiag_tui.report.facts import (
    NO_FACTS,
    DestinationKind,
    EhloOrigin,
    StepFacts,
    address_in,
    gathered,
    hosts_in,
    together,
)
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import Relay, Settings
from tests.engine.running import run

SETTINGS = Settings("alice@sender.example", "bob@partner.example")
HERE = StepFacts(sources=("192.0.2.10",))
THERE = StepFacts(sources=("192.0.2.11", "192.0.2.10"), host_name="mail.sender.example", timed=True)


def test_what_several_tell_is_told_once() -> None:
    assert together([HERE, None, THERE, NO_FACTS]) == StepFacts(
        sources=("192.0.2.10", "192.0.2.11"), host_name="mail.sender.example", timed=True
    )
    assert together([]) == NO_FACTS


def test_facts_come_with_the_lines_that_tell_them_and_go_with_them() -> None:
    report = Report(SETTINGS)
    line = Entry(0.0, Direction.NOTE, "connected from 192.0.2.10", facts=HERE)
    started = datetime(2026, 11, 24, tzinfo=UTC)
    for event in (
        RunStarted(1, SETTINGS, started, 0.0),
        StepPlanned(1, "delivery", "Delivery"),
        TranscriptGrew(1, "delivery", (line,)),
    ):
        report = report.apply(event)
    assert report.facts.sources == ("192.0.2.10",)
    report = report.apply(StepFinished(1, "delivery", 1.0, Status.PASSED, facts=THERE))
    assert report.steps["delivery"].facts == together([HERE, THERE])
    report = report.apply(StepPlanned(1, "delivery", "Delivery"))
    assert report.facts.sources == ("192.0.2.10", "192.0.2.11"), "the lines are still in view"
    report = report.apply(TranscriptGrew(1, "delivery", (Entry(2.0, Direction.NOTE, "anew"),)))
    assert report.facts.sources == ()


@pytest.mark.parametrize(
    ("facts", "given", "ehlo", "origin"),
    [
        (NO_FACTS, None, "", None),
        (StepFacts(host_name="mail.example"), None, "mail.example", EhloOrigin.HOST_NAME),
        (StepFacts(host_name="mail.example", ehlo="[192.0.2.1]"), None, "[192.0.2.1]", EhloOrigin.ADDRESS),
        (StepFacts(host_name="mail.example"), "given.example", "given.example", EhloOrigin.SETTINGS),
    ],
)
def test_where_the_name_said_in_ehlo_comes_from(
    facts: StepFacts, given: str | None, ehlo: str, origin: EhloOrigin | None
) -> None:
    found = gathered(Settings("a@x.example", "b@y.example", ehlo=given), [facts])
    assert (found.ehlo, found.ehlo_origin) == (ehlo, origin)


@pytest.mark.parametrize(
    ("settings", "kind", "destination"),
    [
        (SETTINGS, DestinationKind.DOMAIN, "partner.example"),
        (Settings("", "bob@[IPv6:2001:db8::1]"), DestinationKind.LITERAL, "2001:db8::1"),
        (Settings("", "bob@x.example", relay=(Relay("relay.example"),)), DestinationKind.RELAY, "relay.example"),
        (
            Settings("", "bob@x.example", server="mx.example", relay=(Relay("relay.example"),)),
            DestinationKind.SERVER,
            "mx.example",
        ),
    ],
)
def test_whom_a_run_turns_to(settings: Settings, kind: DestinationKind, destination: str) -> None:
    found = gathered(settings, ())
    assert (found.destination_kind, found.destination) == (kind, destination)
    assert found.relay_hosts == tuple(relay.host for relay in settings.relay)


def test_hosts_are_read_as_mail_servers_write_them() -> None:
    found = hosts_in(["[Relay.example]:587, smtp://user@other.example:465; 192.0.2.1", "relay.example", ""])
    assert found == ("relay.example", "other.example")


@pytest.mark.parametrize(
    ("text", "address"), [("[192.0.2.1]", "192.0.2.1"), ("[IPv6:::1]", "::1"), ("a.b", "a.b")]
)
def test_the_address_in_a_literal(text: str, address: str) -> None:
    assert address_in(text) == address


async def test_a_run_behind_a_translator_tells_both_its_addresses() -> None:
    async with DemoNetwork() as network:
        facts = (await run(network, "bob@nat.example")).facts
    assert "10.0.0.10" in facts.sources
    assert "192.0.2.70" in facts.seen_as
    assert (facts.host_name, facts.ehlo) == ("mail.sender.example", "mail.sender.example")
    assert facts.ehlo_origin is EhloOrigin.HOST_NAME
