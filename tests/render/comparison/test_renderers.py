"""A comparison as it is read: headline, text, Markdown, JSON and one line."""

import json
from dataclasses import replace

import pytest

from smtpdiag_tui.render.comparison import as_json, markdown, summary, text
from smtpdiag_tui.render.comparison.words import fact_lines, headline
from smtpdiag_tui.report.comparison import compare
from smtpdiag_tui.report.facts import SessionEnd
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.fitting import HEADLINE
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from tests.report.comparison.made import (
    ACCEPTED,
    CAUSE,
    DEFERRED,
    GREY,
    MX,
    SETTINGS,
    V4,
    from_host,
    routed,
    session,
)

HOSTILE = "550 `rm` <b>*no*</b> [x](http://evil.example) | @all"


def outcome(of: Outcome) -> Report:
    return replace(ACCEPTED, outcome=of)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (DEFERRED, ACCEPTED, "Better: accepted, was deferred (greylisting)"),
        (ACCEPTED, DEFERRED, "Worse: deferred (greylisting), was accepted"),
        (ACCEPTED, ACCEPTED, "No change: accepted"),
        (outcome(Outcome.UNKNOWN), ACCEPTED, "Accepted, was unknown"),
        (
            DEFERRED,
            replace(ACCEPTED, status=Status.CANCELLED, outcome=Outcome.UNKNOWN),
            "Cancelled, was deferred (greylisting)",
        ),
        (
            DEFERRED,
            replace(DEFERRED, causes=(replace(CAUSE, reason=Reason.RATE_LIMIT),)),
            "Still deferred, for another reason: rate-limit, was greylisting",
        ),
        (
            from_host(DEFERRED, "mail2.example"),
            from_host(ACCEPTED, "mail1.example"),
            "Accepted from mail1.example, deferred (greylisting) from mail2.example",
        ),
        (
            from_host(ACCEPTED, "mail2.example"),
            from_host(ACCEPTED, "mail1.example"),
            "Accepted from both mail1.example and mail2.example",
        ),
        (
            DEFERRED,
            replace(ACCEPTED, settings=replace(SETTINGS, recipient="carol@partner.example")),
            "Accepted for carol@partner.example, deferred for bob@partner.example",
        ),
        (
            ACCEPTED,
            replace(ACCEPTED, settings=replace(SETTINGS, sender="")),
            "Accepted from both <> and alice@sender.example",
        ),
    ],
)
def test_a_headline(old: Report, new: Report, said: str) -> None:
    assert headline(compare(old, new)) == said


def test_a_headline_of_long_names_is_fitted() -> None:
    names = ["mail-" + "x" * 90 + f"{number}.example" for number in range(2)]
    found = compare(*(from_host(run, name) for run, name in zip((DEFERRED, ACCEPTED), names, strict=True)))
    assert len(headline(found)) <= HEADLINE


def test_text_is_a_page_with_the_answer_first() -> None:
    page = text.to_text(compare(DEFERRED, ACCEPTED)).splitlines()
    assert page[0] == "! DEFERRED → ✓ ACCEPTED  alice@sender.example to bob@partner.example"
    assert page[1] == "Better: accepted, was deferred (greylisting)"
    assert "Old:          Greylisted by mx.partner.example [192.0.2.25]" in page
    assert "              2026-11-24 04:20:00 UTC" in page
    assert "Problems:     1 fixed" in page
    assert "Fixed problems" in page
    assert "  ✓ Greylisted by mx.partner.example" in page


def test_text_in_ascii_and_in_colour() -> None:
    found = compare(DEFERRED, ACCEPTED)
    assert text.to_text(found, ascii_only=True).startswith("! DEFERRED -> + ACCEPTED")
    assert "\x1b[33m! DEFERRED\x1b[0m → \x1b[32m✓ ACCEPTED\x1b[0m" in text.to_text(found, colour=True)


def test_addresses_that_changed_alike_are_one_line() -> None:
    old = [session(f"{MX}/192.0.2.{number}", SessionEnd.DEFERRED, "450", GREY) for number in range(100)]
    new = [session(f"{MX}/192.0.2.{number}") for number in range(100)]
    found = compare(routed(*old), routed(*new))
    assert len(found.facts) == 100
    lines = fact_lines(found.facts)
    assert len(lines) == 1
    assert lines[0].about == "mx.partner.example [192.0.2.0], [192.0.2.1], [192.0.2.2], 97 more"
    assert "  ✓ Greylisted by mx.partner.example (×100)" in text.to_text(found).splitlines()


def test_more_than_a_page_is_counted_and_verbose_has_all() -> None:
    new = replace(ACCEPTED, settings=SETTINGS)
    codes = ("mx-is-cname", "mx-unresolvable", "dns-malformed", "implicit-mx", "mx-ipv6-only", "soa-lame-server")
    many = [finding(code, f"Problem {code}") for code in codes]
    found = compare(
        replace(routed(session(V4, SessionEnd.ACCEPTED, "250 2.1.5", *many)), outcome=new.outcome), new
    )
    assert "    … 1 more problem (-v)" in text.to_text(found).splitlines()
    assert all(f"Problem {code}" in text.to_text(found, verbose=True) for code in codes)


def test_markdown_holds_no_markup_of_a_peer() -> None:
    found = compare(replace(DEFERRED, headline=HOSTILE), ACCEPTED)
    told = markdown.to_markdown(found)
    assert told.startswith("# ! DEFERRED → ✓ ACCEPTED: `alice@sender.example` to `bob@partner.example`")
    assert "<b>" not in told
    assert "](http" not in told


def test_json_holds_both_ends_of_all() -> None:
    told = json.loads(as_json.to_json(compare(DEFERRED, ACCEPTED)))
    assert (told["schema"], told["outcome"]) == (1, {"old": "deferred", "new": "accepted"})
    assert told["old"]["started"] == "2026-11-24T04:20:00.000Z"
    assert told["problems"]["fixed"][0]["old"]["code"] == "greylisted"
    assert told["problems"]["fixed"][0]["new"] is None
    assert {key for key, value in told["problems"].items() if value} == {"fixed"}
    assert told["facts"][0] == {
        "kind": "reply",
        "about": "mx.partner.example [192.0.2.25]",
        "old": "deferred 450 4.2.0 (greylisting)",
        "new": "accepted 250 2.1.5",
        "old_step": V4,
        "new_step": V4,
    }
    assert {"id": f"{V4}/rcpt-to", "old_code": "450", "new_code": "250"}.items() <= told["steps"][1].items()


def test_a_summary_is_one_line() -> None:
    assert summary.to_summary(compare(DEFERRED, ACCEPTED)) == (
        "ACCEPTED alice@sender.example to bob@partner.example: Better: accepted, was deferred (greylisting)"
        " [1 change; problems: 1 fixed]\n"
    )
    assert summary.to_summary(compare(ACCEPTED, ACCEPTED)).endswith(": No change: accepted\n")
