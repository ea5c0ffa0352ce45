"""What this run found itself stands beside what a reply says."""

from dataclasses import replace

import pytest

from smtpdiag_tui.demo.zones import DnsScript, build_zones
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.verdict.causes import find_causes
from smtpdiag_tui.verdict.outcome import Verdict
from tests.engine.running import codes, run
from tests.verdict.making import MX1, MX2, MX3, causes, judged_as, refusal, report, session, step
from tests.verdict.refusing import Refusing, first_cause

NO_PTR = b"450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.10]\r\n"
NO_NAME = b"450 4.7.1 <mail.sender.example>: Helo command rejected: Host not found\r\n"
NO_DOMAIN = b"450 4.1.8 <alice@sender.example>: Sender address rejected: Domain not found\r\n"
MAIL = "mail.sender.example"


@pytest.mark.parametrize(("address", "source"), [("192.0.2.81", "192.0.2.10"), ("2001:db8::81", "2001:db8::10")])
async def test_a_ptr_that_resolves_back_stands_against_a_reply_that_finds_none(address: str, source: str) -> None:
    network = Refusing(NO_PTR.replace(b"192.0.2.10", source.encode()), address)
    cause, _ = await first_cause(network, Reason.REVERSE_DNS)
    assert cause.code == "recipient-deferred"
    assert f"This run resolved {source} to {MAIL} and back" in cause.meaning
    assert "mx.full.example fails or holds an old answer" in cause.meaning
    checks = f"check that the resolver of mx.full.example resolves {source} to {MAIL} and back."
    assert cause.actions == (
        Action("MX administrator of mx.full.example", checks),
        Action(
            "",
            f"Check that every name server of the reverse zone of {source} returns the same."
            " If the record has just changed, wait for its TTL (300 s) and rerun.",
        ),
    )
    assert cause.contradicted
    assert "postmaster@" not in cause.advice
    assert "set its PTR" not in cause.advice


async def test_a_ptr_that_is_missing_indeed_is_one_with_the_reply() -> None:
    network = Refusing(NO_PTR)
    network.without("2.0.192.in-addr.arpa", "11 PTR other.example.")
    cause, _ = await first_cause(network, Reason.REVERSE_DNS)
    assert cause.code == "reverse-name-here"
    assert cause.message == "Deferred because of this host's reverse DNS (PTR)"
    assert cause.meaning.startswith("192.0.2.10 has no PTR record. ")
    assert "PTR" in cause.advice
    assert "identity/ipv4" in cause.evidence


async def test_the_family_of_the_session_counts() -> None:
    network = Refusing(NO_PTR.replace(b"192.0.2.10", b"2001:db8::10"), "2001:db8::81")
    network.without("2.0.192.in-addr.arpa", "11 PTR other.example.")
    cause, _ = await first_cause(network, Reason.REVERSE_DNS)
    assert "2001:db8::10 to mail.sender.example and back" in cause.meaning


async def test_what_contradicts_a_refusal_is_told_where_another_address_accepts() -> None:
    network = Refusing(NO_PTR.replace(b"192.0.2.10", b"2001:db8::10"), "2001:db8::81")
    network.hosts["192.0.2.82"] = replace(network.hosts["192.0.2.81"], rcpt=b"250 2.1.5 Ok\r\n")
    network.without("full.example", "@ MX 10 mx\nmx AAAA 2001:db8::81\nmx A 192.0.2.82")
    async with network:
        made = await run(network, "bob@full.example")
    assert made.outcome is Outcome.ACCEPTED
    [cause] = [item for item in made.causes if item.reason is Reason.REVERSE_DNS]
    assert not cause.decides
    assert "This run resolved 2001:db8::10 to mail.sender.example and back" in cause.meaning
    assert set(cause.actions) <= set(made.actions)
    assert not any("set its PTR" in text for text in made.advice)


async def test_an_address_that_is_not_this_hosts_was_not_measured() -> None:
    cause, made = await first_cause(Refusing(NO_PTR.replace(b"192.0.2.10", b"172.18.0.1")), Reason.REVERSE_DNS)
    found = next(item for item in made.steps[cause.evidence[0]].findings if item.party is not None)
    assert (cause.meaning, cause.advice) == (found.meaning, found.advice or "")


async def test_a_private_source_was_not_measured() -> None:
    class Inside(Refusing):
        def local_name(self, address: str, remote: str) -> str:
            return "10.0.0.10"

    for reply, reason in ((NO_PTR, Reason.REVERSE_DNS), (NO_NAME, Reason.EHLO_NAME)):
        cause, _ = await first_cause(Inside(reply.replace(b", [192.0.2.10]", b"")), reason)
        assert "This run" not in cause.meaning
        assert "resolver" not in cause.advice


async def test_a_name_that_resolves_stands_against_a_reply_that_does_not_find_it() -> None:
    cause, _ = await first_cause(Refusing(NO_NAME), Reason.EHLO_NAME)
    assert f"This run resolved {MAIL} to 192.0.2.10: the resolver of mx.full.example fails" in cause.meaning
    assert f"check that the resolver of mx.full.example resolves {MAIL} to 192.0.2.10." in cause.advice


async def test_a_name_without_an_address_of_the_sessions_family_is_told_with_what_it_lacks() -> None:
    network = Refusing(NO_NAME, "2001:db8::81")
    network.without("sender.example", "@ MX 10 mx\nmx A 192.0.2.11\nmail A 192.0.2.10")
    cause, _ = await first_cause(network, Reason.EHLO_NAME)
    assert f"This run resolved {MAIL} to 192.0.2.10, not to 2001:db8::10" in cause.meaning
    assert cause.advice == f"Give {MAIL} an AAAA record with 2001:db8::10."


async def test_a_name_that_is_refused_for_another_reason_is_not_contradicted() -> None:
    reply = b"554 5.7.1 <mail.sender.example>: Helo command rejected: Access denied\r\n"
    cause, _ = await first_cause(Refusing(reply), Reason.EHLO_NAME)
    assert "This run" not in cause.meaning


@pytest.mark.parametrize(
    ("ehlo", "code"),
    [
        ("gone.sender.example", "ehlo-name-unresolvable"),
        ("[192.0.2.10]", "ehlo-name-literal"),
        ("mailhost", "ehlo-name-not-fqdn"),
    ],
)
async def test_a_name_that_is_wrong_indeed_is_told_with_the_reply(ehlo: str, code: str) -> None:
    cause, made = await first_cause(Refusing(NO_NAME), Reason.EHLO_NAME, ehlo=ehlo)
    [wrong] = [item for item in made.steps["identity/ehlo-name"].findings if item.code == code]
    assert cause.code == "recipient-deferred"
    assert wrong.message in cause.meaning
    assert cause.advice == wrong.advice
    assert "identity/ehlo-name" in cause.evidence


async def test_a_domain_that_is_found_stands_against_a_reply_that_does_not_find_it() -> None:
    cause, _ = await first_cause(Refusing(NO_DOMAIN), Reason.SENDER_DOMAIN)
    assert "This run found the MX mx.sender.example for sender.example: the resolver of" in cause.meaning
    assert "check that the resolver of mx.full.example finds the MX mx.sender.example" in cause.advice


@pytest.mark.parametrize("domain", ["missing.example", "servfail.example"])
async def test_a_domain_that_is_gone_indeed_is_told_with_the_reply(domain: str) -> None:
    cause, _ = await first_cause(Refusing(NO_DOMAIN), Reason.SENDER_DOMAIN, sender=f"alice@{domain}")
    assert domain in cause.meaning
    assert "local" in cause.evidence


async def test_the_null_sender_has_no_domain_to_measure() -> None:
    cause, _ = await first_cause(Refusing(NO_DOMAIN), Reason.SENDER_DOMAIN, sender="")
    assert "This run" not in cause.meaning


async def test_where_dns_is_broken_nothing_is_said() -> None:
    network = Refusing(NO_PTR)
    network.resolvers["192.0.2.53"] = DnsScript({}, recursive=False)
    async with network:
        made = await run(network, "bob@[192.0.2.81]", timeout=2)
    made = judged_as(made, Reason.REVERSE_DNS)
    found = find_causes(made, Verdict(Outcome.DEFERRED, "It waits.", "delivery/[192.0.2.81]/192.0.2.81"))
    assert found[0].decides
    assert "This run" not in found[0].meaning


async def test_what_was_measured_is_masked() -> None:
    cause, made = await first_cause(Refusing(NO_PTR), Reason.REVERSE_DNS)
    text = to_json(redact(replace(made, causes=(cause,), actions=cause.actions)))
    assert "192.0.2.10" not in text
    assert MAIL not in text


def test_a_report_from_a_file_has_the_findings_alone() -> None:
    missing = finding("ptr-missing", "203.0.113.10 has no PTR record")
    made = report(session(MX1, refusal(Reason.REVERSE_DNS)), step("identity/ipv4", missing))
    [cause] = causes(made)
    assert (cause.code, cause.message) == (
        "reverse-name-here",
        "Rejected because of this host's reverse DNS (PTR)",
    )
    assert cause.meaning.startswith(f"{missing.message}. The server rejects this host, not the recipient.")
    passed = report(session(MX1, refusal(Reason.REVERSE_DNS)), step("identity/ipv4"))
    assert [item.code for item in causes(passed)] == ["recipient-rejected"]


def test_a_stale_step_says_nothing_of_this_run() -> None:
    missing = finding("ptr-missing", "203.0.113.10 has no PTR record")
    made = report(session(MX1, refusal(Reason.REVERSE_DNS)), step("identity/ipv4", missing, stale=True))
    assert [item.code for item in causes(made)] == ["recipient-rejected"]


def test_another_source_address_of_the_family_says_nothing() -> None:
    missing = finding("ptr-missing", "198.51.100.7 has no PTR record")
    other = replace(step("identity/ipv4", missing), facts=session(MX1, source="198.51.100.7")[0].facts)
    right = replace(step("identity/ipv4-2"), facts=session(MX1)[0].facts)
    made = report(session(MX1, refusal(Reason.REVERSE_DNS)), other, right)
    assert [item.code for item in causes(made)] == ["recipient-rejected"]


def test_one_family_right_and_the_other_wrong_are_two_causes() -> None:
    missing = finding("ptr-missing", "2001:db8::10 has no PTR record")
    ends = [
        session(MX1, refusal(Reason.REVERSE_DNS), source=""),
        session(MX2, refusal(Reason.REVERSE_DNS), source=""),
        session(MX3, refusal(Reason.REVERSE_DNS), source=""),
    ]
    made = report(*ends, step("identity/ipv4"), step("identity/ipv6", missing))
    settings = Settings("alice@sender.example", "bob@partner.example")
    assert made.settings == settings
    right = causes(made, Verdict(Outcome.BOUNCED, "x", MX1))[0]
    wrong = causes(made, Verdict(Outcome.BOUNCED, "x", MX3))[0]
    assert (right.code, right.evidence) == ("recipient-rejected", (f"{MX1}/rcpt-to", f"{MX2}/rcpt-to"))
    assert (wrong.code, wrong.evidence) == ("reverse-name-here", (f"{MX3}/rcpt-to", "identity/ipv6"))


def test_other_reasons_are_left_alone() -> None:
    missing = finding("ptr-missing", "203.0.113.10 has no PTR record")
    for reason in set(Reason) - {Reason.REVERSE_DNS, Reason.IP_BLOCKLIST, Reason.RATE_LIMIT}:
        item = refusal(reason, meaning="So it is.", advice="Do it.")
        [cause] = causes(report(session(MX1, item), step("identity/ipv4", missing)))
        assert (cause.code, cause.meaning, cause.advice) == ("recipient-rejected", "So it is.", "Do it.")


async def test_a_name_that_fits_one_family_is_not_blamed_for_the_other() -> None:
    network = Refusing(NO_NAME)
    network.without("sender.example", "@ MX 10 mx\nmx A 192.0.2.11\nmail A 192.0.2.10")
    network.hosts["2001:db8::81"] = network.hosts["192.0.2.81"]
    zones = build_zones({"full.example": "@ MX 10 mx\nmx A 192.0.2.81\nmx AAAA 2001:db8::81"})
    for key, script in list(network.resolvers.items()):
        network.resolvers[key] = DnsScript({**script.zones, **zones}, script.recursive, script.tcp)
    network.without("8.b.d.0.1.0.0.2.ip6.arpa", "@ TXT none")
    async with network:
        made = judged_as(await run(network, "bob@full.example"), Reason.EHLO_NAME)
    assert "ehlo-name-mismatch" in codes(made, "identity")
    ends = {address: f"delivery/mx.full.example/{address}" for address in ("192.0.2.81", "2001:db8::81")}
    right, wrong = (
        find_causes(made, Verdict(Outcome.DEFERRED, "It waits.", step_id))[0] for step_id in ends.values()
    )
    assert "This run resolved mail.sender.example to 192.0.2.10" in right.meaning
    assert "EHLO name mail.sender.example does not resolve to public IP 2001:db8::10." in wrong.meaning
    assert "This run" not in wrong.meaning


def test_behind_a_proxy_of_theirs_nothing_was_measured() -> None:
    missing = finding("ptr-missing", "203.0.113.10 has no PTR record")
    item = refusal(Reason.REVERSE_DNS, party=Party.SERVER, side=Side.RECIPIENT)
    [cause] = causes(report(session(MX1, item), step("identity/ipv4", missing)))
    assert (cause.code, cause.side) == ("recipient-rejected", Side.RECIPIENT)
