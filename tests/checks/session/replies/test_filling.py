"""Names and addresses in what is told of a reason: each in its place, and nothing else touched."""

from smtpdiag_tui.checks.session.replies.filling import filled
from smtpdiag_tui.checks.session.replies.names import NOBODY, Names

NAMES = Names(source="203.0.113.10", sender="alice@sender.example", recipient="bob@partner.example", host="mx.x")


def test_each_place_is_filled_from_the_session_or_from_what_is_given() -> None:
    text = "{host} {client} {sender} {sender_domain} {recipient_domain} {list}"
    assert filled(text, NAMES, list="bl.example") == (
        "mx.x 203.0.113.10 alice@sender.example sender.example partner.example bl.example"
    )


def test_what_nobody_says_has_words_that_stand_for_it() -> None:
    assert filled("{host}: {client}, {ehlo}, {wait}", NOBODY) == "the server: this host, the EHLO name, 5 minutes"


def test_an_empty_value_leaves_what_the_session_says() -> None:
    assert filled("{host}", NAMES, host="") == "mx.x"


def test_a_value_is_not_read_as_text_and_unknown_places_stay() -> None:
    assert filled("{ehlo} {other}", Names(ehlo="{client}")) == "{client} {other}"
