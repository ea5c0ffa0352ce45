"""The words that the reports share."""

from datetime import UTC, datetime

import pytest

from smtpdiag_tui.render.words import moment, paragraphs, seconds, with_reference


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0 ms"), (0.0852, "85 ms"), (0.9996, "1.0 s"), (1.24, "1.2 s"), (59.94, "59.9 s"), (75.2, "75 s")],
)
def test_a_duration_is_as_exact_as_it_is_short(value: float, words: str) -> None:
    assert seconds(value) == words


def test_a_time_is_in_utc() -> None:
    assert moment(datetime(2026, 11, 24, 4, 20, 0, 123456, tzinfo=UTC)) == "2026-11-24 04:20:00 UTC"


def test_a_code_stands_with_its_reference_where_it_has_one() -> None:
    assert with_reference("null-mx", "RFC 7505") == "null-mx, RFC 7505"
    assert with_reference("null-mx", None) == "null-mx"


def test_lines_of_a_paragraph_are_joined_and_a_numbered_one_begins_anew() -> None:
    assert paragraphs("one\ntwo\n1) three\nfour\n2) five") == "one two\n1) three four\n2) five"


def test_items_of_a_list_and_what_announces_them_begin_anew() -> None:
    text = "Does this\nand that. Fails if:\n- one\n  thing\n- another\nWarns if:\n- a third"
    assert paragraphs(text) == "Does this and that. Fails if:\n- one thing\n- another\nWarns if:\n- a third"
    assert paragraphs("Opens it.\nFails if:\n- one") == "Opens it.\nFails if:\n- one"
