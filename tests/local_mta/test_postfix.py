"""Postfix's settings, from what its own programs print."""

from dataclasses import replace

import pytest

from smtpdiag_tui.local_mta.facts import LocalFacts
from smtpdiag_tui.local_mta.postfix import (
    Hop,
    next_hop,
    parse_nexthop,
    parse_postconf,
    parse_services,
    policy_keys,
    postfix_facts,
    questions,
    relay_domain_keys,
    split_list,
    tables,
    tls_level,
    tls_policy,
)
from smtpdiag_tui.settings import Relay, TlsPolicy
from tests.local_mta.recorded import POSTCONF, POSTCONF_M, POSTCONF_P

VALUES = parse_postconf(POSTCONF)
SERVICES = parse_services(POSTCONF_M, POSTCONF_P)


def facts(domain: str = "other.example", policy: str | None = None, **values: str) -> LocalFacts:
    known = {**VALUES, **values}
    hop = next_hop(known, domain, None, None, None)
    return postfix_facts(known, SERVICES, hop, domain, policy, ())


def test_recorded_settings_are_understood() -> None:
    found = facts()
    expected = LocalFacts(
        "Postfix",
        ehlo="out.sender.test",
        source4="192.0.2.10",
        family=4,
        relay=(Relay("relay.test", 587),),
        auth=True,
        tls=TlsPolicy.REQUIRE,
        hosts=("out.sender.test", "relay.test"),
    )
    assert replace(found, lines=()) == expected
    text = "\n".join(found.lines)
    assert "Relay host: [relay.test]:587 (relayhost; without MX lookup)" in text
    assert "Overrides in master.cf for transport smtp: smtp_helo_name = out.sender.test" in text
    assert "smtpdiag never sends AUTH and reads no password" in text
    assert "certificate errors are reported as failures (Postfix would ignore them)" in text


def test_a_password_in_master_cf_is_not_shown() -> None:
    override = ["smtp/unix/smtp_sasl_password_maps = static:user:secret"]
    hop = Hop("smtp", "", "default_transport")
    found = postfix_facts(VALUES, parse_services(POSTCONF_M, override), hop, "other.example", None, ())
    assert "secret" not in "\n".join(found.lines)


@pytest.mark.parametrize(
    ("text", "relays"),
    [
        ("[relay.test]:587", (Relay("relay.test", 587),)),
        ("relay.test", (Relay("relay.test", 25, mx=True),)),
        ("relay.test:submission", (Relay("relay.test", 587, mx=True),)),
        ("[192.0.2.9]", (Relay("192.0.2.9"),)),
        ("[2001:db8::9]:26", (Relay("2001:db8::9", 26),)),
        ("[IPv6:2001:db8::9]", (Relay("2001:db8::9"),)),
        ("[a.test], b.test:26", (Relay("a.test"), Relay("b.test", 26, mx=True))),
        ("", ()),
    ],
)
def test_next_hops(text: str, relays: tuple[Relay, ...]) -> None:
    assert parse_nexthop(text) == relays


@pytest.mark.parametrize("text", ["[a.test]:99999", "a b:0", "[a.test]x", "unix:/run/x:y"])
def test_a_next_hop_that_is_none_is_told(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - SettingsError and ValueError alike
        parse_nexthop(text)
    assert " (relayhost) not understood, straight to the MX hosts" in "\n".join(facts(relayhost=text).lines)


@pytest.mark.parametrize(
    ("transport", "default", "relayhost", "hop"),
    [
        (None, None, None, Hop("smtp", "[relay.test]:587", "relayhost")),
        ("smtp:[x.test]", None, None, Hop("smtp", "[x.test]", "transport_maps")),
        (":[x.test]", None, None, Hop("smtp", "[x.test]", "transport_maps")),
        ("relay:", None, None, Hop("relay", "", "transport_maps")),
        (":", None, None, Hop("smtp", "[relay.test]:587", "relayhost")),
        (None, "slow:[y.test]", "[z.test]", Hop("slow", "[y.test]", "sender_dependent_default_transport_maps")),
        (None, None, "[z.test]", Hop("smtp", "[z.test]", "sender_dependent_relayhost_maps")),
        (None, "DUNNO", "DUNNO", Hop("smtp", "[relay.test]:587", "relayhost")),
    ],
)
def test_what_decides_about_the_next_hop(
    transport: str | None, default: str | None, relayhost: str | None, hop: Hop
) -> None:
    assert next_hop(VALUES, "other.example", transport, default, relayhost) == hop


def test_a_relay_domain_has_its_own_transport() -> None:
    hop = next_hop({**VALUES, "relay_domains": "in.test", "relayhost": ""}, "in.test", None, None, None)
    assert hop == Hop("relay", "", "relay_transport")


def test_lists_keep_braces_together_and_only_files_are_asked() -> None:
    assert len(split_list(VALUES["transport_maps"])) == 1
    assert split_list("hash:/a, hash:/b hash:/c") == ["hash:/a", "hash:/b", "hash:/c"]
    asked, others = tables("proxy:hash:/etc/t, ldap:/etc/l.cf mysql:/etc/m.cf, regexp:/r")
    assert asked == ["hash:/etc/t", "regexp:/r"]
    assert others == ["ldap:/etc/l.cf", "mysql:/etc/m.cf"]


def test_the_keys_of_a_recipient_and_of_a_sender() -> None:
    maps = ["hash:/t", "regexp:/r"]
    asked = list(questions("Bob+x@Sub.Partner.test", maps))
    assert [key for key, _ in asked] == [
        "bob+x@sub.partner.test", "bob@sub.partner.test", "sub.partner.test", ".partner.test", ".test", "*",
    ]  # fmt: skip
    assert asked[0][1] == maps
    assert asked[1][1] == ["hash:/t"]
    assert [key for key, _ in questions("a@b.test", maps, sender=True)] == ["a@b.test", "@b.test"]
    assert list(questions("a@b.test", [])) == list(questions("", maps)) == []
    assert len(list(questions("a@" + "x." * 500 + "test", maps))) < 12


@pytest.mark.parametrize(
    ("level", "policy", "words"),
    [
        ("none", TlsPolicy.OFF, "never"),
        ("may", TlsPolicy.AUTO, "if offered"),
        ("encrypt", TlsPolicy.REQUIRE, "reported as failures (Postfix would ignore them)"),
        ("dane", TlsPolicy.AUTO, "TLSA"),
        ("dane-only", TlsPolicy.REQUIRE, "TLSA"),
        ("fingerprint", TlsPolicy.REQUIRE, "fingerprint"),
        ("verify", TlsPolicy.REQUIRE, "reported as failures (Postfix would stop, smtpdiag continues)"),
        ("secure", TlsPolicy.REQUIRE, "reported as failures (Postfix would stop, smtpdiag continues)"),
        ("odd", None, "not understood"),
    ],
)
def test_tls_levels(level: str, policy: TlsPolicy | None, words: str) -> None:
    found = tls_policy(level, wrapper=False)
    assert found[0] is policy
    assert words in found[1]


def test_old_switches_wrapper_and_policy_table() -> None:
    assert tls_level({"smtp_use_tls": "yes"}) == "may"
    assert tls_level({"smtp_enforce_tls": "yes"}) == "encrypt"
    assert tls_level({}) == "none"
    assert facts(smtp_tls_wrappermode="yes").tls is TlsPolicy.IMPLICIT
    assert facts(policy="none").tls is TlsPolicy.OFF


@pytest.mark.parametrize(
    ("interfaces", "source4", "source6"),
    [
        ("192.0.2.11", "192.0.2.11", None),
        ("192.0.2.11, [2001:db8::11]", "192.0.2.11", "2001:db8::11"),
        ("192.0.2.11, 192.0.2.12", None, None),
        ("loopback-only", None, None),
        ("127.0.0.1", None, None),
        ("mail.sender.test, 192.0.2.11", None, None),
    ],
)
def test_the_only_address_listened_on_is_the_source(
    interfaces: str, source4: str | None, source6: str | None
) -> None:
    found = facts(smtp_bind_address="", inet_interfaces=interfaces)
    assert (found.source4, found.source6) == (source4, source6)


def test_what_does_not_go_out_by_smtp_is_told() -> None:
    assert "localhost is in mydestination; Postfix on this host delivers it locally" in "\n".join(
        facts("localhost").lines
    )
    hop = next_hop(VALUES, "other.test", "discard:", None, None)
    found = postfix_facts(VALUES, SERVICES, hop, "other.test", None, ("transport_maps = ldap:/x",))
    assert found.relay == ()
    assert "other.test uses transport discard with program discard, not SMTP (transport_maps)" in found.lines
    assert "ldap:/x" in found.lines[-1]


@pytest.mark.parametrize(("text", "family"), [("all", None), ("ipv4, ipv6", None), ("ipv6", 6), ("ipv4", 4)])
def test_families(text: str, family: int | None) -> None:
    assert facts(inet_protocols=text).family == family


@pytest.mark.parametrize(
    ("nexthop", "keys"),
    [
        ("", ["mail.partner.test", ".partner.test", ".test"]),
        ("in.sender.test", ["in.sender.test", ".sender.test", ".test"]),
        ("[in.sender.test]", ["[in.sender.test]"]),
        ("in.sender.test:587", ["in.sender.test:587"]),
        ("192.0.2.9", ["192.0.2.9"]),
    ],
)
def test_a_tls_policy_holds_for_the_domains_below(nexthop: str, keys: list[str]) -> None:
    assert policy_keys(nexthop, "mail.partner.test") == keys


@pytest.mark.parametrize(
    ("domains", "parents", "relayed"),
    [
        ("partner.test", None, True),
        ("partner.test", "relay_domains smtpd_access_maps", True),
        ("partner.test", "smtpd_access_maps", False),
        (".partner.test", "smtpd_access_maps", True),
        ("!mail.partner.test, partner.test", None, False),
        ("other.test", None, False),
        ("tner.test", None, False),
        ("", None, False),
    ],
)
def test_relay_domains_hold_for_the_domains_below(domains: str, parents: str | None, relayed: bool) -> None:
    values = {**VALUES, "relay_domains": domains, "relay_transport": "relay:[in.sender.test]"}
    if parents is not None:
        values["parent_domain_matches_subdomains"] = parents
    hop = next_hop(values, "mail.partner.test", None, None, None)
    assert hop.why == ("relay_transport" if relayed else "relayhost")
    assert hop.nexthop == ("[in.sender.test]" if relayed else "[relay.test]:587")
    assert next_hop(values, "a.test", None, None, None, relayed=True).why == "relay_transport"


def test_what_is_delivered_here_is_not_relayed() -> None:
    values = {**VALUES, "relay_domains": "sender.test", "mydestination": "sender.test"}
    assert next_hop(values, "sender.test", None, None, None).why == "relayhost"
    assert relay_domain_keys({}, "a.b.test") == ["a.b.test", "b.test", "test"]


def test_the_fallback_relay_is_tried_last_behind_a_relay_host() -> None:
    found = facts(smtp_fallback_relay="[last.test]")
    assert found.relay == (Relay("relay.test", 587), Relay("last.test"))
    assert "Fallback relay: [last.test] (smtp_fallback_relay)" in "\n".join(found.lines)
    found = facts(smtp_fallback_relay="[last.test]", relayhost="")
    assert found.relay == ()
    assert "; not tested" in "\n".join(found.lines)
    assert "not understood" in "\n".join(facts(smtp_fallback_relay="[last.test]:x:y").lines)
    assert "Fallback" not in "\n".join(facts().lines)
