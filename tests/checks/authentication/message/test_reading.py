"""Taking a message apart: what is header, what body, how large it goes out, whatever its line ends."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.checks.authentication.message.reading import MAX_HEADER, LineEnds, read_message

PLAIN = b"From: a@b.example\r\nSubject: x\r\n\r\nhello\r\nworld\r\n"


def names(content: bytes) -> list[bytes]:
    return [item.name for item in read_message(content).fields]


def test_a_plain_message() -> None:
    read = read_message(PLAIN)
    assert [(item.name, item.raw, item.value) for item in read.fields] == [
        (b"From", b" a@b.example", b"a@b.example"),
        (b"Subject", b" x", b"x"),
    ]
    assert (read.body, read.size, read.header_size) == (b"hello\r\nworld\r\n", len(PLAIN), 31)
    assert read.separated
    assert read.line_ends == LineEnds(5, 0, 0)
    assert (read.nul, read.eight_bit, read.eight_bit_header) == (False, False, False)
    assert (read.long_lines, read.header_cut) == (0, False)


def test_unix_line_ends_are_converted() -> None:
    read, crlf = read_message(PLAIN.replace(b"\r\n", b"\n")), read_message(PLAIN)
    assert (read.fields, read.body, read.size) == (crlf.fields, crlf.body, crlf.size)
    assert read.line_ends == LineEnds(0, 5, 0)
    assert not read.line_ends.mixed


def test_line_ends_of_several_kinds_are_counted() -> None:
    read = read_message(b"From: a@b.example\r\n\r\na\nb\rc\r\r\n")
    assert read.line_ends == LineEnds(3, 1, 2)
    assert read.line_ends.mixed
    assert read.body == b"a\r\nb\rc\r\r\n"
    assert read.size == len(read.body) + 21


def test_the_last_line_is_ended() -> None:
    assert read_message(b"From: a@b.example\r\n\r\nhello").size == 28
    assert read_message(b"From: a@b.example").size == 21


def test_folded_fields_are_unfolded() -> None:
    (item,) = read_message(b"Subject: a\r\n\tb\r\n  c\r\n\r\n").fields
    assert item.raw == b" a\r\n\tb\r\n  c"
    assert item.value == b"a\tb  c"
    assert (item.key, item.loose) == (b"subject", False)


def test_a_blank_before_the_colon() -> None:
    (item,) = read_message(b"Subject : a\r\n\r\n").fields
    assert (item.name, item.loose) == (b"Subject", True)


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"\n\n\n", b"\0", b":", b" x", b"From ", b"From a\n", b"a:\r\n b"]
)
def test_odd_messages(content: bytes) -> None:
    read = read_message(content)
    assert read.size >= len(read.body)
    assert read.fields in ((), read.fields[:1])


def test_a_header_without_blank_line() -> None:
    read = read_message(b"From: a@b.example\nSubject: x\n")
    assert (names(b"From: a@b.example\nSubject: x\n"), read.separated) == ([b"From", b"Subject"], False)
    assert (read.body, read.broken_line, read.size) == (b"", None, 33)


def test_a_line_that_is_no_field_ends_the_header() -> None:
    read = read_message(b"From: a@b.example\r\noops\r\nDate: x\r\n\r\nbody\r\n")
    assert [item.name for item in read.fields] == [b"From"]
    assert read.broken_line == 2
    assert read.body == b"oops\r\nDate: x\r\n\r\nbody\r\n"
    assert read.size == read.header_size + 2 + len(read.body)
    assert read_message(b"From a b\nFrom: a@b.example\n x\noops\n").broken_line == 4


def test_an_mbox_line_is_left_out() -> None:
    read = read_message(b"From alice Thu Jan  1 00:00:00 1970\n" + PLAIN.replace(b"\r\n", b"\n"))
    assert read.mailbox_line
    assert read.size == len(PLAIN)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([998], (0, 0)),
        ([999], (1, 999)),
        ([998, 998, 1], (0, 0)),
        ([0, 998, 0, 1000, 3, 2000, 998], (2, 2000)),
        ([1] * 5000 + [999], (1, 999)),
    ],
)
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_long_lines_are_counted(lines: list[int], expected: tuple[int, int], line_end: bytes) -> None:
    body = line_end.join(b"x" * length for length in lines) + line_end
    read = read_message(b"A: b" + line_end * 2 + body)
    assert (read.long_lines, read.longest) == expected


def test_octets_beyond_ascii_are_told_by_where_they_stand() -> None:
    header = read_message("Subject: ä\n\nx\n".encode())
    assert (header.eight_bit_header, header.eight_bit, header.header_is_utf8) == (True, False, True)
    body = read_message("Subject: a\n\nä\n".encode())
    assert (body.eight_bit_header, body.eight_bit) == (False, True)
    assert not read_message(b"Subject: \xe4\n\nx\n").header_is_utf8
    assert read_message(b"A: b\n\n\0\n").nul


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"a", b":", b" ", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"From ", b"\xe4", b"x" * 990])
    ).map(b"".join)
)
def test_every_octet_is_in_header_or_body(content: bytes) -> None:
    read = read_message(content)
    lines = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").split(b"\r\n")
    if not read.mailbox_line and read.size:
        longest = max(map(len, lines))
        assert read.longest == (longest if longest > 998 else 0)
        assert read.long_lines == sum(len(line) > 998 for line in lines)
        rebuilt = b"".join(item.name + b":" + item.raw + b"\r\n" for item in read.fields)
        if not any(item.loose for item in read.fields):
            assert len(rebuilt) == read.header_size
    assert b"\n" not in read.body.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"\n" * (2 << 20),
        b"x" * (2 << 20),
        b"\r" * (2 << 20),
        (b"x" * 998 + b"\r\n") * (2 << 10),
        b"X: y\r\n" * (1 << 19),
        b"From: a" + b"\r\n b" * (1 << 19),
        b"a" * (2 << 20) + b":\r\n\r\n",
    ],
    ids=["lf", "one line", "cr", "full lines", "fields", "folds", "name"],
)
def test_hostile_messages_take_linear_time(content: bytes) -> None:
    started = time.process_time()
    read = read_message(content)
    assert time.process_time() - started < 1.5
    assert sum(len(item.raw) for item in read.fields) <= MAX_HEADER
