"""The text report, as it is pasted into a ticket."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.render.words import paragraphs
from smtpdiag_tui.report.visible import visible
from tests.render.made import SESSION, WORDS, made, report_of


def test_it_begins_with_outcome_what_to_do_and_reasons_tells_the_sequence_and_ends_with_the_outcome() -> None:
    lines = to_text(made()).splitlines()
    assert lines[0] == "From alice@sender.example to bob@partner.example"
    assert lines[1].endswith("2026-11-24 04:20:00 UTC, 2.4 s")
    assert lines[2] == "Settings: target DNS 192.0.2.53:5353; limit 2.5 s"
    checks = [line for line in lines if line.startswith("Checking: ")]
    assert checks == ["Checking: Address syntax  ✓ passed", "Checking: Delivery  ✗ failed (1 host)"]
    ends = [line for line in lines if line in ("Reasons", "What to do") or line.startswith("Outcome")]
    outcome = "Outcome  ✗ bounced: a sender would return the mail"
    assert ends == [outcome, "What to do", "Reasons", outcome]
    assert lines.index("  1. Check it.") < lines.index(checks[0])
    assert lines[-1] == outcome
    assert "Whose side: the recipient's side" in lines


def test_the_conversation_is_whole_and_unbroken() -> None:
    text = to_text(made())
    assert f"   0.25 T← {WORDS}\n" in text
    assert r"   0.20  ← 220 \x1b[31m\xff" in text
    assert f"| {WORDS}\n" in text


def test_our_own_sentences_fit_in_80_columns() -> None:
    long = [line for line in to_text(made(), verbose=True).splitlines() if len(line) > 79 and WORDS not in line]
    assert long == []


def test_colour_is_action_white_information_grey_success_green_failure_red() -> None:
    text = to_text(made(), colour=True)
    assert "\x1b[1mChecking: Delivery\x1b[0m  \x1b[31m✗ failed\x1b[0m" in text
    assert "\x1b[32m✓ passed\x1b[0m" in text
    assert "\x1b[90m             i A remark." in text or "\x1b[90mi A remark." in text
    assert re.sub(r"\x1b\[\d+m", "", text) == to_text(made())


def test_without_colour_there_is_no_escape_sequence() -> None:
    assert "\x1b" not in to_text(made())


def test_ascii_alone_where_the_terminal_has_no_more() -> None:
    text = to_text(made(), ascii_only=True)
    assert text.isascii()
    assert "Outcome  x bounced" in text


def test_verbose_explains_and_leaves_nothing_out() -> None:
    short, long = to_text(made()), to_text(made(), verbose=True)
    assert "Why syntax matters." in long
    assert "Why syntax matters." not in short
    assert "QUIT: the session ended" in long
    assert "QUIT: the session ended" not in short


def test_an_explanation_is_wrapped_anew_and_its_numbers_stay_at_the_left() -> None:
    text = "One long line\nthat goes on.\n1) A first\nreason.\n2) A second."
    assert paragraphs(text) == "One long line that goes on.\n1) A first reason.\n2) A second."


def test_of_a_reply_of_thousands_of_lines_the_middle_gives_way() -> None:
    text = to_text(made(lines=5000))
    assert len(text.splitlines()) < 260
    assert "4,841 lines left out here" in text
    assert len(to_text(made(lines=5000), verbose=True).splitlines()) > 5000


@settings(deadline=None, max_examples=50)
@given(st.one_of(st.text(), st.text(st.sampled_from("a\u0301日\u200d\ufe0f א"))), st.booleans(), st.booleans())
def test_any_text_is_told_line_by_line(text: str, colour: bool, ascii_only: bool) -> None:
    shown = visible(text)
    told = to_text(report_of(shown), colour=colour, verbose=True, ascii_only=ascii_only)
    assert len(told.split("\n")) >= len(to_text(report_of(""), verbose=True).split("\n"))
    to_text(report_of(text), colour=colour, ascii_only=ascii_only)


@settings(deadline=None, max_examples=50)
@given(st.text(st.sampled_from("a\u0301日\u200d\ufe0f א\x1b"), max_size=200))
def test_a_saved_report_is_read_as_it_was_shown(text: str) -> None:
    shown = visible(text)
    assert from_json(to_json(report_of(text))).steps[SESSION].transcript[0].text == shown
    assert from_json(to_json(report_of(shown))).steps[SESSION].findings[0].evidence == (shown, shown)
