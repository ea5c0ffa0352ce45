"""Replies of HTTP servers, good and hostile: each ends, and in its own reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.tls_policy.fetched import HttpReply, Trouble
from smtpdiag_tui.checks.tls_policy.http_reading import MAX_HEADER, MAX_RECEIVED, MAX_TEXT, HttpReading

TEXT = b"version: STSv1\nmode: enforce\nmx: mx.partner.example\nmax_age: 604800\n"
OK = b"HTTP/1.1 200 OK\r\n"
PLAIN = b"Content-Type: text/plain\r\n"


def read(*parts: bytes) -> HttpReply:
    """Return what a reply comes to that arrives in these parts, the last of them all there is."""
    reading = HttpReading("mta-sts.partner.example", "/.well-known/mta-sts.txt")
    for part in (*parts, b""):
        reading.receive(part)
    assert reading.reply is not None
    return reading.reply


def chunked(*chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return OK + PLAIN + b"Transfer-Encoding: chunked\r\n\r\n" + body


def sized(body: bytes, headers: bytes = PLAIN) -> bytes:
    return OK + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_the_request_is_for_one_text_of_one_host() -> None:
    request = HttpReading("mta-sts.partner.example", "/.well-known/mta-sts.txt").request
    head, *headers = request.decode().rstrip("\r\n").split("\r\n")
    assert head == "GET /.well-known/mta-sts.txt HTTP/1.1"
    assert headers == [
        "Host: mta-sts.partner.example",
        "User-Agent: smtpdiag",
        "Accept: text/plain",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    assert request.endswith(b"\r\n\r\n")


WHOLE = {
    "length": sized(TEXT),
    "chunks": chunked(TEXT[:10], TEXT[10:], b""),
    "until it closes": OK + PLAIN + b"\r\n" + TEXT,
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n" + PLAIN + b"\r\n" + TEXT,
    "interim replies": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 8 + sized(TEXT),
    "parameters": sized(TEXT, b"content-type: Text/Plain; charset=utf-8\r\n"),
    "identity": sized(TEXT, PLAIN + b"Content-Encoding: identity\r\n"),
    "more behind it": sized(TEXT) + b"HTTP/1.1 500 Nonsense\r\n\r\n",
    "bare line feeds": OK.replace(b"\r", b"") + b"Content-Type: text/plain\n\n" + TEXT,
}


@pytest.mark.parametrize("reply", WHOLE.values(), ids=WHOLE)
def test_a_text_arrives_whole(reply: bytes) -> None:
    got = read(reply)
    assert (got.status, got.body, got.trouble, got.why) == (200, TEXT, None, "")


@pytest.mark.parametrize("reply", WHOLE.values(), ids=WHOLE)
def test_a_text_arrives_whole_byte_by_byte(reply: bytes) -> None:
    assert read(*(reply[n : n + 1] for n in range(len(reply)))) == read(reply)


BAD: dict[str, tuple[bytes, Trouble, str]] = {
    "nothing": (b"", Trouble.CLOSED, "closed the connection without a reply"),
    "half a header": (OK + b"Content-Ty", Trouble.CLOSED, "closed the connection without a reply"),
    "half a text": (sized(TEXT)[:-10], Trouble.CLOSED, "closed the connection after 58 bytes of the text"),
    "half of the chunks": (chunked(b"version"), Trouble.CLOSED, "closed the connection after 7 bytes of the text"),
    "only an interim reply": (
        b"HTTP/1.1 100 Continue\r\n\r\n",
        Trouble.CLOSED,
        "closed the connection without a reply",
    ),
    "SMTP": (b"220 mx.partner.example ESMTP\r\n", Trouble.NO_HTTP, "sent a reply that is not valid HTTP"),
    "binary": (bytes(range(256)) * 8, Trouble.NO_HTTP, "sent a reply that is not valid HTTP"),
    "HTTP/2": (
        b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\r\n\r\n",
        Trouble.NO_HTTP,
        "sent a reply that is not valid HTTP",
    ),
    "a protocol switch": (
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        Trouble.NO_HTTP,
        "sent a reply that is not valid HTTP",
    ),
    "two lengths": (
        OK + PLAIN + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        Trouble.NO_HTTP,
        "sent a reply that is not valid HTTP",
    ),
    "a bad chunk": (
        OK + PLAIN + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        Trouble.NO_HTTP,
        "sent a reply that is not valid HTTP",
    ),
    "another coding": (
        OK + PLAIN + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        Trouble.NO_HTTP,
        "sent a reply that is not valid HTTP",
    ),
    "interim replies without end": (
        b"HTTP/1.1 100 Continue\r\n\r\n" * 9,
        Trouble.NO_HTTP,
        "sent more than 8 interim replies (1xx)",
    ),
    "moved": (
        b"HTTP/1.1 301 Moved\r\nLocation: https://www.partner.example/\r\n\r\n",
        Trouble.REDIRECT,
        "redirected to https://www.partner.example/ (status 301)",
    ),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\n\r\n", Trouble.REDIRECT, "redirected (status 304)"),
    "404": (b"HTTP/1.1 404 Not Found\r\n" + PLAIN + b"\r\n" + TEXT, Trouble.STATUS, "replied with status 404"),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", Trouble.STATUS, "replied with status 204"),
    "503": (b"HTTP/1.1 503 Busy\r\n\r\n", Trouble.STATUS, "replied with status 503"),
    "HTML": (
        sized(b"<html>", b"Content-Type: text/html; charset=utf-8\r\n"),
        Trouble.CONTENT_TYPE,
        "sent Content-Type text/html; charset=utf-8",
    ),
    "no type": (sized(TEXT, b""), Trouble.CONTENT_TYPE, "sent no Content-Type"),
    "two types": (
        sized(TEXT, PLAIN + b"Content-Type: text/html\r\n"),
        Trouble.CONTENT_TYPE,
        "sent Content-Type text/plain and text/html",
    ),
    "gzip": (
        sized(b"\x1f\x8b", PLAIN + b"Content-Encoding: gzip\r\n"),
        Trouble.ENCODING,
        "sent the Content-Encoding gzip unrequested",
    ),
    "an escape in a header": (
        sized(TEXT, b"Content-Type: text/\xff\r\n"),
        Trouble.CONTENT_TYPE,
        "sent Content-Type text/\\xff",
    ),
}


@pytest.mark.parametrize(("reply", "trouble", "why"), BAD.values(), ids=BAD)
def test_what_is_no_text_ends_in_its_own_reason(reply: bytes, trouble: Trouble, why: str) -> None:
    got = read(reply)
    assert (got.trouble, got.why) == (trouble, why)


def test_a_text_of_64_kib_is_taken_and_one_byte_more_is_not() -> None:
    body = b"x" * MAX_TEXT
    assert read(sized(body)).body == body
    for reply in (sized(body + b"x"), chunked(body, b"x", b""), OK + PLAIN + b"\r\n" + body + b"x"):
        got = read(*(reply[n : n + 65536] for n in range(0, len(reply), 65536)))
        assert (got.trouble, got.why) == (Trouble.SIZE, "sent a text of more than 64 KiB")


def test_a_length_that_is_announced_is_not_waited_for() -> None:
    reading = HttpReading("mta-sts.partner.example", "/")
    reading.receive(OK + PLAIN + b"Content-Length: 99999999999999999\r\n\r\n")
    assert reading.reply is not None
    assert reading.reply.trouble is Trouble.SIZE


@pytest.mark.parametrize("line", [b"X-Flood: y\r\n", b"a" * 100, b"X: " + b"y" * 5000 + b"\r\n"])
def test_a_header_without_end_is_not_read_to_it(line: bytes) -> None:
    reading = HttpReading("mta-sts.partner.example", "/")
    sent = 0
    reading.receive(OK)
    while reading.reply is None:
        reading.receive(line)
        sent += len(line)
        assert sent < 2 * MAX_HEADER
    assert reading.reply.trouble is Trouble.HEADER_SIZE
    assert reading.reply.why == "sent a header of more than 16 KiB"


def test_chunks_of_one_byte_are_bounded_too() -> None:
    reading = HttpReading("mta-sts.partner.example", "/")
    reading.receive(OK + PLAIN + b"Transfer-Encoding: chunked\r\n\r\n")
    sent = 0
    while reading.reply is None:
        reading.receive(b"1\r\nx\r\n" * 1000)
        sent += 6000
        assert sent < MAX_RECEIVED + 12000
    assert reading.reply.trouble is Trouble.SIZE


def test_what_comes_behind_the_end_changes_nothing() -> None:
    reading = HttpReading("mta-sts.partner.example", "/")
    reading.receive(sized(TEXT))
    before = reading.reply
    reading.receive(b"x" * 100_000)
    assert reading.reply is before


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_whatever_arrives_ends(parts: list[bytes]) -> None:
    got = read(*parts)
    assert (got.trouble is None) == (got.why == "")
    assert len(got.body) <= MAX_TEXT + 200


@given(st.binary(max_size=400), st.integers(0, 120))
def test_a_reply_that_breaks_off_into_junk_ends(junk: bytes, place: int) -> None:
    whole = chunked(TEXT, b"")
    got = read(whole[:place] + junk)
    assert got.why.isprintable()
