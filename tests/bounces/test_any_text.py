"""No text makes the reader raise, or take longer than its length allows."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.bounces.explaining import explain
from smtpdiag_tui.bounces.reading import read
from smtpdiag_tui.bounces.told import Reading, UnreadableError
from tests.bounces.samples import SAMPLES

PIECES = sorted({line for sample in SAMPLES for line in sample.data.splitlines(keepends=True)})
WORDS = [
    b"550 5.1.1 ", b"550-", b"said: ", b"to=<", b">, ", b"from=<", b" status=bounced (", b"))", b"\n",
    b"\r\n", b" ",
    b"H=mx [192.0.2.1]", b"[{LED=", b"};{", b"SMTP error from remote mail server after ",
    b"Final-Recipient: rfc822; ",
    b"Content-Type: ", b"multipart/report; boundary=x\n", b"--x\n", b"<bob@a.example>: ", b"> ", b"\xff\xfe",
    b"\0",
    b"1tGabc-000001-2X ** ", b"(delivery.", b"stat=", b"relay=", b"\x1b[",
    b"----- Transcript of session follows -----\n",
    b"Remote Server returned '", b"The response was:", b"Remote host said: ", b"{\\x", b"=?utf-8?q?",
]  # fmt: skip
_RATIO = 8  # twice as long a text takes twice as long
_FLOOR = 0.05  # seconds, below which the clock tells nothing


def tried(data: bytes) -> Reading | None:
    try:
        reading = read(data)
    except UnreadableError:
        return None
    for told in reading.told:
        found = explain(told)
        assert len(found.message) <= 80
    assert reading.told
    return reading


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=3000))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    tried(data)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=2000))
def test_no_text_makes_it_raise(text: str) -> None:
    tried(text.encode("utf-8", "surrogatepass"))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(PIECES + WORDS) | st.binary(max_size=30), max_size=60))
def test_no_pieces_of_bounces_and_logs_make_it_raise(pieces: list[bytes]) -> None:
    tried(b"".join(pieces))


REPEATED: dict[str, Callable[[int], bytes]] = {
    **{f"{word!r}": (lambda size, word=word: word * (size // len(word))) for word in WORDS},  # type: ignore[misc]
    "all samples": lambda size: b"".join(PIECES) * (size // 60_000 + 1),
    "a line of all words": lambda size: b"".join(WORDS).replace(b"\n", b" ") * (size // 800),
    "a report of all words": lambda size: b"From: MAILER-DAEMON\nTo: a\n\n" + b"".join(WORDS) * (size // 800),
    "HTML": lambda size: (
        b"From: MAILER-DAEMON\nTo: a\nContent-Type: text/html\n\n" + b"<p>&<a b='c'" * (size // 12)
    ),
    "a comment that does not end": lambda size: (
        b"From: a\nTo: a\nContent-Type: text/html\n\n" + b"<!--<!" * (size // 6)
    ),
}


def taken(data: bytes) -> float:
    began = time.process_time()
    tried(data)
    return time.process_time() - began


@pytest.mark.parametrize("name", REPEATED)
def test_twice_as_long_a_text_takes_about_twice_as_long(name: str) -> None:
    made = REPEATED[name]
    one = max(min(taken(made(250_000)) for _ in range(2)), _FLOOR)
    assert taken(made(500_000)) < _RATIO * one
