"""Queues as their servers list them, whatever stands in them."""

import json

import pytest

from smtpdiag_tui.local_mta.queue import (
    MAX_ENTRIES,
    Queued,
    age,
    collect,
    parse_exim,
    parse_opensmtpd,
    parse_postfix,
)
from smtpdiag_tui.render.queue import queue_text
from tests.local_mta.recorded import EXIM_QUEUE, POSTQUEUE, SMTPCTL

NOW = 1795573538.0 + 3600


def test_postfix() -> None:
    first, second = parse_postfix(POSTQUEUE, NOW)
    assert first.reason.startswith("Host or domain name not found.")
    assert second == Queued("33FB72148E4", "alice@sender.test", "temp@nosuch.test", 3600.0, "Connection refused")


def test_exim_leaves_out_who_has_the_message() -> None:
    assert list(parse_exim(EXIM_QUEUE)) == [
        Queued("1xW2gr-0002CO-0z", "a@sender.test", "bob@partner.test", 0.0, ""),
        Queued("1xW2gr-0002CQ-11", "", "dave@partner.test", 25 * 3600.0, "frozen"),
    ]


def test_opensmtpd() -> None:
    first, second = parse_opensmtpd(SMTPCTL, 1795573556.0 + 60)
    assert first == Queued("7e005d1da902a220", "", "carol@partner.test", 60.0, "")
    assert second.reason == "Network error on destination MXs"


def test_a_hostile_reason_is_printable_and_bounded() -> None:
    item = {"address": "a@b.test", "delay_reason": "\x1b]0;x\x07[red]" + "y" * 100_000}
    line = json.dumps({"queue_id": "\u202e1", "sender": "\x9bm", "recipients": [item, 7, None]})
    (found,) = parse_postfix([line, "[]", "{", "null", '{"recipients": 3}', "[" * 100_000], NOW)
    assert found.reason.startswith("\\x1b]0;x\\x07[red]")
    assert len(found.reason) < 2000
    assert (found.id, found.sender, found.seconds) == ("\\u202e1", "\\x9bm", None)


@pytest.mark.parametrize("arrival", ["x", True, -1, 1e300, None, float("nan")])
def test_an_arrival_time_that_is_none(arrival: object) -> None:
    (found,) = parse_postfix([json.dumps({"arrival_time": arrival, "recipients": [{}]})], NOW)
    assert found.seconds is None


def test_noise_is_passed_over() -> None:
    assert list(parse_exim(["", "x", " 99999999999999m 1 id <>"])) == []
    assert list(parse_opensmtpd(["", "a|b", "|" * 40], NOW)) == [Queued("", "", "", None, "|" * 27)]


def test_no_more_than_a_thousand_are_kept_and_that_is_said() -> None:
    many = (Queued(str(number), "a@b.test", "c@d.test", 1.0, "") for number in range(10**7))
    queue = collect("Postfix", many, cut=False)
    assert len(queue.entries) == MAX_ENTRIES
    assert queue.summary == "First 1,000 entries of the Postfix queue; more not shown."
    assert next(many).id == str(MAX_ENTRIES + 1)


def test_those_with_a_reason_come_first() -> None:
    entries = [Queued("1", "", "a@b.test", None, ""), Queued("2", "", "a@b.test", None, "why")]
    assert [item.id for item in collect("Exim", iter(entries), cut=False).entries] == ["2", "1"]
    assert collect("Exim", iter(entries), cut=True).more


def test_the_table() -> None:
    queue = collect("Postfix", parse_postfix(POSTQUEUE, NOW), cut=False)
    text = queue_text(queue)
    assert text.startswith("2 entries in the Postfix queue.\n33FB72148E4       1 h")
    assert "    Connection refused\n" in text
    assert queue_text(collect("Exim", iter(()), cut=False)) == "The Exim queue is empty.\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (5, "5 s"), (300, "5 min"), (7200, "2 h"), (172800, "2 d")],
)
def test_ages(seconds: float | None, words: str) -> None:
    assert age(seconds) == words


def test_exim_names_a_sender_with_an_angle_bracket_in_quotes() -> None:
    [found] = parse_exim(
        [' 3h  2.9K 1abc-0001 <"a>b"@sender.example> (root) *** frozen ***', "  bob@partner.example"]
    )
    assert (found.sender, found.reason) == ('"a>b"@sender.example', "frozen")
