"""What a line asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.batch.done import DoneLine, read_line
from smtpdiag_tui.batch.pairs import BadLine, Pair, read_pair, too_long
from smtpdiag_tui.batch.telling import Form, Teller

SENDER = "alice@sender.example"
PAIR = (SENDER, "bob@partner.example")


@pytest.mark.parametrize(
    "text",
    [
        "alice@sender.example bob@partner.example",
        "alice@sender.example\tbob@partner.example",
        "alice@sender.example,bob@partner.example",
        "alice@sender.example;bob@partner.example\r",
        "  alice@sender.example ,  bob@partner.example  # the boss",
        "<alice@sender.example> <bob@partner.example>",
        '"alice@sender.example","bob@partner.example"',
        "\ufeffalice@sender.example bob@partner.example",
    ],
)
def test_two_addresses_in_every_form_that_tables_have(text: str) -> None:
    read = read_pair(1, text, None)
    assert isinstance(read, Pair)
    assert (read.sender, read.recipient, read.domain) == (*PAIR, "partner.example")


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("partner.example", (SENDER, "postmaster@partner.example")),
        ("bob@partner.example", (SENDER, "bob@partner.example")),
        ("<> bob@partner.example", ("", "bob@partner.example")),
        ('"" bob@partner.example', ("", "bob@partner.example")),
        ('"a b"@sender.example bob@[192.0.2.1]', ('"a b"@sender.example', "bob@[192.0.2.1]")),
        ("bücher.example", (SENDER, "postmaster@bücher.example")),
    ],
)
def test_lines_with_one_word_or_with_odd_ones(text: str, pair: tuple[str, str]) -> None:
    read = read_pair(1, text, SENDER)
    assert isinstance(read, Pair), read
    assert (read.sender, read.recipient) == pair


@pytest.mark.parametrize("text", ["", "   ", "# alice@sender.example bob@partner.example", "\t#", "\ufeff# first"])
def test_blank_lines_and_comments_ask_for_nothing(text: str) -> None:
    assert read_pair(1, text, SENDER) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a@b.example c@d.example e@f.example", "3 words"),
        ("alice@@sender.example bob@partner.example", "alice"),
        ("alice@sender.example bob@part\0ner.example", ""),
        ("\x1b[31m bob@partner.example", ""),
        ("alice@sender.example @", ""),
    ],
)
def test_what_cannot_be_run_is_told_in_one_printable_line(text: str, words: str) -> None:
    read = read_pair(7, text, None)
    assert isinstance(read, BadLine)
    assert read.number == 7
    assert words in read.error
    assert (read.text + read.error).isprintable()


def test_a_domain_needs_a_sender() -> None:
    read = read_pair(1, "partner.example", None)
    assert isinstance(read, BadLine)
    assert "--sender" in read.error


def test_the_same_pair_is_the_same_in_any_case_of_its_domains_but_not_of_its_local_parts() -> None:
    keys = [
        read.key
        for text in ("a@s.example b@P.example", "a@S.EXAMPLE b@p.example", "A@s.example b@p.example")
        if isinstance(read := read_pair(1, text, None), Pair)
    ]
    assert keys[0] == keys[1] != keys[2]


@given(st.text(max_size=300), st.booleans())
def test_no_line_makes_the_reader_fail_and_what_is_told_is_found_again(text: str, sender: bool) -> None:
    read = read_pair(3, text, SENDER if sender else None)
    if isinstance(read, BadLine):
        assert len(read.text) <= 201
        assert read_line(Teller().bad(read)) == DoneLine(read.key, ("invalid line", ""))
    elif read is not None:
        told = Teller().failed(read, "no reason")
        assert read_line(told.line) == DoneLine(read.key, ("error", ""))


def test_a_masked_line_tells_no_local_part() -> None:
    pair = read_pair(1, " ".join(PAIR), None)
    assert isinstance(pair, Pair)
    masked = Teller(Form.SHORT, mask=lambda report: report)
    for line in (
        masked.crashed(pair, ValueError("of bob@partner.example")).line,
        masked.bad(too_long(2, "bob", 9)),
    ):
        assert b"bob" not in line
        assert b"alice" not in line
