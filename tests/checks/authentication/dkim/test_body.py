"""The canonical forms of a body, beside those made line by line."""

import hashlib
import time
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.authentication.dkim import body as body_module
from smtpdiag_tui.checks.authentication.dkim.body import body_hashes, canonical_body
from tests.checks.authentication.dkim.signing import canonical

PIECES = [b" ", b"\t", b"\r\n", b"a", b"  ", b" " * 70, b"\r\n\r\n", b"\r", b" \r\n", b"\xff"]


def test_the_examples_of_the_standard() -> None:
    body = b" C \r\nD \t E\r\n\r\n\r\n"
    assert canonical_body(body, b"relaxed") == b" C\r\nD E\r\n"
    assert canonical_body(body, b"simple") == b" C \r\nD \t E\r\n"
    assert canonical_body(b"", b"simple") == b"\r\n"
    assert canonical_body(b"", b"relaxed") == b""


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join), st.sampled_from(["simple", "relaxed"]))
def test_any_body_is_as_line_by_line(body: bytes, method: str) -> None:
    body = body if not body or body.endswith(b"\r\n") else body + b"\r\n"
    assert canonical_body(body, method.encode()) == canonical(body, method)


@pytest.mark.parametrize("block", [1, 2, 3, 7])
@given(body=st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_blocks_of_any_size_come_to_the_same(block: int, body: bytes) -> None:
    whole = canonical_body(body, b"relaxed")
    with patch.object(body_module, "_BLOCK", block):
        assert canonical_body(body, b"relaxed") == whole


@pytest.mark.parametrize("run", [1, 2, 3, 4095, 4096, 4097, 70_000, 1 << 20])
def test_runs_of_any_length_become_one_blank(run: int) -> None:
    assert canonical_body(b"a" + b" \t" * run + b"b" + b"\t" * run + b"\r\n", b"relaxed") == b"a b\r\n"


def test_an_unknown_method() -> None:
    with pytest.raises(KeyError):
        canonical_body(b"", b"nofws")


def test_hashes_of_several_lengths_in_one_pass() -> None:
    text = b"0123456789"
    found = body_hashes(text, [None, 3, 0, 3, 10, 99])
    assert set(found) == {None, 0, 3, 10, 99}
    for length, digest in found.items():
        assert digest == hashlib.sha256(text[:length]).digest()


@pytest.mark.parametrize(
    "piece", [b" ", b"\t", b" x", b"  a", b"\r\n", b" \r\n", b"\r", b" " * 4095 + b"x"], ids=repr
)
def test_hostile_bodies_take_linear_time(piece: bytes) -> None:
    body = piece * ((4 << 20) // len(piece))
    started = time.process_time()
    canonical_body(body, b"relaxed")
    canonical_body(body, b"simple")
    assert time.process_time() - started < 1.5
