"""Troubles with DNS that come from real software: what is told of them, and on whose side they are."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contradictions.checker import contradictions
from tests.real.dns_lab import Asked, DnsLab
from tests.real.hierarchy import (
    BIND_AUTHORITY,
    BIND_FILTER,
    BIND_REWRITES,
    BIND_VALIDATES,
    DNSMASQ,
    DNSMASQ_PORTAL,
    DOMAINS,
    MX,
    NO_EDNS,
    NO_TCP,
    NOBODY,
    PUBLIC,
    REFUSING,
    SLOW_TCP,
    TCP_ONLY,
    UNBOUND,
    VALIDATING,
    top_zone,
)
from tests.real.reading import codes, steps

Report = dict[str, Any]
Ask = Callable[..., Report]
IN = "type filter hook input priority 0"
NAT = "type nat hook output priority -100"
ARBITERS = {"stale-resolver", "delegation-stale", "answer-filtered", "answer-stale", "answers-contradict"}
ARBITERS |= {"dns-intercepted", "dns-no-recursion", "dnssec-bogus", "nxdomain-rewritten", "mx-differ-same-serial"}
ARBITERS |= {"dns-edns-dropped", "dns-udp-size-limited", "answer-needs-tcp", "dns-egress-blocked"}


@pytest.fixture
def ask(dns: DnsLab) -> Iterator[Ask]:
    """Return a function that runs the command on a machine whose resolv.conf is UNBOUND's."""
    with dns.resolvers(UNBOUND):
        yield dns.ask


# Runs that mostly wait, side by side; a firewall before a resolver concerns no other.
WAITING: dict[str, Asked] = {
    "dead": ((BIND_FILTER,), ("bob@dead.lab",)),
    "edns dropped": ((NO_EDNS,), ("bob@healthy.lab",)),
    "silent": ((UNBOUND,), ("bob@dead.lab", "--timeout", "3")),
    "slow tcp": ((SLOW_TCP,), ("bob@healthy.lab",)),
    "tcp dead": ((NO_TCP,), ("bob@big.lab", "--timeout", "2")),
    "tcp only": ((TCP_ONLY,), ("bob@healthy.lab",)),
    "no question over udp": ((TCP_ONLY, "options use-vc"), ("bob@healthy.lab",)),
    "servfail": ((BIND_FILTER,), ("bob@servfail.lab",)),
}
LOST = (f"ip daddr {NO_TCP} tcp dport 53 drop", f"ip daddr {NO_EDNS} udp dport 53 @th,144,16 != 0 drop")


@pytest.fixture(scope="module")
def waited(dns: DnsLab) -> dict[str, Report]:
    """Return the reports of the runs that wait."""
    with dns.lab.chain(IN, *LOST, place=dns.lab.far):
        return dns.ask_at_once(WAITING)


def decides(report: Report) -> tuple[str, str]:
    """Return code and side of the cause that decides, both empty if none does."""
    found = [(cause["code"], cause["side"]) for cause in report["causes"] if cause["decides"]]
    return found[0] if found else ("", "")


def told(report: Report, code: str) -> str:
    """Return all texts of the findings and causes of a code."""
    findings = [item for step in steps(report).values() for item in step["findings"]]
    found = [item for item in [*findings, *report["causes"]] if item["code"] == code]
    return "\n".join(" ".join([item["message"], item["advice"] or "", *item["evidence"]]) for item in found)


def all_codes(report: Report) -> set[str]:
    return set(codes(report)) | {cause["code"] for cause in report["causes"]}


def test_where_all_is_well_nobody_is_doubted(ask: Ask) -> None:
    report = ask("bob@healthy.lab")
    assert report["outcome"] == "accepted"
    assert not all_codes(report) & ARBITERS
    assert steps(report)["soa"]["status"] == steps(report)["remote"]["status"] == "passed"


def test_a_cache_keeps_the_old_mail_hosts(dns: DnsLab, ask: Ask) -> None:
    assert dns.look_up(UNBOUND, "stale.lab", "MX") == "10 old.stale.lab."
    dns.look_up(UNBOUND, "old.stale.lab", "A")
    dns.change("first", "stale.lab", DOMAINS["stale"].zone(f"@ MX 10 new\nnew A {MX}", 2026112403))
    report = ask("bob@stale.lab")
    assert (report["outcome"], decides(report)) == ("deferred", ("stale-resolver", "here"))
    assert re.search(r"\b\d{1,3} (?:s|seconds|minutes?)\b", told(report, "stale-resolver"))


def test_a_cache_keeps_the_old_name_servers(dns: DnsLab, ask: Ask) -> None:
    assert dns.look_up(UNBOUND, "moved.lab", "NS") == "ns2.nic.lab."
    dns.change("top", "lab", top_zone("ns1", 2))
    moved = DOMAINS["moved"]
    dns.change("first", "moved.lab", moved.zone(moved.other, 2026112403).replace("@ NS ns2", "@ NS ns1"))
    report = ask("bob@moved.lab")
    assert "delegation-stale" in all_codes(report)
    assert (report["outcome"], report["side"]) == ("deferred", "here")


def test_a_network_that_sees_its_own_zone_is_not_stale(dns: DnsLab) -> None:
    with dns.resolvers(BIND_FILTER):
        report = dns.ask("bob@split.lab")
    assert report["outcome"] == "accepted"
    assert not all_codes(report) & (ARBITERS - {"dns-egress-blocked"})


def test_a_policy_zone_takes_the_mail_host_away(dns: DnsLab) -> None:
    with dns.resolvers(BIND_FILTER):
        report = dns.ask("bob@filtered.lab")
    assert decides(report) == ("answer-filtered", "here")


def test_a_forwarder_nulls_the_mail_host(dns: DnsLab) -> None:
    with dns.resolvers(DNSMASQ):
        report = dns.ask("bob@nulled.lab")
    assert (report["outcome"], decides(report)) == ("deferred", ("answer-filtered", "here"))


def test_a_resolver_refuses_one_domain(ask: Ask) -> None:
    report = ask("bob@refused.lab")
    assert (report["outcome"], report["side"]) == ("deferred", "here")
    assert "resolver-broken" not in all_codes(report)


def test_a_resolver_refuses_this_machine(dns: DnsLab) -> None:
    with dns.resolvers(REFUSING):
        report = dns.ask("bob@healthy.lab")
    assert (report["outcome"], report["side"]) == ("unknown", "here")
    assert "dns-no-recursion" in all_codes(report)


@pytest.mark.parametrize("resolver", [BIND_REWRITES, DNSMASQ_PORTAL], ids=["provider", "portal"])
def test_a_resolver_leads_to_its_own_page(dns: DnsLab, resolver: str) -> None:
    with dns.resolvers(resolver):
        report = dns.ask("bob@missing.lab")
    assert decides(report) == ("nxdomain-rewritten", "here")


def test_rebind_protection_hides_a_blocklist(dns: DnsLab) -> None:
    with dns.resolvers(DNSMASQ):
        report = dns.ask("bob@healthy.lab", "--dnsbl", "bl.lab", "--source", PUBLIC)
    assert "dnsbl-filtered" in all_codes(report)
    assert "dnsbl-unusable" not in all_codes(report)


def test_a_broken_signature_as_unbound_tells_it(dns: DnsLab) -> None:
    with dns.resolvers(VALIDATING):
        report = dns.ask("bob@bogus.lab")
    assert (report["outcome"], decides(report)) == ("deferred", ("dnssec-bogus", "recipient"))
    assert "DNSKEY" in told(report, "dnssec-bogus").upper() or "DNSSEC" in told(report, "dnssec-bogus")


def test_a_broken_signature_as_bind_hides_it(dns: DnsLab) -> None:
    with dns.resolvers(BIND_VALIDATES):
        report = dns.ask("bob@bogus.lab")
    assert (report["outcome"], decides(report)) == ("deferred", ("dnssec-bogus", "recipient"))


def test_a_broken_signature_beside_a_resolver_that_does_not_look(dns: DnsLab) -> None:
    with dns.resolvers(VALIDATING):
        report = dns.ask("bob@bogus.lab", "-d", UNBOUND)
    assert "dnssec-bogus" in all_codes(report)
    assert "dns-answers-differ" not in all_codes(report)
    assert "system-resolver-fails" in all_codes(report)


def test_an_authority_is_no_resolver(ask: Ask) -> None:
    report = ask("bob@healthy.lab", "-d", BIND_AUTHORITY)
    assert (report["outcome"], report["side"]) == ("unknown", "here")
    assert "dns-no-recursion" in all_codes(report)


def test_an_authority_before_a_resolver_is_passed_over(dns: DnsLab) -> None:
    with dns.resolvers(BIND_AUTHORITY, UNBOUND):
        report = dns.ask("bob@healthy.lab")
    assert report["outcome"] == "accepted"
    assert "dns-no-recursion" in all_codes(report)


def test_a_name_server_without_the_zone_is_lame(ask: Ask) -> None:
    report = ask("bob@lame.lab")
    assert report["outcome"] == "accepted"
    assert "ns3.nic.lab" in "".join(codes(report)["soa-lame-server"])


def test_a_dead_name_server_that_the_parent_alone_names(ask: Ask) -> None:
    report = ask("bob@parentonly.lab")
    assert report["outcome"] == "accepted"
    assert "ns-dead.nic.lab" in told(report, "soa-lame-server")


def test_equal_serials_with_different_mail_hosts(ask: Ask) -> None:
    report = ask("bob@differ.lab")
    assert "mx-differ-same-serial" in all_codes(report)
    assert report["side"] in ("recipient", None)


PORT_53 = "meta l4proto { tcp, udp } th dport 53"


def assert_intercepted(report: Report) -> None:
    assert report["outcome"] == "accepted"
    assert "dns-intercepted" in all_codes(report)
    assert "soa-lame-server" not in all_codes(report)


def test_port_53_led_to_one_resolver(dns: DnsLab, ask: Ask) -> None:
    no_ipv6 = dns.lab.chain(IN, f"meta nfproto ipv6 {PORT_53} drop", place=dns.lab.far)
    with no_ipv6, dns.lab.chain(NAT, f"{PORT_53} dnat ip to {UNBOUND}"):
        assert_intercepted(ask("bob@healthy.lab", "--timeout", "2"))


def test_port_53_led_to_one_resolver_over_ipv4_alone(dns: DnsLab, ask: Ask) -> None:
    with dns.lab.chain(NAT, f"{PORT_53} dnat ip to {UNBOUND}"):
        assert_intercepted(ask("bob@healthy.lab"))


def test_tcp_is_dead_and_the_answer_long(waited: dict[str, Report]) -> None:
    report = waited["tcp dead"]
    assert (report["outcome"], decides(report)[0]) == ("deferred", "answer-needs-tcp")


def test_large_answers_over_udp_are_lost(dns: DnsLab, ask: Ask) -> None:
    with dns.lab.chain(IN, "udp sport 53 udp length > 520 drop"):
        report = ask("bob@big.lab")
    assert report["outcome"] == "accepted"
    assert "dns-udp-size-limited" in all_codes(report)
    assert "dns-udp-failed" not in all_codes(report)


def test_questions_with_edns_are_dropped(waited: dict[str, Report]) -> None:
    report = waited["edns dropped"]
    assert report["outcome"] == "accepted"
    assert "dns-edns-dropped" in all_codes(report)
    assert "dns-udp-failed" not in all_codes(report)


@pytest.mark.parametrize("domain", ["servfail", "dead"])
def test_a_dead_domain_is_not_a_dead_resolver(waited: dict[str, Report], domain: str) -> None:
    report = waited[domain]
    code, side = decides(report)
    assert (report["outcome"], side) == ("deferred", "recipient")
    assert code in ("dns-server-failure", "domain-lookup-failed")  # it is a matter of who gives up first
    assert "dns-unreachable" not in all_codes(report)


def test_a_resolver_that_is_silent_about_a_dead_domain_is_well(waited: dict[str, Report]) -> None:
    report = waited["silent"]
    assert (report["outcome"], decides(report)) == ("deferred", ("domain-lookup-failed", "recipient"))
    assert "dns-unreachable" not in all_codes(report)


def test_no_such_name_for_mx_and_an_address_for_it(ask: Ask) -> None:
    report = ask("bob@untrue.lab")
    assert "answers-contradict" in all_codes(report)
    assert "domain-not-found" not in all_codes(report)
    assert report["outcome"] == "bounced"


def test_an_alias_beside_the_other_records_of_a_zone(ask: Ask) -> None:
    report = ask("bob@apex.lab")
    assert report["outcome"] == "accepted"
    assert "cname-at-apex" in all_codes(report)


def test_a_domain_that_is_an_alias_in_the_zone_above(ask: Ask) -> None:
    report = ask("bob@cnamed.below.lab")
    assert report["outcome"] == "accepted"
    assert "mx-through-cname" in all_codes(report)
    assert "cname-at-apex" not in all_codes(report)


def test_a_final_dot_is_missing_in_the_zone(ask: Ask) -> None:
    report = ask("bob@typo.lab")
    assert report["outcome"] == "bounced"
    assert "mx-missing-dot" in all_codes(report)
    assert "NXDOMAIN" in told(report, "mx-unresolvable") + told(report, "mx-missing-dot")


def test_a_resolver_without_udp(waited: dict[str, Report]) -> None:
    report = waited["tcp only"]
    assert "dns-udp-failed" in all_codes(report)
    assert report["outcome"] == "deferred"
    assert steps(report)[f"delivery/mx.healthy.lab/{MX}/rcpt-to"]["status"] == "passed"


def test_a_resolver_without_udp_where_nobody_asks_over_udp(waited: dict[str, Report]) -> None:
    report = waited["no question over udp"]
    assert report["outcome"] == "accepted"
    assert "dns-udp-failed" not in all_codes(report)


def test_tcp_answers_one_after_the_other(waited: dict[str, Report]) -> None:
    report = waited["slow tcp"]
    assert report["outcome"] == "accepted"
    assert "dns-tcp-failed" not in all_codes(report)


def test_a_fourth_name_server_is_not_asked(dns: DnsLab) -> None:
    with dns.resolvers(UNBOUND, BIND_REWRITES, BIND_VALIDATES, NOBODY):
        report = dns.ask("bob@healthy.lab")
    assert report["outcome"] == "accepted"
    assert NOBODY in told(report, "dns-server-ignored")


def test_the_system_resolver_fails_where_the_target_answers(dns: DnsLab) -> None:
    with dns.resolvers(NOBODY):
        report = dns.ask("bob@healthy.lab", "-d", UNBOUND)
    assert "system-resolver-fails" in all_codes(report)


def test_no_report_of_these_contradicts_itself(dns: DnsLab) -> None:
    assert dns.reports
    assert {report["recipient"]: found for report in dns.reports if (found := contradictions(report))} == {}
