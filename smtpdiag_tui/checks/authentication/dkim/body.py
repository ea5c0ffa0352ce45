"""The hash of a message's body as DKIM has it (RFC 6376 §3.4.3, §3.4.4), in linear time and memory. Pure."""

import hashlib
from collections.abc import Iterable, Iterator

SIMPLE, RELAXED = b"simple", b"relaxed"

_LINE_END = b"\r\n"
_BLOCK = 256 * 1024  # octets, and the rest of a line
# Runs of blanks shrink to less than a hundred by these before they are halved again and again.
_RUNS = (4096, 64, 8, 4)


def canonical_body(body: bytes, method: bytes) -> bytes:
    """Return the body as it is hashed; its line ends are CRLF. Raises KeyError for an unknown method."""
    return {SIMPLE: _simple, RELAXED: _relaxed}[method](body)


def body_hashes(canonical: bytes, lengths: Iterable[int | None]) -> dict[int | None, bytes]:
    """Return the SHA-256 hash of the first octets for each length, None for all: one pass for all of them."""
    whole = len(canonical)
    view = memoryview(canonical)
    hasher = hashlib.sha256()
    done = 0
    found: dict[int | None, bytes] = {}
    for length in sorted(set(lengths), key=lambda item: whole if item is None else item):
        end = whole if length is None else min(length, whole)
        hasher.update(view[done:end])
        done = end
        found[length] = hasher.copy().digest()
    return found


def _simple(body: bytes) -> bytes:
    return _without_empty_lines(body) + _LINE_END


def _relaxed(body: bytes) -> bytes:
    body = _without_empty_lines(b"".join(map(_relaxed_lines, _blocks(body))))
    return body + _LINE_END if body else b""


def _blocks(body: bytes) -> Iterator[bytes]:
    """Yield the body in blocks of whole lines: no single step over it holds up other threads for long."""
    start = 0
    while start < len(body):
        end = body.find(_LINE_END, start + _BLOCK)
        end = len(body) if end < 0 else end + len(_LINE_END)
        yield body[start:end]
        start = end


def _relaxed_lines(body: bytes) -> bytes:
    body = body.replace(b"\t", b" ")
    if b"  " in body:
        for run in _RUNS:
            body = body.replace(b" " * run, b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    return body.replace(b" \r\n", _LINE_END)


def _without_empty_lines(body: bytes) -> bytes:
    """Return the body without the line ends at its end; a CR that stands alone before them is content."""
    end = len(body.rstrip(_LINE_END))
    alone = body.rfind(b"\r\r\n", end)
    return body[: end if alone < 0 else alone + 1]
