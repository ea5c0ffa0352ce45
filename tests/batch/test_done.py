"""What the lines of an earlier batch count as."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.batch.done import Done, DoneLine, read_line
from smtpdiag_tui.batch.pairs import pair_key

PAIR = {"line": 1, "sender": "a@s.example", "recipient": "b@d.example"}
KEY = pair_key("a@s.example", "b@d.example")


def test_lines_of_other_versions_and_of_other_writers_are_known() -> None:
    read = read_line(b'{"line":1,"new":[1],"recipient":"b@d.example","sender":""}')
    assert read == DoneLine(pair_key("", "b@d.example"), ("unknown", ""))
    assert read_line(b'{"schema": 1, "sender": "a@s.example", "recipient": "b@d.example"}') is None


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"outcome": "accepted", "reason": None, "cause": None}, ("accepted", "")),
        (
            {"outcome": "bounced", "reason": "no-such-mailbox", "cause": "rcpt-rejected"},
            ("bounced", "no-such-mailbox"),
        ),
        ({"outcome": "bounced", "reason": None, "cause": "null-mx"}, ("bounced", "null-mx")),
        ({"error": "took too long"}, ("error", "")),
        ({"outcome": "accepted", "error": "?"}, ("accepted", "")),
        ({"outcome": "splendid", "reason": "null-mx"}, ("unknown", "")),
        ({"outcome": ["accepted"]}, ("unknown", "")),
        ({"outcome": "bounced", "reason": "\x1b[31m", "cause": "x" * 999}, ("bounced", "")),
        ({"outcome": "bounced", "reason": {}, "cause": 3}, ("bounced", "")),
    ],
)
def test_a_line_counts_as_what_decided_it(more: dict[str, object], kind: tuple[str, str]) -> None:
    assert read_line(json.dumps(PAIR | more).encode()) == DoneLine(KEY, kind)


@given(st.binary(max_size=200))
def test_no_line_makes_the_reader_fail(line: bytes) -> None:
    read = read_line(b'{"line": ' + line)
    assert read is None or isinstance(read.key, str)


def test_more_kinds_than_marks_are_counted_by_outcome() -> None:
    done = Done()
    for number in range(70_000):
        done.add(DoneLine(f"key {number}", ("bounced", f"code-{number}")))
    assert done.kind_of("key 59999") == ("bounced", "code-59999")
    assert done.kind_of("key 69999") == ("bounced", "")


def test_the_first_line_of_a_pair_counts() -> None:
    done = Done()
    done.add(DoneLine(KEY, ("bounced", "null-mx")))
    done.add(DoneLine(KEY, ("accepted", "")))
    assert (len(done), done.kind_of(KEY)) == (1, ("bounced", "null-mx"))
