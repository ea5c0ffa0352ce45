"""TXT records at `_mta-sts` (RFC 8461 §3.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.tls_policy.mta_sts_record import read_record

GOOD = b"v=STSv1; id=20260101T000000;"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (GOOD, "20260101T000000"),
        (b"v=STSv1;id=1", "1"),
        (b"v=STSv1 ; id=1 ;", "1"),
        (b"v=STSv1; id=" + b"a" * 32, "a" * 32),
        (b"v=STSv1; id=1; more=x-y:z", "1"),
        (b"v=STSv1; more=1; id=2;", "2"),
    ],
)
def test_a_valid_record(text: bytes, number: str) -> None:
    got = read_record([text])
    assert (got.id, got.problem, got.texts) == (number, "", (text.decode(),))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"v=STSv1", "the record has no id"),
        (b"v=STSv1;", "the record has no id"),
        (b"v=STSv1; id=", "the id '' is not 1 to 32 letters and digits"),
        (b"v=STSv1; id=2026-01-01", "the id '2026-01-01' is not 1 to 32 letters and digits"),
        (b"v=STSv1; id=" + b"a" * 33, f"the id '{'a' * 33}' is not 1 to 32 letters and digits"),
        (b"v=STSv1; id=\xff", "the id '\\xff' is not 1 to 32 letters and digits"),
        (b"v=STSv1; id=1; id=2", "the record has more than one id"),
        (b"v=STSv1; ID=1", "the record has no id"),
        (b"v=STSv1; id=1; nonsense", "the field 'nonsense' is malformed"),
        (b"v=STSv1; id=1; a=b=c", "the field 'a' is malformed"),
        (b"v=STSv1; id=1;; a=b", "the field '' is malformed"),
        (b"v=STSv1; id=1; a=" + b"b" * 600, "the record is too long"),
        (b"v=stsv1; id=1", "the record does not begin with exactly 'v=STSv1;'"),
        (b"V=STSv1; id=1", "the record does not begin with exactly 'v=STSv1;'"),
        (b" v=STSv1; id=1", "the record does not begin with exactly 'v=STSv1;'"),
        (b'"v=STSv1; id=1"', "the record does not begin with exactly 'v=STSv1;'"),
        (b"v = STSv1; id=1", "the record does not begin with exactly 'v=STSv1;'"),
        (b"v=STSv2; id=1", "the record does not begin with exactly 'v=STSv1;'"),
        (b"v=STSv10; id=1", "the record does not begin with exactly 'v=STSv1;'"),
    ],
)
def test_an_invalid_record(text: bytes, problem: str) -> None:
    got = read_record([text])
    assert (got.id, got.problem) == ("", problem)
    assert got.present


@pytest.mark.parametrize("texts", [[], [b""], [b"v=spf1 -all"], [b"v=TLSRPTv1; rua=mailto:a@b.example"]])
def test_other_records_say_nothing_of_it(texts: list[bytes]) -> None:
    got = read_record(texts)
    assert (got.present, got.problem) == (False, "")


def test_one_record_among_others_counts() -> None:
    got = read_record([b"v=spf1 -all", GOOD, b"v=STSv2; id=9"])
    assert (got.id, got.texts) == ("20260101T000000", (GOOD.decode(),))


def test_two_records_are_one_too_many_even_if_they_are_equal() -> None:
    got = read_record([GOOD, GOOD])
    assert (got.id, got.problem) == ("", "there are 2 records, exactly one is allowed")


def test_a_record_of_60_kib_is_bounded() -> None:
    got = read_record([b"v=STSv1; " + b"a" * 60_000])
    assert got.problem == "the record is too long"
    assert len(got.texts[0]) == 512


@given(st.lists(st.binary(max_size=80), max_size=4))
def test_whatever_stands_there_is_read(texts: list[bytes]) -> None:
    for prefix in (b"", b"v=STSv1;"):
        got = read_record([prefix + text for text in texts])
        assert (got.id == "") or (got.problem == "" and got.id.isalnum())
        assert all(line.isprintable() for line in (*got.texts, got.problem))
