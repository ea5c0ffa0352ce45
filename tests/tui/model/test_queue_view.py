"""The queue filtered, grouped and explained."""

import pytest

from smtpdiag_tui.local_mta.queue import Queued
from smtpdiag_tui.tui.model.queue_view import Grouping, explained, groups, matches

GREY = "host mx.a.example[192.0.2.1] said: 450 4.2.0 <b@a.example>: Greylisted (in reply to RCPT TO command)"
FULL = "host mx.b.example[192.0.2.2] said: 452 4.2.2 <b@b.example>: Mailbox full (in reply to RCPT TO command)"
BUSY = "host mx.a.example[192.0.2.1] refused to talk to me: 421 4.7.0 too many connections from 192.0.2.10"
DOWN = "connect to mx.c.example[192.0.2.3]:25: Connection refused"


def queued(recipient: str, reason: str, seconds: float | None = 60.0, sender: str = "a@sender.example") -> Queued:
    return Queued("4B", sender, recipient, seconds, reason)


WAITING = tuple(
    map(
        explained,
        [
            queued("b@a.example", GREY),
            queued("c@A.example", BUSY, 7200.0),
            queued("b@b.example", FULL, None),
            queued("d@a.example", GREY, 120.0, ""),
            queued("b@c.example", ""),
            queued("postmaster", "frozen"),
        ],
    )
)


@pytest.mark.parametrize(
    ("reason", "title"),
    [
        (GREY, "greylisted"),
        (FULL, "mailbox full"),
        (BUSY, "rate limit exceeded"),
        (DOWN, "connection refused"),
        ("connect to mx.c.example[192.0.2.3]:25: Connection timed out", "connection timed out"),
        ("connect to mx.c.example[192.0.2.3]:25: No route to host", "no route to the host"),
        ("Network error on destination MXs", "no connection"),
        ("Name service error for name=a.example type=MX: Host not found, try again", "DNS lookup failed"),
        ("frozen", "held on this host"),
        ("[red]something[/]", "other reason"),
        ("", "no reason listed"),
    ],
)
def test_a_reason_is_named_in_a_few_words(reason: str, title: str) -> None:
    assert explained(queued("b@a.example", reason)).title == title


def test_what_is_known_of_a_reply_is_told_with_its_names() -> None:
    full = explained(queued("b@b.example", FULL))
    assert "Recipient: free space in b@b.example." in full.actions
    down = explained(queued("b@c.example", DOWN))
    assert (
        down.meaning == "mx.c.example [192.0.2.3] did not accept a connection from this host. This host retries."
    )
    dns = explained(queued("b@c.example", "Host or domain name not found. x"))
    assert "c.example" in dns.meaning
    for item in (*WAITING, full, down, dns):
        assert "{" not in item.meaning + "".join(item.actions)


def test_the_largest_group_comes_first() -> None:
    by_domain = groups(WAITING, Grouping.DESTINATION)
    assert [(group.name, len(group.waiting)) for group in by_domain] == [
        ("a.example", 3),
        ("b.example", 1),
        ("c.example", 1),
        ("no domain", 1),
    ]
    assert by_domain[0].titles == ("greylisted", "rate limit exceeded")
    assert by_domain[0].oldest == 7200.0
    assert by_domain[1].oldest is None
    by_reason = groups(WAITING, Grouping.REASON)
    assert by_reason[0].name == "greylisted"
    assert by_reason[0].domains == ("a.example",)


def test_the_groupings_go_round() -> None:
    assert [Grouping.MESSAGES.next, Grouping.DESTINATION.next, Grouping.REASON.next] == [
        Grouping.DESTINATION,
        Grouping.REASON,
        Grouping.MESSAGES,
    ]


@pytest.mark.parametrize(
    ("words", "number"),
    [("", 6), ("greylisted", 2), ("GREY a.example", 2), ("<> d@a", 1), ("b.example full", 1), ("nothing", 0)],
)
def test_a_filter_wants_all_its_words(words: str, number: int) -> None:
    assert sum(matches(item, words) for item in WAITING) == number
    [*found] = groups(WAITING, Grouping.MESSAGES, words)
    assert sum(len(group.waiting) for group in found) == number
