"""Where the mail goes: chosen once, with what differs."""

import pytest

from smtpdiag_tui.checks.lookups.routing import MailHost, Resolution, Route, RouteKind
from smtpdiag_tui.engine.destination import address_literal, given_server, mail_hosts, relay_hosts
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Relay, Settings
from smtpdiag_tui.verdict.outcome import Verdict

DOMAIN = "partner.example"
TAKEN = Verdict(Outcome.ACCEPTED, "mx takes it.")
LATER = Verdict(Outcome.DEFERRED, "mx does not take it now.", side=Side.RECIPIENT)


def route(kind: RouteKind, *hosts: MailHost) -> Route:
    return Route(DOMAIN, kind, Resolution((), (DOMAIN,)), hosts, unplanned=3)


def relayed(*relays: Relay) -> Settings:
    return Settings("alice@sender.example", f"bob@{DOMAIN}", relay=relays, as_local_mta="Postfix")


def test_the_hosts_of_a_domain_keep_their_preference_and_may_look_like_addresses() -> None:
    found = mail_hosts(route(RouteKind.MX, MailHost("mx.example", 10), MailHost("192.0.2.25", 20)))
    assert [(host.step, host.title, host.order, host.literal) for host in found.hosts] == [
        ("delivery/mx.example", "mx.example (preference 10)", 10, False),
        ("delivery/192.0.2.25", "192.0.2.25 (preference 20)", 20, False),
    ]
    assert all(host.by_mx for host in found.hosts)
    assert (found.subject, found.unplanned, found.findings, found.needs_dns) == (DOMAIN, 3, (), False)
    assert found.known_beforehand(dns_broken=False) is None
    assert found.in_its_words(TAKEN) == found.without_address(TAKEN) == TAKEN


@pytest.mark.parametrize(
    ("kind", "outcome", "why"),
    [
        (RouteKind.NULL, Outcome.BOUNCED, "no connection made, null MX"),
        (RouteKind.NOT_FOUND, Outcome.BOUNCED, "no connection made, recipient domain does not exist"),
        (RouteKind.LOOP, Outcome.DEFERRED, "no connection made, CNAME loop at the recipient domain"),
        (RouteKind.FAILED, Outcome.DEFERRED, "no connection made, MX hosts could not be determined"),
    ],
)
def test_a_domain_without_hosts_decides_beforehand(kind: RouteKind, outcome: Outcome, why: str) -> None:
    found = mail_hosts(route(kind))
    verdict = found.known_beforehand(dns_broken=False)
    assert verdict is not None
    assert verdict.outcome is outcome
    assert found.why_nobody == why
    assert found.needs_dns is (kind is RouteKind.FAILED)


def test_an_address_literal_needs_no_dns_and_no_mx() -> None:
    found = address_literal("2001:db8::25", "[IPv6:2001:db8::25]")
    assert [host.step for host in found.hosts] == ["delivery/[2001:db8::25]"]
    assert not found.needs_dns
    assert not found.hosts[0].by_mx
    assert found.subject == "[IPv6:2001:db8::25]"
    assert found.known_beforehand(dns_broken=False) is None


def test_a_given_server_is_told_of_and_may_not_be_found() -> None:
    named, numbered = given_server("mail.example", DOMAIN), given_server("192.0.2.25", DOMAIN)
    assert (named.needs_dns, numbered.needs_dns) == (True, False)
    assert (named.hosts[0].step, numbered.hosts[0].step) == ("delivery/mail.example", "delivery/[192.0.2.25]")
    [told] = named.findings
    assert (told.code, told.message) == (
        "server-override",
        f"mail.example was given and is tested instead of the MX hosts of {DOMAIN}",
    )
    assert named.in_its_words(LATER) == LATER
    lost = named.without_address(LATER)
    assert (lost.outcome, lost.side) == (Outcome.UNKNOWN, Side.HERE)
    assert lost.headline == "The given server mail.example has no address"


def test_relay_hosts_are_tried_in_the_order_given_each_once() -> None:
    settings = relayed(Relay("one.example", mx=True), Relay("192.0.2.9", port=587), Relay("mx2.example"))
    hosts = [[MailHost("mx2.example", 20)], [MailHost("192.0.2.9", None)], [MailHost("mx2.example", None)]]
    found = relay_hosts(settings, hosts, DOMAIN)
    assert [(host.step, host.title, host.order) for host in found.hosts] == [
        ("delivery/mx2.example", "mx2.example (preference 20) (relay host, port 25)", 20),
        ("delivery/[192.0.2.9]", "192.0.2.9 (relay host, port 587)", 65536),
    ]
    assert found.needs_dns
    assert not any(host.by_mx for host in found.hosts)
    assert found.subject == "the relay hosts one.example, [192.0.2.9]:587, [mx2.example]"
    [told] = found.findings
    assert told.message == (
        "Postfix sends this message through the relay hosts one.example, [192.0.2.9]:587, [mx2.example]"
    )


def test_what_a_relay_host_says_is_not_the_recipients_own_hosts_word() -> None:
    settings = relayed(Relay("192.0.2.9"))
    found = relay_hosts(settings, [[MailHost("192.0.2.9", None)]], DOMAIN)
    assert not found.needs_dns
    assert found.in_its_words(TAKEN).note == (
        "The relay host accepted; what the recipient's MX hosts reply to it later is not tested."
    )
    assert found.in_its_words(LATER).side is Side.HERE
    bounced = found.in_its_words(Verdict(Outcome.BOUNCED, "No.", side=Side.RECIPIENT))
    assert bounced.note == "The relay host replied, not an MX host of the recipient."
    assert bounced.side is None
    assert found.without_address(LATER).headline == "Relay host [192.0.2.9] not found"


def test_no_relay_host_is_known_beforehand_unless_the_dns_is_broken() -> None:
    found = relay_hosts(relayed(Relay("one.example", mx=True)), [[]], DOMAIN)
    assert found.why_nobody == "relay host not found"
    outcomes = [found.known_beforehand(dns_broken=broken) for broken in (False, True)]
    assert [item.outcome for item in outcomes if item is not None] == [Outcome.DEFERRED, Outcome.UNKNOWN]
