from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.smtp.parser import (
    MAX_KEPT,
    MAX_KEPT_LINES,
    MAX_LINE,
    MAX_REPLY,
    Event,
    Line,
    ReplyParser,
    TooLong,
    split_lines,
)
from smtpdiag_tui.smtp.reply import Defect, Reply
from tests.smtp.samples import SAMPLES, Sample

every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())


def events(parser: ReplyParser, limit: int = 10**6) -> list[Event]:
    found: list[Event] = []
    while len(found) < limit and (event := parser.next_event()) is not None:
        found.append(event)
        if isinstance(event, TooLong):
            break
    return found


def fed(chunks: Iterable[bytes]) -> list[Event]:
    parser, found = ReplyParser(), list[Event]()
    for chunk in chunks:
        parser.receive(chunk)
        found += events(parser)
        if found and isinstance(found[-1], TooLong):
            break
    return found


def octets(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def expected(sample: Sample) -> list[Event]:
    return [*map(Line, sample.lines), Reply(sample.code, sample.lines, sample.defects)]


@every_sample
def test_whole(sample: Sample) -> None:
    assert fed([sample.wire]) == expected(sample)


@every_sample
def test_one_octet_at_a_time(sample: Sample) -> None:
    assert fed(octets(sample.wire)) == expected(sample)


@every_sample
@pytest.mark.parametrize("trailing", [b"250 next\r\n", b"25", b"\x16\x03\x01"])
def test_trailing_data_stays_unread(sample: Sample, trailing: bytes) -> None:
    parser = ReplyParser()
    parser.receive(sample.wire + trailing)
    assert events(parser, len(sample.lines) + 1) == expected(sample)
    assert parser.unread == trailing
    assert parser.clear() == trailing
    assert parser.unread == b""
    parser.receive(sample.wire)
    assert events(parser) == expected(sample)


@every_sample
def test_an_unfinished_reply_is_none(sample: Sample) -> None:
    found = fed([sample.wire[:-1]])
    assert not any(isinstance(event, Reply | TooLong) for event in found)


def test_each_line_comes_before_its_reply_is_whole() -> None:
    parser = ReplyParser()
    parser.receive(b"250-one\r\n250-tw")
    assert events(parser) == [Line(b"250-one")]
    parser.receive(b"o\r\n250 three\r\n")
    assert events(parser)[:2] == [Line(b"250-two"), Line(b"250 three")]


def test_clear_forgets_the_reply_under_way() -> None:
    parser = ReplyParser()
    parser.receive(b"250-one\r\n250")
    events(parser)
    assert parser.clear() == b"250"
    parser.receive(b"550 no\r\n")
    assert events(parser)[-1] == Reply(550, (b"550 no",))


def test_clear_forgets_a_reply_not_taken() -> None:
    parser = ReplyParser()
    parser.receive(b"250 one\r\n")
    assert parser.next_event() == Line(b"250 one")
    parser.clear()
    assert parser.next_event() is None
    assert parser.held == 0


@pytest.mark.parametrize("ending", [b"", b"\r\n"])
def test_a_line_past_its_cap_is_too_long(ending: bytes) -> None:
    wire = b"220 " + b"x" * (MAX_LINE - 3) + ending
    assert fed([wire]) == [TooLong(wire[:MAX_LINE])]
    assert fed([wire[:70], wire[70:]]) == [TooLong(wire[:MAX_LINE])]


def test_a_line_at_its_cap_is_read() -> None:
    wire = b"220 " + b"x" * (MAX_LINE - 5) + b"\r\n"
    assert fed([wire])[-1] == Reply(220, (wire[:-2],), frozenset({Defect.LONG_LINE}))


def test_a_reply_at_its_cap_is_read() -> None:
    wire = b"250-" + b"x" * 58 + b"\r\n"
    whole = wire * (MAX_REPLY // len(wire) - 1) + b"250 " + b"x" * 58 + b"\r\n"
    assert len(whole) == MAX_REPLY
    assert isinstance(fed([whole])[-1], Reply)
    longer = b"250-" + b"x" * 59 + b"\r\n" + whole[len(wire) :]
    assert isinstance(fed([longer])[-1], TooLong)
    assert isinstance(fed([longer[:100_000], longer[100_000:]])[-1], TooLong)


def test_an_endless_reply_is_too_long() -> None:
    found = fed([b"220-more to come\r\n" * 1000] * 1000)
    assert isinstance(found[-1], TooLong)
    assert sum(len(event.data) + 2 for event in found if isinstance(event, Line)) <= MAX_REPLY


def test_of_a_reply_of_thirty_thousand_lines_the_first_and_the_last_are_kept() -> None:
    wire = b"250-x\r\n" * 30_000 + b"550 no\r\n"
    found = fed([wire])
    reply = found[-1]
    assert isinstance(reply, Reply)
    assert len([event for event in found if isinstance(event, Line)]) == 30_001
    assert reply.code == 550
    assert reply.defects == {Defect.CODES_DIFFER}
    assert len(reply.lines) == MAX_KEPT_LINES + 1
    assert (reply.lines[0], reply.lines[-1]) == (b"250-x", b"550 no")
    assert reply.omitted == 30_001 - len(reply.lines)
    assert fed([b"250-y\r\n250 ok\r\n"])[-1] == Reply(250, (b"250-y", b"250 ok"))


def test_no_reply_is_kept_beyond_its_cap_in_octets() -> None:
    reply = fed([(b"250-" + b"x" * 8000 + b"\r\n") * 20 + b"250 " + b"y" * 60_000 + b"\r\n"])[-1]
    assert isinstance(reply, Reply)
    assert sum(map(len, reply.lines[:-1])) <= MAX_KEPT
    assert len(reply.lines) + reply.omitted == 21


def test_nothing_is_read_behind_too_long() -> None:
    parser = ReplyParser()
    parser.receive(b"x" * (MAX_LINE + 1))
    assert isinstance(parser.next_event(), TooLong)
    parser.receive(b"250 ok\r\n")
    assert parser.next_event() == TooLong(b"")
    assert parser.held == 0


def test_nothing_is_read_behind_dropped_bytes() -> None:
    parser = ReplyParser()
    parser.receive(b"250 ok\r\n" + b"250 x\r\n" * MAX_REPLY)
    assert events(parser, 2)[-1] == Reply(250, (b"250 ok",))
    parser.clear()
    parser.receive(b"250 what is left of a line\r")
    assert isinstance(parser.next_event(), TooLong)


def test_one_octet_at_a_time_takes_no_quadratic_time() -> None:
    parser = ReplyParser()
    for octet in octets(b"x" * MAX_LINE):
        parser.receive(octet)
        assert parser.next_event() is None


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=20))
def test_no_bytes_raise_and_cutting_changes_nothing(chunks: list[bytes]) -> None:
    data = b"".join(chunks)
    assert fed(chunks) == fed([data]) == fed(octets(data))


PIECES = st.sampled_from(
    [b"250", b"-", b" ", b"\r", b"\n", b"\r\n", b"220 ok\r\n", b"550-no\r\n", b"\x00", b"\xff", b"y" * 600, b"1"]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_what_comes_out_is_what_went_in(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    parser = ReplyParser()
    parser.receive(data)
    found = events(parser)
    lines = [event.data for event in found if isinstance(event, Line)]
    assert lines == split_lines(data[: len(data) - len(parser.unread)])
    replies = [event for event in found if isinstance(event, Reply)]
    in_replies = [line for reply in replies for line in reply.lines]
    assert lines[: len(in_replies)] == in_replies
    for reply in replies:
        assert reply.malformed == (Defect.MALFORMED in reply.defects)
        assert reply.malformed or 200 <= reply.code <= 599


@settings(deadline=None)  # two cores, shared: how long it takes is not the question
@given(st.lists(st.tuples(PIECES, st.sampled_from([1, 7, 500]), st.booleans()), max_size=12))
def test_no_bytes_make_it_hold_more_than_its_caps(pieces: list[tuple[bytes, int, bool]]) -> None:
    parser = ReplyParser()
    for piece, times, take in pieces:
        parser.receive(piece * times)
        assert parser.held <= MAX_REPLY + 1
        if take:
            for event in events(parser):
                assert not isinstance(event, Line) or len(event.data) <= MAX_LINE
                assert not isinstance(event, Reply) or sum(map(len, event.lines)) <= MAX_REPLY


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"a\r\n", [b"a"]),
        (b"a\nb\r\n\r\nc\r", [b"a", b"b", b"", b"c\r"]),
    ],
)
def test_split_lines(data: bytes, lines: list[bytes]) -> None:
    assert split_lines(data) == lines
