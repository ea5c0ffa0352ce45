"""Whatever a text holds, it is read in bounded time and ends in deliveries or in one clear sentence."""

import base64

import pytest

from smtpdiag_tui.bounces.explaining import explain
from smtpdiag_tui.bounces.reading import MOST, read
from smtpdiag_tui.bounces.told import Reading, UnreadableError
from tests.bounces.samples import SAMPLES

LINE = (
    b"Nov 28 04:20:01 mail postfix/smtp[1]: 4XmT9c2L%d: to=<bob%d@a.example>, relay=mx.a.example[192.0.2.1]:25,"
    b" dsn=5.1.1, status=bounced (host mx.a.example[192.0.2.1] said: 550 5.1.1 no (in reply to RCPT TO command))\n"
)


def read_or_none(data: bytes) -> Reading | None:
    try:
        return read(data)
    except UnreadableError as error:
        told = str(error)
    assert told
    assert "\n" not in told
    return None


def printable(reading: Reading) -> bool:
    texts = [reading.note]
    for told in reading.told:
        texts += [told.sender or "", told.recipient or "", told.host or "", told.words]
        texts += (told.reply or "").split("\n")
        found = explain(told)
        texts += [found.message, found.meaning, found.advice]
    return all(text.isprintable() for text in texts)


@pytest.mark.parametrize(
    "data",
    [
        b"", b" \r\n", b"\0" * 1000, b"hello", b"\xff\xfe", b"\xff\xfeh", b"From ", b">" * 10_000,
        b"a:b\n" * 10_000,
        b"Content-Type: multipart/report\n\n", b"to=<", b"status=bounced (", b"[{LED=", b"550", b"55",
        b"*" * 100_000,
        b"From: a\nTo: b\n\n" + b"\x80" * 5000,
    ],
)  # fmt: skip
def test_a_text_that_tells_nothing_is_one_sentence_or_a_reply(data: bytes) -> None:
    found = read_or_none(data)
    assert found is None or found.told[0].reply == "550"


def test_escape_sequences_and_nuls_are_visible() -> None:
    said = b"550 5.1.1 \x1b]0;title\x07 \x1b[31mred\0 \xe2\x80\xae <bob@a.example> \x9b1m"
    reading = read(said)
    assert printable(reading)
    assert "\\x1b" in (reading.told[0].reply or "")


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_a_sample_with_rubbish_in_every_line_stays_printable(sample: object) -> None:
    data = getattr(sample, "data", b"").replace(b"example", b"ex\x1b[2Jample\xff")
    found = read_or_none(data)
    assert found is None or printable(found)


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_a_sample_that_is_cut_anywhere_is_read_or_refused(sample: object) -> None:
    data = getattr(sample, "data", b"")
    for end in range(0, len(data), max(1, len(data) // 40)):
        found = read_or_none(data[:end])
        assert found is None or printable(found)


def test_a_line_of_a_megabyte_is_read_as_far_as_it_is_looked_at() -> None:
    line = LINE.replace(b"5.1.1 no", b"5.1.1 " + b"no " * 350_000) % (1, 1)
    [told] = read(line).told
    assert told.recipient == "bob1@a.example"
    assert told.reply is None or len(told.reply) < 10_000


def test_ten_thousand_deliveries_are_told_up_to_a_limit() -> None:
    reading = read(b"".join(LINE % (number, number) for number in range(10_000)))
    assert len(reading.told) == 500
    assert reading.note == "9500 lines beyond the first 500 deliveries not read."


def test_ten_thousand_recipients_of_a_report_are_told_up_to_a_limit() -> None:
    block = "Final-Recipient: rfc822; bob{}@a.example\nAction: failed\nDiagnostic-Code: smtp; 550 5.1.1 no\n\n"
    status = "".join(block.format(number) for number in range(10_000))
    data = (
        "From: MAILER-DAEMON@a.example\nTo: alice@sender.example\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n--x\nContent-Type: '
        f"message/delivery-status\n\nReporting-MTA: dns; a.example\n\n{status}\n--x--\n"
    )
    reading = read(data.encode())
    assert len(reading.told) == 500
    assert reading.note == "9500 more recipients not read."
    assert reading.told[-1].recipient == "bob499@a.example"


def nested(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return b"From: a@a.example\nTo: b@b.example\nMIME-Version: 1.0\n" + head + b"\n550 5.1.1 User unknown\n"


@pytest.mark.parametrize("depth", [3, 50, 99, 1000])
def test_parts_within_parts_end(depth: int) -> None:
    found = read_or_none(nested(depth))
    assert found is None or found.told[0].reply == "550 5.1.1 User unknown"


def test_messages_within_messages_end() -> None:
    read_or_none(b"From: a@a.example\nTo: b@b.example\nContent-Type: message/rfc822\n\n" * 1000)


@pytest.mark.parametrize(
    "header",
    [
        b"X-Bomb: " + b"a" * 5_000_000 + b"\n",
        b"".join(b"X-Bomb-%d: a\n" % number for number in range(100_000)),
        b"To: " + b"a@a.example, " * 100_000 + b"\n",
        b"X-Failed-Recipients: " + b"(" * 100_000 + b"\n",
        b"Content-Type: text/plain; " + b"charset=" * 50_000 + b"\n",
        b"Content-Type: text/plain; charset*0*=" + b"%" * 50_000 + b"\n",
        b"Subject: " + b"=?utf-8?b?" * 50_000 + b"\n",
    ],
    ids=["long", "many", "addresses", "comments", "parameters", "percent", "words"],
)
def test_a_header_that_is_a_bomb_is_survived(header: bytes) -> None:
    data = b"From: MAILER-DAEMON@a.example\n" + header + b"To: a@sender.example\n\n550 5.1.1 User unknown\n"
    found = read_or_none(data)
    assert found is None or found.told[0].reply == "550 5.1.1 User unknown"


@pytest.mark.parametrize(
    "charset",
    [
        "utf-16",
        "utf-7",
        "idna",
        "punycode",
        "hex",
        "rot13",
        "base64",
        "unicode_escape",
        "mbcs",
        "x" * 9999,
        "\x00",
        "zip",
    ],
    ids=range(12),
)
def test_a_character_set_that_lies_is_no_matter(charset: str) -> None:
    data = (
        f'From: MAILER-DAEMON@a.example\nTo: a@sender.example\nContent-Type: text/plain; charset="{charset}"\n\n'
    ).encode() + b"550 5.1.1 User unknown \xe4\n"
    [told] = read(data).told
    assert (told.reply or "").startswith("550 5.1.1 User unknown")


def test_base64_that_is_rubbish_is_no_matter() -> None:
    for content in (b"!!!!" * 100, b"A", base64.b64encode(b"550 5.1.1 no") + b"\xff"):
        read_or_none(
            b"From: MAILER-DAEMON@a.example\nTo: a@sender.example\nContent-Transfer-Encoding: base64\n\n" + content
        )


def test_of_a_file_that_is_too_large_the_first_part_is_read() -> None:
    data = LINE % (1, 1) + b"Nov 28 04:20:01 mail kernel: nothing\n" * (MOST // 37)
    reading = read(data)
    assert len(data) > MOST
    assert len(reading.told) == 1
    assert reading.note == "Only the first 30 MB were read."


def test_a_message_that_returns_30_megabytes_is_read() -> None:
    original = (
        b"Return-Path: <alice@sender.example>\n\n"
        + b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9w\n" * 500_000
    )
    data = (
        b"From: MAILER-DAEMON@a.example\nTo: alice@sender.example\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n--x\nContent-Type: '
        b"message/delivery-status\n\nReporting-MTA: dns; a.example\n\nFinal-Recipient: rfc822; bob@a.example\n"
        b"Diagnostic-Code: smtp; 550 5.1.1 no\n\n--x\nContent-Type: message/rfc822\n\n" + original + b"\n--x--\n"
    )
    [told] = read(data).told
    assert (told.sender, told.recipient, told.reply) == ("alice@sender.example", "bob@a.example", "550 5.1.1 no")


def test_what_the_returned_message_holds_is_no_reply() -> None:
    for sample in SAMPLES:
        if sample.form == "bounce":
            for told in sample.told:
                assert "none" not in (told.reply or "")
                assert "not this one" not in (told.reply or "")
