"""Which known address is meant."""

import pytest

from smtpdiag_tui.tui.model.completion import MOST, finished, matching

KNOWN = ("bob@partner.example", "alice@sender.example", "bobby@b.example", "eve@bob.example")


def test_what_begins_so_comes_first_then_what_holds_it() -> None:
    assert matching("BOB", KNOWN) == ["bob@partner.example", "bobby@b.example", "eve@bob.example"]
    assert matching("@b", KNOWN) == ["bobby@b.example", "eve@bob.example"]
    assert matching("", KNOWN) == list(KNOWN)
    assert matching("zz", KNOWN) == []


def test_the_text_alone_is_no_completion() -> None:
    assert matching("bob@partner.example", KNOWN) == []
    assert matching("bob@b.example", ("bob@b.example", "bob@b.example.org")) == [
        "bob@b.example",
        "bob@b.example.org",
    ]


def test_of_many_only_so_many_are_offered_each_once() -> None:
    assert len(matching("a", [f"a{n}@b.example" for n in range(5000)])) == MOST
    assert matching("a", ["a@b.example"] * 3) == ["a@b.example"]


@pytest.mark.parametrize("text", ["bob@partner.example", "<>", "a@[192.0.2.1]", " bob@b.c "])
def test_finished(text: str) -> None:
    assert finished(text)


@pytest.mark.parametrize("text", ["", "bob", "bob@", "bob@part", "bob@b.", "@b.example", "<"])
def test_not_finished(text: str) -> None:
    assert not finished(text)
