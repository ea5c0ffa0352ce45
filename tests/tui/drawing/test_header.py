"""The header of a run that ended: the outcome, and beside it what fails that RCPT does not cover."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from smtpdiag_tui.bounces.then_and_now import Beside, Verdict
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.tui.drawing import header
from smtpdiag_tui.tui.drawing.glyphs import GLYPHS, use_ascii
from smtpdiag_tui.tui.model.live_report import Around
from tests.render.made import accepted


@pytest.fixture
def ascii_only() -> Iterator[None]:
    use_ascii(on=True)
    yield
    use_ascii(on=False)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_what_fails_after_data_stands_beside_the_outcome_at_any_width(width: int) -> None:
    report = accepted(dmarc="fail", spf="fail")
    badge = header.badge_of(report, "")
    parts = header.ended_parts(report, Around(), ("01:02:03 UTC from 192.0.2.10, EHLO mail.sender.example",))
    row = header.row_of(badge, parts, width)
    assert row.plain.startswith(" ✓ ACCEPTED  ✗ DMARC fails")
    assert row.cell_len <= width


def test_the_longest_fits_into_60_columns_and_has_a_colour_of_its_own() -> None:
    badge = header.badge_of(accepted(receivers="fail"), "")
    assert badge.plain == " ✓ ACCEPTED  ✗ requirement not met"
    assert badge.cell_len <= 60
    outcome, beside = badge.spans
    assert "reverse" in str(outcome.style)
    assert (str(beside.style), badge.plain[beside.start : beside.end].strip()) == (
        "bold red",
        "✗ requirement not met",
    )


def test_it_is_told_of_an_earlier_run_and_of_other_addresses_too() -> None:
    report = accepted(dmarc="fail")
    assert header.verdict_before(report).plain == f"   before: ✓ ACCEPTED ✗ DMARC fails {report.headline}"
    assert header.badge_of(report, "for a@b.example").plain == " ✓ ACCEPTED ✗ DMARC fails for a@b.example"


@pytest.mark.usefixtures("ascii_only")
def test_in_ascii_it_has_the_signs_of_ascii() -> None:
    assert header.badge_of(accepted(dmarc="fail"), "").plain == " + ACCEPTED  x DMARC fails"


def test_where_nothing_fails_or_no_run_ended_the_outcome_stands_alone() -> None:
    assert header.badge_of(accepted(dmarc="unknown"), "").plain == " ✓ ACCEPTED "
    assert header.verdict_before(accepted()).plain.startswith("   before: ✓ ACCEPTED mx.partner")
    cancelled = replace(accepted(dmarc="fail"), outcome=Outcome.UNKNOWN, status=Status.CANCELLED)
    assert header.badge_of(cancelled, "").plain == f" {GLYPHS[Status.CANCELLED]} CANCELLED "


def test_a_bounce_beside_a_run_has_forms_for_every_width() -> None:
    beside = Beside("550 5.7.26 after DATA (authentication)", "accepted at RCPT TO", "SPF fails", Verdict.AGAIN)
    assert header.then_forms(beside) == (
        "then 550 5.7.26 after DATA (authentication); SPF fails: the same would happen again",
        "then 550 5.7.26 after DATA (authentication): the same would happen again",
        "then 550 5.7.26 after DATA: the same would happen again",
        "then 550 5.7.26: the same would happen again",
        "the same would happen again",
    )
    assert header.then_forms(Beside("no connection", "timed out", "", Verdict.AGAIN)) == (
        "then no connection: the same would happen again",
        "the same would happen again",
    )
