"""What a run comes to: senders, causes, whose side, and the next thing to do, over the demo's stories."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import DnsServer, Relay, Settings
from smtpdiag_tui.verdict.case import Case
from smtpdiag_tui.verdict.causes import find_causes
from smtpdiag_tui.verdict.outcome import Verdict
from tests.engine.running import at, run

PROFILES = ["standard", "ipv4-only", "ipv6-only", "tls-verified", "mta-sts", "dane", "dane-or-mta-sts"]


def case(*found: tuple[str, str], outcome: Outcome = Outcome.DEFERRED, decided: str | None = None) -> Case:
    """Return a report whose steps have one finding each, given as step id and code."""
    steps = {
        key: Step(key, key, Status.FAILED, findings=(finding(code, f"{code} at {key}", evidence=("450 said",)),))
        for key, code in found
    }
    report = Report(Settings("alice@sender.example", "bob@partner.example"), steps=steps)
    return Case(report, Verdict(outcome, "It is so.", decided))


def causes(
    *found: tuple[str, str], outcome: Outcome = Outcome.DEFERRED, decided: str | None = None
) -> list[Cause]:
    made = case(*found, outcome=outcome, decided=decided)
    return list(find_causes(made.report, made.verdict))


MX = "delivery/mx.big.example/192.0.2.1"
OTHER = "delivery/mx.other.example/192.0.2.2"


def test_refusals_that_all_name_a_blocklist_have_one_cause() -> None:
    found = causes((f"{MX}/rcpt-to", "blocklisted"), (f"{OTHER}/greeting", "blocklisted"), decided=MX)
    assert [item.code for item in found] == ["blocklisted-here"]
    assert found[0].side is Side.HERE
    assert found[0].evidence == (f"{MX}/rcpt-to", f"{OTHER}/greeting")


def test_another_refusal_that_decides_is_not_explained_by_a_blocklist() -> None:
    found = causes((f"{MX}/rcpt-to", "recipient-rejected"), (f"{OTHER}/greeting", "blocklisted"), decided=MX)
    assert [item.code for item in found] == ["recipient-rejected"]


def test_limits_name_the_operator() -> None:
    address = "delivery/a.mx.big.example/192.0.2.1"
    found = causes((f"{address}/greeting", "rate-limited"), decided=address)
    assert found[0].code == "rate-limited-here"
    assert found[0].message == f"rate-limited at {address}/greeting"
    other = "delivery/mx.other.example/192.0.2.2"
    both = causes((f"{address}/greeting", "rate-limited"), (f"{other}/greeting", "rate-limited"), decided=address)
    assert both[0].message == "2 operators limit this host: big.example, other.example"


def test_a_refusal_for_the_reverse_name_has_the_missing_name_for_its_cause() -> None:
    words = ("550 cannot find your reverse hostname",)
    refusal = finding("recipient-rejected", "No.", evidence=words, reason=Reason.REVERSE_DNS)
    known = case((f"{MX}/rcpt-to", "recipient-rejected"), ("identity/ipv4", "ptr-missing"), decided=MX)
    told = replace(known.report.steps[f"{MX}/rcpt-to"], findings=(refusal,))
    report = replace(known.report, steps={**known.report.steps, told.id: told})
    assert [item.code for item in find_causes(report, known.verdict)] == ["reverse-name-here"]
    assert [item.code for item in find_causes(known.report, known.verdict)] == ["recipient-rejected"]


@pytest.mark.parametrize("code", ["greylisted", "connection-refused", "sender-rejected"])
def test_without_a_known_cause_the_gravest_finding_stands_for_it(code: str) -> None:
    found = causes((f"{MX}/rcpt-to", code), (f"{OTHER}/rcpt-to", code), decided=MX)
    assert [item.code for item in found] == [code]
    assert found[0].decides
    assert found[0].evidence == (f"{MX}/rcpt-to", f"{OTHER}/rcpt-to")


def test_what_is_accepted_has_no_deciding_cause() -> None:
    assert causes((f"{MX}/rcpt-to", "greylisted"), outcome=Outcome.ACCEPTED, decided=OTHER) == []
    found = causes((f"{MX}/connect", "no-ipv6-route"), outcome=Outcome.ACCEPTED, decided=OTHER)
    assert [(item.code, item.decides) for item in found] == [("no-ipv6-here", False)]


def test_a_transport_that_fails_once_is_no_broken_resolver() -> None:
    everywhere = ("dns-servers/192.0.2.53/tcp", "dns-tcp-failed"), ("remote/192.0.2.53/tcp", "dns-tcp-failed")
    assert [item.code for item in causes(*everywhere, outcome=Outcome.ACCEPTED)] == ["resolver-broken"]
    once = ("remote/192.0.2.53/tcp", "dns-tcp-failed")
    assert causes(once, outcome=Outcome.ACCEPTED) == []


@pytest.mark.parametrize(
    ("recipient", "code", "side", "words"),
    [
        ("bob@blocked.example", "egress-blocked", Side.PATH, "Ask your provider to open outbound TCP port 25"),
        ("bob@blocklist.example", "blocklisted-here", Side.HERE, "zen.spamhaus.org"),
        ("bob@busy.example", "rate-limited-here", Side.POLICY, "connections"),
        ("bob@stale.example", "stale-resolver", Side.HERE, "Flush stale.example"),
        ("bob@seventh.example", "senders-give-up", Side.RECIPIENT, "MX administrator of seventh.example"),
        ("bob@greylist.example", "greylisted", Side.POLICY, "rerun from 192.0.2.10 after 5 minutes"),
        ("nobody@partner.example", "recipient-rejected", Side.RECIPIENT, "postmaster@partner.example"),
        ("bob@null.example", "null-mx", Side.RECIPIENT, "accepts no mail"),
        ("bob@servfail.example", "dns-server-failure", Side.RECIPIENT, ""),
    ],
)
async def test_the_first_cause_decides_and_says_whose_side_it_is(
    recipient: str, code: str, side: Side, words: str
) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient)
    assert report.outcome is not Outcome.ACCEPTED
    first = report.causes[0]
    assert (first.code, first.side, first.decides) == (code, side, True)
    assert report.side is side
    assert set(first.evidence) <= set(report.steps)
    assert words in " ".join(to_text(report).split())


async def test_one_resolver_without_tcp_is_one_cause() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@tcp.example")
    assert [item.code for item in report.causes] == ["resolver-broken"]
    assert {StepId(key).branch for key in report.causes[0].evidence} == {"dns-servers", "soa", "local", "remote"}
    assert to_text(report).count("answers over UDP, but not over TCP") == 1


async def test_all_is_well_for_every_sender_of_the_first_story() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example")
    assert report.causes == ()
    assert [(item.name, item.outcome) for item in report.senders] == [
        (name, Outcome.ACCEPTED) for name in PROFILES
    ]
    assert at(report, "senders").status is Status.PASSED
    assert [step.id for step in report.children("senders")] == [f"senders/{name}" for name in PROFILES]


async def test_attempts_stand_in_order_with_the_reply_at_each() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@dead.example")
    standard = report.senders[0]
    assert [(item.host, item.result) for item in standard.attempts] == [
        ("mx1.dead.example", "connection-failed"),
        ("mx2.dead.example", "accepted"),
    ]
    assert standard.attempts[1].reply == "250 2.1.5 Ok"
    lines = [entry.text for entry in at(report, "senders/standard").transcript]
    assert lines[0].startswith("1. mx1.dead.example [192.0.2.31] (not connected, next address): ")


@pytest.mark.parametrize(
    ("recipient", "outcome"),
    [
        ("bob@plain.example", Outcome.DEFERRED),
        ("bob@expired.example", Outcome.DEFERRED),
        ("bob@wrongname.example", Outcome.DEFERRED),
        ("bob@handshake.example", Outcome.DEFERRED),
        ("bob@tlsrefused.example", Outcome.DEFERRED),
        ("bob@private.example", Outcome.ACCEPTED),
    ],
)
async def test_a_sender_that_insists_on_verified_tls(recipient: str, outcome: Outcome) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient)
    assert report.outcome is Outcome.ACCEPTED
    assert {item.name: item.outcome for item in report.senders}["tls-verified"] is outcome


async def test_without_tls_of_ours_what_such_a_sender_meets_is_not_known() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@dead.example", tls="off")
    assert {item.name: item.outcome for item in report.senders}["tls-verified"] is Outcome.UNKNOWN


async def test_where_nobody_is_asked_all_senders_meet_the_same() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@null.example")
    assert {item.outcome for item in report.senders} == {Outcome.BOUNCED}
    assert all(item.attempts == () for item in report.senders)


async def test_causes_and_senders_survive_being_saved_and_are_masked() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@blocklist.example")
    text = to_json(report)
    found = json.loads(text)
    assert list(found).index("causes") < list(found).index("steps")
    assert found["causes"][0]["code"] == "blocklisted-here"
    assert found["senders"][0]["attempts"][0]["result"] == "rejected"
    again = from_json(text)
    assert (again.causes, again.senders) == (report.causes, report.senders)
    for masked in (to_json(redact(report)), to_markdown(redact(report))):
        assert "192.0.2.10" not in masked


@pytest.mark.parametrize("render", [to_text, to_markdown])
async def test_outcome_causes_and_senders_come_first(render: Callable[[Report], str]) -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@blocklist.example")
    text = render(report)
    places = [text.index(words) for words in ("BOUNCED", "Cause", "Action", "Sender profiles")]
    assert places == sorted(places)
    assert places[-1] < text.index("Address syntax")


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"server": "gone.partner.example"}, Outcome.UNKNOWN),
        ({"relay": (Relay("gone.partner.example", 25, False),)}, Outcome.DEFERRED),
    ],
)
async def test_a_server_of_ours_that_is_not_found_is_no_affair_of_the_recipients(
    given: dict[str, Any], outcome: Outcome
) -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", **given)
    assert (report.outcome, report.side) == (outcome, Side.HERE)
    assert {item.side for item in report.causes} == {Side.HERE}
    assert not any("hostmaster" in item or "postmaster" in item for item in report.advice)
    assert not any("administrator" in action.who for action in report.actions)


async def test_a_resolver_without_tcp_does_not_decide_that_a_domain_is_gone() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@missing.example", dns=(DnsServer("192.0.2.55"),), timeout=1)
    assert (report.causes[0].code, report.side) == ("domain-not-found", Side.RECIPIENT)
    assert [item.code for item in report.causes if not item.decides] == ["resolver-broken"]


def test_a_listing_of_the_sender_and_words_like_reverse_path_are_no_cause_here() -> None:
    message = "mx.big.example [192.0.2.1] refuses somebody because of a blocklist (dbl.example): 554 no."
    listed = finding("blocklisted", message, evidence=("554 no",), party=Party.SENDER)
    path = finding("sender-rejected", "No.", evidence=("553 5.1.7 Invalid reverse-path <a@ptr.example>",))
    for item in (listed, path):
        known = case((f"{MX}/rcpt-to", item.code), ("identity/ipv4", "ptr-missing"), decided=MX)
        told = replace(known.report.steps[f"{MX}/rcpt-to"], findings=(item,))
        report = replace(known.report, steps={**known.report.steps, told.id: told})
        assert [cause.code for cause in find_causes(report, known.verdict)] == [item.code]


class CutOff(DemoNetwork):
    def system_servers(self) -> tuple[DnsServer, ...]:
        return (DnsServer("8.8.8.8"),)


async def test_without_any_network_that_is_said() -> None:
    async with CutOff() as network:
        report = await run(network, "bob@partner.example", timeout=1)
    assert report.causes[0].code == "no-network-here"
    assert report.headline == "This host has no route to its DNS servers; its network appears to be down"
