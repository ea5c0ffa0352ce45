"""TXT records at `_smtp._tls` (RFC 8460 §3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.tls_policy.tls_rpt import detail, judge_record, read_record


@pytest.mark.parametrize(
    ("text", "uris"),
    [
        (b"v=TLSRPTv1; rua=mailto:reports@example.com", ("mailto:reports@example.com",)),
        (b"v=TLSRPTv1;rua=https://reporting.example.com/v1/tlsrpt", ("https://reporting.example.com/v1/tlsrpt",)),
        (
            b"v=TLSRPTv1; rua=mailto:a@example.com , https://r.example.com/x;",
            ("mailto:a@example.com", "https://r.example.com/x"),
        ),
        (b"v=TLSRPTv1; rua=mailto:a@example.com; more=1", ("mailto:a@example.com",)),
        (b"v=TLSRPTv1; rua=MAILTO:a@example.com", ("MAILTO:a@example.com",)),
    ],
)
def test_a_valid_record(text: bytes, uris: tuple[str, ...]) -> None:
    got = read_record([b"v=spf1 -all", text])
    assert (got.uris, got.problem) == (uris, "")
    [found] = judge_record("example.com", got)
    assert (found.code, found.message) == ("tls-rpt-present", "example.com requests TLS reports")
    assert detail(got) == "requested"


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ([b"v=TLSRPTv1"], "the record has no rua"),
        ([b"v=TLSRPTv1; rua="], "the record has no rua"),
        (
            [b"v=TLSRPTv1; rua=reports@example.com"],
            "rua 'reports@example.com' is neither a mailto: nor an https: address",
        ),
        (
            [b"v=TLSRPTv1; rua=http://r.example.com/"],
            "rua 'http://r.example.com/' is neither a mailto: nor an https: address",
        ),
        ([b"v=TLSRPTv1; rua=mailto:"], "rua 'mailto:' is neither a mailto: nor an https: address"),
        (
            [b"v=TLSRPTv1; rua=mailto:a@example.com,"],
            "rua '' is neither a mailto: nor an https: address",
        ),
        ([b"v=TLSRPTv1; rua=mailto:a@b.example; rua=mailto:c@d.example"], "the record has more than one rua"),
        ([b"v=TLSRPTv1; rua=mailto:a@b.example; junk"], "the field 'junk' is malformed"),
        ([b"v=TLSRPTv1; rua=mailto:a@b.example; a=b c"], "the field 'a' is malformed"),
        ([b"v=tlsrptv1; rua=mailto:a@b.example"], "the record does not begin with exactly 'v=TLSRPTv1;'"),
        ([b"v=TLSRPTv2; rua=mailto:a@b.example"], "the record does not begin with exactly 'v=TLSRPTv1;'"),
        ([b"v=TLSRPTv1; rua=mailto:a@b.example"] * 2, "there are 2 records, exactly one is allowed"),
        ([b"v=TLSRPTv1; rua=mailto:" + b"a" * 60_000], "the record is too long"),
    ],
)
def test_an_invalid_record(texts: list[bytes], problem: str) -> None:
    got = read_record(texts)
    assert (got.uris, got.problem) == ((), problem)
    [found] = judge_record("example.com", got)
    assert (found.code, found.severity, found.side) == ("tls-rpt-invalid", "warning", "recipient")
    assert found.meaning == f"Sending servers that report failed TLS ignore the record: {problem}."
    assert str(found.actions[0]) == (
        "DNS administrator of example.com: publish one TXT record at _smtp._tls.example.com such as"
        " 'v=TLSRPTv1; rua=mailto:tls-reports@example.com'."
    )
    assert detail(got) == "record invalid"


@pytest.mark.parametrize("texts", [[], [b"v=spf1 -all"], [b"v=STSv1; id=1"]])
def test_other_records_say_nothing_of_it(texts: list[bytes]) -> None:
    got = read_record(texts)
    [found] = judge_record("example.com", got)
    assert (found.code, found.severity, detail(got)) == ("tls-rpt-none", "info", "not published")


@given(st.binary(max_size=120))
def test_whatever_stands_there_is_read(text: bytes) -> None:
    for whole in (text, b"v=TLSRPTv1; rua=" + text):
        got = read_record([whole])
        assert bool(got.uris) == (bool(got.texts) and not got.problem)
        assert all(line.isprintable() for line in (*got.texts, *got.uris, got.problem))
