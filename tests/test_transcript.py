"""A peer's bytes on their way to a screen."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich._unicode_data import load
from rich._unicode_data._versions import VERSIONS

from smtpdiag_tui.transcript import _MAY_JOIN, MOST_MARKS, Direction, Entry, Transcript, _joins, visible

MARKS = ("\u0301", "\u0e47", "\u20dd", "\ufe0f", "\u1ab0", "\u0903", "\u1161", "\U0001f3fd", "\U000e0100")
piled = st.text(st.sampled_from([*MARKS, "a", " ", "日", "\x1b", "\u3164"]))


@given(st.binary())
def test_any_bytes_become_one_printable_line(data: bytes) -> None:
    assert visible(data).isprintable()


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    assert visible(text).isprintable()


def test_what_prints_stays() -> None:
    assert visible("250 jörg ✓ 日本 [b]x[/b]".encode()) == "250 jörg ✓ 日本 [b]x[/b]"


def test_what_does_not_print_becomes_a_visible_escape() -> None:
    assert visible(b"\x00\t\x1b\x7f\xff") == r"\x00\x09\x1b\x7f\xff"
    assert visible("\x85\u202e\u200b\ufeff\ud800\U000e0001") == r"\x85\u202e\u200b\ufeff\ud800\U000e0001"


def test_exact_bytes_are_kept_where_the_text_differs() -> None:
    batches: list[tuple[Entry, ...]] = []
    transcript = Transcript(lambda: 1.5, batches.append)
    transcript.received(b"220 ok", tls=True)
    transcript.received(b"220 \xff")
    transcript.sent(b"QUIT")
    transcript.note("a note with \x1b in it")
    assert batches == []
    transcript.flush()
    transcript.flush()
    [batch] = batches
    assert [entry.raw for entry in batch] == [None, b"220 \xff", None, None]
    assert [entry.direction for entry in batch] == [Direction.RECEIVED] * 2 + [Direction.SENT, Direction.NOTE]
    assert batch[0] == Entry(1.5, Direction.RECEIVED, "220 ok", tls=True)
    assert batch[3].text == r"a note with \x1b in it"


@given(st.one_of(piled, st.text()))
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(st.one_of(piled, st.text()))
def test_no_letter_has_more_than_a_few_marks_and_no_mark_stands_alone(text: str) -> None:
    count = MOST_MARKS  # nothing stands before: no mark fits there
    for char in visible(text):
        if unicodedata.category(char).startswith("M"):
            count += 1
        else:
            count = MOST_MARKS if char == " " else 0
        assert count <= MOST_MARKS or not unicodedata.category(char).startswith("M")


@pytest.mark.parametrize("mark", MARKS)
def test_marks_beyond_a_few_and_without_a_letter_are_escapes(mark: str) -> None:
    escape = f"\\u{ord(mark):04x}" if ord(mark) <= 0xFFFF else f"\\U{ord(mark):08x}"
    assert visible("a" + mark * 6 + "b" + mark) == "a" + mark * 4 + escape * 2 + "b" + mark
    assert visible(mark + "a " + mark) == f"{escape}a {escape}"
    assert visible("\x1b" + mark) == rf"\x1b{escape}"
    assert visible(("a" + mark * 6).encode()) == "a" + mark * 4 + escape * 2


@pytest.mark.parametrize(
    "text",
    [
        "Người nhận không tồn tại",
        unicodedata.normalize("NFD", "Người nhận không tồn tại"),
        "ไม่พบผู้รับที่อยู่นี้",
        "प्राप्तकर्ता नहीं मिला, क्षेत्र में",
        "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים",
        "المُسْتَلِمُ غَيْرُ مَوْجُودٍ",
        unicodedata.normalize("NFD", "받는 사람을 찾을 수 없습니다"),
        "受信者が見つかりません、が",
        "葛\U000e0100飾区",
        "☺\ufe0f 1\ufe0f\u20e3 👍\U0001f3fd 🇩🇪",
        "jörg ✓ Ω Ж",
    ],
)
def test_languages_keep_their_marks(text: str) -> None:
    assert visible(text) == text


def test_what_leaves_nothing_to_be_seen_is_an_escape() -> None:
    assert visible("a\u034fb\u115fc\u1160d\u3164e\uffa0") == r"a\u034fb\u115fc\u1160d\u3164e\uffa0"


def test_all_that_has_no_width_of_its_own_is_looked_at() -> None:
    joining = [
        chr(point) for point in range(sys.maxunicode + 1) if chr(point).isprintable() and _joins(chr(point))
    ]
    assert [char for char in joining if not _MAY_JOIN.match(char)] == []
    for version in VERSIONS:
        for start, end, width in load(version).widths:
            for char in map(chr, range(start, end + 1) if width == 0 else ()):
                assert _joins(char) or visible("a" + char) != "a" + char, (version, hex(ord(char)))
