"""The fields as settings: the null sender, and what is no address as it stands."""

import pytest

from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.model.request import (
    MISSING_RECIPIENT,
    MISSING_SENDER,
    NULL_RECIPIENT,
    InputProblemError,
    Request,
)

BASE = Settings("", "")


def problems(request: Request) -> dict[str, str]:
    with pytest.raises(InputProblemError) as caught:
        request.settings(BASE)
    return caught.value.problems


@pytest.mark.parametrize("sender", ["", " ", "\t"])
def test_an_empty_sender_is_missing_and_told_what_the_null_one_is(sender: str) -> None:
    assert problems(Request(sender, "bob@b.example", "")) == {"sender": MISSING_SENDER}
    assert "<>" in MISSING_SENDER


@pytest.mark.parametrize("sender", ["<>", " < > ", '""'])
def test_the_null_sender_is_typed(sender: str) -> None:
    assert Request(sender, "bob@b.example", "").settings(BASE).sender == ""


def test_the_null_sender_is_shown_as_it_is_typed() -> None:
    assert Request.of(Settings("", "bob@b.example")).sender == "<>"
    assert Request.of(Settings("", ""), sender_given=True).sender == "<>"
    assert Request.of(Settings("", "")).sender == ""
    assert Request("a@b.example", "c@d.example", "").about(Request("<>", "c@d.example", "")) == "from a@b.example"
    assert Request("<>", "c@d.example", "").about(Request("a@b.example", "c@d.example", "")) == "from <>"


def test_no_recipient_is_null() -> None:
    assert problems(Request("<>", "<>", "")) == {"recipient": NULL_RECIPIENT}
    assert problems(Request("", "", "x")).keys() == {"sender", "recipient", "dns"}
    assert problems(Request("<>", " ", "")) == {"recipient": MISSING_RECIPIENT}


def test_what_was_typed_around_an_address_is_taken_off() -> None:
    request = Request("Alice <alice@a.example>", "bob@b.example;", "192.0.2.53")
    assert request.tidied() == Request("alice@a.example", "bob@b.example", "192.0.2.53")
    assert Request("alice@a.example bob@b.example", "", "").tidied() == Request(
        "alice@a.example", "bob@b.example", ""
    )


@pytest.mark.parametrize(
    "request_",
    [
        Request("<>", "bob@b.example", ""),
        Request('"x <y@z.example>"@a.example', "bob@b.example", ""),
        Request(" <alice@a.example> ", "bob", ""),
        Request("a@a.example b@b.example", "c@c.example", ""),
        Request("a@a.example b@b.example c@c.example", "", ""),
        Request("", "", ""),
    ],
)
def test_what_can_be_used_or_is_not_clear_stays(request_: Request) -> None:
    assert request_.tidied() == request_
