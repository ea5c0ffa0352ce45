"""The catalogue's texts name what they are about, and no other text is touched."""

import re
from dataclasses import replace

import pytest

from smtpdiag_tui.demo.stories import STORIES, Story
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.filling import contact_of, filled, filled_at, names_at
from smtpdiag_tui.report.findings import catalogue, finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Relay, Settings
from tests.story_reports import run_of, story_report

SETTINGS = Settings("alice@sender.example", "bob@partner.example")
ADDRESS = "delivery/mx.partner.example/192.0.2.21"
PLACE = re.compile(r"\{\w+\}")
PROBES = ("postmaster", "null-sender", "random-recipient")
STEPS = (
    *(ADDRESS, f"{ADDRESS}/rcpt-to", "delivery", "delivery/mx.partner.example", "delivery/..."),
    *("soa", "soa/ns1.partner.example/192.0.2.1", "soa/192.0.2.53", "remote", "remote/192.0.2.53/udp", "local"),
    *("syntax/sender", "identity/ipv4", "senders/standard", "probes/postmaster"),
    *("dns-servers/[2001:db8::53]:5353", ""),
)


@pytest.mark.parametrize("step_id", STEPS)
@pytest.mark.parametrize(
    "settings", [SETTINGS, Settings("", "bob@[192.0.2.27]"), Settings("a@b.example", "c@d.example", server="mx.e")]
)
def test_no_place_is_left_at_any_step(step_id: str, settings: Settings) -> None:
    for code in catalogue():
        item = filled_at(step_id, settings, finding(code, "x"))
        texts = [item.meaning, *(part for action in item.actions for part in (action.who, action.what))]
        assert not any(PLACE.search(text) for text in texts), code
        assert not any("  " in text for text in texts), code


def test_what_to_do_names_host_address_domain_and_server() -> None:
    def actions(code: str, step_id: str) -> tuple[Action, ...]:
        return filled_at(step_id, SETTINGS, finding(code, "x")).actions

    assert actions("connection-refused", f"{ADDRESS}/connect") == (
        Action(
            "MX administrator of mx.partner.example",
            "start the mail server on mx.partner.example [192.0.2.21],"
            " or remove mx.partner.example from the MX records.",
        ),
    )
    assert actions("certificate-expired", f"{ADDRESS}/starttls") == (
        Action("MX administrator of mx.partner.example", "renew the certificate of mx.partner.example."),
    )
    assert actions("soa-missing", "soa") == (
        Action("DNS administrator of partner.example", "add the SOA record of the zone of partner.example."),
    )
    assert actions("soa-missing", "local")[0].who == "DNS administrator of sender.example"
    udp = actions("dns-udp-failed", "remote/192.0.2.53/udp")
    assert udp == (Action("", "Let UDP port 53 through between this host and 192.0.2.53, both ways."),)
    assert "the resolver of this host" in actions("dns-udp-failed", "remote")[0].what


def test_an_address_literal_is_named_once() -> None:
    names = names_at("delivery/[192.0.2.27]/192.0.2.27/connect", Settings("a@b.example", "bob@[192.0.2.27]"))
    assert (names["host"], names["where"]) == ("[192.0.2.27]", "[192.0.2.27]")


@pytest.mark.parametrize(
    ("settings", "who", "contact"),
    [
        (SETTINGS, "MX administrator of mx.partner.example", "postmaster@partner.example from another mailbox"),
        (
            Settings("a@b.example", "bob@partner.example", server="mx.partner.example"),
            "Administrator of mx.partner.example",
            "the administrator of mx.partner.example",
        ),
        (
            Settings("a@b.example", "bob@partner.example", relay=(Relay("out.example", 587),)),
            "Administrator of mx.partner.example",
            "the administrator of [out.example]:587",
        ),
    ],
)
def test_a_host_that_was_given_has_an_administrator_of_its_own(settings: Settings, who: str, contact: str) -> None:
    item = filled_at(ADDRESS, settings, finding("starttls-not-offered", "x"))
    assert item.actions[0].who == who
    assert contact_of(settings) == contact


def test_the_address_that_is_not_ascii_is_named() -> None:
    for sender, recipient in (("jörg@a.example", "bob@b.example"), ("bob@b.example", "jörg@a.example")):
        item = filled_at(ADDRESS, Settings(sender, recipient), finding("smtputf8-not-offered", "x"))
        assert item.actions[0] == Action("", "Use an ASCII address instead of jörg@a.example.")
        assert item.actions[1].who.startswith("MX administrator of ")


def test_braces_of_a_peer_and_of_a_check_stay() -> None:
    own = finding("recipient-rejected", "x", meaning="It said {host}.", advice="Ask about {domain} {0} {}.")
    assert filled_at(ADDRESS, SETTINGS, own) == own
    assert filled("{host} {other} {0} {", {"host": "{domain}"}) == "{domain} {other} {0} {"


def test_twice_is_once() -> None:
    once = filled_at(ADDRESS, SETTINGS, finding("greylisting-persists", "x"))
    assert filled_at("soa", SETTINGS, once) == once


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.recipient)
def test_nothing_unfilled_is_told_in_any_story(story: Story) -> None:
    probed = story.outcome == "accepted"  # else no host is probed
    made = run_of(story.recipient, timeout=1, probes=PROBES) if probed else story_report(story.recipient)
    assert [text for text in told(made) if PLACE.search(text)] == []
    assert [text for text in told(redact(made)) if PLACE.search(text)] == []


def told(report: Report) -> list[str]:
    """Return all that a report says in words of ours."""
    texts = [report.headline, report.delivery, report.summary, *report.advice]
    for cause in report.causes:
        texts += [cause.message, cause.meaning, cause.advice]
    for step in report.steps.values():
        texts += [step.title, step.detail, step.explanation]
        for item in step.findings:
            texts += [item.message, item.meaning, item.advice]
    return texts


@pytest.mark.parametrize(
    ("settings", "port"),
    [
        (SETTINGS, 25),
        (replace(SETTINGS, port=26), 26),
        (replace(SETTINGS, relay=(Relay("mx.partner.example", 587),)), 587),
        (replace(SETTINGS, relay=(Relay("a.example", 26), Relay("mx.partner.example", 587))), 587),
    ],
)
def test_what_to_do_names_the_port_of_the_run(settings: Settings, port: int) -> None:
    for code in ("connection-timeout", "smtp-egress-blocked", "egress-blocked", "path-interference"):
        item = filled_at(f"{ADDRESS}/connect", settings, finding(code, "x"))
        words = " ".join((item.meaning, *(str(action) for action in item.actions)))
        assert {int(found) for found in re.findall(r"port (\d+)", words)} == {port}, words
