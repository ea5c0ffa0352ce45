"""A peer's bytes on their way to a screen."""

from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.transcript import Direction, Entry, Transcript, visible


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
