"""Texts of MTA-STS policies, and which MX hosts they allow (RFC 8461 §3.2, §4.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.tls_policy.mta_sts_policy import MAX_PATTERNS, Mode, matches, read_policy

TEXT = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace(b"\r\n", b"\n"),
        TEXT.rstrip(),
        TEXT + b"\r\n\r\n",
        TEXT.replace(b": ", b":"),
        TEXT.replace(b": ", b":\t  "),
        TEXT.replace(b"\r\n", b"  \r\n"),
        TEXT + b"new_key: a:b\r\n",
        TEXT + b"mode: none\r\nversion: STSv9\r\nmax_age: 1\r\n",  # of several the first counts
        TEXT.replace(b"mail.example.com", b"MAIL.example.com"),
        b"max_age: 604800\nmx: mail.example.com\nmode: enforce\nmx: *.example.net\nversion: STSv1",
    ],
)
def test_a_good_policy(text: bytes) -> None:
    got = read_policy(text)
    assert got.problems == ()
    assert (got.mode, got.patterns, got.max_age) == (
        Mode.ENFORCE,
        ("mail.example.com", "*.example.net"),
        604800,
    )


@pytest.mark.parametrize("mode", Mode)
def test_each_mode_is_known(mode: Mode) -> None:
    assert read_policy(TEXT.replace(b"enforce", mode.encode())).mode is mode


def test_mode_none_needs_no_mx() -> None:
    assert read_policy(b"version: STSv1\nmode: none\nmax_age: 86400\n").usable


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (b"", ("the text is empty",)),
        (b" \r\n\r\n", ("the text is empty",)),
        (b"<!DOCTYPE html><html></html>", ("the text is an HTML page, not a policy",)),
        (b"\n<html>\n", ("the text is an HTML page, not a policy",)),
        (TEXT.replace(b"version: STSv1\r\n", b""), ("the version is missing",)),
        (TEXT.replace(b"STSv1", b"STSv2"), ("the version is 'STSv2', not STSv1",)),
        (TEXT.replace(b"STSv1", b"stsv1"), ("the version is 'stsv1', not STSv1",)),
        (TEXT.replace(b"mode: enforce\r\n", b""), ("the mode is missing",)),
        (TEXT.replace(b"enforce", b"Enforce"), ("the mode 'Enforce' is unknown",)),
        (TEXT.replace(b"enforce", b"report"), ("the mode 'report' is unknown",)),
        (TEXT.replace(b"max_age: 604800\r\n", b""), ("max_age is missing",)),
        (TEXT.replace(b"604800", b"1w"), ("max_age '1w' is not a number of seconds",)),
        (TEXT.replace(b"604800", b"-1"), ("max_age '-1' is not a number of seconds",)),
        (TEXT.replace(b"604800", b"12345678901"), ("max_age '12345678901' is not a number of seconds",)),
        (b"version: STSv1\nmode: enforce\nmax_age: 1\n", ("no mx is listed",)),
        (
            b"mode: x\n",
            ("the version is missing", "the mode 'x' is unknown", "max_age is missing", "no mx is listed"),
        ),
    ],
)
def test_a_policy_that_senders_cannot_use(text: bytes, faults: tuple[str, ...]) -> None:
    got = read_policy(text)
    assert got.faults == faults
    assert not got.usable


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        (TEXT.replace(b"604800", b"31557601"), ("max_age 31557601 is over 31557600 seconds",)),
        (TEXT + b"nonsense\n", ("line 6 is not 'key: value': 'nonsense'",)),
        (TEXT + b"a key: 1\n", ("line 6 is not 'key: value': 'a key: 1'",)),
        (TEXT + b"key: \x00\n", ("line 6 is not 'key: value': 'key: \\x00'",)),
        (TEXT + b"key: \xff\n", ("line 6 is not 'key: value': 'key: \\xff'",)),
        (TEXT + b"MX: other.example.com\n", ("the key 'MX' must be in lower case",)),
        (TEXT + b"mx: *.*.example.com\n", ("the mx '*.*.example.com' is not a host name, and matches none",)),
        (TEXT + b"mx: mail.example.com.\n", ("the mx 'mail.example.com.' is not a host name, and matches none",)),
        (
            TEXT + b"mx: 10 mail.example.com\n",
            ("the mx '10 mail.example.com' is not a host name, and matches none",),
        ),
        (TEXT + b"mx: .example.com\n", ("the mx '.example.com' is not a host name, and matches none",)),
        (TEXT + b"mx: mail*.example.com\n", ("the mx 'mail*.example.com' is not a host name, and matches none",)),
        (TEXT + b"mx:\n", ("the mx '' is not a host name, and matches none",)),
    ],
)
def test_what_strict_senders_reject(text: bytes, remarks: tuple[str, ...]) -> None:
    got = read_policy(text)
    assert (got.faults, got.remarks) == ((), remarks)
    assert got.mode is Mode.ENFORCE


def test_a_byte_order_mark_hides_the_version() -> None:
    got = read_policy(b"\xef\xbb\xbf" + TEXT)
    assert got.faults == ("the version is missing",)
    assert got.remarks == ("the text begins with a byte order mark",)


def test_a_text_outside_ascii_in_an_unknown_key_is_allowed() -> None:
    assert read_policy(TEXT + "contact: Jürgen\n".encode()).problems == ()


def test_a_policy_of_junk_is_bounded() -> None:
    got = read_policy(TEXT + b"junk\n" * 10_000)
    assert len(got.remarks) == 21
    assert got.remarks[-1] == "9980 more problems of this kind"
    long = read_policy(TEXT + b"x" * 60_000)
    assert len(long.remarks[0]) < 120
    many = read_policy(TEXT + b"".join(b"mx: mx%d.example.com\n" % number for number in range(3000)))
    assert len(many.patterns) == MAX_PATTERNS
    assert many.remarks == ("3002 mx are listed, the first 1000 were read",)


@pytest.mark.parametrize(
    ("pattern", "host", "fits"),
    [
        ("mail.example.com", "mail.example.com", True),
        ("mail.example.com", "MAIL.Example.COM", True),
        ("MAIL.example.com", "mail.example.com", True),
        ("*.example.com", "mail.example.com", True),
        ("*.example.com", "a.mail.example.com", False),
        ("*.example.com", "example.com", False),
        ("*.example.com", ".example.com", False),
        ("*.com", "example.com", True),
        ("mail.example.com", "mail2.example.com", False),
        ("example.com", "mail.example.com", False),
        ("*.example.com", "mail.example.com.evil.example", False),
        ("*.example.com", "192.0.2.25", False),
    ],
)
def test_the_wildcard_stands_for_exactly_one_label(pattern: str, host: str, fits: bool) -> None:
    assert matches(pattern, host) is fits


LINE = st.one_of(
    st.sampled_from(
        ["version: STSv1", "mode: enforce", "mode: none", "mx: mx.example", "max_age: 1", "mx: *.a.example"]
    ),
    st.text(max_size=40),
)


@given(st.binary(max_size=300))
def test_whatever_arrives_is_read(text: bytes) -> None:
    for whole in (text, TEXT + text):
        got = read_policy(whole)
        assert all(line.isprintable() for line in got.problems)


@given(st.lists(LINE, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_a_usable_policy_has_all_that_it_needs(lines: list[str], end: str) -> None:
    got = read_policy(end.join(lines).encode("utf-8", "surrogatepass"))
    if got.usable:
        assert got.mode is not None
        assert got.max_age is not None
        assert "version: STSv1" in lines
        assert got.mode is Mode.NONE or any(line.startswith("mx") for line in lines)


@given(st.from_regex(r"\A[a-z0-9]{1,8}(\.[a-z0-9]{1,8}){1,4}\Z"))
def test_a_host_matches_itself_and_the_wildcard_above_it(host: str) -> None:
    assert matches(host, host)
    assert matches(f"*.{host.partition('.')[2]}", host)
    assert not matches(f"*.{host}", host)
