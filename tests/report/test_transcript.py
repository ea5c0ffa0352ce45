"""A peer's bytes on their way to a screen."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich._unicode_data import load
from rich._unicode_data._versions import VERSIONS

from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.transcript import MAX_FOLDED, Budget, Direction, Entry, Transcript, TranscriptLimits
from smtpdiag_tui.report.visible import MOST_MARKS, _joins, _may_join, visible

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


def recorded(*, limits: TranscriptLimits | None = None) -> tuple[Transcript, list[Entry]]:
    entries: list[Entry] = []
    return Transcript(lambda: 0.0, entries.extend, limits), entries


def test_a_remark_carries_what_it_tells_as_data() -> None:
    transcript, entries = recorded()
    transcript.note("connected from 192.0.2.10", StepFacts(sources=("192.0.2.10",)))
    transcript.note("hung up")
    transcript.flush()
    assert [entry.facts for entry in entries] == [StepFacts(sources=("192.0.2.10",)), None]


def test_a_flood_of_lines_folds_into_one_entry_and_the_line_that_ends_the_reply_is_shown() -> None:
    transcript, entries = recorded()
    for number in range(30_000):
        transcript.received(b"250-line %d" % number)
    transcript.received(b"250 the end")
    transcript.sent(b"QUIT")
    transcript.flush()
    shown = [entry.text for entry in entries if entry.direction is Direction.RECEIVED]
    assert shown[0] == "250-line 0"
    assert shown[-1] == "250 the end"
    [folded] = [entry for entry in entries if entry.direction is Direction.NOTE]
    assert folded.text == f"{30_001 - len(shown):,} more lines of 384,000 bytes, not shown"
    assert folded.raw is not None
    assert len(folded.raw) <= MAX_FOLDED + 1
    assert folded.raw.startswith(b"250-line 2000\n250-line 2001\n")
    assert [entry.text for entry in entries[-3:]] == [folded.text, "250 the end", "QUIT"]
    assert len(entries) < 2_010


def test_lines_without_a_word_fold_and_those_behind_them_are_shown() -> None:
    transcript, entries = recorded()
    for line in [b"220-"] * 500 + [b"", b" \t", b"220-hello", b"220-", b"220 world"]:
        transcript.received(line)
    transcript.note("and on")
    transcript.flush()
    assert [entry.text for entry in entries] == [
        *["220-"] * 3,
        "498 more lines of 1,988 bytes, not shown",
        r" \x09",
        "220-hello",
        "220-",
        "220 world",
        "and on",
    ]


def test_a_giant_is_counted_and_not_shown_where_there_is_no_room_for_it() -> None:
    transcript, entries = recorded()
    for _ in range(4):
        transcript.received(b"\x1b" * 64_000)
    transcript.note("closed")
    transcript.flush()
    assert sum(len(entry.text) + len(entry.raw or b"") for entry in entries) < 512 * 1024 + 2 * MAX_FOLDED
    assert entries[-2].text == "3 more lines of 192,000 bytes, not shown"


def test_what_came_unasked_is_shown_at_its_beginning() -> None:
    transcript, entries = recorded()
    transcript.received_unasked([b"250 extra %d" % number for number in range(50_000)])
    transcript.flush()
    assert len(entries) == 21
    assert entries[0].text == "250 extra 0"
    assert entries[-1].text.startswith("49,980 more lines of ")


def test_a_second_session_has_room_of_its_own() -> None:
    transcript, entries = recorded()
    for _ in range(5_000):
        transcript.received(b"250-word")
    transcript.new_session()
    transcript.received(b"220 hello again")
    transcript.flush()
    assert entries[-1].text == "220 hello again"


def test_one_flooder_leaves_room_for_the_others_and_all_are_bounded_together() -> None:
    limits = TranscriptLimits()
    total = 0
    for _ in range(64):
        transcript, entries = recorded(limits=limits)
        for number in range(3_000):
            transcript.received(b"250-line %d" % number)
        transcript.flush()
        total += len(entries)
        assert len(entries) >= 100
    assert total < 30_000
    transcript, entries = recorded(limits=limits)
    for number in range(80):
        transcript.received(b"250-usual line %d" % number)
    transcript.flush()
    assert len(entries) == 80


@given(st.lists(st.one_of(st.binary(max_size=30), st.just(b"250-"), st.just(b"")), max_size=300))
def test_no_line_is_lost_without_being_counted(lines: list[bytes]) -> None:
    limits = TranscriptLimits()
    limits.entries = Budget(total=100, most=50, least=10)
    transcript, entries = recorded(limits=limits)
    for line in lines:
        transcript.received(line)
    transcript.note("closed")
    transcript.flush()
    counted = 0
    for entry in entries[:-1]:
        if entry.direction is Direction.NOTE:
            counted += int(entry.text.split(" ", 1)[0].replace(",", ""))
        else:
            counted += 1
    assert counted == len(lines)


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
    assert [char for char in joining if not _may_join().match(char)] == []
    for version in VERSIONS:
        for start, end, width in load(version).widths:
            for char in map(chr, range(start, end + 1) if width == 0 else ()):
                assert _joins(char) or visible("a" + char) != "a" + char, (version, hex(ord(char)))
