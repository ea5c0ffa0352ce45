"""Headlines that fit into a line, and what was shortened made whole again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.report.fitting import HEADLINE, fitted, unfitted

NAMES = st.text("abcdefgh.-@", min_size=1, max_size=300)


def test_what_fits_stays_as_it_is() -> None:
    text = "mx.a.example [192.0.2.1] accepted the recipient"
    assert fitted(text, [" [192.0.2.1]"], ["mx.a.example"]) == text


def test_addresses_go_before_names_and_only_as_far_as_is_needed() -> None:
    text = f"mx.a.example [192.0.2.1] and mx.b.example [192.0.2.2] rejected {'x' * 20}"
    cut = fitted(text, [" [192.0.2.1]", " [192.0.2.2]"], ["mx.a.example"])
    assert cut == f"mx.a.example and mx.b.example [192.0.2.2] rejected {'x' * 20}"


def test_the_longest_name_is_shortened_first_in_its_middle() -> None:
    long = f"{'a' * 40}.{'b' * 40}.example"
    cut = fitted(f"{long} deferred mail of mx.a.example", [], ["mx.a.example", long])
    assert len(cut) == HEADLINE
    assert cut.startswith("aaaa")
    assert cut.endswith("b.example deferred mail of mx.a.example")


def test_words_that_no_name_is_are_left_out_whole() -> None:
    cut = fitted(f"550 no such mailbox, {'word ' * 20}secret.intern.example", [], [])
    assert cut.endswith("word…")
    assert len(cut) <= HEADLINE


def test_nothing_invisible_is_kept() -> None:
    assert "\x1b" not in fitted("mx\x1b[31m.example accepted", [], ["mx\x1b[31m.example"])


@given(NAMES, NAMES, st.text("xyz ", max_size=120))
def test_it_always_fits(one: str, other: str, rest: str) -> None:
    assert len(fitted(f"{one} [192.0.2.1] told {other} {rest}", [" [192.0.2.1]"], [one, other])) <= HEADLINE


@pytest.mark.parametrize("template", ["{} accepted", "'{}' is not a valid address", "No MX host of {}: none"])
def test_a_shortened_name_is_made_whole(template: str) -> None:
    name = f"{'alpha.' * 9}{'omega.' * 9}example"
    whole = template.format(name)
    cut = fitted(whole, [], [name, "omega.example"])
    assert cut != whole
    assert unfitted(cut, ["omega.example", name]) == whole


def test_a_name_that_ends_with_a_dot_is_made_whole() -> None:
    name = f"{'alpha.' * 9}{'omega.' * 9}example."
    cut = fitted(f"Recipient '{name}' ends with a dot", [], [name])
    assert unfitted(cut, [name]) == f"Recipient '{name}' ends with a dot"


def test_a_name_that_nobody_knows_stays_shortened() -> None:
    assert unfitted("alpha…omega accepted", ["beta.example"]) == "alpha…omega accepted"
    assert unfitted("words that end…", ["words that end here"]) == "words that end…"
