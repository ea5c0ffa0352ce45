"""Exim's settings and routing, from what it prints."""

from dataclasses import replace

import pytest

from smtpdiag_tui.local_mta.exim import Routing, exim_facts, parse_options, parse_routing, split_list
from smtpdiag_tui.local_mta.facts import LocalFacts
from smtpdiag_tui.settings import Relay, TlsPolicy
from tests.local_mta.recorded import EXIM_MAIN, EXIM_MX, EXIM_ROUTER, EXIM_SMARTHOST, EXIM_TRANSPORT

MAIN, ROUTER, TRANSPORT = (parse_options(lines) for lines in (EXIM_MAIN, EXIM_ROUTER, EXIM_TRANSPORT))
SMARTHOST = parse_routing(EXIM_SMARTHOST)


def test_a_smarthost_is_understood() -> None:
    found = exim_facts("Exim version 4.96", MAIN, ROUTER, TRANSPORT, SMARTHOST)
    expected = LocalFacts(
        "Exim",
        ehlo="relayed.sender.test",
        source4="192.0.2.10",
        family=4,
        relay=(Relay("relay.sender.test", 587),),
        auth=True,
        tls=TlsPolicy.REQUIRE,
        hosts=("relayed.sender.test", "relay.sender.test"),
    )
    assert replace(found, lines=()) == expected
    assert "routed by smarthost (manualroute), transport remote_smtp_smarthost" in found.lines[1]


def test_mail_hosts_from_the_dns_are_no_relay() -> None:
    routing = parse_routing(EXIM_MX)
    assert routing.hosts == (Relay("mx1.partner.test"), Relay("mx2.partner.test"))
    plain = {"driver": "smtp", "helo_data": "$primary_hostname"}
    found = exim_facts("", {"primary_hostname": "mail.sender.test"}, {"driver": "dnslookup"}, plain, routing)
    assert (found.relay, found.ehlo, found.family, found.tls) == ((), "mail.sender.test", None, TlsPolicy.AUTO)
    assert found.auth is False


@pytest.mark.parametrize(
    "line",
    [
        "bob@null.test is undeliverable: an MX or SRV record indicated no SMTP service",
        "bob@nowhere.test cannot be resolved at this time: host lookup did not complete",
    ],
)
def test_why_a_recipient_is_not_routed(line: str) -> None:
    routing = parse_routing([line])
    assert routing == Routing(problem=line)
    assert line in "\n".join(exim_facts("", MAIN, {}, {}, routing).lines)


def test_other_expansions_are_not_evaluated() -> None:
    found = exim_facts("", MAIN, ROUTER, {**TRANSPORT, "helo_data": "${run{/bin/id}}"}, SMARTHOST)
    assert found.ehlo is None
    assert "EHLO name: not understood (helo_data of the transport)" in found.lines


@pytest.mark.parametrize(
    ("option", "value", "policy"),
    [
        ("protocol", "smtps", TlsPolicy.IMPLICIT),
        ("hosts_avoid_tls", "*", TlsPolicy.OFF),
        ("hosts_require_dane", "*", TlsPolicy.REQUIRE),
        ("hosts_require_tls", "some.example", TlsPolicy.AUTO),
    ],
)
def test_tls(option: str, value: str, policy: TlsPolicy) -> None:
    transport = {"driver": "smtp", option: value}
    assert exim_facts("", MAIN, ROUTER, transport, SMARTHOST).tls is policy


def test_lists() -> None:
    assert split_list("192.0.2.1 : 2001::db8::::1") == ["192.0.2.1", "2001:db8::1"]
    assert split_list("<; 192.0.2.1 ; 2001:db8::1") == ["192.0.2.1", "2001:db8::1"]
    assert split_list("") == []


def test_a_transport_that_is_no_smtp_has_no_relay() -> None:
    found = exim_facts("", MAIN, ROUTER, {"driver": "appendfile"}, SMARTHOST)
    assert found.relay == ()
    assert "Transport driver appendfile does not use SMTP" in found.lines
