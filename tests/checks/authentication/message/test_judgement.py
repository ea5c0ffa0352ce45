"""What servers refuse and what they repair in a message."""

import pytest

from smtpdiag_tui.checks.authentication.message.judgement import examine, judge_message
from smtpdiag_tui.checks.authentication.message.reading import read_message

HEADER = (
    b"From: Alice <alice@sender.example>\n"
    b"To: bob@partner.example\n"
    b"Date: Fri, 27 Nov 2026 12:00:00 +0000\n"
    b"Message-ID: <1@sender.example>\n"
    b"MIME-Version: 1.0\n"
)
GOOD = HEADER + b"\nhello\n"
FROM = b"From: Alice <alice@sender.example>\n"


def told(content: bytes) -> list[tuple[str, str]]:
    """Return code and headline of each finding, and check what holds for every one."""
    found = judge_message(examine(read_message(content)))
    for item in found:
        assert item.code in ("message-malformed", "message-risky")
        assert len(item.message) <= 80, item.message
        assert not item.message.endswith(".")
        assert item.meaning.endswith(".")
        assert item.actions
        assert len("".join(item.evidence)) < 1000
    return [(item.code.removeprefix("message-"), item.message) for item in found]


def without(name: bytes) -> bytes:
    return b"".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith(name))


def test_a_good_message_says_nothing() -> None:
    assert told(GOOD) == []
    assert told(GOOD.replace(b"\n", b"\r\n")) == []
    assert told(GOOD.replace(b"hello", "hällo".encode())) == []
    assert told(GOOD.replace(b"Alice", "Ålice".encode())) == []


def test_an_empty_message_says_no_more_than_that() -> None:
    assert told(b"") == [("malformed", "Message is empty")]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"", "Message has no From field"),
        (FROM * 2, "Message has 2 From fields"),
        (FROM * 10_000, "Message has 10,000 From fields"),
        (b"From: \n", "From field holds no valid address"),
        (b"From: alice\n", "From field holds an invalid address"),
        (b"From: " + b"a@b.example," * 500 + b"\n", "From field is 6,000 bytes long"),
        (b"From: a@b.example, c@d.example\n", "From field holds 2 addresses"),
        (b"From: x:a@b.example, c@d.example;\n", "From field holds 2 addresses"),
    ],
)
def test_without_one_from_address_it_is_refused(value: bytes, message: str) -> None:
    assert ("malformed", message) in told(GOOD.replace(FROM, value))


def test_a_from_address_without_domain_is_refused() -> None:
    words = {"From field does not follow RFC 5322", "From field holds no valid address"}  # from Python 3.13 on
    found = {message for kind, message in told(GOOD.replace(FROM, b"From: a@\n")) if kind == "malformed"}
    assert len(found & words) == 1


def test_a_group_with_one_address_is_a_risk() -> None:
    assert told(GOOD.replace(FROM, b"From: Team: a@b.example;\n")) == [("risky", "From field holds a group")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (without(b"Date"), "Message has no Date field"),
        (without(b"Message-ID"), "Message has no Message-ID field"),
        (GOOD.replace(b"Fri, 27 Nov", b"27 Brumaire"), "Date field is invalid"),
        (GOOD.replace(b"Date: ", b"Date: " + b"x" * 300), "Date field is invalid"),
        (GOOD.replace(b"<1@sender.example>", b"1"), "Message-ID field is invalid"),
        (b"Date: Fri, 27 Nov 2026 12:00:00 +0000\n" + GOOD, "Message has 2 Date fields"),
        (b"Message-ID: <2@sender.example>\n" + GOOD, "Message has 2 Message-ID fields"),
        (b"Sender: a@b.example\nSender: c@d.example\n" + GOOD, "Message has 2 Sender fields"),
        (b"Subject: a\nSubject: b\n" + GOOD, "Message has 2 Subject fields"),
        (GOOD.replace(b"To:", b"To :"), "Header field has a space before its colon"),
        (b"From alice Thu Jan  1 00:00:00 1970\n" + GOOD, "Message begins with an mbox 'From ' line"),
        (HEADER, "Message has no blank line after the header"),
        (HEADER + b"\n", "Message has no body"),
        (HEADER + b"\n \n\t\n", "Message has no body"),
        (HEADER + b"no field\n\nhello\n", "Line 6 of the header is not a header field"),
        (GOOD.replace(b"\n", b"\r\n") + b"a\nb\n", "2 of 9 lines end with LF, the others with CRLF"),
        (GOOD.replace(b"hello", b"hel\rlo"), "Message contains 1 bare CR"),
        (GOOD.replace(b"hello", b"h\r\re\rllo"), "Message contains 3 bare CRs"),
        (GOOD + b"x" * 999 + b"\n", "Message has 1 line longer than 998 bytes"),
        (GOOD + b"a\0b\n", "Message contains NUL"),
        (GOOD.replace(b"Alice", b"\xc5lice"), "Header field with 8-bit characters that are not UTF-8"),
        (without(b"MIME") + b"\xe4\n", "8-bit body without a MIME-Version field"),
    ],
)
def test_what_is_repaired_or_distrusted(content: bytes, message: str) -> None:
    assert told(content) == [("risky", message)]


def test_a_large_header_is_a_risk_and_a_giant_one_is_refused() -> None:
    large = b"X: y\n" * 30_000 + GOOD
    size = len(large.replace(b"\n", b"\r\n")) - len(b"\r\nhello\r\n")
    assert told(large) == [("risky", f"Message header is {size:,} bytes long")]
    giant = b"X: y\n" * 250_000 + GOOD
    size += 220_000 * len(b"X: y\r\n")
    assert told(giant) == [("malformed", f"Message header is {size:,} bytes long")]


def test_several_faults_are_all_told_the_gravest_first() -> None:
    found = told(b"Subject: a\xe4\nSubject : b\n\n\0\r\nx\n")
    assert [message for _, message in found] == [
        "Header field has a space before its colon",
        "Message has no From field",
        "Message has no Date field",
        "Message has no Message-ID field",
        "Message has 2 Subject fields",
        "4 of 5 lines end with LF, the others with CRLF",
        "Message contains NUL",
        "Header field with 8-bit characters that are not UTF-8",
    ]


def test_only_addresses_are_shown_printable_and_bounded() -> None:
    field = b"From: Alice <alice@a.example>, \x1b[31m@b.example, bob, " + b"a@c.example, " * 99 + b"x@-d.example\n"
    (item, *_) = judge_message(examine(read_message(GOOD.replace(FROM, field))))
    assert item.message == "From field holds an invalid address"
    assert item.evidence[0] == "alice@a.example"
    assert len(item.evidence) == 5
    assert all(line.isprintable() for line in item.evidence)


def test_fields_are_named_in_the_advice() -> None:
    (item,) = judge_message(examine(read_message(b"X-A: \xe4\nX-B: \xe4\n" + GOOD)))
    assert item.advice == "Encode X-A and X-B by RFC 2047 (=?utf-8?...?=)."
    (item,) = judge_message(examine(read_message(GOOD.replace(b"To:", b"To :"))))
    assert item.advice == "Remove the space after 'To'."
    (item,) = judge_message(examine(read_message(GOOD.replace(b"<1@sender.example>", b"1"))))
    assert item.advice == "Write the Message-ID field as '<unique@domain>'."
