"""Each rule on a report that contradicts itself, and on one that is much like it and does not."""

import pytest

from tests.contradictions import authentication_cases, cause_rules, dns_rules, policy_cases, session_rules
from tests.contradictions.checker import RULES, Rule, contradictions
from tests.contradictions.made import (
    MX,
    NS,
    OK,
    R,
    answer,
    answered,
    cause,
    decided,
    found,
    report,
    session,
    step,
)
from tests.contradictions.seen import Json, Seen

MX6 = "delivery/mx1.partner.example/2001:db8::21"
DOMAIN_MX, DOMAIN_SOA = "MX partner.example", "SOA partner.example"
SOA_DATA = "ns1.dns.example. hostmaster.partner.example. 7 7200 3600 1209600 300"
ABSENT = answered(f"remote/{R}", *answer(DOMAIN_MX, word="NXDOMAIN"))
ZONE = answered(f"soa/{NS}", *answer(DOMAIN_SOA, SOA_DATA, flags="AA"))
LAME = answered("soa/ns2.dns.example/192.0.2.52", *answer(DOMAIN_SOA, word="REFUSED", flags="none"))
AUTHORITY_MX = answered(f"soa/{NS}", *answer(DOMAIN_MX, "10 mx1.partner.example.", flags="AA"))
NO_MX = answered(f"remote/{R}", *answer(DOMAIN_MX, word="NOERROR (no data)"))
SILENCE = answered(f"remote/{R}", "MX partner.example: timeout (no answer within 2 s), 3 tries")
GREYLISTED = "450 4.2.0 Greylisted"
PLAIN = found("starttls-not-offered", severity="warning")
LIST = "identity/dnsbl/bl.example"
NOT_LISTED = step(LIST, detail="192.0.2.10 not listed")
POINTER = step(
    "identity/ipv4", detail="PTR mail.sender.example resolves back", facts={"names": ["mail.sender.example"]}
)
PTR_REPLY = "450 4.7.1 cannot find your reverse hostname"


def ended(reply: str, *findings: Json, causes: tuple[Json, ...] = (), **more: object) -> Json:
    """Return a report whose deciding session ended at RCPT."""
    return report(
        session(MX, *OK, reply, "QUIT"),
        step(f"{MX}/starttls", PLAIN),
        step(f"{MX}/rcpt-to", *findings),
        causes=causes,
        **{**decided(reply), **more},
    )


CONTRADICTORY: list[tuple[Rule, Json]] = [
    (dns_rules.absent_beside_a_zone, report(step("remote", found("domain-not-found")), ABSENT, ZONE)),
    (
        dns_rules.absent_beside_a_zone,
        report(ABSENT, answered(f"soa/{R}", *answer(DOMAIN_SOA, SOA_DATA)), causes=[cause("domain-not-found")]),
    ),
    (
        dns_rules.absence_as_cause_beside_an_authority,
        report(ABSENT, ZONE, step("soa", found("stale-resolver")), causes=[cause("domain-not-found", "remote")]),
    ),
    (
        dns_rules.silent_beside_an_answer,
        report(
            step(f"dns-servers/{R}", found("dns-unreachable")),
            SILENCE,
            answered(f"local/{R}", *answer("MX sender.example", word="NXDOMAIN")),
        ),
    ),
    (
        dns_rules.silent_beside_an_answer,
        report(
            step(f"local/{R}/tcp", found("dns-tcp-failed")),
            answered(f"soa/{R}", *answer(DOMAIN_SOA, word="SERVFAIL"), transports=["tcp"]),
        ),
    ),
    (
        dns_rules.silent_beside_an_answer,
        report(step(f"soa/{NS}", found("dns-unreachable")), *ZONE),
    ),
    (dns_rules.no_mx_beside_an_mx, report(step("remote", found("implicit-mx")), NO_MX, AUTHORITY_MX)),
    (
        dns_rules.no_mx_beside_an_mx,
        report(
            step("local", found("no-mail-host")),
            answered("local/192.0.2.54", *answer("MX sender.example", "10 mail.sender.example.")),
        ),
    ),
    (
        dns_rules.intercepted_beside_lame,
        report(step("soa", found("dns-intercepted")), step(f"soa/{NS}", found("soa-lame-server"))),
    ),
    (
        dns_rules.broken_beside_a_usable_answer,
        report(SILENCE, ABSENT, causes=[cause("resolver-broken", f"dns-servers/{R}")]),
    ),
    (
        dns_rules.broken_beside_a_usable_answer,
        report(
            step(f"local/{R}/tcp", found("dns-tcp-failed")),
            answered(f"soa/{R}", *answer(DOMAIN_SOA, SOA_DATA)),
            causes=[cause("resolver-broken", f"local/{R}/tcp", message="over UDP, but not over TCP")],
        ),
    ),
    (dns_rules.blocked_beside_an_authority, report(step("soa", found("dns-egress-blocked")), ZONE)),
    (
        dns_rules.blamed_beside_good_authorities,
        report(ZONE, causes=[cause("dns-server-failure", "remote", side="recipient")]),
    ),
    (
        dns_rules.points_at_nothing,
        report(step("remote", found("dns-server-failure", advice="Look at the name servers below SOA."))),
    ),
    (
        session_rules.refusal_without_a_reply,
        report(step(f"{MX}/greeting", found("service-unavailable", "no greeting came"))),
    ),
    (
        session_rules.refusal_without_a_reply,
        report(
            step(f"{MX}/connect", found("connection-reset")),
            causes=[cause("connection-reset", f"{MX}/connect", message="mx1 refuses this machine")],
        ),
    ),
    (
        session_rules.unreached_beside_a_greeting,
        report(session(MX, *OK), step(f"{MX}/connect", found("connection-timeout"))),
    ),
    (
        session_rules.not_decided_by_the_last_exchange,
        ended(
            GREYLISTED,
            found("greylisted", GREYLISTED),
            causes=(cause("starttls-not-offered", f"{MX}/starttls"),),
        ),
    ),
    (
        session_rules.not_decided_by_the_last_exchange,
        ended(
            GREYLISTED, found("greylisted", "450 something else"), causes=(cause("greylisted", f"{MX}/rcpt-to"),)
        ),
    ),
    (
        session_rules.not_decided_by_the_last_exchange,
        ended(GREYLISTED, found("greylisted", GREYLISTED), causes=(cause("rate-limited-here", f"{MX}/ehlo"),)),
    ),
    (
        session_rules.no_ipv6_beside_a_session,
        report(session(MX6, *OK), causes=[cause("no-ipv6-here")]),
    ),
    (
        session_rules.listed_beside_not_listed,
        report(
            NOT_LISTED, step(f"{MX}/rcpt-to", found("blocklisted", message="192.0.2.10 is listed on bl.example"))
        ),
    ),
    (
        session_rules.reverse_name_beside_a_good_one,
        report(POINTER, causes=[cause("reverse-name-here", f"{MX}/rcpt-to", advice="Set the PTR of 192.0.2.10.")]),
    ),
    (
        session_rules.reverse_name_beside_a_good_one,
        report(POINTER, causes=[cause("recipient-deferred", f"{MX}/rcpt-to", reason="reverse-dns")]),
    ),
    (session_rules.bounced_by_transient_replies, ended(GREYLISTED, outcome="bounced")),
    (cause_rules.side_of_the_headline, report(causes=[cause("greylisted")], side="here")),
    (cause_rules.side_of_the_headline, report(outcome="accepted", side="policy")),
    (
        cause_rules.side_of_a_cause,
        report(step("remote", found("null-mx")), causes=[cause("null-mx", "remote", side="here")]),
    ),
    (
        cause_rules.reason_of_a_cause,
        report(
            step(f"{MX}/rcpt-to", found("blocklisted", reason="ip-blocklist")),
            step(f"{MX}/mail-from", found("blocklisted", reason="domain-blocklist")),
            causes=[cause("blocklisted-here", f"{MX}/rcpt-to", f"{MX}/mail-from", reason="ip-blocklist")],
        ),
    ),
    (cause_rules.accepted_with_a_cause_that_decides, report(outcome="accepted", causes=[cause("greylisted")])),
    (cause_rules.advice_without_subject, report(advice=["Check the spelling of the address; ask again."])),
    (
        cause_rules.advice_without_subject,
        report(causes=[cause("x", advice="Wait. Ask there whether mx.a takes it.")]),
    ),
    (cause_rules.advice_without_subject, report(step("remote", found("x", advice="Look it up.")))),
]

HARMLESS: list[tuple[Rule, Json]] = [
    (dns_rules.absent_beside_a_zone, report(step("remote", found("domain-not-found")), ABSENT)),
    (
        dns_rules.absent_beside_a_zone,
        report(step("remote", found("domain-not-found"), found("stale-resolver")), ABSENT, ZONE),
    ),
    (dns_rules.absent_beside_a_zone, report(step("local", found("domain-not-found")), ZONE)),
    (
        dns_rules.absence_as_cause_beside_an_authority,
        report(
            ABSENT, ZONE, causes=[cause("stale-resolver", f"remote/{R}"), cause("domain-not-found", decides=False)]
        ),
    ),
    (
        dns_rules.silent_beside_an_answer,
        report(
            step(f"dns-servers/{R}", found("dns-unreachable")),
            SILENCE,
            answered("local/192.0.2.54", *answer("MX sender.example", word="NXDOMAIN")),
        ),
    ),
    (
        dns_rules.silent_beside_an_answer,
        report(
            step(f"local/{R}/tcp", found("dns-tcp-failed")),
            answered(f"soa/{R}", *answer(DOMAIN_SOA, SOA_DATA), transports=["udp"]),
        ),
    ),
    (dns_rules.no_mx_beside_an_mx, report(step("remote", found("implicit-mx")), NO_MX)),
    (
        dns_rules.no_mx_beside_an_mx,
        report(step("remote", found("no-mail-host")), NO_MX, AUTHORITY_MX, causes=[cause("answer-filtered")]),
    ),
    (
        dns_rules.no_mx_beside_an_mx,
        report(
            step("remote", found("no-mail-host")), answered(f"soa/{NS}", *answer(DOMAIN_MX, "10 mx1.", flags="RA"))
        ),
    ),
    (dns_rules.intercepted_beside_lame, report(step(f"soa/{NS}", found("soa-lame-server")))),
    (
        dns_rules.broken_beside_a_usable_answer,
        report(SILENCE, ZONE, causes=[cause("resolver-broken", f"dns-servers/{R}")]),
    ),
    (
        dns_rules.broken_beside_a_usable_answer,
        report(
            step(f"local/{R}/tcp", found("dns-tcp-failed")),
            answered(f"soa/{R}", *answer(DOMAIN_SOA, SOA_DATA), transports=["udp"]),
            causes=[cause("resolver-broken", f"local/{R}/tcp", message="over UDP, but not over TCP")],
        ),
    ),
    (
        dns_rules.blocked_beside_an_authority,
        report(
            step("soa", found("dns-egress-blocked")),
            answered("soa/ns1.dns.example/10.0.0.1", *answer(DOMAIN_SOA, SOA_DATA, flags="AA")),
        ),
    ),
    (
        dns_rules.blamed_beside_good_authorities,
        report(ZONE, LAME, causes=[cause("dns-server-failure", "remote", side="recipient")]),
    ),
    (
        dns_rules.points_at_nothing,
        report(ZONE, step("remote", found("dns-server-failure", advice="Look at the name servers below SOA."))),
    ),
    (
        session_rules.refusal_without_a_reply,
        report(
            step(f"{MX}/rcpt-to", found("recipient-rejected", "550 5.1.1 no")),
            causes=[cause("recipient-rejected", f"{MX}/rcpt-to", message="mx1 refuses this machine")],
        ),
    ),
    (
        session_rules.unreached_beside_a_greeting,
        report(session(MX), step(f"{MX}/connect", found("connection-timeout"))),
    ),
    (
        session_rules.not_decided_by_the_last_exchange,
        ended(GREYLISTED, found("greylisted", GREYLISTED), causes=(cause("greylisted", f"{MX}/rcpt-to"),)),
    ),
    (
        session_rules.not_decided_by_the_last_exchange,
        ended(GREYLISTED, found("greylisted", GREYLISTED), causes=(cause("rate-limited-here", f"{MX}/rcpt-to"),)),
    ),
    (
        session_rules.not_decided_by_the_last_exchange,
        ended(GREYLISTED, found("greylisted", GREYLISTED), causes=(cause("stale-resolver", f"remote/{R}"),)),
    ),
    (
        session_rules.no_ipv6_beside_a_session,
        report(session(MX, *OK), causes=[cause("no-ipv6-here", decides=False)]),
    ),
    (
        session_rules.listed_beside_not_listed,
        report(
            NOT_LISTED,
            step(
                f"{MX}/rcpt-to",
                found("blocklisted", message="192.0.2.10 is listed on bl.example, which does not list it now"),
            ),
        ),
    ),
    (
        session_rules.reverse_name_beside_a_good_one,
        report(
            POINTER,
            causes=[
                cause(
                    "reverse-name-here", meaning="The PTR of 192.0.2.10 is mail.sender.example: their cache is old"
                )
            ],
        ),
    ),
    (
        session_rules.reverse_name_beside_a_good_one,
        report(
            POINTER,
            step(f"{MX}/rcpt-to", found("recipient-deferred", PTR_REPLY, reason="reverse-dns")),
            causes=[cause("recipient-deferred", f"{MX6}/rcpt-to", reason="reverse-dns")],
        ),
    ),
    (session_rules.bounced_by_transient_replies, ended("550 5.1.1 no", outcome="bounced")),
    (cause_rules.side_of_the_headline, report(causes=[cause("x", side="here", decides=False)], side="policy")),
    (
        cause_rules.side_of_a_cause,
        report(step("remote", found("null-mx")), causes=[cause("null-mx", "remote", side="recipient")]),
    ),
    (
        cause_rules.reason_of_a_cause,
        report(
            step(f"{MX}/rcpt-to", found("blocklisted", reason="ip-blocklist"), found("tls-established")),
            causes=[cause("blocklisted-here", f"{MX}/rcpt-to", reason="ip-blocklist")],
        ),
    ),
    (
        cause_rules.accepted_with_a_cause_that_decides,
        report(outcome="accepted", causes=[cause("no-ipv6-here", decides=False)]),
    ),
    (
        cause_rules.advice_without_subject,
        report(advice=["Check the spelling of the address bob@partner.example."]),
    ),
    (cause_rules.advice_without_subject, report(advice=["Ask the name servers' operator."])),
]


CONTRADICTORY += [*policy_cases.CONTRADICTORY, *authentication_cases.CONTRADICTORY]
HARMLESS += [*policy_cases.HARMLESS, *authentication_cases.HARMLESS]


def name(value: object) -> str | None:
    return str(getattr(value, "__name__", ""))


@pytest.mark.parametrize(("rule", "told"), CONTRADICTORY, ids=name)
def test_a_contradiction_is_found(rule: Rule, told: Json) -> None:
    assert list(rule(Seen(told)))
    assert [text for text in contradictions(told) if text.startswith(f"{rule.__name__}: ")]


@pytest.mark.parametrize(("rule", "told"), HARMLESS, ids=name)
def test_what_only_looks_like_one_is_none(rule: Rule, told: Json) -> None:
    assert list(rule(Seen(told))) == []


def test_every_rule_is_tried_both_ways() -> None:
    assert {rule for rule, _ in CONTRADICTORY} == {rule for rule, _ in HARMLESS} == set(RULES)
